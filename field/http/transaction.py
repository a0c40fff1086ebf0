"""One request, one transaction: return commits, raise undoes, a lost race is run once more."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from sqlalchemy.exc import IntegrityError, OperationalError

from field.http.services import services

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


def _once(view: Callable[..., Answer], args: Any, kwargs: Any) -> Answer:
    with services().sessions.begin() as session:
        return view(session, *args, **kwargs)


def _lost_race(problem: IntegrityError | OperationalError) -> bool:
    """A twin's row came first, two writers waited for each other, or the connection had died in the pool.

    Running again is safe: every write is guarded by an id, a key or a version.
    """
    state = getattr(problem.orig, "sqlstate", None)
    return isinstance(problem, IntegrityError) or problem.connection_invalidated or state in (DEADLOCK, SERIALIZATION)
