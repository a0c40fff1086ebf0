"""The clock: what is due each minute, each hour and each day, whoever runs it first."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Event

import structlog
from sqlalchemy.orm import Session, sessionmaker

from field.jobs.database_lost import DATABASE_LOST
from field.usecases.follow_cells import follow_cells
from field.usecases.forget_old import forget_old
from field.usecases.give_up_gaps import give_up_gaps
from field.usecases.learn_addresses import learn_backlog
from field.usecases.note_passed_terms import note_passed_terms
from field.usecases.remind_seizures import remind_seizures
from field.usecases.tell_follow_ups import tell_follow_ups

LOOK_S = 5.0
USUAL_LIMIT = 30
"""How many open tasks a worker may hold where nobody says."""

_log = structlog.get_logger("field.jobs.housekeeping")


@dataclass(frozen=True)
class Chore:
    """Something done once in each period, and again by another process without harm.

    It is told how many open tasks a worker may hold, in case it gives some.
    """

    name: str
    period: Callable[[datetime], Hashable]
    do: Callable[[Session, datetime, int], object]


def moment(now: datetime) -> Hashable:
    """Name the second: something done at every look."""
    return int(now.timestamp())


def minute(now: datetime) -> Hashable:
    """Name the minute."""
    return int(now.timestamp()) // 60


def hour(now: datetime) -> Hashable:
    """Name the hour."""
    return int(now.timestamp()) // 3600


CHORES = (
    Chore("follow_cells", hour, follow_cells),
    Chore("give_up_gaps", minute, lambda session, now, _limit: give_up_gaps(session, now)),
    Chore("learn_addresses", moment, lambda session, now, _limit: learn_backlog(session, now)),
    Chore("tell_follow_ups", minute, lambda session, now, _limit: tell_follow_ups(session, now)),
    Chore("remind_seizures", minute, lambda session, now, _limit: remind_seizures(session, now)),
    Chore("note_passed_terms", minute, lambda session, now, _limit: note_passed_terms(session, now)),
    Chore("forget_old", hour, lambda session, now, _limit: forget_old(session, now)),
)
"""The cells come first: on the day they change, duties and tasks follow within seconds of midnight.

Each hour again, because a task may have been placed in the very moment in which its cell ended.
"""


def tidy(sessions: sessionmaker[Session], done: dict[str, Hashable], now: datetime, limit: int = USUAL_LIMIT) -> None:
    """Do each chore whose period has changed since it was last done, each in a transaction of its own."""
    for chore in CHORES:
        if done.get(chore.name) == (period := chore.period(now)):
            continue
        with sessions.begin() as session:
            outcome = chore.do(session, now, limit)
        done[chore.name] = period
        if outcome:
            _log.debug("chore_done", chore=chore.name, outcome=str(outcome))


def keep_house(sessions: sessionmaker[Session], stop: Event, look_s: float = LOOK_S, limit: int = USUAL_LIMIT) -> None:
    """Tidy until `stop` is set, through loss and return of the database."""
    done: dict[str, Hashable] = {}
    while not stop.is_set():
        try:
            tidy(sessions, done, datetime.now(UTC), limit)
        except DATABASE_LOST as problem:
            _log.warning("housekeeping_database_lost", error=type(problem).__name__)
        stop.wait(look_s)
