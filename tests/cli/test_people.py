"""`gridfield people`: import, password, suspend, resume."""

from __future__ import annotations

import csv
import stat
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session, sessionmaker

from field.models import LedgerEntry, User
from field.queries.people import find_actor_by_login
from field.vault.passwords import is_first, matches
from tests.builders import make_division_tree
from tests.cli.conftest import Gridfield, one_line
from tests.schemas.rows import PERSON, csv_file
from tests.usecases.importing import rows_of, user

COORDINATOR = {"role": "coordinator", "cell_codes": "", "division_code": "410225001"}


@pytest.fixture
def file(tmp_path: Path, committing_sessions: sessionmaker[Session]) -> Path:
    """A file of two coordinators, in a database that knows their township."""
    with committing_sessions.begin() as session:
        make_division_tree(session, "410225001")
    path = tmp_path / "people.csv"
    path.write_bytes(csv_file(PERSON, {**COORDINATOR, "login": "k1"}, {**COORDINATOR, "login": "k2"}))
    return path


def test_imported_with_first_passwords(
    gridfield: Gridfield, file: Path, tmp_path: Path, committing_sessions: sessionmaker[Session]
) -> None:
    """They open the accounts, nobody else can read them, and no second import says them again."""
    out = tmp_path / "passwords.csv"
    done = gridfield("people", "import", file, "--passwords", out)
    assert (done.exit_code, done.stderr) == (0, "")
    assert "2 人：新增 2" in done.stdout
    assert "2 people: 2 new, 0 changed, 0 unchanged" in done.stdout
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    with out.open() as lines:
        passwords = {row["login"]: row["password"] for row in csv.DictReader(lines)}
    assert passwords.keys() == {"k1", "k2"}
    with committing_sessions() as session:
        stored = user(session, "k2").password_hash
        assert is_first(stored)
        assert matches(stored, passwords["k2"])
    again = gridfield("people", "import", file, "--passwords", tmp_path / "none.csv")
    assert "2 people: 0 new, 0 changed, 2 unchanged" in again.stdout
    assert not (tmp_path / "none.csv").exists()


def test_without_passwords_it_says_how_to_set_one(gridfield: Gridfield, file: Path) -> None:
    done = gridfield("people", "import", file)
    (line,) = done.stdout.splitlines()
    assert "2 accounts have no password: gridfield people password LOGIN" in line


def test_a_trial_changes_nothing(
    gridfield: Gridfield, file: Path, tmp_path: Path, committing_sessions: sessionmaker[Session]
) -> None:
    done = gridfield("people", "import", file, "--passwords", tmp_path / "out.csv", "--dry-run")
    assert "dry run, nothing changed: 2 people: 2 new" in done.stdout
    assert not (tmp_path / "out.csv").exists()
    with committing_sessions() as session:
        assert rows_of(session, User, LedgerEntry) == [0, 0]


def test_all_faults_then_one_line(
    gridfield: Gridfield, file: Path, tmp_path: Path, committing_sessions: sessionmaker[Session]
) -> None:
    file.write_bytes(
        csv_file(PERSON, {**COORDINATOR, "phone": "1"}, {**COORDINATOR, "login": "k2", "division_code": "4199"})
    )
    done = gridfield("people", "import", file, "--passwords", tmp_path / "out.csv")
    assert (done.exit_code, done.stdout) == (2, "")
    phone, division, last = done.stderr.splitlines()
    assert phone.startswith("第 2 行，phone：不是 11 位手机号码 / row 2, phone:")
    assert last.endswith("2 faults, nothing was changed")
    assert "row 3, division_code: there is no division 4199" in division
    assert not (tmp_path / "out.csv").exists()
    with committing_sessions() as session:
        assert rows_of(session, User) == [0]


def test_a_long_list_is_cut_and_counted(gridfield: Gridfield, file: Path) -> None:
    file.write_bytes(csv_file(PERSON, *({**COORDINATOR, "login": f"k{n}", "phone": "1"} for n in range(70))))
    lines = gridfield("people", "import", file).stderr.splitlines()
    assert len(lines) == 51
    assert "70 faults, the first 50 are above, nothing was changed" in lines[-1]


def test_an_existing_password_file_is_never_overwritten(
    gridfield: Gridfield, file: Path, tmp_path: Path, committing_sessions: sessionmaker[Session]
) -> None:
    out = tmp_path / "passwords.csv"
    out.write_text("precious")
    assert "exists and is not overwritten" in one_line(gridfield("people", "import", file, "--passwords", out))
    assert out.read_text() == "precious"
    with committing_sessions() as session:
        assert rows_of(session, User) == [0]


def test_a_password_file_that_cannot_be_made(gridfield: Gridfield, file: Path, tmp_path: Path) -> None:
    missing = tmp_path / "nowhere" / "out.csv"
    assert "cannot write" in one_line(gridfield("people", "import", file, "--passwords", missing))


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("missing.csv", None, "No such file or directory"),
        ("", None, "Is a directory"),
        ("empty.csv", b"", "the file is empty"),
        ("gbk.csv", "姓名\n张三".encode("gbk"), "save it as “CSV UTF-8”"),
        ("header.csv", b"login,name\n", "4 faults, nothing was changed"),
        ("quotes.csv", b'login,"name\n', "quotes do not match"),
    ],
)
def test_no_such_file(gridfield: Gridfield, tmp_path: Path, name: str, content: bytes | None, said: str) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    done = gridfield("people", "import", path)
    assert (done.exit_code, done.stdout) == (2, "")
    assert said in done.stderr.splitlines()[-1]


def test_a_file_too_large_is_not_opened(gridfield: Gridfield, tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    with path.open("wb") as file:
        file.truncate(257 * 2**20)
    assert "is larger than 256 MB" in one_line(gridfield("people", "import", path))


def test_a_failed_transaction_takes_the_passwords_with_it(
    gridfield: Gridfield, file: Path, tmp_path: Path, committing_sessions: sessionmaker[Session]
) -> None:
    """Here it fails at the commit itself, when the file is written already."""
    with committing_sessions.begin() as session:
        session.execute(
            text(
                "create function field.fail() returns trigger language plpgsql as "
                "$$ begin raise exception 'disk full' using errcode = '53100'; end $$"
            )
        )
        session.execute(
            text(
                'create constraint trigger fail after insert on field."user" deferrable initially deferred '
                "for each row execute function field.fail()"
            )
        )
    out = tmp_path / "out.csv"
    assert "the database failed (53100); nothing was changed" in one_line(
        gridfield("people", "import", file, "--passwords", out)
    )
    assert not out.exists()


def test_a_password_from_standard_input(
    gridfield: Gridfield, file: Path, committing_sessions: sessionmaker[Session]
) -> None:
    gridfield("people", "import", file)
    done = gridfield("people", "password", "k1", typed="correct horse battery\n")
    assert (done.exit_code, done.stderr) == (0, "")
    assert "correct horse" not in done.output
    with committing_sessions() as session:
        assert matches(user(session, "k1").password_hash, "correct horse battery")


@pytest.mark.parametrize(
    ("login", "typed", "said"),
    [("k1", "short\n", "at least|10"), ("k1", "", "10"), ("k9", "correct horse\n", "not there")],
    ids=["too short", "none", "unknown"],
)
def test_a_password_refused(gridfield: Gridfield, file: Path, login: str, typed: str, said: str) -> None:
    gridfield("people", "import", file)
    line = one_line(gridfield("people", "password", login, typed=typed))
    assert any(words in line for words in said.split("|"))


def test_suspended_and_resumed(gridfield: Gridfield, file: Path, committing_sessions: sessionmaker[Session]) -> None:
    gridfield("people", "import", file)
    for command, active in (("suspend", False), ("suspend", False), ("resume", True)):
        assert gridfield("people", command, "k1").exit_code == 0
        with committing_sessions() as session:
            assert (find_actor_by_login(session, "k1") is not None) is active
    with committing_sessions() as session:
        query = select(LedgerEntry.actor, LedgerEntry.action).where(LedgerEntry.action.like("person.%ed"))
        told = [tuple(row) for row in session.execute(query.order_by(LedgerEntry.id))]
    assert told[2:] == [("system", "person.suspended"), ("system", "person.resumed")]
    assert "not there" in one_line(gridfield("people", "suspend", "k9"))
