"""Tasks from a file: cases and parties made when new, placed, given, promised; the same file twice is once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, sessionmaker

from field.cli.operator import OPERATOR
from field.models import Case, LedgerEntry, Party, PartyRole, Task, User
from field.rules.people import Role
from field.rules.refusals import Refused
from field.rules.rows import Fault, RowsRefused
from field.rules.tasks import TaskKind, TaskState
from field.usecases.create_case import NewParty
from field.usecases.create_courts import NewCourt, create_courts
from field.usecases.edit_person import EditPerson, edit_person
from field.usecases.import_tasks import CHUNK, ImportTasks, TaskRow, TasksImported, import_tasks
from tests.usecases.importing import NOT_ADMINISTRATORS, entries, places, rows_of, somebody, user
from tests.usecases.reading import actions, everything, holder, promised
from tests.usecases.town import LIMIT, NOW, Town, build_town, state_of

DEBTOR = NewParty("甲某", PartyRole.DEBTOR)
COURT = "yu0911"


@pytest.fixture
def town(session: Session) -> Town:
    """The town, and a court made as imports make one."""
    town = build_town(session)
    create_courts(session, OPERATOR, [NewCourt(COURT, "某法院", "410225")])
    return town


@pytest.fixture
def row(town: Town) -> Callable[..., TaskRow]:
    """Return a sound row, unless told otherwise."""

    def make(**options: Any) -> TaskRow:
        values: dict[str, Any] = {
            "row": 2,
            "id": uuid4(),
            "kind": TaskKind.SERVE,
            "case_no": "（2099）豫0911执1号",
            "court_code": COURT,
            "party": DEBTOR,
            "point": town.inside,
            "address": "某村2号",
            "due_on": None,
            "priority": 2,
            "instructions": "",
        }
        return TaskRow(**values | options)

    return make


def take(session: Session, *rows: TaskRow, **options: Any) -> TasksImported:
    """Import these rows as the machine's operator."""
    now = options.pop("now", NOW)
    return import_tasks(session, OPERATOR, ImportTasks(rows, **options), now, LIMIT)


def refused(session: Session, *rows: TaskRow, **options: Any) -> list[tuple[int | None, str | None, str]]:
    """Return the faults that the import of these rows is refused for."""
    with pytest.raises(RowsRefused) as told:
        take(session, *rows, **options)
    return places(told.value.faults)


def task(session: Session, task_id: UUID) -> Task:
    """Return a task as stored."""
    return session.scalars(select(Task).where(Task.id == task_id)).one()


def test_a_task_with_its_case_and_party(session: Session, town: Town, row: Callable[..., TaskRow]) -> None:
    """Placed, given and promised, in the name of the court's import account."""
    asked = row()
    assert take(session, asked) == TasksImported(new=1, known=0, placed=1, given=1, open=0, unplaced=0)
    stored = task(session, asked.id)
    assert stored.created_by == user(session, f"import-{COURT}").id
    case = session.scalars(select(Case).where(Case.id == stored.case_id)).one()
    party = session.scalars(select(Party).where(Party.id == stored.party_id)).one()
    assert (case.case_no, party.name, party.role) == ("（2099）豫0911执1号", "甲某", "debtor")
    assert holder(session, asked.id) == town.first.id
    assert promised(session, town.first.id)
    assert actions(session, asked.id) == ["task.created", "task.given"]
    assert entries(session, chain=COURT) == ["case.created", "task.created", "task.given"]


def test_the_worker_learns_no_more_than_the_job_needs(session: Session, row: Callable[..., TaskRow]) -> None:
    asked = row()
    take(session, asked)
    assert task(session, asked.id).release == ["address", "case_no", "documents", "instructions", "party_name"]


def test_no_term_is_the_kinds_default(session: Session, row: Callable[..., TaskRow]) -> None:
    asked = row(kind=TaskKind.ASSET)
    take(session, asked)
    assert task(session, asked.id).due_on == NOW.date() + timedelta(days=5)


def test_every_fate_is_counted(session: Session, town: Town, row: Callable[..., TaskRow]) -> None:
    nowhere = type(town.inside)(113.6, 34.7, 113.6, 34.7, town.inside.datum)
    done = take(session, row(), row(point=town.inside_empty), row(point=nowhere))
    assert done == TasksImported(new=3, known=0, placed=2, given=1, open=1, unplaced=1)


def test_in_the_name_of_a_dispatcher(session: Session, town: Town, row: Callable[..., TaskRow]) -> None:
    asked = row(court_code="yu0225")
    take(session, asked, entered_by=town.clerk.login)
    assert task(session, asked.id).created_by == town.clerk.id


def test_several_courts_in_one_file(session: Session, town: Town, row: Callable[..., TaskRow]) -> None:
    """The same number is another case in another court."""
    create_courts(session, OPERATOR, [NewCourt("yu0912", "另一法院", "410225")])
    one, other = row(), row(court_code="yu0912")
    assert take(session, one, other).new == 2
    assert task(session, one.id).case_id != task(session, other.id).case_id
    assert entries(session, chain="yu0912") == ["case.created", "task.created", "task.given"]


def test_the_same_file_again_changes_nothing_also_when_terms_have_passed(
    session: Session, row: Callable[..., TaskRow]
) -> None:
    rows = [row(due_on=NOW.date() + timedelta(days=3)), row()]
    take(session, *rows)
    before = everything(session)
    again = take(session, *rows, now=NOW + timedelta(days=30))
    assert again == TasksImported(new=0, known=2, placed=0, given=0, open=0, unplaced=0)
    assert everything(session) == before


def test_a_known_case_gets_its_new_party(session: Session, row: Callable[..., TaskRow]) -> None:
    take(session, row())
    take(session, row(party=NewParty("乙某", PartyRole.CREDITOR)), row(party=None), row())
    case = session.scalars(select(Case).where(Case.case_no == "（2099）豫0911执1号")).one()
    assert case.version == 2
    assert rows_of(session, Party)[0] == 3, "the town's case has one as well"
    assert entries(session, chain=COURT).count("case.created") == 1
    assert entries(session, chain=COURT).count("case.parties_added") == 1


def test_everything_that_cannot_be_row_by_row(session: Session, town: Town, row: Callable[..., TaskRow]) -> None:
    known = row()
    take(session, known)
    foreign = town.task(session)
    found = refused(
        session,
        row(row=2, id=known.id, address="别处"),
        row(row=3, id=foreign),
        row(row=4, due_on=NOW.date() - timedelta(days=1)),
        row(row=5, court_code="yu0999"),
        row(row=6, court_code="yu0225"),
        faults=[Fault("id_form", 7, "id", {"value": "x"})],
    )
    assert found == [
        (2, "id", "task_exists"),
        (3, "id", "task_exists"),
        (4, "due_on", "due_in_past"),
        (5, "court_code", "court_unknown"),
        (6, "court_code", "court_account_closed"),
        (7, "id", "id_form"),
    ]


def test_a_dispatcher_enters_nothing_for_another_court(
    session: Session, town: Town, row: Callable[..., TaskRow]
) -> None:
    found = refused(session, row(row=2, court_code="yu0225"), row(row=3), entered_by=town.clerk.login)
    assert found == [(3, "court_code", "court_not_theirs")]


@pytest.mark.parametrize("login", ["nobody", "w1"])
def test_only_a_dispatcher_can_be_named(session: Session, row: Callable[..., TaskRow], login: str) -> None:
    assert refused(session, row(), entered_by=login) == [(None, None, "entered_by_unknown")]


def test_a_suspended_import_account_enters_nothing(session: Session, row: Callable[..., TaskRow]) -> None:
    edit_person(session, OPERATOR, EditPerson(f"import-{COURT}", None, active=False), NOW)
    assert refused(session, row()) == [(2, "court_code", "court_account_closed")]


@pytest.mark.parametrize("role", NOT_ADMINISTRATORS)
def test_only_administrators(session: Session, row: Callable[..., TaskRow], role: Role) -> None:
    before = everything(session)
    with pytest.raises(Refused) as told:
        import_tasks(session, somebody(role), ImportTasks([row()]), NOW, LIMIT)
    assert told.value.code == "role_may_not"
    assert everything(session) == before


def test_progress_is_told_by_chunks(session: Session, town: Town, row: Callable[..., TaskRow]) -> None:
    told: list[int] = []
    rows = [row(point=town.inside_empty) for _ in range(CHUNK + 1)]
    import_tasks(session, OPERATOR, ImportTasks(rows), NOW, LIMIT, told.append)
    assert told == [CHUNK, CHUNK + 1]


def test_the_limit_holds_across_the_file(session: Session, town: Town, row: Callable[..., TaskRow]) -> None:
    rows = [row() for _ in range(2 * LIMIT + 1)]
    assert take(session, *rows).given == 2 * LIMIT
    assert state_of(session, rows[-1].id)[0] is TaskState.OPEN


def test_failing_half_way_leaves_nothing(committing_sessions: sessionmaker[Session]) -> None:
    """The promise is the last write: when it fails, tasks, cases, parties and ledger go with it."""
    with committing_sessions.begin() as session:
        town = build_town(session)
        create_courts(session, OPERATOR, [NewCourt(COURT, "某法院", "410225")])
        session.execute(text("alter table notifications.message add constraint full_disk check (seq < 0) not valid"))
    order = TaskRow(
        2, uuid4(), TaskKind.SERVE, "（2099）豫0911执1号", COURT, DEBTOR, town.inside, "某村2号", None, 2, ""
    )
    with committing_sessions() as session:
        before = rows_of(session, Task, Case, Party, LedgerEntry, User)
        with pytest.raises(DBAPIError):
            take(session, order)
        session.rollback()
        assert rows_of(session, Task, Case, Party, LedgerEntry, User) == before


def test_rows_without_a_point_wait_for_a_person_and_are_named(session: Session, row: Callable[..., TaskRow]) -> None:
    rows = [row(row=2), row(row=3, point=None), row(row=4, point=None, address="某村9号")]
    done = take(session, *rows)
    assert (done.new, done.placed, done.unplaced, done.address_only) == (3, 1, 2, (3, 4))
    assert [state_of(session, each.id)[0] for each in rows[1:]] == [TaskState.UNPLACED] * 2
    again = take(session, *rows)
    assert (again.known, again.unplaced, again.address_only) == (3, 0, ())
