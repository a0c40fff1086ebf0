"""Making a bundle is written down, each time; it is the court's alone."""

from __future__ import annotations

from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from field.rules.papers import PaperName
from field.rules.refusals import Refused
from field.usecases.make_bundle import MakeBundle, make_bundle
from field.usecases.record_papers import NewPaper
from tests.usecases.reading import actions, everything
from tests.usecases.town import NOW, Town


def test_each_making_is_an_entry(session: Session, town: Town) -> None:
    """It shows people's data, so the same person asking twice is two reads; the same paper is one."""
    task_id = town.task(session)
    paper = NewPaper("A" * 20, bytes(32), task_id, PaperName.ATTEMPTS, bytes(32), "t")
    for _ in range(2):
        assert make_bundle(session, town.clerk, MakeBundle(task_id, [paper]), NOW) == "yu0225"
    assert actions(session, task_id)[-3:] == ["paper.made", "bundle.made", "bundle.made"]
    told = session.scalars(text("select details from field.ledger_entry where action = 'bundle.made'")).first()
    before = len(actions(session, task_id)) - 2
    assert told == {"shown": ["papers", "originals", "facts", "ledger"], "papers": ["attempts"], "entries": before}


@pytest.mark.parametrize(
    ("who", "code"),
    [("first", "role_may_not"), ("coordinator", "role_may_not"), ("other_clerk", "not_found")],
)
def test_nobody_else_makes_one(session: Session, town: Town, who: str, code: str) -> None:
    task_id = town.task(session)
    before = everything(session)
    with pytest.raises(Refused, match=code):
        make_bundle(session, getattr(town, who), MakeBundle(task_id, []), NOW)
    with pytest.raises(Refused, match=code):
        make_bundle(session, getattr(town, who), MakeBundle(uuid4(), []), NOW)
    assert everything(session) == before


def test_failing_half_way_leaves_nothing(session: Session, town: Town) -> None:
    """The paper is written, its making is not: then neither is, and nothing is shown."""
    task_id = town.task(session)
    paper = NewPaper("A" * 20, bytes(32), task_id, PaperName.ATTEMPTS, bytes(32), "t")
    before = everything(session)
    session.execute(text("alter table field.ledger_entry add constraint no check (action <> 'bundle.made') not valid"))
    with pytest.raises(DBAPIError), session.begin_nested():
        make_bundle(session, town.clerk, MakeBundle(task_id, [paper]), NOW)
    assert everything(session) == before
