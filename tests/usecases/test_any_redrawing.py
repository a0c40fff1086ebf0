"""However the map is redrawn: tasks lie in cells that hold, taken back all is as before, many at once are as one."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session, sessionmaker

from field.cli.operator import OPERATOR
from field.models import Task
from field.queries.worklist import worklist_body
from field.rules.tasks import TaskState
from field.usecases.follow_cells import Followed, follow_cells
from field.usecases.undo_revision import undo_revision
from tests.builders import NOON, TODAY, make_cell, make_court, make_duty, make_person, make_task
from tests.usecases.reading import holder
from tests.usecases.redrawing import (
    LIMIT,
    TOMORROW,
    age,
    all_cells,
    all_duties,
    box,
    code,
    halves,
    new,
    newest,
    revise,
    where,
)  # fmt: skip
from tests.usecases.town import state_of

S = TaskState


def _strip(rng: Random, at: int) -> list[Any]:
    """Change one of six cells of a strip, or several, in one of the ways that maps change."""
    a, b = 10 * at + 100, 10 * at + 101
    ways: list[Callable[[], list[Any]]] = [
        lambda: [new(a, box(1, 3), 1, 2)],
        lambda: [new(1, box(1, 1.3)), new(2, box(1.3, 3))],
        lambda: [*halves(3, 3, b)],
        lambda: [*halves(3, a, b)],
        lambda: [new(a, box(4), 4)],
        lambda: [new(4, box(4, 4.7))],
        lambda: [new(5, box(5, 7), 6)],
        lambda: [new(a, box(5, 5.5), 5), new(b, box(5.5, 7), 5, 6)],
    ]
    return rng.choice(ways)()


@pytest.mark.parametrize("round_", range(6))
def test_any_change_is_followed_and_any_unused_one_taken_back(session: Session, rng: Random, round_: int) -> None:
    """Every live placed task lies in a cell that holds today; undone, duties, rows and tasks' cells are as before."""
    court, workers = make_court(session), [make_person(session, login=f"w{n}") for n in range(4)]
    cells = [make_cell(session, n) for n in range(1, 7)]
    for cell in cells:
        for worker in rng.sample(workers, rng.randrange(3)):
            make_duty(session, worker, cell, rank=rng.choice((1, 2)), until=rng.choice((None, date(2026, 9, 1))))
    for _ in range(25):
        state = rng.choice([S.OPEN, S.ASSIGNED, S.ACCEPTED, S.IN_PROGRESS, S.REPORTED])
        holder_ = None if state is S.OPEN else rng.choice(workers)
        cell = rng.choice(cells)
        lon = (11480 + int(cell.code[12:]) + rng.random()) / 100
        make_task(session, court, cell, state=state, worker=holder_, lon=lon)
    session.execute(text("update field.task set geom = ST_SetSRID(ST_MakePoint(lon, lat), 4326)"))
    before = all_duties(session), all_cells(session), _stand(session)
    revise(session, *_strip(rng, round_))
    age(session)
    assert follow_cells(session, NOON, LIMIT) == Followed(0, 0)
    assert session.execute(_ASTRAY, {"day": TODAY}).all() == []
    undo_revision(session, OPERATOR, newest(session), NOON, LIMIT)
    after = all_duties(session), all_cells(session), _stand(session)
    assert after == before


_ASTRAY = text("""
select t.id from field.task t join geo.cell c on c.id = t.cell_id
where t.state in ('open', 'assigned', 'claimed', 'accepted')
  and not (ST_Intersects(c.geom, t.geom) and c.valid_from <= :day and (c.valid_to is null or c.valid_to > :day))
""")


def _stand(session: Session) -> dict[Any, Any]:
    return dict(session.execute(select(Task.id, Task.cell_id)).all())


def test_many_processes_at_once_are_as_one(committing_sessions: sessionmaker[Session]) -> None:
    with committing_sessions.begin() as session:
        worker, other = make_person(session, login="w1"), make_person(session, login="w2")
        cell, court = make_cell(session, 1), make_court(session)
        make_duty(session, worker, cell)
        make_duty(session, other, make_cell(session, 2))
        tasks = [make_task(session, court, cell, state=S.ACCEPTED, worker=worker).id for _ in range(20)]
        revise(session, new(1, box(30)), new(2, box(1, 3)), day=TOMORROW)
        other_id = other.id

    def run(_: int) -> Followed:
        with committing_sessions.begin() as session:
            return follow_cells(session, NOON + timedelta(days=1), LIMIT)

    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(run, range(4)))
    assert sorted((each.duties, each.tasks) for each in done) == [(0, 0), (0, 0), (0, 0), (2, 20)]
    with committing_sessions() as session:
        assert {state_of(session, task_id) for task_id in tasks} == {(S.ASSIGNED, 2)}
        assert {holder(session, task_id) for task_id in tasks} == {other_id}


def test_the_phone_learns_it_through_the_list(session: Session) -> None:
    """What has left is named until the phone has let it go, what has come stands on the other's list."""
    worker, other = make_person(session, login="w1"), make_person(session, login="w2")
    cell, court = make_cell(session, 1), make_court(session)
    make_duty(session, worker, cell)
    make_duty(session, other, make_cell(session, 2))
    task_id = str(make_task(session, court, cell, state=S.ACCEPTED, worker=worker).id)
    revise(session, new(1, box(30)), new(2, box(1, 3)))
    lists = [json.loads(worklist_body(session, each.id).body) for each in (worker, other)]
    assert [[task["id"] for task in each["tasks"]] for each in lists] == [[], [task_id]]
    assert [each["withdrawn"] for each in lists] == [[task_id], []]
    assert lists[1]["tasks"][0]["cell_code"] == code(2)


@pytest.mark.parametrize(("parts", "found"), [((7,), 7), ((3, 4), 1)])
def test_an_address_without_a_point_goes_on_where_there_is_no_doubt(
    session: Session, parts: tuple[int, ...], found: int
) -> None:
    worker, cell = make_person(session, login="w1"), make_cell(session, 1)
    make_duty(session, worker, cell)
    task = make_task(session, make_court(session), cell, state=S.ACCEPTED, worker=worker)
    session.execute(
        text("update field.task set geom = null, lon = null, lat = null, raw_lon = null, raw_lat = null, datum = null")
    )
    revise(session, *([new(7, box(1), 1)] if len(parts) == 1 else halves(1, *parts)))
    assert (where(session, task.id), holder(session, task.id)) == (code(found), worker.id)
    assert follow_cells(session, NOON, LIMIT) == Followed(0, 0)
    age(session)
    undo_revision(session, OPERATOR, newest(session), NOON, LIMIT)
    assert (where(session, task.id), holder(session, task.id)) == (code(1), worker.id)
