"""Passwords found right are remembered briefly, in memory, and nobody else's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from field.vault.remembered import KEPT, MOST, Remembered

NOW = datetime(2026, 6, 10, tzinfo=UTC)


def test_for_five_minutes_and_for_that_password_alone() -> None:
    remembered = Remembered()
    remembered.keep("a", "secret", 7, "hash", NOW)
    assert remembered.find("a", "secret", NOW + KEPT - timedelta(seconds=1)) == (7, "hash")
    assert remembered.find("a", "secret", NOW + KEPT) is None
    for login, password in (("a", "Secret"), ("as", "ecret"), ("a\0secret", ""), ("", "a\0secret"), ("b", "secret")):
        assert remembered.find(login, password, NOW) is None


def test_neither_names_nor_passwords_are_held() -> None:
    remembered, other = Remembered(), Remembered()
    for each in (remembered, other):
        each.keep("somebody", "secret", 7, "hash", NOW)
    held = str(vars(remembered))
    assert "somebody" not in held
    assert "secret" not in held
    assert remembered._found.keys().isdisjoint(other._found.keys()), "each process has a key of its own"


def test_it_does_not_grow_for_ever() -> None:
    remembered = Remembered()
    for number in range(MOST + 5):
        remembered.keep("a", str(number), number, "hash", NOW)
    assert len(remembered._found) <= MOST
    assert remembered.find("a", str(MOST + 4), NOW) == (MOST + 4, "hash")
    remembered.keep("b", "x", 1, "hash", NOW + KEPT)
    assert len(remembered._found) == 1


def test_odd_text_is_no_error() -> None:
    remembered = Remembered()
    remembered.keep("\ud800", "\0", 1, "hash", NOW)
    assert remembered.find("\ud800", "\0", NOW) == (1, "hash")
