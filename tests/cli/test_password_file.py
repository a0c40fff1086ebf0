"""The file of first passwords: on the disk before the commit, gone with what failed, kept when nobody knows."""

from __future__ import annotations

import stat
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.exc import OperationalError

from field.cli.errors import CommandError
from field.cli.password_file import password_file

PASSWORDS = {"w1": "abcdef-ghjkmn-pqrstu"}


def test_written_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    with password_file(path) as write:
        assert path.exists(), "the name is taken before any work is done"
        write(PASSWORDS)
        assert path.read_bytes() == b"login,password\nw1,abcdef-ghjkmn-pqrstu\n", "a \\r would be part of what is typed"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def _fail(path: Path, problem: BaseException, *, filled: bool) -> None:
    with password_file(path) as write:
        if filled:
            write(PASSWORDS)
        raise problem


def test_nobody_new_no_file(tmp_path: Path) -> None:
    for asked in (True, False):
        with password_file(tmp_path / "out.csv") as write:
            if asked:
                write({})
        assert list(tmp_path.iterdir()) == []


def test_no_file_asked_for() -> None:
    with password_file(None) as write:
        write(PASSWORDS)


@pytest.mark.parametrize("filled", [False, True])
def test_a_failure_that_the_database_told_takes_it_along(tmp_path: Path, *, filled: bool) -> None:
    told = OperationalError("commit", None, psycopg.errors.DiskFull())
    with pytest.raises(OperationalError):
        _fail(tmp_path / "out.csv", told, filled=filled)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "lost",
    [OperationalError("commit", None, psycopg.OperationalError(), connection_invalidated=True), KeyboardInterrupt()],
    ids=["connection lost", "interrupted"],
)
def test_an_unknown_end_keeps_it(tmp_path: Path, lost: BaseException) -> None:
    """The accounts may be there, and then nobody else knows their passwords."""
    path = tmp_path / "out.csv"
    with pytest.raises(type(lost)):
        _fail(path, lost, filled=True)
    assert "w1" in path.read_text()


def test_an_interruption_before_that_leaves_none(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), password_file(tmp_path / "out.csv"):
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []


def test_never_over_another_file_nor_through_a_link(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("keep")
    (tmp_path / "link").symlink_to(precious)
    for path in (precious, tmp_path / "link"):
        with pytest.raises(CommandError, match="exists and is not overwritten"), password_file(path):
            raise AssertionError("never entered")
    assert precious.read_text() == "keep"
