"""Kept coverage after the product's own use cases: a month of the demo's township, and a map redrawn and undone."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from field.cli.demo.load import fill
from field.cli.operator import OPERATOR
from field.models import CoverageGround, CoverageWork
from field.queries.area import Area
from field.queries.coverage import Page, Unit, count_coverage
from field.rules.tasks import MoveName
from field.usecases.edit_person import EditPerson, edit_person
from field.usecases.undo_revision import undo_revision
from field.vault.local_objects import LocalObjects
from tests.builders import NOON, VILLAGE, make_cell, make_court, make_duty, make_person, make_task
from tests.usecases.redrawing import LIMIT, TOMORROW, age, halves, newest, revise
from tests.usecases.test_refresh_coverage import assert_true, drain
from tests.usecases.town import Town, build_town, move


def test_the_demos_township_is_counted_truly(session: Session, tmp_path: Path) -> None:
    fill(session, 1, NOON, lambda *_: None, LocalObjects(tmp_path))
    drain(session, NOON)
    assert_true(session, NOON, 366)
    kept = count_coverage(session, Area(""), Unit.CELL, 30, NOON, Page(5000)).totals
    assert kept.open >= 10
    assert kept.done >= 10
    for later in (timedelta(days=3), timedelta(days=40)):
        drain(session, NOON + later)
        assert_true(session, NOON + later)


def test_each_move_of_a_task_and_each_duty_is_counted(session: Session) -> None:
    town: Town = build_town(session)
    task, other = town.task(session), town.task(session, point=town.inside_empty)
    for person, name, options in (
        (town.first, MoveName.ACCEPT, {}),
        (town.first, MoveName.START, {}),
        (town.coordinator, MoveName.TAKE_BACK, {"reason": "改派"}),
        (town.clerk, MoveName.WITHDRAW, {"reason": "撤回"}),
    ):
        move(session, person, task, name, **options)
        drain(session, NOON)
        assert_true(session, NOON)
    for active in (False, True):
        edit_person(session, OPERATOR, EditPerson("w1", None, active=active), NOON)
        drain(session, NOON)
        assert_true(session, NOON)
    move(session, town.clerk, other, MoveName.WITHDRAW, reason="撤回")
    drain(session, NOON)
    assert_true(session, NOON)
    assert count_coverage(session, Area(""), Unit.CELL, 30, NOON, Page(9)).totals.open == 0


def test_a_map_redrawn_and_undone_leaves_no_ghost(session: Session) -> None:
    """A cell split today and one tomorrow: tasks and duties go with them, and come back when it is undone."""
    court, cells = make_court(session), [make_cell(session, number) for number in (1, 2)]
    for cell in cells:
        make_duty(session, make_person(session), cell)
        make_task(session, court, cell, last_attempt_at=NOON)
    drain(session, NOON)
    before = _kept(session)
    age(session)
    revise(session, *halves(1, 11, 12))
    drain(session, NOON)
    assert_true(session, NOON)
    assert {code for code, *_ in _kept(session)} >= {f"{VILLAGE}011", f"{VILLAGE}012"}
    assert not {code for code, *_ in _kept(session)} & {f"{VILLAGE}001"}
    split = newest(session)
    revise(session, *halves(2, 2, 22), day=TOMORROW)
    drain(session, NOON)
    assert_true(session, NOON)
    undo_revision(session, OPERATOR, newest(session), NOON, LIMIT)
    undo_revision(session, OPERATOR, split, NOON, LIMIT)
    drain(session, NOON)
    assert_true(session, NOON)
    assert _kept(session) == before


def _kept(session: Session) -> list[tuple[object, ...]]:
    """Return all that is not nothing."""
    work = select(CoverageWork.code, CoverageWork.court_id, CoverageWork.open, CoverageWork.last_visit).order_by(
        CoverageWork.digits, CoverageWork.code, CoverageWork.court_id
    )
    ground = select(
        CoverageGround.code, CoverageGround.cells, CoverageGround.cells_on_duty, CoverageGround.workers_on_duty
    ).order_by(CoverageGround.digits, CoverageGround.code)
    return [
        *(tuple(row) for row in session.execute(work) if row.open or row.last_visit),
        *(tuple(row) for row in session.execute(ground) if row.cells),
    ]
