"""Settings: read once, checked, and told without their secrets."""

from __future__ import annotations

from pathlib import Path

import pytest

from field.config import HENAN, SettingsError, described, load


def test_without_any_setting_it_is_a_development_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A home below the folder one stands in, the log channel, Henan."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GRIDFIELD_HOME", raising=False)
    settings = load()
    assert (settings.home, settings.database_url, settings.port) == (tmp_path / "var", None, 8080)
    assert (settings.channels, settings.envelope, settings.production) == (("log",), HENAN, False)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ENV", "staging"),
        ("PORT", "0"),
        ("PORT", "65536"),
        ("PORT", "eighty"),
        ("WORKERS", "0"),
        ("THREADS", "-1"),
        ("OPEN_TASK_LIMIT", "0"),
        ("CHANNELS", "log,pigeon"),
        ("CHANNELS", "fcm"),
        ("SECRET_KEY", "short"),
        ("SECRET_KEY", "g" * 64),
        ("ENVELOPE", "1,2,3"),
        ("ENVELOPE", "116,31,110,36"),
        ("ENVELOPE", "west,31,116,36"),
    ],
)
def test_what_makes_no_sense_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    """One line with the variable in it."""
    monkeypatch.setenv(f"GRIDFIELD_{name}", value)
    with pytest.raises(SettingsError, match=name if name != "CHANNELS" else "CHANNELS|FCM_CREDENTIALS"):
        load()


def test_secrets_are_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the key nor the database's password."""
    monkeypatch.setenv("GRIDFIELD_SECRET_KEY", "ab" * 32)
    monkeypatch.setenv("GRIDFIELD_DATABASE_URL", "postgresql+psycopg://me:made-up@db/gridfield")
    told = {variable: value for variable, value, _ in described(load())}
    assert told["GRIDFIELD_SECRET_KEY"] == told["GRIDFIELD_DATABASE_URL"] == "•••"
    assert told["GRIDFIELD_ENVELOPE"] == "110.3,31.33,116.7,36.42"
    assert "made-up" not in str(told)


def test_an_emulator_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """With it, firebase-admin would skip authentication."""
    assert not load().emulated
    monkeypatch.setenv("FIREBASE_AUTH_EMULATOR_HOST", "localhost:9099")
    assert load().emulated
