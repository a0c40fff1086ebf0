"""Take in tasks with their cases and parties from a file, court by court: all of it or nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from field.models import Task
from field.queries.many import among
from field.rules.calendar import court_day
from field.rules.documents import ServedDocument
from field.rules.people import Actor, Role, require
from field.rules.rows import Fault, RowsRefused
from field.rules.tasks import TaskKind, TaskState
from field.usecases.acting_for_courts import acting_for
from field.usecases.create_case import NewParty
from field.usecases.create_task import CreateTask, create_tasks
from field.usecases.ensure_cases import EnteredCase, ensure_cases
from geo.atlas import Atlas
from geo.points import Point

RELEASED = frozenset({"case_no", "party_name", "address", "instructions", "documents"})
"""What a worker learns of an imported task; the party's role stays with the court."""
CHUNK = 1000

# Foreign keys were planned for the tables as they were: nearly empty ones would be read whole, for each row.
_PLAN_ANEW = text("discard plans")

Progress = Callable[[int], None]
"""Called with the number of tasks done so far."""


@dataclass(frozen=True)
class TaskRow:
    """A task as a file names it; the case number is normalised, the point in WGS-84, or none."""

    row: int
    id: UUID
    kind: TaskKind
    case_no: str
    court_code: str
    party: NewParty | None
    point: Point | None
    address: str
    due_on: date | None
    priority: int
    instructions: str
    documents: tuple[ServedDocument, ...] = ()


@dataclass(frozen=True)
class ImportTasks:
    """The order: the rows read, the faults already found in others, and the login of who enters them.

    Without `entered_by` each court's import account does.
    """

    tasks: Sequence[TaskRow]
    faults: Sequence[Fault] = ()
    entered_by: str | None = None


@dataclass(frozen=True)
class TasksImported:
    """What an import did, in numbers of tasks; placed are those with a cell, given those with a worker.

    `address_only` are the rows of the new tasks that came without a point and wait for a person to confirm a place.
    """

    new: int
    known: int
    placed: int
    given: int
    open: int
    unplaced: int
    address_only: tuple[int, ...] = ()


def silent(_done: int) -> None:
    """Take no notice of progress."""


def import_tasks(
    session: Session,
    actor: Actor,
    order: ImportTasks,
    now: datetime,
    limit: int,
    progress: Progress = silent,
    atlas: Atlas | None = None,
) -> TasksImported:
    """Enter the tasks that do not exist yet, place and give them, in the order of the file.

    Cases and parties are made when new. The same file again changes nothing, also after its terms have passed.
    Raises RowsRefused with all that is wrong, row by row.
    """
    require(actor, Role.ADMINISTRATOR)
    actors, faults = acting_for(
        session, {task.court_code: task.row for task in reversed(order.tasks)}, order.entered_by
    )
    tasks = [task for task in order.tasks if task.court_code in actors]
    orders = {
        court: _orders([task for task in tasks if task.court_code == court], session, actors[court])
        for court in dict.fromkeys(task.court_code for task in tasks)
    }
    known = _known(session, tasks)
    for court, asked in orders.items():
        faults += _conflicts(asked, actors[court], known, court_day(now))
    if found := [*order.faults, *faults]:
        raise RowsRefused(found)
    states: Counter[TaskState] = Counter()
    done = 0
    for court, asked in orders.items():
        for start in range(0, len(asked), CHUNK):
            chunk = [task for _, task in asked[start : start + CHUNK]]
            after = create_tasks(session, actors[court], chunk, now, limit, atlas)
            states.update(after[task.id] for task in chunk if task.id not in known)
            done += len(chunk)
            progress(done)
            session.execute(_PLAN_ANEW)
    return _account(states, len(known), [task.row for task in tasks if not task.point and task.id not in known])


def _orders(tasks: Sequence[TaskRow], session: Session, court: Actor) -> list[tuple[int, CreateTask]]:
    """Turn one court's rows into orders, each with its row number; enters the cases and parties they name."""
    wanted: dict[str, list[NewParty]] = {}
    for task in tasks:
        wanted.setdefault(task.case_no, []).extend([task.party] if task.party else [])
    cases = ensure_cases(session, court, wanted)
    session.execute(_PLAN_ANEW)
    return [(task.row, _order(task, cases[task.case_no])) for task in tasks]


def _order(task: TaskRow, case: EnteredCase) -> CreateTask:
    return CreateTask(
        id=task.id,
        kind=task.kind,
        point=task.point,
        address=task.address,
        case_id=case.id,
        party_id=case.parties[task.party] if task.party else None,
        due_on=task.due_on,
        priority=task.priority,
        instructions=task.instructions,
        release=RELEASED,
        documents=task.documents,
    )


def _known(session: Session, tasks: Sequence[TaskRow]) -> dict[UUID, tuple[int, bytes]]:
    rows = session.execute(
        select(Task.id, Task.court_id, Task.fingerprint).where(among(Task.id, (task.id for task in tasks)))
    )
    return {row.id: (row.court_id, row.fingerprint) for row in rows}


def _conflicts(
    asked: Sequence[tuple[int, CreateTask]], court: Actor, known: Mapping[UUID, tuple[int, bytes]], today: date
) -> Iterator[Fault]:
    """Name what `create_tasks` would refuse, by row: an id with other content, a new task with a term in the past."""
    for row, task in asked:
        if stored := known.get(task.id):
            if stored != (court.court_id, task.fingerprint()):
                yield Fault("task_exists", row, "id")
        elif task.due_on and task.due_on < today:
            yield Fault("due_in_past", row, "due_on")


def _account(states: Mapping[TaskState, int], known: int, address_only: Sequence[int]) -> TasksImported:
    given, open_, unplaced = (
        states.get(state, 0) for state in (TaskState.ASSIGNED, TaskState.OPEN, TaskState.UNPLACED)
    )
    return TasksImported(
        new=given + open_ + unplaced,
        known=known,
        placed=given + open_,
        given=given,
        open=open_,
        unplaced=unplaced,
        address_only=tuple(address_only),
    )
