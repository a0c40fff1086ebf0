"""`gridfield verify`: every chain, and the place of every change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from field.cli import main
from field.jobs.anchoring import anchor_waiting
from field.jobs.sealing import seal_waiting
from field.ledger.record import Entry, record
from field.ledger.seal import seal_chain
from field.vault.signing import load_signer
from tests.cli.conftest import Gridfield
from tests.jobs.conftest import write
from tests.ledger.lived import SIGNER, live, write_key


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


@pytest.fixture
def signed(sealed: sessionmaker[Session], tmp_path: Path) -> sessionmaker[Session]:
    """The two chains under signed heads, with their lines in the home."""
    home = tmp_path / "home"
    later = datetime.now(UTC) + timedelta(minutes=11)
    assert anchor_waiting(sealed, load_signer(home, None), home / "anchors", later) == 2
    return sealed


def test_how_far_it_is_signed(gridfield: Gridfield, signed: sessionmaker[Session]) -> None:
    assert "yu0225：3 条完好 / 3 entries intact, signed up to 3, " in gridfield("verify").stdout


CUT = "delete from field.ledger_entry where chain = 'yu0225' and seq >= 2"
HEADS = "delete from field.anchor where chain = 'yu0225'"


@pytest.mark.parametrize("statements", [(CUT,), (CUT, HEADS)])
def test_a_tail_cut_off_or_an_old_copy_put_back(
    gridfield: Gridfield, signed: sessionmaker[Session], statements: tuple[str, ...]
) -> None:
    """The lines outside the database remember."""
    with signed.begin() as session:
        session.execute(text("alter table field.anchor disable trigger user"))
    for statement in statements:
        tamper(signed, statement)
    done = gridfield("verify")
    assert done.exit_code == 1
    assert "yu0225 entry 2: from here on entries were signed and are gone" in done.stdout
    assert "system：1 条完好" in done.stdout


def test_a_whole_chain_that_is_gone(gridfield: Gridfield, signed: sessionmaker[Session]) -> None:
    with signed.begin() as session:
        session.execute(text("alter table field.anchor disable trigger user"))
    tamper(signed, HEADS)
    tamper(signed, "delete from field.ledger_entry where chain = 'yu0225'")
    assert "yu0225 entry 1: from here on entries were signed and are gone" in gridfield("verify").stdout


def test_a_line_outside_that_says_something_else(
    gridfield: Gridfield, signed: sessionmaker[Session], tmp_path: Path
) -> None:
    log = tmp_path / "home" / "anchors" / "yu0225.jsonl"
    log.write_bytes(log.read_bytes().replace(b'"hash":"', b'"hash":"0'))
    assert "yu0225 entry 3: the line outside the database says something else" in gridfield("verify").stdout
    log.write_text("no line\n")
    assert "yu0225 line 1: this line outside the database cannot be read" in gridfield("verify").stdout


def test_heads_signed_before_the_key_changed(
    gridfield: Gridfield, signed: sessionmaker[Session], tmp_path: Path
) -> None:
    """They are of another key until the former public key is kept beside the new one."""
    pem = gridfield("verify", "--public-key").stdout
    assert pem.startswith("-----BEGIN PUBLIC KEY-----")
    done = gridfield("verify", GRIDFIELD_LEDGER_KEY="ab" * 32)
    assert (done.exit_code, "the signed head is of another key" in done.stdout) == (1, True)
    (tmp_path / "home" / "ledger.former.pem").write_text(pem)
    assert gridfield("verify", GRIDFIELD_LEDGER_KEY="ab" * 32).exit_code == 0


def test_emptied_details_are_named_until_an_entry_tells_of_their_erasing(
    gridfield: Gridfield, sealed: sessionmaker[Session]
) -> None:
    with sealed.begin() as session:
        session.execute(text("update field.ledger_entry set salt = null, details = null where seq = 2"))
    done = gridfield("verify")
    assert (done.exit_code, "yu0225 entry 2: its details are gone" in done.stdout) == (1, True)
    with sealed.begin() as session:
        record(session, Entry("yu0225", "user:1", "entry.erased", "task:1", 1, {"seq": 2}))
        seal_chain(session, "yu0225")
    done = gridfield("verify")
    assert (done.exit_code, "yu0225：依法删除明细 1 条 / details of 1 entries erased" in done.stdout) == (0, True)


def test_originals_are_read_when_asked_to(
    gridfield: Gridfield, committing_sessions: sessionmaker[Session], tmp_path: Path
) -> None:
    with committing_sessions.begin() as session:
        lived = live(session, tmp_path / "lived", 2)
    settings = {
        "GRIDFIELD_EVIDENCE_STORE": lived.store.folder.as_uri(),
        "GRIDFIELD_ANCHOR_DIR": str(lived.trust.folder),
        "GRIDFIELD_LEDGER_KEY": SIGNER.seed.hex(),
    }
    done = gridfield("verify", "--objects", **settings)
    assert (done.exit_code, "2/2" in done.stderr) == (0, True), done.output
    first, second = lived.photos.values()
    first.write_bytes(b"another")
    second.unlink()
    assert gridfield("verify", **settings).exit_code == 0
    done = gridfield("verify", "--objects", **settings)
    assert done.exit_code == 1
    assert "the sealed original was changed" in done.stdout
    assert "the sealed original is gone" in done.stdout


def test_a_bundle_is_checked_without_a_database(session: Session, tmp_path: Path) -> None:
    lived = live(session, tmp_path / "lived")
    path, key = tmp_path / "bundle.zip", write_key(tmp_path)
    path.write_bytes(lived.bundle(lived.tasks[0]))
    nowhere = {"GRIDFIELD_DATABASE_URL": "postgresql+psycopg://nobody@127.0.0.1:1/nowhere"}
    asked = ["verify", "--bundle", str(path), "--key", str(key), "--anchors", str(lived.log)]
    done = CliRunner().invoke(main, asked, env=nowhere)
    assert (done.exit_code, done.stdout.splitlines()[-1]) == (0, "证据包完好 / the bundle is whole")
    done = CliRunner().invoke(main, asked[:3], env=nowhere)
    assert (done.exit_code, "who made it is proved only with --key" in done.stdout.splitlines()[-1]) == (0, True)
    path.write_bytes(path.read_bytes().replace("敲门".encode(), "敲窗".encode()))
    done = CliRunner().invoke(main, asked, env=nowhere)
    assert (done.exit_code, "facts.json: its content was changed" in done.stdout) == (1, True)
    assert CliRunner().invoke(main, ["verify", "--bundle", str(tmp_path / "none")], env=nowhere).exit_code == 2
