"""The work of the demo: cases, and tasks of every kind in every state, each with the story of how it got there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from itertools import count, cycle
from random import Random
from typing import Any
from uuid import UUID, uuid5

import shapely

from field.cli.demo import texts
from field.cli.demo.people import COURT_NO, HOME, Roster
from field.cli.demo.town import COUNTY, NAMES, NEIGHBOUR, TOWNSHIP, Town
from field.models import PartyRole
from field.rules.calendar import CHINA, court_day
from field.rules.release import RELEASABLE
from field.rules.tasks import TaskKind, TaskState
from field.usecases.create_case import CreateCase, NewParty
from geo.datum import from_wgs84
from geo.points import Datum, Point, point

CASES = 40
KINDS = tuple(TaskKind)
BUSY, BUSY_NEXT_DOOR = 7, 2
IDS = UUID("6f0c2c1e-9a64-4d0b-8f55-0d3a5e9f7c21")
"""Where ids of demo things are derived from, so that the same seed mints the same ones."""


class Scene(StrEnum):
    """What can happen to a task, in the words of its players: court, coordinator, workers."""

    ASK = "ask"
    ACCEPT = "accept"
    DECLINE = "decline"
    CLAIM = "claim"
    TRY = "try"
    REPORT = "report"
    RETURN = "return"
    CLOSE = "close"
    WITHDRAW = "withdraw"
    TAKE_BACK = "take_back"
    GIVE = "give"


@dataclass(frozen=True)
class Spot:
    """Where a task is: the code its people are found by, an address in words, and the point in some datum."""

    code: str
    address: str
    point: Point


@dataclass(frozen=True)
class PlannedTask:
    """A task, the case and party it is about, what happens to it when, and where that ends."""

    id: UUID
    kind: TaskKind
    state: TaskState
    spot: Spot
    case: int
    party: NewParty
    priority: int
    release: frozenset[str]
    scenes: tuple[tuple[Scene, datetime], ...]


@dataclass(frozen=True)
class Work:
    """All cases and tasks."""

    cases: tuple[CreateCase, ...]
    tasks: tuple[PlannedTask, ...]


Script = tuple[tuple[Scene, int], ...]
"""What happens to a task, and how many days ago; 0 is the moment of loading."""

_S = Scene
SCRIPTS: dict[TaskState, Script] = {
    TaskState.DRAFT: ((_S.ASK, 1),),
    TaskState.UNPLACED: ((_S.ASK, 3),),
    TaskState.OPEN: ((_S.ASK, 2),),
    TaskState.ASSIGNED: ((_S.ASK, 0),),
    TaskState.CLAIMED: ((_S.ASK, 4), (_S.TAKE_BACK, 2), (_S.CLAIM, 0)),
    TaskState.ACCEPTED: ((_S.ASK, 2), (_S.ACCEPT, 0)),
    TaskState.IN_PROGRESS: ((_S.ASK, 6), (_S.ACCEPT, 5), (_S.TRY, 4), (_S.TRY, 0)),
    TaskState.REPORTED: ((_S.ASK, 8), (_S.ACCEPT, 7), (_S.TRY, 5), (_S.REPORT, 0)),
    TaskState.RETURNED: ((_S.ASK, 9), (_S.ACCEPT, 8), (_S.REPORT, 3), (_S.RETURN, 0)),
    TaskState.CLOSED: ((_S.ASK, 14), (_S.ACCEPT, 13), (_S.TRY, 11), (_S.REPORT, 9), (_S.CLOSE, 8)),
    TaskState.WITHDRAWN: ((_S.ASK, 10), (_S.ACCEPT, 9), (_S.WITHDRAW, 7)),
}
"""Of the ten busy cells every one meets ASSIGNED or RETURNED, so its worker is promised a look at the very moment of
loading: a promise from last week alone would be given up as too old."""
TAKEN_BACK: Script = ((_S.ASK, 3), (_S.TAKE_BACK, 1))
DECLINED: Script = ((_S.ASK, 5), (_S.DECLINE, 0))
GIVEN_BY_HAND: Script = ((_S.ASK, 4), (_S.GIVE, 1), (_S.ACCEPT, 0))
LONG_AGO = 9
"""Days that every fifth story began earlier: past the term of most kinds."""


def plan_work(town: Town, roster: Roster, named: Iterator[str], now: datetime, rng: Random) -> Work:
    """Plan some sixty tasks on forty cases; the same seed and moment, the same plan."""
    cases = tuple(_case(number, named, rng) for number in range(1, CASES + 1))
    planner = _Planner(town, roster, cases, now, rng)
    return Work(cases, tuple(planner.tasks()))


def _case(number: int, named: Iterator[str], rng: Random) -> CreateCase:
    parties = [NewParty(next(named), PartyRole.CREDITOR), NewParty(next(named), PartyRole.DEBTOR)]
    if number % 8 == 0:
        parties.append(NewParty(rng.choice(texts.COMPANIES), PartyRole.THIRD_PARTY))
    kind = rng.choice(("执", "执", "执", "执恢", "执保"))
    return CreateCase(f"（2099）豫{COURT_NO}{kind}{number}号", rng.choice(texts.CAUSES), tuple(parties))


class _Planner:
    """Deals kinds, states, cells, datums and cases out, so that each meets each."""

    def __init__(self, town: Town, roster: Roster, cases: Sequence[CreateCase], now: datetime, rng: Random) -> None:
        self._town, self._roster, self._cases, self._now, self._rng = town, roster, cases, now, rng
        self._shapes = {cell.code: cell.shape for cell in town.cells}
        self._numbers = count(1)
        self._datums = cycle(Datum)
        attended = [code for code in roster.first if code != HOME]
        busy = rng.sample([code for code in attended if code.startswith(TOWNSHIP)], BUSY)
        next_door = rng.sample([code for code in attended if code.startswith(NEIGHBOUR)], BUSY_NEXT_DOOR)
        self._busy = cycle([HOME, *busy, *next_door])
        self._left_alone = cycle(roster.unattended)

    def tasks(self) -> Iterator[PlannedTask]:
        """Every kind in every state; then those closed long ago, and three whose way was not straight."""
        for row, (state, script) in enumerate(SCRIPTS.items()):
            # Rotated from row to row, so that a cell meets other kinds each time.
            for column, kind in enumerate([*KINDS[row % 5 :], *KINDS[: row % 5]]):
                yield self._task(kind, state, _earlier(script, LONG_AGO if (row + column) % 5 == 0 else 0))
        for kind, days in zip(TaskKind, (1, 4, 11, 16, 19), strict=True):
            yield self._task(kind, TaskState.CLOSED, _earlier(SCRIPTS[TaskState.CLOSED], days))
        yield self._task(TaskKind.SERVE, TaskState.OPEN, TAKEN_BACK, HOME)
        yield self._task(TaskKind.REMIND, TaskState.ASSIGNED, DECLINED, HOME)
        yield self._task(TaskKind.LOCATE, TaskState.ACCEPTED, GIVEN_BY_HAND, self._roster.unattended[0])

    def _task(self, kind: TaskKind, state: TaskState, script: Script, cell: str | None = None) -> PlannedTask:
        number = next(self._numbers)
        case = number % CASES
        wanted = PartyRole.CREDITOR if kind is TaskKind.PETITION else PartyRole.DEBTOR
        return PlannedTask(
            id=uuid5(IDS, f"task {number}"),
            kind=kind,
            state=state,
            spot=self._spot(state, cell),
            case=case,
            party=next(party for party in self._cases[case].parties if party.role is wanted),
            priority=self._rng.choice((1, 2, 2, 3)),
            # Now and then the court keeps the case number to itself.
            release=RELEASABLE if number % 4 else RELEASABLE - {"case_no"},
            scenes=tuple((scene, self._moment(ago, nth)) for nth, (scene, ago) in enumerate(script)),
        )

    def _moment(self, days_ago: int, nth: int) -> datetime:
        """A time so many days ago: the court asks at nine, the rest follows in office hours; today is now."""
        if not days_ago:
            return self._now
        day = court_day(self._now) - timedelta(days=days_ago)
        return datetime.combine(day, time(9 + nth * 2, self._rng.randrange(60) if nth else 0), CHINA)

    def _spot(self, state: TaskState, cell: str | None) -> Spot:
        """Find a place: outside all cells for the unplaced, with nobody on duty for the open, else a busy cell."""
        if state is TaskState.UNPLACED:
            lonlat = self._outside()
            return Spot(TOWNSHIP, f"{NAMES[COUNTY]}{NAMES[TOWNSHIP]}界外砖窑旁", self._point(*lonlat))
        code = cell or next(self._left_alone if state is TaskState.OPEN else self._busy)
        lonlat = _inside(self._shapes[code].buffer(-0.0003), self._rng)
        where = "".join(self._town.divisions[code[:length]] or "" for length in (6, 9, 12))
        return Spot(code, f"{where}{self._rng.randint(1, 180)}号", self._point(*lonlat))

    def _outside(self) -> tuple[float, float]:
        ground = self._town.outline
        return _inside(ground.buffer(0.008).difference(ground.buffer(0.003)), self._rng)

    def _point(self, lon: float, lat: float) -> Point:
        """The place as some device or map site would give it: datums take turns."""
        datum = next(self._datums)
        raw_lon, raw_lat = from_wgs84(lon, lat, datum)
        return point(round(float(raw_lon), 7), round(float(raw_lat), 7), datum, self._rng.choice((None, 8.0, 15.0)))


def _earlier(script: Script, days: int) -> Script:
    """The same story begun so many days earlier; what happens today still does."""
    return tuple((scene, ago + days if ago else 0) for scene, ago in script)


def nearby(place: Point, rng: Random) -> Point:
    """Return where a phone might think it is when it is there: some twenty metres off."""
    lon, lat = place.lon + rng.uniform(-2e-4, 2e-4), place.lat + rng.uniform(-2e-4, 2e-4)
    return point(round(lon, 7), round(lat, 7), Datum.WGS84, accuracy_m=float(rng.randint(6, 40)))


def _inside(area: Any, rng: Random) -> tuple[float, float]:
    west, south, east, north = area.bounds
    while True:
        lon, lat = rng.uniform(west, east), rng.uniform(south, north)
        if shapely.contains_xy(area, lon, lat):
            return lon, lat
