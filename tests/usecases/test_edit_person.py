"""Correcting a name, suspending, letting work again."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, sessionmaker

from field.cli.operator import OPERATOR
from field.models import LedgerEntry, RefreshToken, User
from field.queries.people import PersonFacts, find_actor_by_login, get_person
from field.rules.people import Role
from field.rules.refusals import Refused
from field.usecases.edit_person import EditPerson, edit_person
from notifications.addresses import AddressCipher
from notifications.devices import register
from notifications.models import Device
from tests.builders import NOON, make_person
from tests.usecases.importing import NOT_ADMINISTRATORS, entries, rows_of, somebody


@pytest.fixture(autouse=True)
def worker(session: Session) -> User:
    """A worker who is signed in and has a phone."""
    worker = make_person(session, login="w1")
    sign_in = RefreshToken(token_hash=b"x", family=uuid4(), user_id=worker.id, expires_at=NOON + timedelta(days=30))
    session.add(sign_in)
    register(session, worker.id, uuid4(), "fcm", "token", "made-up", AddressCipher(bytes(32)))
    session.flush()
    return worker


def edit(session: Session, **options: object) -> None:
    """Make an edit of the worker, as the operator."""
    values: dict[str, object] = {"login": "w1", "version": None}
    edit_person(session, OPERATOR, EditPerson(**values | options), NOON)  # type: ignore[arg-type]


def test_a_name(session: Session) -> None:
    edit(session, display_name="乙某", version=1)
    assert get_person(session, OPERATOR, "w1") == PersonFacts("w1", "乙某", "worker", None, "410225001", True, 2)
    assert entries(session) == ["person.edited"]
    assert rows_of(session, Device) == [1], "a new name forgets no phone"


def test_suspended_at_once(session: Session) -> None:
    """Signed out everywhere, phones forgotten, and the next request finds nobody."""
    edit(session, active=False)
    assert find_actor_by_login(session, "w1") is None
    assert rows_of(session, Device) == [0]
    assert session.scalars(select(RefreshToken.revoked_at)).one() == NOON
    assert entries(session) == ["person.suspended"]


def test_and_back_again(session: Session) -> None:
    edit(session, active=False)
    edit(session, active=True, display_name="乙某")
    assert find_actor_by_login(session, "w1")
    entry = session.scalars(select(LedgerEntry).where(LedgerEntry.action == "person.resumed")).one()
    assert (entry.version, entry.details) == (3, {"fields": ["display_name", "active"]})


def test_the_same_content_changes_nothing(session: Session) -> None:
    edit(session, active=False)
    edit(session, active=False)
    edit(session)
    assert get_person(session, OPERATOR, "w1").version == 2
    assert entries(session) == ["person.suspended"]


@pytest.mark.parametrize(("options", "code"), [({"login": "w9"}, "not_found"), ({"version": 2}, "stale")])
def test_refusals(session: Session, options: dict[str, object], code: str) -> None:
    with pytest.raises(Refused) as told:
        edit(session, active=False, **options)
    assert told.value.code == code
    assert find_actor_by_login(session, "w1")


@pytest.mark.parametrize("role", NOT_ADMINISTRATORS)
def test_only_administrators(session: Session, role: Role) -> None:
    order = EditPerson("w1", None, active=False)
    for act in (
        lambda: edit_person(session, somebody(role), order, NOON),
        lambda: get_person(session, somebody(role), "w1"),
    ):
        with pytest.raises(Refused) as told:
            act()
        assert told.value.code == "role_may_not"
    assert find_actor_by_login(session, "w1")


def test_an_unknown_person_is_not_found(session: Session) -> None:
    with pytest.raises(Refused) as told:
        get_person(session, OPERATOR, "w9")
    assert told.value.code == "not_found"


def test_failing_half_way_leaves_nothing(committing_sessions: sessionmaker[Session]) -> None:
    with committing_sessions.begin() as session:
        make_person(session, login="w1")
        session.execute(text("alter table field.ledger_entry add constraint full_disk check (version < 0) not valid"))
    with committing_sessions() as session:
        with pytest.raises(DBAPIError):
            edit(session, active=False)
        session.rollback()
        assert find_actor_by_login(session, "w1")
