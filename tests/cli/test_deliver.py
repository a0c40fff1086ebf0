"""`gridfield deliver`: the channels that the settings ask for, and messages on their way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from field.cli.deliver import build_channels
from field.cli.errors import CommandError
from field.config import load
from field.vault.keys import load_keys
from notifications.addresses import AddressCipher
from notifications.devices import register
from notifications.messages import Sync
from notifications.models import Message
from notifications.outbox import enqueue
from tests.cli.conftest import Gridfield, one_line
from tests.cli.processes import ended, environment, running
from tests.jobs.conftest import eventually
from tests.stubs.fcm import FcmStub

Set = Callable[..., None]


@pytest.fixture(scope="module")
def fcm() -> Iterator[FcmStub]:
    """A provider that accepts everything."""
    with FcmStub() as stub:
        yield stub


@pytest.fixture
def service_account(fcm: FcmStub, tmp_path: Path) -> Path:
    """A made-up service account of that provider."""
    return fcm.service_account(tmp_path / "account.json")


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Set:
    """Set some GRIDFIELD_ variables, for a home of the test's own."""
    monkeypatch.setenv("GRIDFIELD_HOME", str(tmp_path))

    def put(**values: str) -> None:
        for name, value in values.items():
            monkeypatch.setenv(f"GRIDFIELD_{name}", value)

    return put


def test_promises_are_kept_until_asked_to_end(
    database_url: str, committing_sessions: sessionmaker[Session], tmp_path: Path
) -> None:
    """An urgent one, because those are told at night as well."""
    with committing_sessions.begin() as session:
        enqueue(session, [Sync(7, 1, datetime.now(UTC) + timedelta(hours=4), urgent=True)])
    with running("deliver", env=environment(database_url, tmp_path)) as deliver:
        eventually(lambda: _states(committing_sessions) == ["sent"], 60)
        said = ended(deliver)
    assert '"t":"sync"' in said, "the log channel writes what would be sent"


def test_through_fcm_with_the_installations_own_key(
    database_url: str,
    committing_sessions: sessionmaker[Session],
    tmp_path: Path,
    fcm: FcmStub,
    service_account: Path,
) -> None:
    """The address was encrypted by another process of the same home."""
    cipher = AddressCipher(load_keys(tmp_path, None).addresses)
    with committing_sessions.begin() as session:
        register(session, 7, uuid4(), "fcm", "token", "made-up-token", cipher)
        enqueue(session, [Sync(7, 3, datetime.now(UTC) + timedelta(hours=4), urgent=True)])
    env = environment(
        database_url,
        tmp_path,
        GRIDFIELD_CHANNELS="fcm",
        GRIDFIELD_FCM_CREDENTIALS=str(service_account),
        GRIDFIELD_FCM_ENDPOINT=fcm.endpoint,
    )
    with running("deliver", env=env) as deliver:
        eventually(lambda: _states(committing_sessions) == ["sent"], 60)
        ended(deliver)
    assert [(push.address, push.body["q"]) for push in fcm.received] == [("made-up-token", 3)]


def test_the_embedded_default(settings: Set) -> None:
    assert build_channels(load()).keys() == {"log"}


def test_both(settings: Set, service_account: Path) -> None:
    settings(CHANNELS="log,fcm", FCM_CREDENTIALS=str(service_account), FCM_ENDPOINT="http://127.0.0.1:1")
    assert [channel.name for channel in build_channels(load()).values()] == ["log", "fcm"]


def test_no_pushes_into_an_emulator(settings: Set, service_account: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIREBASE_AUTH_EMULATOR_HOST", "127.0.0.1:9099")
    settings(CHANNELS="fcm", FCM_CREDENTIALS=str(service_account))
    with pytest.raises(CommandError, match="FIREBASE_AUTH_EMULATOR_HOST is set, pushes would go nowhere"):
        build_channels(load())


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"FCM_CREDENTIALS": "/nowhere/file.json"}, "is not a service-account file"),
        ({"FCM_CREDENTIALS": "ACCOUNT", "FCM_ENDPOINT": "gopher://x"}, "must begin with http"),
        ({"FCM_CREDENTIALS": "ACCOUNT", "HOME": "/proc/nowhere"}, "key file unusable"),
        ({}, "GRIDFIELD_FCM_CREDENTIALS"),
    ],
)
def test_settings_that_could_never_deliver(
    gridfield: Gridfield, service_account: Path, values: dict[str, str], said: str
) -> None:
    """One line, before anything is opened."""
    given = {f"GRIDFIELD_{name}": value.replace("ACCOUNT", str(service_account)) for name, value in values.items()}
    assert said in one_line(gridfield("deliver", GRIDFIELD_CHANNELS="fcm", **given))


def _states(sessions: sessionmaker[Session]) -> list[str]:
    with sessions() as session:
        return list(session.scalars(select(Message.state)))
