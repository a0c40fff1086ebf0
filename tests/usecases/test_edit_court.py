"""Correcting a court: name and area, by administrators, from the version they saw."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, sessionmaker

from field.cli.operator import OPERATOR
from field.models import Court, LedgerEntry
from field.queries.courts import CourtFacts, get_court
from field.rules.court_settings import CourtSettings
from field.rules.people import Role
from field.rules.refusals import Refused
from field.usecases.edit_court import EditCourt, edit_court
from tests.builders import NOON, actor_of, make_court, make_division_tree, make_person
from tests.usecases.importing import NOT_ADMINISTRATORS, entries, rows_of, somebody

EDIT = EditCourt("yu0225", 1, "兰考县人民法院", "4102")


@pytest.fixture(autouse=True)
def court(session: Session) -> Court:
    """A court of one county."""
    make_division_tree(session, "410225")
    return make_court(session)


def test_name_and_area(session: Session, court: Court) -> None:
    """The dispatchers reach the new area with their next request."""
    clerk = make_person(session, Role.DISPATCHER, court=court)
    edit_court(session, OPERATOR, EDIT, NOON)
    assert get_court(session, OPERATOR, "yu0225") == CourtFacts("yu0225", "兰考县人民法院", "4102", 2, CourtSettings())
    assert actor_of(session, clerk).division_code == "4102"
    entry = session.query(LedgerEntry).one()
    assert (entry.chain, entry.action, entry.version) == ("system", "court.edited", 2)
    assert entry.details == {"division": "4102", "division_before": "410225"}


def test_the_same_content_changes_nothing(session: Session) -> None:
    """Also with the area written as statistics write it."""
    edit_court(session, OPERATOR, EditCourt("yu0225", 1, "yu0225 人民法院", "410225000000"), NOON)
    assert get_court(session, OPERATOR, "yu0225").version == 1
    assert entries(session) == []


@pytest.mark.parametrize(
    ("order", "code"),
    [
        (EditCourt("yu0999", 1, "a", "4102"), "not_found"),
        (EditCourt("yu0225", 2, "a", "4102"), "stale"),
        (EditCourt("yu0225", 1, "a", "4103"), "division_unknown"),
        (EditCourt("yu0225", 1, "a", "41025"), "division_unknown"),
    ],
)
def test_refusals(session: Session, order: EditCourt, code: str) -> None:
    with pytest.raises(Refused) as told:
        edit_court(session, OPERATOR, order, NOON)
    assert told.value.code == code
    assert get_court(session, OPERATOR, "yu0225").version == 1


@pytest.mark.parametrize("role", NOT_ADMINISTRATORS)
def test_only_administrators(session: Session, role: Role) -> None:
    for act in (
        lambda: edit_court(session, somebody(role), EDIT, NOON),
        lambda: get_court(session, somebody(role), "x"),
    ):
        with pytest.raises(Refused) as told:
            act()
        assert told.value.code == "role_may_not"


def test_an_unknown_court_is_not_found(session: Session) -> None:
    with pytest.raises(Refused) as told:
        get_court(session, OPERATOR, "yu0999")
    assert told.value.code == "not_found"


def test_failing_half_way_leaves_nothing(committing_sessions: sessionmaker[Session]) -> None:
    with committing_sessions.begin() as session:
        make_division_tree(session, "410225")
        make_court(session)
        session.execute(text("alter table field.ledger_entry add constraint full_disk check (version < 0) not valid"))
    with committing_sessions() as session:
        with pytest.raises(DBAPIError):
            edit_court(session, OPERATOR, EDIT, NOON)
        session.rollback()
        assert get_court(session, OPERATOR, "yu0225").version == 1
        assert rows_of(session, LedgerEntry) == [0]
