"""A new password for somebody who cannot change it themselves."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, sessionmaker

from field.cli.operator import OPERATOR
from field.models import LedgerEntry, RefreshToken, SignInFailure, User
from field.rules.people import Role
from field.rules.refusals import Refused
from field.usecases.create_courts import NewCourt, create_courts
from field.usecases.reset_password import ResetPassword, reset_password
from field.vault.passwords import is_first, matches
from tests.builders import NOON, make_person
from tests.usecases.importing import NOT_ADMINISTRATORS, entries, rows_of, somebody, user

NEW = ResetPassword("w1", "correct horse battery")


@pytest.fixture(autouse=True)
def worker(session: Session) -> User:
    """A worker without a password, signed in somewhere, with wrong guesses behind them."""
    worker = make_person(session, login="w1")
    later = NOON + timedelta(days=30)
    session.add(RefreshToken(token_hash=b"x", family=uuid4(), user_id=worker.id, expires_at=later))
    session.add(SignInFailure(subject="w1", failures=5, since=NOON))
    session.flush()
    return worker


def test_it_is_theirs_from_now_on(session: Session) -> None:
    reset_password(session, OPERATOR, NEW, NOON)
    stored = user(session, "w1")
    assert matches(stored.password_hash, NEW.new)
    assert not is_first(stored.password_hash)
    assert stored.version == 2
    assert session.scalars(select(RefreshToken.revoked_at)).one() == NOON
    assert rows_of(session, SignInFailure) == [0]
    assert entries(session) == ["person.password_reset"]
    assert NEW.new not in repr(NEW)


@pytest.mark.parametrize(
    ("order", "code"),
    [
        (ResetPassword("w9", "correct horse"), "not_found"),
        (ResetPassword("import-yu0225", "correct horse"), "not_found"),
        (ResetPassword("w1", "short"), "password_weak"),
        (ResetPassword("w1", ""), "password_weak"),
    ],
    ids=["unknown", "an import account", "too short", "none"],
)
def test_refusals(session: Session, order: ResetPassword, code: str) -> None:
    create_courts(session, OPERATOR, [NewCourt("yu0225", "某法院", "410225")])
    with pytest.raises(Refused) as told:
        reset_password(session, OPERATOR, order, NOON)
    assert told.value.code == code
    assert user(session, "w1").password_hash is None


@pytest.mark.parametrize("role", NOT_ADMINISTRATORS)
def test_only_administrators(session: Session, role: Role) -> None:
    with pytest.raises(Refused) as told:
        reset_password(session, somebody(role), NEW, NOON)
    assert told.value.code == "role_may_not"


def test_failing_half_way_leaves_nothing(committing_sessions: sessionmaker[Session]) -> None:
    with committing_sessions.begin() as session:
        make_person(session, login="w1")
        session.execute(text("alter table field.ledger_entry add constraint full_disk check (version < 0) not valid"))
    with committing_sessions() as session:
        with pytest.raises(DBAPIError):
            reset_password(session, OPERATOR, NEW, NOON)
        session.rollback()
        assert user(session, "w1").password_hash is None
        assert rows_of(session, LedgerEntry) == [0]
