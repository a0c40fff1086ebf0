"""The database a command works on: migrated where that is nobody's decision, and asked again after a lost race."""

from __future__ import annotations

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, sessionmaker

from field.cli.errors import CommandError
from field.cli.storage import Revision, committed, must_migrate, require_migrated, revision
from field.models import SignInFailure
from field.models.engine import make_engine
from tests.builders import NOON
from tests.database import Databases
from tests.usecases.importing import rows_of


def at(url: str, stored: str) -> None:
    """Pretend that a database is at this migration."""
    engine = make_engine(url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.execute(sa.text("update field.alembic_version set version_num = :stored"), {"stored": stored})


def test_an_empty_database_is_migrated(databases: Databases) -> None:
    with databases.empty() as url:
        assert revision(url).behind
        require_migrated(url, private=False)
        assert not revision(url).behind


def test_one_that_is_up_to_date_is_left_alone(database_url: str) -> None:
    before = revision(database_url)
    require_migrated(database_url, private=False)
    assert revision(database_url) == before
    assert before.stored == before.head


def test_one_of_newer_code_is_fine(database_url: str) -> None:
    """Each migration works with the code that ran before it."""
    at(database_url, "9999")
    require_migrated(database_url, private=False)
    assert revision(database_url).stored == "9999"


def test_a_given_one_that_is_behind_is_its_operators_decision() -> None:
    behind = Revision("0001", "0002", known=True)
    assert must_migrate(behind, private=True)
    with pytest.raises(CommandError, match="at migration 0001, 0002 is needed: run `gridfield migrate` first"):
        must_migrate(behind, private=False)


def test_a_database_that_goes_away_meanwhile_is_one_line() -> None:
    with pytest.raises(CommandError, match="the database cannot be used: OperationalError"):
        require_migrated("postgresql+psycopg://nobody@127.0.0.1:1/nowhere", private=False)


def test_a_lost_race_is_run_again(committing_sessions: sessionmaker[Session]) -> None:
    tries = []

    def work(session: Session) -> str:
        tries.append(session)
        session.add(SignInFailure(subject="w1", failures=1, since=NOON))
        session.flush()
        if len(tries) < 3:
            raise OperationalError("update", None, psycopg.errors.DeadlockDetected())
        return "done"

    assert committed(committing_sessions, work) == "done"
    with committing_sessions() as session:
        assert rows_of(session, SignInFailure) == [1]


@pytest.mark.parametrize(("fault", "tries"), [(psycopg.errors.DeadlockDetected(), 3), (psycopg.errors.DiskFull(), 1)])
def test_but_not_for_ever_and_not_for_anything(
    committing_sessions: sessionmaker[Session], fault: psycopg.Error, tries: int
) -> None:
    asked = []

    def work(session: Session) -> None:
        asked.append(session)
        raise OperationalError("update", None, fault)

    with pytest.raises(OperationalError):
        committed(committing_sessions, work)
    assert len(asked) == tries


def test_a_trial_is_undone(committing_sessions: sessionmaker[Session]) -> None:
    def work(session: Session) -> int:
        session.add(SignInFailure(subject="w1", failures=1, since=NOON))
        session.flush()
        return rows_of(session, SignInFailure)[0]

    assert committed(committing_sessions, work, dry_run=True) == 1
    with committing_sessions() as session:
        assert rows_of(session, SignInFailure) == [0]
