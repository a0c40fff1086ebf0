"""One request, one transaction: return commits, raise undoes, a lost race is run once more."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, TypeVar

import psycopg
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError, OperationalError

from field.http.services import Peek, services

Answer = TypeVar("Answer")
DEADLOCK, SERIALIZATION = "40P01", "40001"


def transaction(view: Callable[..., Answer]) -> Callable[..., Answer]:
    """Call the view with a session as its first argument, inside one transaction."""

    @wraps(view)
    def run(*args: Any, **kwargs: Any) -> Answer:
        try:
            return _once(view, args, kwargs)
        except (IntegrityError, OperationalError) as problem:
            if not _lost_race(problem):
                raise
        return _once(view, args, kwargs)

    return run


def glance(view: Callable[..., Answer]) -> Callable[..., Answer]:
    """Call the view with a session whose every statement is a transaction of its own: for reads of one statement each.

    It saves the round trips of BEGIN and COMMIT; a reader that needs two statements to agree uses `transaction`.
    """

    @wraps(view)
    def run(*args: Any, **kwargs: Any) -> Answer:
        with services().glances() as session:
            return view(session, *args, **kwargs)

    return run


def peeking(engine: Engine) -> Peek:
    """Return what runs one statement on a connection of the engine's pool, without what SQLAlchemy adds to its price.

    Errors are the driver's own, and a connection that failed is not used again.
    """

    def peek(statement: str, values: dict[str, Any]) -> Sequence[Any] | None:
        borrowed = engine.raw_connection()
        driver: Any = borrowed.driver_connection
        try:
            driver.autocommit = True
            row: Sequence[Any] | None = driver.execute(statement, values).fetchone()
            driver.autocommit = False
        except psycopg.Error:
            borrowed.invalidate()
            raise
        finally:
            borrowed.close()
        return row

    return peek


def _once(view: Callable[..., Answer], args: Any, kwargs: Any) -> Answer:
    with services().sessions.begin() as session:
        return view(session, *args, **kwargs)


def _lost_race(problem: IntegrityError | OperationalError) -> bool:
    """A twin's row came first, two writers waited for each other, or the connection had died in the pool.

    Running again is safe: every write is guarded by an id, a key or a version.
    """
    state = getattr(problem.orig, "sqlstate", None)
    return isinstance(problem, IntegrityError) or problem.connection_invalidated or state in (DEADLOCK, SERIALIZATION)
