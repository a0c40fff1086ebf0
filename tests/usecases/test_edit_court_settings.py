"""What a court decided for itself: written by administrators, from the version they saw, told in its own chain."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, sessionmaker

from field.cli.operator import OPERATOR
from field.models import Court, LedgerEntry
from field.queries.courts import get_court, settings_of
from field.rules.court_settings import CourtSettings
from field.rules.people import Role
from field.rules.refusals import Refused
from field.usecases.edit_court_settings import EditCourtSettings, edit_court_settings
from tests.builders import make_court, make_division_tree
from tests.usecases.importing import NOT_ADMINISTRATORS, entries, rows_of, somebody

ALONE = CourtSettings(retention_requires_court_officer=False, retention_authorisation_no="（2099）1号")


def order(settings: CourtSettings = ALONE, version: int = 1, code: str = "yu0225") -> EditCourtSettings:
    return EditCourtSettings(code, version, settings)


@pytest.fixture
def court(session: Session) -> Court:
    """A court that has decided nothing yet."""
    make_division_tree(session, "410225")
    return make_court(session)


def test_settings_are_written_and_told_by_name_only(session: Session, court: Court) -> None:
    edit_court_settings(session, OPERATOR, order())
    assert settings_of(session, court.id) == ALONE == get_court(session, OPERATOR, "yu0225").settings
    assert court.settings == {"retention_requires_court_officer": False, "retention_authorisation_no": "（2099）1号"}
    entry = session.query(LedgerEntry).one()
    assert (entry.chain, entry.action, entry.version) == ("yu0225", "court.settings_edited", 2)
    assert entry.details == {
        "changed": ["retention_authorisation_no", "retention_requires_court_officer"],
        "retention_requires_court_officer": False,
    }


def test_what_is_left_out_goes_back_to_its_default(session: Session, court: Court) -> None:
    edit_court_settings(session, OPERATOR, order())
    edit_court_settings(session, OPERATOR, order(CourtSettings(duty_phone="0371-00000000"), 2))
    assert settings_of(session, court.id) == CourtSettings(duty_phone="0371-00000000")
    last = session.query(LedgerEntry).order_by(LedgerEntry.version.desc()).limit(1).one()
    assert (last.details or {})["changed"] == [
        "duty_phone",
        "retention_authorisation_no",
        "retention_requires_court_officer",
    ]


def test_the_same_settings_again_change_nothing(session: Session, court: Court) -> None:
    edit_court_settings(session, OPERATOR, order(CourtSettings()))
    assert get_court(session, OPERATOR, "yu0225").version == 1
    assert entries(session) == []


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (order(code="yu0999"), "not_found"),
        (order(version=2), "stale"),
        (order(replace(ALONE, retention_authorisation_no=None)), "authorisation_needed"),
        (order(replace(ALONE, retention_authorisation_no="　")), "authorisation_needed"),
    ],
)
def test_refusals(session: Session, court: Court, asked: EditCourtSettings, code: str) -> None:
    with pytest.raises(Refused) as told:
        edit_court_settings(session, OPERATOR, asked)
    assert told.value.code == code
    assert get_court(session, OPERATOR, "yu0225").version == 1


@pytest.mark.parametrize("role", NOT_ADMINISTRATORS)
def test_only_administrators(session: Session, role: Role) -> None:
    with pytest.raises(Refused) as told:
        edit_court_settings(session, somebody(role), order())
    assert told.value.code == "role_may_not"


def test_failing_half_way_leaves_nothing(committing_sessions: sessionmaker[Session]) -> None:
    with committing_sessions.begin() as session:
        make_division_tree(session, "410225")
        make_court(session)
        session.execute(text("alter table field.ledger_entry add constraint full_disk check (version < 0) not valid"))
    with committing_sessions() as session:
        with pytest.raises(DBAPIError):
            edit_court_settings(session, OPERATOR, order())
        session.rollback()
        assert get_court(session, OPERATOR, "yu0225").settings == CourtSettings()
        assert rows_of(session, LedgerEntry) == [0]
