"""The address book learns from tasks, confirmations and visits, in their transactions; many at once a little later."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from field.models import Address, AddressBacklog, Task
from field.rules.tasks import MoveName
from field.usecases.create_task import create_tasks
from field.usecases.learn_addresses import AT_ONCE, LOTS, learn_backlog
from geo.points import Point
from tests.usecases.book import ask_without_point, entries, name_divisions, near, suggest, tell, visit
from tests.usecases.reading import actions
from tests.usecases.town import ASKED, LIMIT, NOW, Town, build_town, move, wgs84

ADDRESS = "许河乡杨桥村2号"


@pytest.fixture
def town(session: Session) -> Town:
    """A town whose villages have names."""
    town = build_town(session)
    name_divisions(session)
    return town


def known(session: Session) -> tuple[str, float | None, bool]:
    """Return source, accuracy and whether somebody confirmed it, of the only entry."""
    row = session.execute(select(Address.source, Address.accuracy_m, Address.confirmed_by)).one()
    return row.source, row.accuracy_m, row.confirmed_by is not None


def test_a_task_with_its_point_is_an_entry(session: Session, town: Town) -> None:
    task = tell(session, town, f"兰考县{ADDRESS}", town.inside)
    assert entries(session) == [(f"兰考县{ADDRESS}", "410225001001", "given")]
    assert known(session) == ("given", None, False)
    assert session.scalar(select(Task.address_id).where(Task.id == task)) == session.scalar(select(Address.id))


def test_the_same_address_in_other_words_is_the_same_entry_with_the_newer_point(session: Session, town: Town) -> None:
    for address, metres in (("兰考县许河乡杨桥村2号", 0.0), ("许河乡 杨桥村 二号", 30.0)):
        tell(session, town, address, near(town.inside, metres))
    assert len(entries(session)) == 1
    assert session.scalar(select(Address.lat)) == near(town.inside, 30.0).lat
    assert session.scalar(select(func.count(Task.address_id.distinct()))) == 1


@pytest.mark.parametrize("how", ["draft", "outside"])
def test_what_is_not_sent_or_lies_in_no_cell_teaches_nothing(session: Session, town: Town, how: str) -> None:
    point = wgs84(112.0, 33.0) if how == "outside" else town.inside
    tell(session, town, ADDRESS, point, draft=how == "draft")
    assert entries(session) == []


def test_a_draft_teaches_when_it_is_sent(session: Session, town: Town) -> None:
    task = tell(session, town, ADDRESS, town.inside, draft=True)
    move(session, town.clerk, task, MoveName.SEND)
    assert entries(session) == [(ADDRESS, "410225001001", "given")]
    assert session.scalar(select(Task.address_id)) is not None


def test_a_visit_that_proves_the_place_with_a_good_fix_confirms_it(session: Session, town: Town) -> None:
    task = tell(session, town, ADDRESS, town.inside)
    visit(session, town, task, "SERVED_SELF", near(town.inside))
    assert known(session) == ("visit", 10.0, True)
    assert session.scalar(select(Address.lat)) == near(town.inside).lat
    best = suggest(session, town.clerk, ADDRESS)[0]
    assert (best.source, best.visits_ok, best.visits_failed) == ("visit", 1, 0)
    assert session.scalar(select(Task.lat)) == town.inside.lat, "the task is where the court said"


@pytest.mark.parametrize(
    ("outcome", "fix"),
    [
        ("SERVED_SELF", lambda _at: None),
        ("SERVED_SELF", lambda at: near(at, accuracy_m=51.0)),
        ("SERVED_SELF", lambda at: near(at, accuracy_m=None)),
        ("SERVED_SELF", lambda at: near(at, metres=600.0)),
        ("SERVED_AGENT", near),
        ("NOT_HOME", near),
        ("NO_SUCH_ADDRESS", near),
    ],
)
def test_any_other_visit_moves_no_point(
    session: Session, town: Town, outcome: str, fix: Callable[[Point], Point | None]
) -> None:
    task = tell(session, town, ADDRESS, town.inside)
    visit(session, town, task, outcome, fix(town.inside))
    assert known(session) == ("given", None, False)


def test_what_a_visit_proved_is_not_unlearnt_by_the_next_task(session: Session, town: Town) -> None:
    visit(session, town, tell(session, town, ADDRESS, town.inside), "SERVED_SELF", near(town.inside))
    tell(session, town, ADDRESS, near(town.inside, 100.0))
    assert known(session) == ("visit", 10.0, True)
    assert session.scalar(select(Address.lat)) == near(town.inside).lat


def test_a_visit_teaches_where_only_the_cell_was_known(session: Session, town: Town) -> None:
    """Inside the task's cell, or not at all."""
    task = ask_without_point(session, town, ADDRESS)
    move(session, town.clerk, task, MoveName.PLACE, cell_code=town.cell_code)
    visit(session, town, task, "SERVED_SELF", near(town.inside_empty))
    assert entries(session) == []
    visit(session, town, task, "SERVED_SELF", near(town.inside))
    assert entries(session) == [(ADDRESS, "410225001001", "visit")]
    assert session.scalar(select(Task.address_id)) is not None


def test_a_late_visit_teaches_nothing(session: Session, town: Town) -> None:
    task = tell(session, town, ADDRESS, town.inside)
    assert visit(session, town, task, "SERVED_SELF", near(town.inside), fence=7).code == "stale_claim"
    assert known(session) == ("given", None, False)


def test_many_at_once_are_learnt_a_little_later(session: Session, town: Town) -> None:
    """The import is not held up; a lot is learnt once, and what was learnt meanwhile stays."""
    orders = [town.ask(address=f"许河乡杨桥村{number}号") for number in range(AT_ONCE + 2)]
    create_tasks(session, town.clerk, orders, ASKED, LIMIT)
    assert entries(session) == []
    visit(session, town, orders[0].id, "SERVED_SELF", near(town.inside))
    assert learn_backlog(session, NOW) == AT_ONCE + 1
    assert {source for _, _, source in entries(session)} == {"given", "visit"}
    assert len(entries(session)) == len(orders)
    assert session.scalar(select(func.count()).where(Task.address_id.is_(None))) == 0
    assert learn_backlog(session, NOW) == 0


def test_lots_are_learnt_oldest_first_and_those_that_are_gone_are_passed_over(session: Session, town: Town) -> None:
    tasks = [tell(session, town, f"许河乡杨桥村{number}号", town.inside) for number in range(LOTS + 1)]
    session.execute(update(Task).values(address_id=None))
    session.add_all(AddressBacklog(task_ids=[task]) for task in tasks)
    session.flush()
    assert learn_backlog(session, NOW) == LOTS
    assert list(session.scalars(select(AddressBacklog.task_ids))) == [[tasks[-1]]]
    session.execute(update(AddressBacklog).values(task_ids=[town.case_id]))
    assert learn_backlog(session, NOW) == 0


def test_no_address_reaches_the_ledger(session: Session, town: Town) -> None:
    task = tell(session, town, ADDRESS, town.inside)
    visit(session, town, task, "SERVED_SELF", near(town.inside))
    later = ask_without_point(session, town, ADDRESS)
    best = suggest(session, town.clerk, ADDRESS)[0]
    move(session, town.clerk, later, MoveName.PLACE, candidate_id=best.id)
    every = " ".join(session.scalars(text("select object || details::text from field.ledger_entry")))
    assert "task.placed" in actions(session, later)
    assert ADDRESS not in every
    assert str(best.id) not in every
    assert str(best.point.lat) not in every
