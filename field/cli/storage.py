"""The database a command works on: reachable, migrated, and opened for as long as the command runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import sqlalchemy as sa
from alembic.script import ScriptDirectory
from alembic.util import CommandError as AlembicError
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session, sessionmaker

from field.cli.cluster import database
from field.cli.errors import CommandError
from field.cli.upgrade import alembic_config, upgrade
from field.config import Settings, calendar_of
from field.models.engine import make_engine
from field.rules.calendar import observe

T = TypeVar("T")

TRIES = 3
RACE_LOST = ("40P01", "40001")
"""Deadlock and serialization failure: a second run may well succeed."""


@dataclass(frozen=True)
class Revision:
    """Which migration a database is at (None: none), which one this code expects, and whether it knows the first."""

    stored: str | None
    head: str | None
    known: bool

    @property
    def behind(self) -> bool:
        """Whether migrations are missing. A database of newer code is fine: each migration works with older code."""
        return self.known and self.stored != self.head


@contextmanager
def storage(settings: Settings, **options: Any) -> Iterator[sessionmaker[Session]]:
    """Give sessions on the database that the settings name; `options` go to its engine.

    An empty database and the private one are migrated on the way. A given one that is behind is left alone:
    when to migrate it is its operator's decision.
    """
    observe(calendar_of(settings))
    with database(settings) as url:
        require_migrated(url, private=settings.database_url is None)
        engine = make_engine(url, **options)
        try:
            yield sessionmaker(engine)
        finally:
            engine.dispose()


def require_migrated(url: str, *, private: bool) -> None:
    """Migrate an empty or a private database; raise CommandError for a given one that is behind."""
    try:
        if must_migrate(revision(url), private=private):
            upgrade(url)
    except OperationalError as problem:
        reason = type(problem.orig).__name__
        raise CommandError(f"数据库无法使用：{reason}", f"the database cannot be used: {reason}") from None


def must_migrate(found: Revision, *, private: bool) -> bool:
    """Say whether to migrate now; raise CommandError where that is somebody else's decision."""
    if found.behind and found.stored is not None and not private:
        raise CommandError(
            f"数据库结构是 {found.stored}，需要 {found.head}：请先运行 gridfield migrate",
            f"the database is at migration {found.stored}, {found.head} is needed: run `gridfield migrate` first",
        )
    return found.behind


def revision(url: str) -> Revision:
    """Return where a database's migrations stand."""
    engine = make_engine(url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        scripts = ScriptDirectory.from_config(alembic_config(connection))
        there = connection.scalar(sa.text("select to_regclass('field.alembic_version') is not null"))
        stored = connection.scalar(sa.text("select version_num from field.alembic_version")) if there else None
    return Revision(stored, scripts.get_current_head(), stored is None or _knows(scripts, stored))


def committed(sessions: sessionmaker[Session], work: Callable[[Session], T], *, dry_run: bool = False) -> T:
    """Do the work in one transaction and commit it, or undo it when it is only a trial; a lost race is run again."""
    for rest in reversed(range(TRIES)):
        try:
            with sessions() as session:
                done = work(session)
                if not dry_run:
                    session.commit()
                return done
        except DBAPIError as problem:
            if not rest or getattr(problem.orig, "sqlstate", None) not in RACE_LOST:
                raise
    raise AssertionError("the last try returns or raises")


def _knows(scripts: ScriptDirectory, stored: str) -> bool:
    try:
        return scripts.get_revision(stored) is not None
    except AlembicError:
        return False
