"""The file of days that work or rest otherwise than the holiday library knows."""

from __future__ import annotations

import tomllib
from datetime import date

from field.rules.calendar import Calendar
from field.schemas.fields import FIRST_YEAR, LAST_YEAR

KINDS = {"work": True, "off": False}


def read_calendar(text: str) -> Calendar:
    """Read `[days]` with lines such as `2027-01-01 = "off"` or `2027-01-03 = {is = "work", reason = "元旦调休"}`.

    Raises ValueError saying what is wrong; nothing is guessed.
    """
    found = tomllib.loads(text)
    days = found.get("days")
    if set(found) != {"days"} or not isinstance(days, dict):
        raise ValueError("只应有一节 [days] / one section [days] and nothing else")
    return Calendar({_day(day): _works(day, value) for day, value in days.items()})


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"“{text}” 不是日期 / is no day") from None
    if day.isoformat() != text or not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValueError(f"“{text}” 不是 2000–2100 年的日期 / is no day of the years 2000–2100")
    return day


def _works(day: str, value: object) -> bool:
    kind: object = value
    if isinstance(value, dict):
        if set(value) - {"is", "reason"} or not isinstance(value.get("reason", ""), str):
            raise ValueError(f"{day}: 只可有 is 与 reason / may have `is` and `reason` only")
        kind = value.get("is")
    if not isinstance(kind, str) or kind not in KINDS:
        raise ValueError(f"{day}: 须为 work 或 off / must be `work` or `off`")
    return KINDS[kind]
