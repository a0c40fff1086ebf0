"""The people of the demo: a court, two coordinators, a worker for nearly every cell. All of them are made up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

from field.cli.demo.town import COUNTY, NAMES, NEIGHBOUR, TOWNSHIP, Town
from field.rules.choosing import FIRST, STAND_IN
from field.rules.people import Role
from field.usecases.checking_people import PersonRow

# No court has this code, and no case will have the year 2099 for a while.
COURT, COURT_NAME, COURT_NO = "yu9999", "云汀县人民法院（演示）", "9999"

SURNAMES = "甲乙丙丁戊己庚辛壬癸"
"""The ten heavenly stems: nobody's surname, and everybody sees it."""
GIVEN_NAMES = (
    "志强", "桂英", "秀兰", "建国", "海燕", "春生", "文静", "小禾", "铁柱", "玉梅", "长河", "思远", "云飞", "晓岚",
    "国庆", "腊梅", "满仓", "清扬", "守义", "若水", "向阳", "冬梅", "知行", "望舒", "成林", "素心", "大勇", "可欣",
)  # fmt: skip

PASSWORD = "gridfield-demo"  # noqa: S105  printed for newcomers; production refuses to load the demo at all
UNATTENDED, UNATTENDED_NEXT_DOOR = 3, 1
STAND_INS = 8
SETTLED = timedelta(days=120)
HOME = TOWNSHIP + "001001"
"""The cell that the two demo workers share."""


@dataclass(frozen=True)
class DemoAccount:
    """Somebody a newcomer can sign in as."""

    login: str
    about: str
    password: str = PASSWORD


CLERK = DemoAccount("clerk", "法院书记员 / court clerk (dispatcher)")
COORDINATOR = DemoAccount("coordinator", f"{NAMES[TOWNSHIP]}协调员 / township coordinator")
WORKER = DemoAccount("worker1", "网格员（第一责任）/ grid worker, first")
STAND_IN_WORKER = DemoAccount("worker2", "网格员（替补）/ grid worker, stand-in")
STRANGER = DemoAccount("neighbour", f"邻乡{NAMES[NEIGHBOUR]}协调员 / the next township's")
ADMINISTRATOR = DemoAccount("admin", "管理员 / administrator")
ACCOUNTS = (CLERK, COORDINATOR, WORKER, STAND_IN_WORKER, STRANGER, ADMINISTRATOR)


@dataclass(frozen=True)
class Roster:
    """Who there is; `first` and `stand_in` map cells to logins, `unattended` are the cells that nobody answers for."""

    people: tuple[PersonRow, ...]
    first: dict[str, str]
    stand_in: dict[str, str]
    unattended: tuple[str, ...]


def names(rng: Random) -> Iterator[str]:
    """Yield every name that can be made, in random order, none twice."""
    pool = [surname + given for surname in SURNAMES for given in GIVEN_NAMES]
    return iter(rng.sample(pool, len(pool)))


def enlist(town: Town, named: Iterator[str], today: date, rng: Random) -> Roster:
    """Find people for the town: about 1.1 workers a cell, with a few cells deliberately left to nobody."""
    cells = [cell.code for cell in town.cells]
    gone = [
        *rng.sample([code for code in cells if code.startswith(f"{TOWNSHIP}2")], UNATTENDED),
        *rng.sample([code for code in cells if code.startswith(NEIGHBOUR)], UNATTENDED_NEXT_DOOR),
    ]
    kept = [code for code in cells if code not in gone]
    doubled = [HOME, *rng.sample([code for code in kept if code != HOME], STAND_INS - 1)]
    first = {code: WORKER.login if code == HOME else f"w{code}" for code in kept}
    stand_in = {code: STAND_IN_WORKER.login if code == HOME else f"s{code}" for code in sorted(doubled)}
    duties = [(login, code, FIRST) for code, login in first.items()]
    duties += [(login, code, STAND_IN) for code, login in stand_in.items()]
    rows: list[dict[str, Any]] = [
        *_staff(),
        *(
            {"login": login, "role": Role.WORKER, "division_code": code[:9], "cell_codes": (code,), "rank": rank}
            for login, code, rank in duties
        ),
    ]
    since = today - SETTLED
    people = tuple(
        PersonRow(**row, row=number, display_name=next(named), phone=f"1990000{number:04}", on_duty_from=since)
        for number, row in enumerate(rows, 2)
    )
    return Roster(people, first, stand_in, tuple(sorted(gone)))


def _staff() -> list[dict[str, Any]]:
    court = {"role": Role.DISPATCHER, "court_code": COURT, "court_name": COURT_NAME, "division_code": COUNTY}
    return [
        {"login": CLERK.login, **court},
        {"login": "clerk2", **court},
        {"login": COORDINATOR.login, "role": Role.COORDINATOR, "division_code": TOWNSHIP},
        {"login": STRANGER.login, "role": Role.COORDINATOR, "division_code": NEIGHBOUR},
        {"login": ADMINISTRATOR.login, "role": Role.ADMINISTRATOR},
    ]
