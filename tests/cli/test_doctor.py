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
from field.jobs.sealing import seal_waiting
from field.rules.calendar import court_day
from field.vault.signing import key_id, load_signer
from notifications.backlog import pause
from notifications.messages import Sync
from notifications.outbox import enqueue
from tests.cli.conftest import Gridfield
from tests.database import Databases
from tests.jobs.conftest import write

NOON_IN_CHINA = datetime(2026, 6, 10, 4, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _this_years_holidays(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Years after this was written: the notice of the year that the tests run in is known."""
    path = tmp_path / "calendar.toml"
    path.write_text(f'[days]\n{court_day(datetime.now(UTC)).year}-01-01 = "off"\n')
    monkeypatch.setenv("GRIDFIELD_CALENDAR", str(path))


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


@pytest.mark.parametrize(
    ("days", "travel", "well", "said"),
    [
        ("", datetime(2026, 6, 10, 4, tzinfo=UTC), True, "the notice for 2027 is not known"),
        ('2027-02-13 = "work"', datetime(2026, 6, 10, 4, tzinfo=UTC), True, "holidays: 2026–2027"),
        ("", datetime(2040, 6, 10, 4, tzinfo=UTC), False, "the notice for 2040 is not known"),
    ],
)
def test_holidays_that_are_not_announced(
    gridfield: Gridfield, tmp_path: Path, days: str, travel: datetime, well: bool, said: str
) -> None:
    path = tmp_path / "days.toml"
    path.write_text(f"[days]\n{days}\n")
    with time_machine.travel(travel, tick=True):
        done = gridfield("doctor", GRIDFIELD_CALENDAR=str(path))
    assert said in done.stdout
    assert f"[{'正常' if well else '异常'}] 节假日 / holidays" in done.stdout


def test_a_calendar_that_cannot_be_read(gridfield: Gridfield, tmp_path: Path) -> None:
    path = tmp_path / "days.toml"
    assert "[异常] 节假日" in gridfield("doctor", GRIDFIELD_CALENDAR=str(path)).stdout
    path.write_text('[days]\n2027-02-30 = "off"\n')
    told = gridfield("doctor", GRIDFIELD_CALENDAR=str(path)).stdout
    assert "GRIDFIELD_CALENDAR" in told
    assert "“2027-02-30” 不是日期 / is no day" in told


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


def test_the_key_that_signs_is_told_by_its_id(gridfield: Gridfield, tmp_path: Path) -> None:
    assert "ledger.ed25519 将在首次使用时生成" in gridfield("doctor").stdout
    assert not (tmp_path / "home" / "ledger.ed25519").exists()
    done = gridfield("doctor", GRIDFIELD_LEDGER_KEY="ab" * 32)
    named = key_id(load_signer(tmp_path, "ab" * 32).public_key)
    assert f"ledger key: GRIDFIELD_LEDGER_KEY, {named}" in done.stdout
    assert "abab" not in done.stdout


def test_signed_heads_beside_the_data_are_no_good_in_production(gridfield: Gridfield, tmp_path: Path) -> None:
    """Whoever owns both could rewrite both."""
    done = gridfield("doctor", GRIDFIELD_ENV="production")
    assert (done.exit_code, "[异常] 外部存证" in done.stdout) == (1, True)
    elsewhere = gridfield("doctor", GRIDFIELD_ENV="production", GRIDFIELD_ANCHOR_DIR=str(tmp_path / "mount"))
    assert "[正常] 外部存证" in elsewhere.stdout


def test_papers_need_an_address_that_people_reach_in_production(gridfield: Gridfield) -> None:
    assert "[正常] 对外网址 / public address: http://" in gridfield("doctor").stdout
    done = gridfield("doctor", GRIDFIELD_ENV="production")
    assert (done.exit_code, "[异常] 对外网址" in done.stdout) == (1, True)
    reached = gridfield("doctor", GRIDFIELD_ENV="production", GRIDFIELD_PUBLIC_URL="https://grid.example")
    assert "[正常] 对外网址 / public address: https://grid.example" in reached.stdout


def test_entries_that_nobody_signs_are_told(gridfield: Gridfield, committing_sessions: sessionmaker[Session]) -> None:
    write(committing_sessions, "yu0225")
    with committing_sessions.begin() as session:
        session.execute(text("alter table field.ledger_entry disable trigger user"))
        session.execute(text("update field.ledger_entry set at = now() - interval '1 hour'"))
    seal_waiting(committing_sessions)
    done = gridfield("doctor")
    assert (done.exit_code, "[异常] 待签名留痕" in done.stdout) == (1, True)
