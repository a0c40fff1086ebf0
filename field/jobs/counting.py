"""The counter: keeps the coverage figures within a second of the facts; any number may run, one at a time counts."""

from __future__ import annotations

from datetime import UTC, date, datetime
from threading import Event

import structlog
from sqlalchemy.orm import Session, sessionmaker

from field.jobs.database_lost import DATABASE_LOST
from field.rules.calendar import court_day
from field.usecases.keeping_weeks import tell_missed_week
from field.usecases.refresh_coverage import refresh_coverage

POLL_S = 0.5

_log = structlog.get_logger("field.jobs.counting")


def count_touched(sessions: sessionmaker[Session], now: datetime) -> bool:
    """Count one batch of what changed, in a transaction of its own; tell whether more waits."""
    with sessions.begin() as session:
        done = refresh_coverage(session, now)
    return done is not None and done.more


def tell_missed_weeks(sessions: sessionmaker[Session], now: datetime) -> None:
    """Tell the weeks that nobody kept, each in a transaction of its own."""
    while True:
        with sessions.begin() as session:
            week = tell_missed_week(session, now)
        if week is None:
            return
        _log.debug("coverage_week_estimated", week=week.isoformat())


def keep_counting(sessions: sessionmaker[Session], stop: Event, poll_s: float = POLL_S) -> None:
    """Count until `stop` is set, through loss and return of the database."""
    looked: date | None = None
    while not stop.is_set():
        now = datetime.now(UTC)
        try:
            if count_touched(sessions, now):
                continue
            if looked != court_day(now):
                tell_missed_weeks(sessions, now)
                looked = court_day(now)
        except DATABASE_LOST as problem:
            _log.warning("counting_database_lost", error=type(problem).__name__)
        stop.wait(poll_s)
