"""`gridfield doctor`: every setting, and what is not well."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from field.config import Settings
from notifications.backlog import pause
from notifications.messages import Sync
from notifications.outbox import enqueue
from tests.cli.conftest import Gridfield
from tests.database import Databases
from tests.jobs.conftest import write

NOON_IN_CHINA = datetime(2026, 6, 10, 4, tzinfo=UTC)


def test_all_is_well(gridfield: Gridfield) -> None:
    """Every setting is told, secrets are not."""
    done = gridfield("doctor", GRIDFIELD_SECRET_KEY="ab" * 32)
    assert done.exit_code == 0, done.output
    for each in fields(Settings):
        assert f"{each.metadata['variable']}=" in done.stdout
    assert "abab" not in done.stdout
    assert "异常" not in done.stdout
    for word in (
        "PostgreSQL 1",
        "PostGIS / PostGIS: 3.",
        "migrations: 0",
        "ledger entries: 无 / none",
        "channels: log",
        "similar addresses (pg_trgm): 识别汉字",
    ):
        assert word in done.stdout


def test_no_key_is_made_by_looking(gridfield: Gridfield, tmp_path: Path) -> None:
    assert "will be made on first use" in gridfield("doctor").stdout
    assert not (tmp_path / "home" / "secret.key").exists()


@pytest.mark.parametrize(
    ("content", "mode", "well", "said"),
    [
        ("ab" * 32, 0o600, True, "secret.key"),
        ("ab" * 32, 0o644, False, "can be read by others"),
        ("ab", 0o600, False, "cut short"),
        ("no key", 0o600, False, "unusable"),
    ],
)
def test_the_key_file(gridfield: Gridfield, tmp_path: Path, content: str, mode: int, well: bool, said: str) -> None:
    path = tmp_path / "home" / "secret.key"
    path.parent.mkdir()
    path.write_text(content)
    path.chmod(mode)
    done = gridfield("doctor")
    assert (done.exit_code, f"[{'正常' if well else '异常'}] 密钥 / key" in done.stdout) == (0 if well else 1, True)
    assert said in done.stdout


def test_no_database(gridfield: Gridfield) -> None:
    """The settings are told all the same."""
    done = gridfield("doctor", GRIDFIELD_DATABASE_URL="postgresql+psycopg://nobody@127.0.0.1:1/nowhere")
    assert done.exit_code == 1
    assert "GRIDFIELD_PORT=8080" in done.stdout
    assert "[异常] 数据库 / database: " in done.stdout
    assert "GRIDFIELD_DATABASE_URL cannot be reached" in done.stdout


def test_migrations_are_missing(gridfield: Gridfield, databases: Databases) -> None:
    with databases.empty() as url:
        done = gridfield("doctor", GRIDFIELD_DATABASE_URL=url)
    assert done.exit_code == 1
    assert "[异常] 数据库结构 / migrations: 空 / empty → gridfield migrate" in done.stdout


def test_nobody_seals(gridfield: Gridfield, committing_sessions: sessionmaker[Session]) -> None:
    write(committing_sessions, "yu0225")
    assert gridfield("doctor").exit_code == 0, "a moment is no fault"
    with committing_sessions.begin() as session:
        session.execute(text("alter table field.ledger_entry disable trigger user"))
        session.execute(text("update field.ledger_entry set at = now() - interval '2 minutes'"))
    done = gridfield("doctor")
    assert done.exit_code == 1
    assert "is `gridfield work` running?" in done.stdout


@pytest.mark.parametrize(("hour", "well"), [(4, False), (16, True)], ids=["by day", "at night"])
def test_nobody_tells(gridfield: Gridfield, committing_sessions: sessionmaker[Session], hour: int, well: bool) -> None:
    """At night phones are let sleep, and promises may wait."""
    with committing_sessions.begin() as session:
        enqueue(session, [Sync(7, 1, datetime.now(UTC) + timedelta(hours=4))])
        session.execute(text("update notifications.message set created_at = now() - interval '11 minutes'"))
    with time_machine.travel(NOON_IN_CHINA.replace(hour=hour), tick=True):
        done = gridfield("doctor")
    assert done.exit_code == (0 if well else 1), done.stdout
    assert ("is `gridfield deliver` running?" in done.stdout) is not well


def test_a_paused_channel(gridfield: Gridfield, committing_sessions: sessionmaker[Session]) -> None:
    with committing_sessions.begin() as session:
        pause(session, "fcm", "credentials")
    done = gridfield("doctor")
    assert done.exit_code == 1
    assert "[异常] 推送通道 fcm / push channel fcm: 已暂停 / paused: credentials" in done.stdout


def test_a_channel_that_could_never_deliver(gridfield: Gridfield, tmp_path: Path) -> None:
    done = gridfield("doctor", GRIDFIELD_CHANNELS="fcm", GRIDFIELD_FCM_CREDENTIALS=str(tmp_path / "none.json"))
    assert done.exit_code == 1
    assert "[异常] 推送通道 / push channels: 推送通道 fcm 无法启用" in done.stdout
