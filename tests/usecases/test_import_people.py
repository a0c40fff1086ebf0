"""People, courts and duties from a file: all of it or nothing, and the same file twice is once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, sessionmaker

from field.models import Court, Duty, LedgerEntry, User, Worklist
from field.queries.people import find_actor_by_login
from field.rules.people import Role
from field.rules.refusals import Refused
from field.rules.rows import Fault
from field.usecases.checking_people import look_up
from field.usecases.import_people import ImportPeople, import_people
from field.vault.passwords import is_first, matches
from tests.builders import NOON, SINCE, TODAY, make_cell, make_division_tree
from tests.usecases.importing import (
    COURT,
    NOT_ADMINISTRATORS,
    duties,
    entries,
    person,
    refused,
    rows_of,
    somebody,
    take,
    user,
)

A, B, C = (f"41022500100100{number}" for number in (1, 2, 3))


@pytest.fixture(autouse=True)
def cells(session: Session) -> None:
    """Three cells of one village."""
    for number in (1, 2, 3):
        make_cell(session, number)


def test_a_court_its_dispatcher_and_a_worker(session: Session) -> None:
    done = take(session, person("c1", **COURT), person(cell_codes=(A,), phone="19900001234"))
    assert (done.new, done.changed, done.unchanged, done.courts_new) == (2, 0, 0, 1)
    court = session.scalars(select(Court)).one()
    assert (court.code, court.name, court.division_code) == ("yu0225", "yu0225", "410225")
    worker = user(session, "w1")
    assert (worker.display_name, worker.phone, worker.division_code) == ("甲某", "19900001234", "410225001001")
    assert duties(session, "w1") == [(A, 1, SINCE, None)]
    assert session.scalars(select(Worklist.worker_id)).all() == [worker.id]
    assert entries(session) == ["court.created", "person.created", "person.created", "duty.changed"]


def test_a_dispatcher_reaches_the_courts_area(session: Session) -> None:
    """Through the court, not through a copy of it."""
    take(session, person("c1", **COURT))
    found = find_actor_by_login(session, "c1")
    assert found
    assert (found.actor.court_code, found.actor.division_code) == ("yu0225", "410225")
    assert user(session, "c1").division_code is None


def test_an_inspector_belongs_to_the_court_and_has_no_area(session: Session) -> None:
    """Of the court's area they see nothing; the file names it as it does for its dispatchers."""
    take(session, person("c1", **COURT), person("i1", **COURT | {"role": Role.INSPECTOR}))
    found = find_actor_by_login(session, "i1")
    assert found
    assert (found.actor.role, found.actor.court_code, found.actor.division_code) == (Role.INSPECTOR, "yu0225", None)
    assert user(session, "i1").division_code is None
    again = take(session, person("c1", **COURT), person("i1", **COURT | {"role": Role.INSPECTOR}))
    assert (again.new, again.changed, again.unchanged) == (0, 0, 2)


def test_a_new_court_gets_its_name_and_an_import_account(session: Session) -> None:
    """The account acts for the court, and no password opens it."""
    take(session, person("c1", **COURT, court_name="兰考县人民法院"), person("c2", **COURT))
    assert session.scalars(select(Court.name)).one() == "兰考县人民法院"
    account = find_actor_by_login(session, "import-yu0225")
    assert account
    assert (account.actor.role, account.actor.court_code) == (Role.DISPATCHER, "yu0225")
    assert not matches(user(session, "import-yu0225").password_hash, "")


def test_the_first_named_is_first_the_next_stand_in(session: Session) -> None:
    take(session, person("w1", cell_codes=(A, B)), person("w2", cell_codes=(B, C)))
    take(session, person("w3", cell_codes=(A, C)))
    ranks = {login: [(cell, rank) for cell, rank, *_ in duties(session, login)] for login in ("w1", "w2", "w3")}
    assert ranks == {"w1": [(A, 1), (B, 1)], "w2": [(B, 2), (C, 1)], "w3": [(A, 2), (C, 2)]}


def test_a_rank_said_counts_more_than_the_order(session: Session) -> None:
    take(session, person("w1", cell_codes=(A,)), person("w2", cell_codes=(A,), rank=1), person("w3", cell_codes=(A,)))
    assert [duties(session, login)[0][1] for login in ("w1", "w2", "w3")] == [2, 1, 2]


def test_the_same_file_again_changes_nothing(session: Session) -> None:
    people = [
        person("c1", **COURT),
        person("w1", cell_codes=(A, B), phone="19900001234"),
        person("w2", cell_codes=(B,)),
    ]
    take(session, *people)
    before = rows_of(session, User, Duty, LedgerEntry, Court)
    done = take(session, *people)
    assert (done.new, done.changed, done.unchanged) == (0, 0, 3)
    assert (done.duties.begun, done.duties.ended, done.courts_new) == (0, 0, 0)
    assert rows_of(session, User, Duty, LedgerEntry, Court) == before
    assert user(session, "w1").version == 1


def test_what_differs_is_corrected_with_the_next_version(session: Session) -> None:
    """The entry says which columns, never their values."""
    take(session, person("w1", phone="19900001234"), person("w2"))
    done = take(session, person("w1", display_name="乙某", phone="19900005678"), person("w2"))
    assert (done.changed, done.unchanged) == (1, 1)
    worker = user(session, "w1")
    assert (worker.display_name, worker.phone, worker.version) == ("乙某", "19900005678", 2)
    entry = session.scalars(select(LedgerEntry).where(LedgerEntry.action == "person.edited")).one()
    assert entry.details == {"fields": ["display_name", "phone"]}
    take(session, person("w1", display_name="乙某", phone=""))
    assert user(session, "w1").phone is None
    take(session, person("w1", display_name="丙某", phone=None, cell_codes=None))
    assert user(session, "w1").display_name == "丙某"


def test_who_is_missing_from_the_file_stays(session: Session) -> None:
    take(session, person("w1", cell_codes=(A,)), person("w2"))
    take(session, person("w2"))
    assert user(session, "w1").active
    assert duties(session, "w1") == [(A, 1, SINCE, None)]


def test_another_cell_ends_the_old_duty_today(session: Session) -> None:
    """What was stays on record; the other worker moves up only when told."""
    take(session, person("w1", cell_codes=(A,)))
    done = take(session, person("w1", cell_codes=(B,)), person("w2", cell_codes=(A,)))
    assert (done.duties.begun, done.duties.ended, done.changed, done.new) == (2, 1, 1, 1)
    assert duties(session, "w1") == [(A, 1, SINCE, TODAY), (B, 1, TODAY, None)]
    assert duties(session, "w2") == [(A, 1, SINCE, None)], "the cell's first place was free again"


def test_another_rank_from_a_day_to_come(session: Session) -> None:
    later = TODAY + timedelta(days=30)
    take(session, person("w1", cell_codes=(A,)))
    take(session, person("w1", cell_codes=(A,), rank=2, on_duty_from=later))
    assert duties(session, "w1") == [(A, 1, SINCE, later), (A, 2, later, None)]
    again = take(session, person("w1", cell_codes=(A,), rank=2, on_duty_from=later))
    assert again.unchanged == 1
    take(session, person("w1", cell_codes=(A,), rank=1))
    assert duties(session, "w1") == [(A, 1, SINCE, TODAY), (A, 1, TODAY, None)], "the plan was dropped"


def test_no_cells_ends_all_duties_no_column_ends_none(session: Session) -> None:
    take(session, person("w1", cell_codes=(A, B)))
    take(session, person("w1", cell_codes=None))
    assert len(duties(session, "w1")) == 2
    take(session, person("w1", cell_codes=()))
    assert {until for *_, until in duties(session, "w1")} == {TODAY}


def test_today_is_told_in_china(session: Session) -> None:
    """Half past four in the afternoon UTC is the next day there."""
    take(session, person("w1", cell_codes=(A,)))
    take(session, person("w1", cell_codes=()), now=NOON + timedelta(hours=12, minutes=30))
    assert duties(session, "w1")[0][3] == TODAY + timedelta(days=1)


def test_the_cell_that_holds_today_is_meant(session: Session) -> None:
    old = make_cell(session, 9, until=TODAY)
    new = make_cell(session, 9, since=TODAY)
    take(session, person("w1", cell_codes=(new.code,)))
    assert session.scalars(select(Duty.cell_id)).one() == new.id != old.id


def test_first_passwords_once_for_those_who_have_none(session: Session) -> None:
    """Also for those who came without; who has one keeps it."""
    assert take(session, person("w1")).without_password == 1
    done = take(session, person("w1"), person("w2"), first_passwords=True)
    assert done.passwords.keys() == {"w1", "w2"}
    assert (done.without_password, done.changed, done.new) == (0, 1, 1)
    stored = user(session, "w2").password_hash
    assert is_first(stored)
    assert matches(stored, done.passwords["w2"])
    assert "w2" not in repr(done), "passwords stay out of logs"
    assert take(session, person("w1"), person("w2"), first_passwords=True).passwords == {}


def test_a_suspended_person_stays_suspended(session: Session) -> None:
    take(session, person("w1"))
    session.execute(update(User).values(active=False))
    assert take(session, person("w1")).unchanged == 1
    assert not user(session, "w1").active


def test_everything_that_cannot_be_row_by_row(session: Session) -> None:
    make_division_tree(session, "410105")
    take(session, person("c1", **COURT), person("w1"))
    found = refused(
        session,
        person("w1", row=2, role=Role.COORDINATOR),
        person("c1", row=3, **COURT | {"court_code": "yu0105", "division_code": "410105"}),
        person("w2", row=4, division_code="410225999"),
        person("w3", row=5, cell_codes=(A, "410225001001009")),
        person("c2", row=6, **COURT | {"division_code": "410105"}),
        person("c3", row=7, **COURT | {"court_code": "yu0105", "division_code": "410225"}),
        person("c4", row=8, **COURT, court_name="甲法院"),
        person("c5", row=9, **COURT, court_name="乙法院"),
        faults=[Fault("value_missing", 10, "login")],
    )
    assert found == [
        (2, "role", "role_differs"),
        (3, "court_code", "court_differs"),
        (4, "division_code", "division_unknown"),
        (5, "cell_codes", "cell_unknown"),
        (6, "division_code", "court_area_differs"),
        (7, "division_code", "court_area_differs"),
        (9, "court_name", "court_named_twice"),
        (10, "login", "value_missing"),
    ]


def test_one_fault_and_nothing_has_changed(session: Session) -> None:
    before = rows_of(session, User, Duty, LedgerEntry, Court)
    refused(session, person("c1", **COURT), person("w1", cell_codes=("410225001001009",)), first_passwords=True)
    assert rows_of(session, User, Duty, LedgerEntry, Court) == before


def test_a_cell_or_division_that_has_ended_is_unknown(session: Session) -> None:
    ended = make_cell(session, 9, until=TODAY)
    session.execute(text("update geo.division set valid_to = :day where code = '410225001'"), {"day": TODAY})
    found = refused(
        session, person(cell_codes=(ended.code,)), person("k1", role=Role.COORDINATOR, division_code="410225001")
    )
    assert [code for *_, code in found] == ["cell_unknown", "division_unknown"]


@pytest.mark.parametrize("role", NOT_ADMINISTRATORS)
def test_only_administrators(session: Session, role: Role) -> None:
    with pytest.raises(Refused) as told:
        import_people(session, somebody(role), ImportPeople([person()]), NOON)
    assert told.value.code == "role_may_not"
    assert rows_of(session, User) == [0]


def test_more_people_than_a_statement_takes_parameters(session: Session) -> None:
    people = [person(f"w{number}", cell_codes=(A,)) for number in range(66_000)]
    take(session, *people[:2])
    known = look_up(session, people, TODAY)
    assert (set(known.users), set(known.cells)) == ({"w0", "w1"}, {A})


def test_failing_half_way_leaves_nothing(committing_sessions: sessionmaker[Session]) -> None:
    """Duties are among the last things written: when they fail, people, courts and ledger go with them."""
    with committing_sessions.begin() as session:
        make_cell(session, 1)
        session.execute(text("alter table field.duty add constraint full_disk check (rank > 9) not valid"))
    with committing_sessions() as session:
        with pytest.raises(DBAPIError):
            take(session, person("c1", **COURT), person(cell_codes=(A,)))
        session.rollback()
        assert rows_of(session, User, Court, Duty, LedgerEntry) == [0, 0, 0, 0]


def test_two_at_once_are_one_after_the_other(committing_sessions: sessionmaker[Session]) -> None:
    with committing_sessions.begin() as session:
        make_cell(session, 1)
    people = [person("c1", **COURT), *(person(f"w{number}", cell_codes=(A,)) for number in range(50))]

    def once(_turn: int) -> int:
        with committing_sessions.begin() as session:
            return take(session, *people).new

    with ThreadPoolExecutor(3) as pool:
        assert sorted(pool.map(once, range(3))) == [0, 0, 51]
    with committing_sessions() as session:
        ranks = [rank for login in range(50) for _, rank, *_ in duties(session, f"w{login}")]
        assert sorted(ranks) == [1] + [2] * 49


def test_a_day_in_the_past_is_kept_for_new_people_only(session: Session) -> None:
    """For somebody known, what was is not rewritten."""
    take(session, person("w1", on_duty_from=date(2025, 1, 1), cell_codes=(A,)))
    take(session, person("w1", on_duty_from=date(2025, 1, 1), cell_codes=(A, B)))
    assert duties(session, "w1") == [(A, 1, date(2025, 1, 1), None), (B, 1, TODAY, None)]
