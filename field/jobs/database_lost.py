"""Knowing a lost database from a fault of ours."""

from __future__ import annotations

import sqlalchemy.exc

DATABASE_LOST = (
    sqlalchemy.exc.OperationalError,
    sqlalchemy.exc.InterfaceError,
    sqlalchemy.exc.InternalError,
    sqlalchemy.exc.TimeoutError,
)
"""What a database that went away can raise; anything else is a fault of ours and ends the process."""
