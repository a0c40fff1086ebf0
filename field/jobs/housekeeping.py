"""The clock: what is due each minute, each hour and each day, whoever runs it first."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Event

import structlog
from sqlalchemy.orm import Session, sessionmaker

from field.jobs.database_lost import DATABASE_LOST
from field.rules.calendar import court_day
from field.usecases.follow_cells import follow_cells
from field.usecases.forget_old import forget_old
from field.usecases.give_up_gaps import give_up_gaps

LOOK_S = 5.0

_log = structlog.get_logger("field.jobs.housekeeping")


@dataclass(frozen=True)
class Chore:
    """Something done once in each period, and again by another process without harm."""

    name: str
    period: Callable[[datetime], Hashable]
    do: Callable[[Session, datetime], object]


def minute(now: datetime) -> Hashable:
    """Name the minute."""
    return int(now.timestamp()) // 60


def hour(now: datetime) -> Hashable:
    """Name the hour."""
    return int(now.timestamp()) // 3600


CHORES = (
    Chore("follow_cells", court_day, lambda session, now: follow_cells(session, court_day(now))),
    Chore("give_up_gaps", minute, give_up_gaps),
    Chore("forget_old", hour, forget_old),
)
"""The cells come first: on the day they change, duties and tasks follow within seconds of midnight."""


def tidy(sessions: sessionmaker[Session], done: dict[str, Hashable], now: datetime) -> None:
    """Do each chore whose period has changed since it was last done, each in a transaction of its own."""
    for chore in CHORES:
        if done.get(chore.name) == (period := chore.period(now)):
            continue
        with sessions.begin() as session:
            outcome = chore.do(session, now)
        done[chore.name] = period
        if outcome:
            _log.info("chore_done", chore=chore.name, outcome=str(outcome))


def keep_house(sessions: sessionmaker[Session], stop: Event, look_s: float = LOOK_S) -> None:
    """Tidy until `stop` is set, through loss and return of the database."""
    done: dict[str, Hashable] = {}
    while not stop.is_set():
        try:
            tidy(sessions, done, datetime.now(UTC))
        except DATABASE_LOST as problem:
            _log.warning("housekeeping_database_lost", error=type(problem).__name__)
        stop.wait(look_s)
