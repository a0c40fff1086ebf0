"""Cases and parties that tasks name: made when new, found when known, also by two at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, sessionmaker

from field.models import Case, LedgerEntry, Party, PartyRole
from field.rules.people import Role
from field.rules.refusals import Refused
from field.usecases.create_case import NewParty
from field.usecases.ensure_cases import ensure_cases
from tests.usecases.importing import entries, rows_of, somebody
from tests.usecases.town import Town, build_town

ONE, TWO = "（2099）豫0911执1号", "（2099）豫0911执2号"
DEBTOR, CREDITOR = NewParty("甲某", PartyRole.DEBTOR), NewParty("乙某", PartyRole.CREDITOR)


def test_new_ones(session: Session, town: Town) -> None:
    cases = ensure_cases(session, town.clerk, {ONE: [DEBTOR, CREDITOR, DEBTOR], TWO: []})
    assert cases[ONE].parties.keys() == {DEBTOR, CREDITOR}
    assert cases[TWO].parties == {}
    assert entries(session, chain="yu0225") == ["case.created", "case.created"]


def test_known_ones_are_found_and_completed(session: Session, town: Town) -> None:
    """Twice is once; only what is new gets an entry."""
    first = ensure_cases(session, town.clerk, {ONE: [DEBTOR]})
    assert ensure_cases(session, town.clerk, {ONE: [DEBTOR]}) == first
    more = ensure_cases(session, town.clerk, {ONE: [CREDITOR]})
    assert (more[ONE].id, set(more[ONE].parties)) == (first[ONE].id, {DEBTOR, CREDITOR})
    assert entries(session, chain="yu0225") == ["case.created", "case.parties_added"]


def test_none_is_nothing(session: Session, town: Town) -> None:
    assert ensure_cases(session, town.clerk, {}) == {}


def test_another_courts_case_is_another_case(session: Session, town: Town) -> None:
    mine = ensure_cases(session, town.clerk, {ONE: [DEBTOR]})
    theirs = ensure_cases(session, town.other_clerk, {ONE: [CREDITOR]})
    assert mine[ONE].id != theirs[ONE].id
    assert theirs[ONE].parties.keys() == {CREDITOR}


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.DISPATCHER])
def test_only_dispatchers(session: Session, role: Role) -> None:
    with pytest.raises(Refused) as told:
        ensure_cases(session, somebody(role), {ONE: []})
    assert told.value.code == "role_may_not"
    assert rows_of(session, Case) == [0]


def test_two_at_once_get_the_same_cases(committing_sessions: sessionmaker[Session]) -> None:
    with committing_sessions.begin() as session:
        clerk = build_town(session).clerk
    wanted = {f"（2099）豫0911执{number}号": [DEBTOR, CREDITOR] for number in range(1, 60)}

    def once(turn: int) -> object:
        with committing_sessions.begin() as session:
            return ensure_cases(session, clerk, dict(reversed(wanted.items())) if turn % 2 else wanted)

    with ThreadPoolExecutor(4) as pool:
        first, *others = pool.map(once, range(4))
    assert others == [first] * 3
    with committing_sessions() as session:
        assert rows_of(session, Case, Party) == [60, 119], "with the town's own"
        assert sorted(entries(session, chain="yu0225")) == ["case.created"] * 59


def test_failing_half_way_leaves_nothing(committing_sessions: sessionmaker[Session]) -> None:
    with committing_sessions.begin() as session:
        clerk = build_town(session).clerk
        session.execute(text("alter table field.ledger_entry add constraint full_disk check (version < 0) not valid"))
    with committing_sessions() as session:
        before = rows_of(session, Case, Party, LedgerEntry)
        with pytest.raises(DBAPIError):
            ensure_cases(session, clerk, {ONE: [DEBTOR]})
        session.rollback()
        assert rows_of(session, Case, Party, LedgerEntry) == before
