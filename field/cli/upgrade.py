"""Bring a database's tables to what this code expects."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from field.models.engine import make_engine

PROJECT = Path(__file__).resolve().parents[2]
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
        with engine.connect() as lock, engine.connect() as connection:
            lock.execute(sa.text("select pg_advisory_lock(:key)"), {"key": LOCK})
            command.upgrade(alembic_config(connection), revision)
    finally:
        engine.dispose()
