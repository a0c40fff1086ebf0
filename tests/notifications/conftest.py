"""What the tests of telling phones share: a stub provider, a channel to it, phones, and a clock to turn."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Connection, select
from sqlalchemy.orm import Session, sessionmaker

from notifications.addresses import AddressCipher
from notifications.channels.fcm import FcmChannel
from notifications.deliver import deliver_once
from notifications.devices import register
from notifications.messages import Sync
from notifications.models import Device, Message
from notifications.outbox import enqueue
from tests.stubs.fcm import FcmStub

#: How long the provider may take in tests.
PATIENCE = timedelta(seconds=0.8)


@pytest.fixture
def sessions(session: Session) -> sessionmaker[Session]:
    """Sessions that commit as far as each other can see; all of it is undone after the test."""
    connection = session.get_bind()
    assert isinstance(connection, Connection)
    return sessionmaker(connection, join_transaction_mode="create_savepoint")


@pytest.fixture(scope="session")
def cipher() -> AddressCipher:
    return AddressCipher(bytes(range(32)))


@pytest.fixture(scope="session")
def _stub() -> Iterator[FcmStub]:
    with FcmStub() as stub:
        yield stub


@pytest.fixture
def stub(_stub: FcmStub) -> FcmStub:
    """The provider, with nothing received yet and nothing but acceptance in mind."""
    _stub.forget()
    return _stub


@pytest.fixture(scope="session")
def account(_stub: FcmStub, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A service-account file that the stub believes."""
    return _stub.service_account(tmp_path_factory.mktemp("fcm") / "account.json")


# One for all tests, because each costs a tenth of a second of reading certificates.
@pytest.fixture(scope="session")
def _fcm(_stub: FcmStub, account: Path, cipher: AddressCipher) -> Iterator[FcmChannel]:
    channel = FcmChannel(account, cipher, endpoint=_stub.endpoint, timeout=PATIENCE)
    yield channel
    channel.close()


@pytest.fixture
def fcm(_fcm: FcmChannel, stub: FcmStub) -> FcmChannel:
    """The real firebase-admin, sent to the stub, with little patience; perhaps signed in already."""
    return _fcm


@pytest.fixture
def new_fcm(stub: FcmStub, account: Path, cipher: AddressCipher) -> Iterator[FcmChannel]:
    """The same, not signed in yet."""
    channel = FcmChannel(account, cipher, endpoint=stub.endpoint, timeout=PATIENCE)
    yield channel
    channel.close()


@dataclass
class Clock:
    """A clock that the test turns; it starts at noon in China, later than what the database noted itself."""

    now: datetime

    def __call__(self, session: Session) -> datetime:
        return self.now

    def turn(self, by: timedelta) -> None:
        """Let time pass."""
        self.now += by


@pytest.fixture
def clock() -> Clock:
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    return Clock(tomorrow.replace(hour=4, minute=0, second=0, microsecond=0))


@dataclass
class Outbox:
    """The outbox as its users see it, in few words."""

    sessions: sessionmaker[Session]
    channel: FcmChannel
    cipher: AddressCipher
    clock: Clock

    def phone(self, recipient_id: int, token: str, installation_id: UUID | None = None) -> UUID:
        """Register an app that is reached by this token; return its installation."""
        installation_id = installation_id or uuid4()
        with self.sessions.begin() as session:
            register(session, recipient_id, installation_id, "fcm", "token", token, self.cipher)
        return installation_id

    def promise(self, *recipients: int, seq: int = 1, urgent: bool = False) -> None:
        """Promise each recipient a message that is worth telling for four hours from now on the clock."""
        expires_at = self.clock.now + timedelta(hours=4)
        with self.sessions.begin() as session:
            enqueue(session, [Sync(recipient, seq, expires_at, urgent) for recipient in recipients])

    def send(self) -> int:
        """One round of the sender, with no spread in its waits."""
        return deliver_once(self.sessions, self.channel, clock=self.clock, random=lambda: 0.5)

    def messages(self) -> list[Message]:
        """All rows of the outbox, oldest first."""
        with self.sessions() as session:
            return list(session.scalars(select(Message).order_by(Message.id)))

    def message(self) -> Message:
        """The only row there is."""
        [message] = self.messages()
        return message

    def devices(self) -> list[Device]:
        """All devices, oldest first."""
        with self.sessions() as session:
            return list(session.scalars(select(Device).order_by(Device.id)))


@pytest.fixture
def outbox(sessions: sessionmaker[Session], fcm: FcmChannel, cipher: AddressCipher, clock: Clock) -> Outbox:
    return Outbox(sessions, fcm, cipher, clock)


@pytest.fixture
def shared_outbox(
    committing_sessions: sessionmaker[Session], fcm: FcmChannel, cipher: AddressCipher, clock: Clock
) -> Outbox:
    """The same on a database of its own, where transactions really meet."""
    return Outbox(committing_sessions, fcm, cipher, clock)
