"""Making passwords slow to guess: few tries per login and place, more but not many per login."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import case, delete, func
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from field.models import SignInFailure
from field.rules.refusals import Refused

TRIES_FROM_ONE_PLACE = 5
TRIES_FROM_ANYWHERE = 50
"""Ten times more, so that a stranger elsewhere cannot lock a person out with five guesses."""
LOCKED_FOR = timedelta(minutes=15)


def count_guess(session: Session, login: str, address: str, now: datetime) -> None:
    """Count a try before it is judged; refuse `too_many_attempts` (429) beyond the limits.

    The row stays locked until the try is over, so tries at the same moment are counted one by one.
    """
    _count(session, _subjects(login, address), now)


def count_from_place(session: Session, subject: str, address: str, now: datetime) -> None:
    """Count a try at what belongs to nobody, by where it comes from only; refuse `too_many_attempts` (429).

    What is open to everybody must not close to everybody because one stranger guesses from many places.
    """
    _count(session, {f"{subject} {address}": TRIES_FROM_ONE_PLACE}, now)


def _count(session: Session, limits: Mapping[str, int], now: datetime) -> None:
    for subject, limit in limits.items():
        failures, since = _counted(session, subject, now)
        if failures > limit:
            wait = since + LOCKED_FOR - now
            raise Refused("too_many_attempts", retry_after=max(1, int(wait.total_seconds())))


def forget_guesses(session: Session, login: str, address: str | None = None) -> None:
    """Start counting anew: the right password was given from there, or a new one set (then everywhere)."""
    everywhere = func.split_part(SignInFailure.subject, " ", 1) == login
    here = SignInFailure.subject.in_(_subjects(login, address or ""))
    session.execute(delete(SignInFailure).where(everywhere if address is None else here))


def _subjects(login: str, address: str) -> dict[str, int]:
    return {f"{login} {address}": TRIES_FROM_ONE_PLACE, login: TRIES_FROM_ANYWHERE}


def _counted(session: Session, subject: str, now: datetime) -> tuple[int, datetime]:
    over = SignInFailure.since <= now - LOCKED_FOR
    counted = (
        insert(SignInFailure)
        .values(subject=subject, failures=1, since=now)
        .on_conflict_do_update(
            index_elements=[SignInFailure.subject],
            set_={
                "failures": case((over, 1), else_=SignInFailure.failures + 1),
                "since": case((over, now), else_=SignInFailure.since),
            },
        )
        .returning(SignInFailure.failures, SignInFailure.since)
    )
    row = session.execute(counted).one()
    return row.failures, row.since
