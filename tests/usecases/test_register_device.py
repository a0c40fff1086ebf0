"""Where a phone can be told: registered, moved, forgotten."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from field.rules.people import Actor
from field.rules.refusals import Refused
from field.usecases.register_device import RegisterDevice, forget_device, register_device
from notifications.addresses import AddressCipher
from tests.usecases.reading import promised
from tests.usecases.town import Town

CIPHER = AddressCipher(bytes(32))


def register(session: Session, who: Actor, installation: UUID, address: str = "made-up-token") -> None:
    """Register an installation for FCM."""
    register_device(session, who, RegisterDevice(installation, "fcm", "token", address), CIPHER)


def devices(session: Session) -> list[tuple[int, str]]:
    """Return (owner, channel) of every device."""
    rows = session.execute(text("select recipient_id, channel from notifications.device order by recipient_id"))
    return [(row[0], row[1]) for row in rows]


def test_a_registered_phone_gets_the_promise(session: Session, town: Town) -> None:
    """On its channel, not on the built-in log."""
    register(session, town.first, uuid4())
    town.task(session)
    assert devices(session) == [(town.first.id, "fcm")]
    assert promised(session, town.first.id) == 1


def test_twice_is_once(session: Session, town: Town) -> None:
    """An app registers at every start."""
    installation = uuid4()
    register(session, town.first, installation)
    register(session, town.first, installation)
    assert devices(session) == [(town.first.id, "fcm")]


def test_a_shared_phone_follows_who_signed_in_last(session: Session, town: Town) -> None:
    """The same token under another person leaves the first."""
    register(session, town.first, uuid4())
    register(session, town.stand_in, uuid4())
    assert devices(session) == [(town.stand_in.id, "fcm")]


def test_addresses_are_not_stored_readable(session: Session, town: Town) -> None:
    """Neither in the row nor in the ledger."""
    register(session, town.first, uuid4(), "made-up-token-9f3")
    rows = "select d::text from notifications.device d union all select e::text from field.ledger_entry e"
    held = str(session.scalars(text(rows)).all())
    assert "made-up-token-9f3" not in held
    assert b"made-up-token-9f3".hex() not in held


def test_forgotten_is_told_nothing_more(session: Session, town: Town) -> None:
    """At once, with what was promised to it; forgetting again is fine."""
    installation = uuid4()
    register(session, town.first, installation)
    town.task(session)
    forget_device(session, town.first, installation)
    forget_device(session, town.first, installation)
    assert promised(session, town.first.id) is None


def test_nobody_forgets_anothers_phone(session: Session, town: Town) -> None:
    """It stays."""
    installation = uuid4()
    register(session, town.first, installation)
    forget_device(session, town.stand_in, installation)
    assert devices(session) == [(town.first.id, "fcm")]


@pytest.mark.parametrize("who", ["clerk", "coordinator"])
def test_only_workers_have_phones_to_tell(session: Session, town: Town, who: str) -> None:
    """Others may never."""
    with pytest.raises(Refused, match="role_may_not"):
        register(session, getattr(town, who), uuid4())
