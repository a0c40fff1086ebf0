"""New courts, each with its import account."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, sessionmaker

from field.cli.operator import OPERATOR
from field.models import Court, LedgerEntry, User
from field.queries.people import find_actor_by_login
from field.rules.people import Role
from field.rules.refusals import Refused
from field.usecases.create_courts import NewCourt, create_courts
from tests.usecases.importing import NOT_ADMINISTRATORS, entries, rows_of, somebody

COURTS = [NewCourt("yu0225", "甲法院", "410225"), NewCourt("yu0105", "乙法院", "410105")]


def test_each_with_its_account(session: Session) -> None:
    ids = create_courts(session, OPERATOR, COURTS)
    assert ids.keys() == {"yu0225", "yu0105"}
    account = find_actor_by_login(session, "import-yu0105")
    assert account
    assert (account.actor.court_id, account.actor.division_code) == (ids["yu0105"], "410105")
    assert entries(session) == ["court.created", "court.created"]


def test_none_is_nothing(session: Session) -> None:
    assert create_courts(session, OPERATOR, []) == {}
    assert rows_of(session, Court, LedgerEntry) == [0, 0]


@pytest.mark.parametrize("role", NOT_ADMINISTRATORS)
def test_only_administrators(session: Session, role: Role) -> None:
    with pytest.raises(Refused) as told:
        create_courts(session, somebody(role), COURTS)
    assert told.value.code == "role_may_not"
    assert rows_of(session, Court) == [0]


def test_the_same_code_twice_leaves_nothing(committing_sessions: sessionmaker[Session]) -> None:
    with committing_sessions() as session:
        with pytest.raises(DBAPIError):
            create_courts(session, OPERATOR, [COURTS[0], COURTS[0]])
        session.rollback()
        assert rows_of(session, Court, User, LedgerEntry) == [0, 0, 0]


def test_failing_half_way_leaves_nothing(committing_sessions: sessionmaker[Session]) -> None:
    with committing_sessions.begin() as session:
        session.execute(text("alter table field.ledger_entry add constraint full_disk check (version < 0) not valid"))
    with committing_sessions() as session:
        with pytest.raises(DBAPIError):
            create_courts(session, OPERATOR, COURTS)
        session.rollback()
        assert rows_of(session, Court, User) == [0, 0]
