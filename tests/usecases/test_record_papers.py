"""Papers are written down once, by those who may print them, with an entry that names nobody."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from field.models import Court, LedgerEntry, Paper, Task
from field.rules.papers import PaperName
from field.rules.people import Actor, Role
from field.rules.refusals import Refused
from field.rules.tasks import TaskState
from field.usecases.record_papers import NewPaper, record_papers
from tests.builders import NOON, actor_of, make_cell, make_court, make_person, make_task


@pytest.fixture
def court(session: Session) -> Court:
    return make_court(session)


@pytest.fixture
def task(session: Session, court: Court) -> Task:
    return make_task(session, court, make_cell(session), state=TaskState.ASSIGNED)


@pytest.fixture
def clerk(session: Session, court: Court) -> Actor:
    return actor_of(session, make_person(session, Role.DISPATCHER, court=court))


def _paper(task: Task, name: PaperName = PaperName.RECEIPT, code: str = "A" * 20) -> NewPaper:
    return NewPaper(code, b"d" * 32, task.id, name, b"f" * 32, "edition")


def _kept(session: Session) -> tuple[int, int]:
    entries = select(func.count()).where(LedgerEntry.action == "paper.made")
    return session.scalar(select(func.count()).select_from(Paper)) or 0, session.scalar(entries) or 0


def test_it_is_kept_with_an_entry_of_digests_alone(session: Session, court: Court, task: Task, clerk: Actor) -> None:
    record_papers(session, clerk, [_paper(task)], NOON)
    row = session.scalars(select(Paper)).one()
    assert (row.code, row.task_id, row.court_id, row.name) == ("A" * 20, task.id, court.id, "receipt")
    assert (row.made_at, row.made_by, row.template) == (NOON, clerk.id, "edition")
    entry = session.scalars(select(LedgerEntry).where(LedgerEntry.action == "paper.made")).one()
    assert (entry.chain, entry.actor, entry.object, entry.version) == (court.code, clerk.ref, f"task:{task.id}", 1)
    assert entry.details == {
        "paper": "receipt",
        "sha256": (b"d" * 32).hex(),
        "says": (b"f" * 32).hex(),
        "template": "edition",
    }


def test_twice_is_once_and_another_file_of_it_is_another_row(session: Session, task: Task, clerk: Actor) -> None:
    record_papers(session, clerk, [_paper(task)], NOON)
    record_papers(session, clerk, [_paper(task)], NOON + timedelta(days=1))
    assert _kept(session) == (1, 1)
    assert session.scalars(select(Paper.made_at)).one() == NOON
    record_papers(session, clerk, [_paper(task), replace(_paper(task), digest=b"e" * 32)], NOON)
    assert _kept(session) == (2, 2)


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.ADMINISTRATOR, Role.WORKER])
def test_who_may_not_print_it_writes_nothing(session: Session, task: Task, role: Role) -> None:
    with pytest.raises(Refused, match="role_may_not"):
        record_papers(session, actor_of(session, make_person(session, role)), [_paper(task)], NOON)
    assert _kept(session) == (0, 0)


def test_who_has_lost_the_task_meanwhile_writes_nothing(session: Session, task: Task) -> None:
    other = make_court(session, "yu0105", division_code="410105")
    clerk = actor_of(session, make_person(session, Role.DISPATCHER, court=other))
    own = make_task(session, other, None, state=TaskState.DRAFT, area_code="410105")
    worker = actor_of(session, make_person(session))
    for who, papers in (
        (clerk, [_paper(own), _paper(task, code="B" * 20)]),
        (worker, [_paper(task, PaperName.SLIP)]),
    ):
        with pytest.raises(Refused, match="not_found"):
            record_papers(session, who, papers, NOON)
    assert _kept(session) == (0, 0)


def test_half_way_leaves_nothing(session: Session, task: Task, clerk: Actor) -> None:
    with pytest.raises(IntegrityError), session.begin_nested():
        record_papers(session, clerk, [_paper(task), _paper(task, code="no code")], NOON)
    assert _kept(session) == (0, 0)


def test_the_database_keeps_the_form_of_codes_and_digests(session: Session, task: Task, clerk: Actor) -> None:
    record_papers(session, clerk, [_paper(task)], NOON)
    for column, value in (("code", "'aaaa'"), ("digest", "'\\x00'")):
        with pytest.raises(IntegrityError), session.begin_nested():
            session.execute(text(f"update field.paper set {column} = {value}"))
