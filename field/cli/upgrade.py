"""Bring a database's tables to what this code expects."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from sqlalchemy.orm import Session

from field.models.engine import make_engine
from field.rules.calendar import court_day
from geo.drawings import draw_missing

PROJECT = Path(__file__).resolve().parents[2]
LOOK_S = 0.2
LOCK = 0x67726964  # "grid": one number that only upgrades take


def alembic_config(connection: sa.Connection) -> Config:
    """Return alembic's configuration, working on this connection."""
    settings = Config(toml_file=PROJECT / "pyproject.toml")
    settings.attributes["connection"] = connection
    return settings


def upgrade(url: str, revision: str = "head") -> None:
    """Apply the missing migrations; a second process that asks meanwhile waits and finds nothing to do."""
    engine = make_engine(url)
    try:
        # The lock has a connection of its own: migrations may commit, or fail, without letting it go.
        with engine.connect() as held, engine.connect() as connection:
            lock = held.execution_options(isolation_level="AUTOCOMMIT")
            # Asked again and again: who waits inside a statement keeps an index from being built concurrently.
            while not lock.scalar(sa.text("select pg_try_advisory_lock(:key)"), {"key": LOCK}):
                time.sleep(LOOK_S)
            command.upgrade(alembic_config(connection), revision)
            if revision == "head":
                _draw(connection)
    finally:
        engine.dispose()


def _draw(connection: sa.Connection) -> None:
    """Draw the cells of a map that is older than its drawings."""
    with Session(connection) as session:
        draw_missing(session, court_day(datetime.now(UTC)))
        session.commit()
