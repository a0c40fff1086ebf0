"""`gridfield verify`: every chain, and the place of every change."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from field.jobs.sealing import seal_waiting
from tests.cli.conftest import Gridfield
from tests.jobs.conftest import write


@pytest.fixture
def sealed(committing_sessions: sessionmaker[Session]) -> sessionmaker[Session]:
    """Two chains, of three entries and of one."""
    write(committing_sessions, "yu0225", "yu0225", "system", "yu0225")
    seal_waiting(committing_sessions)
    return committing_sessions


def tamper(sessions: sessionmaker[Session], statement: str) -> None:
    """Change the ledger as its owner could: with the guard switched off."""
    with sessions.begin() as session:
        for each in ("disable", "enable"):
            session.execute(text(f"alter table field.ledger_entry {each} trigger user"))
            if each == "disable":
                session.execute(text(statement))


def test_intact(gridfield: Gridfield, sealed: sessionmaker[Session]) -> None:
    """A line for each chain, with the hash that stands for all of it."""
    done = gridfield("verify")
    assert done.exit_code == 0
    system, court = done.stdout.splitlines()
    assert system.startswith("system：1 条完好 / 1 entries intact, ")
    assert court.startswith("yu0225：3 条完好 / 3 entries intact, ")
    assert len(court.split()[-1]) == 64
    assert "4/4" in done.stderr


def test_empty(gridfield: Gridfield) -> None:
    done = gridfield("verify")
    assert (done.exit_code, done.stdout, done.stderr) == (0, "留痕还是空的 / the ledger is empty\n", "")


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        (
            "update field.ledger_entry set action = 'x' where chain = 'yu0225' and seq = 2",
            "entry 2: the entry was changed",
        ),
        ("update field.ledger_entry set details = '{\"a\": 1}' where seq = 3", "entry 3: its details were changed"),
        ("delete from field.ledger_entry where chain = 'yu0225' and seq = 2", "entry 2: an entry is missing"),
        (
            "update field.ledger_entry set prev = hash where chain = 'yu0225' and seq = 2",
            "entry 2: does not follow from the entry before",
        ),
    ],
)
def test_the_place_of_a_change(gridfield: Gridfield, sealed: sessionmaker[Session], statement: str, said: str) -> None:
    """Exit status 1; the other chain is found intact."""
    tamper(sealed, statement)
    done = gridfield("verify")
    assert done.exit_code == 1
    assert f"yu0225 {said}" in done.stdout
    assert "system：1 条完好" in done.stdout


def test_a_long_list_is_cut_and_counted(gridfield: Gridfield, committing_sessions: sessionmaker[Session]) -> None:
    write(committing_sessions, *["yu0225"] * 30)
    seal_waiting(committing_sessions)
    tamper(committing_sessions, "update field.ledger_entry set version = 9")
    lines = gridfield("verify").stdout.splitlines()
    assert len(lines) == 21
    assert lines[-1] == "yu0225：共 30 处异常 / 30 faults in 30 entries"
