"""Entering a case: once per number and court."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, sessionmaker

from field.models import Case, LedgerEntry, Party, PartyRole
from field.rules.refusals import Refused
from field.usecases.create_case import CreateCase, NewParty, create_case
from tests.usecases.reading import everything
from tests.usecases.town import Town, build_town

ORDER = CreateCase(
    "(2099) 豫0225 执 0077 号",
    "民间借贷纠纷",
    (
        NewParty("甲志强", PartyRole.DEBTOR),
        NewParty("乙秀兰", PartyRole.CREDITOR),
        NewParty("甲志强", PartyRole.DEBTOR),
    ),
)


def test_the_number_is_normalised_and_parties_counted_once(session: Session, town: Town) -> None:
    """Half-width brackets, spaces and leading zeros go; a party named twice is one."""
    case_id = create_case(session, town.clerk, ORDER)
    assert session.scalar(select(Case.case_no).where(Case.id == case_id)) == "（2099）豫0225执77号"
    assert session.scalar(select(func.count()).select_from(Party).where(Party.case_id == case_id)) == 2
    entry = session.execute(
        select(LedgerEntry.action, LedgerEntry.chain).order_by(LedgerEntry.id.desc()).limit(1)
    ).one()
    assert tuple(entry) == ("case.created", "yu0225")


def test_a_number_the_court_has_is_refused(session: Session, town: Town) -> None:
    """However it is written; and nothing changes."""
    create_case(session, town.clerk, ORDER)
    before = everything(session)
    with pytest.raises(Refused, match="case_exists"):
        create_case(session, town.clerk, CreateCase("（2099）豫0225执77号", None, ()))
    assert everything(session) == before


def test_another_court_may_have_the_same_number(session: Session, town: Town) -> None:
    """Numbers are each court's own."""
    assert create_case(session, town.clerk, ORDER) != create_case(session, town.other_clerk, ORDER)


@pytest.mark.parametrize("who", ["first", "coordinator"])
def test_only_a_court_enters_cases(session: Session, town: Town, who: str) -> None:
    """Others may never."""
    with pytest.raises(Refused, match="role_may_not"):
        create_case(session, getattr(town, who), ORDER)


@pytest.mark.parametrize(
    "case_no", ["", "2099豫0225执77号", "（1999）豫0225执77号", "（2099）豫0225执0号", "（2099）京01执1号"]
)
def test_what_is_no_case_number_is_refused(session: Session, town: Town, case_no: str) -> None:
    """Year, province, kind and serial all have to be right."""
    with pytest.raises(Refused, match="case_no_invalid"):
        create_case(session, town.clerk, CreateCase(case_no, None, ()))


def test_failing_half_way_leaves_nothing(committing_sessions: sessionmaker[Session]) -> None:
    """No parties, no case."""
    with committing_sessions.begin() as session:
        town = build_town(session)
        session.execute(text("alter table field.party add constraint full_disk check (name = '') not valid"))
    with committing_sessions() as session:
        before = everything(session)
        with pytest.raises(DBAPIError), session.begin_nested():
            create_case(session, town.clerk, ORDER)
        session.rollback()
        assert everything(session) == before
