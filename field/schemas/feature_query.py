"""What a map client asks of a collection, read from its query: strictly, for a parameter misread is a map misdrawn."""

from __future__ import annotations

import math
import re
from collections.abc import Collection as Names
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime

from field.queries.crs import CRS84, SYSTEMS, Crs, boxes
from field.queries.wanted import Collection, Wanted
from field.rules.calendar import court_day
from field.rules.refusals import Refused
from geo.points import Envelope

MOST, USUAL = 10_000, 100
"""How many features a page may have, and has unless asked otherwise."""
QUERYABLES = {
    Collection.CELLS: ("code", "name", "kind", "village_code", "township_code", "county_code"),
    Collection.DIVISIONS: ("code", "name", "level", "parent_code", "township_code", "county_code"),
    Collection.COVERAGE: ("code", "name", "kind", "village_code", "township_code", "county_code"),
}
"""The properties that a collection can be filtered by, each as a parameter of its own name."""

Query = Mapping[str, Sequence[str]]

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,12})?([Zz]|[+-]\d{2}:\d{2})")
_LIMIT = re.compile(r"[0-9]{1,18}")
_CURSOR = re.compile(r"([0-9]{2,18})_(\d{4}-\d{2}-\d{2})")
_ID = re.compile(r"([0-9]{2,18})(?:@(\d{4}-\d{2}-\d{2}))?")
_LONGEST = 200


def only(query: Query, allowed: Names[str]) -> dict[str, str]:
    """Return each parameter's value; refuse `parameter_unknown` and `parameter_invalid` (400)."""
    for name, values in query.items():
        if name not in allowed:
            raise Refused("parameter_unknown", field=name[:40])
        if len(values) != 1 or len(values[0]) > _LONGEST:
            raise Refused("parameter_invalid", field=name)
    return {name: values[0] for name, values in query.items()}


def read_query(query: Query, collection: Collection, today: date) -> Wanted:
    """Return what the query of a list of features asks for; refuses as `only` does, and `cursor_invalid` (400)."""
    filters = QUERYABLES[collection]
    given = only(query, {"f", "bbox", "bbox-crs", "crs", "datetime", "limit", "cursor", *filters})
    first, last = _days(given["datetime"]) if "datetime" in given else (today, today)
    return Wanted(
        collection=collection,
        first=first,
        last=last,
        today=today,
        boxes=_boxes(given),
        equal=tuple((name, given[name]) for name in filters if name in given),
        crs=system(given, "crs"),
        after=_after(given["cursor"]) if "cursor" in given else None,
        limit=_limit(given["limit"]) if "limit" in given else USUAL,
    )


def read_id(text: str) -> tuple[str, date | None]:
    """Return the code a feature is named by, and the first day if it is one of another time; refuse `not_found`."""
    found = _ID.fullmatch(text)
    if not found:
        raise Refused("not_found")
    try:
        return found[1], date.fromisoformat(found[2]) if found[2] else None
    except ValueError:
        raise Refused("not_found") from None


def written(key: tuple[str, date]) -> str:
    """Return the cursor of the page that begins behind a feature."""
    return f"{key[0]}_{key[1]}"


def system(given: Mapping[str, str], name: str) -> Crs:
    """Return the coordinate system that a parameter names; CRS84, unless it is given."""
    if name not in given:
        return CRS84
    if given[name] not in SYSTEMS:
        raise Refused("parameter_invalid", field=name, allowed=[*SYSTEMS])
    return SYSTEMS[given[name]]


def _boxes(given: Mapping[str, str]) -> tuple[Envelope, ...]:
    crs = system(given, "bbox-crs")
    if "bbox" not in given:
        return ()
    try:
        numbers = [float(part) for part in given["bbox"].split(",")]
        if len(numbers) == 6:  # heights, which nothing here has
            numbers = numbers[:2] + numbers[3:5]
        left, bottom, right, top = numbers
        if not all(map(math.isfinite, numbers)):
            raise ValueError("not finite")
        return boxes((left, bottom, right, top), crs)
    except (ValueError, OverflowError):
        raise Refused("parameter_invalid", field="bbox") from None


def _days(text: str) -> tuple[date, date]:
    """Return the first and last day in China of an instant, or of an interval with at most one open end."""
    start, slash, end = text.partition("/")
    try:
        if not slash:
            return _day(start), _day(start)
        if start in ("", "..") and end in ("", ".."):
            raise ValueError("an interval needs an end")
        first = date.min if start in ("", "..") else _day(start)
        last = date.max if end in ("", "..") else _day(end)
        if first > last:
            raise ValueError("the interval runs backwards")
    except (ValueError, OverflowError):
        raise Refused("parameter_invalid", field="datetime") from None
    return first, last


def _day(text: str) -> date:
    if _DAY.fullmatch(text):
        return date.fromisoformat(text)
    if not _MOMENT.fullmatch(text):
        raise ValueError("neither a date nor a time")
    return court_day(datetime.fromisoformat(text.upper()).astimezone(UTC))


def _limit(text: str) -> int:
    if not _LIMIT.fullmatch(text) or not int(text):
        raise Refused("parameter_invalid", field="limit")
    return min(int(text), MOST)  # more than the most is no error: the standard says so


def _after(text: str) -> tuple[str, date]:
    found = _CURSOR.fullmatch(text)
    try:
        if not found:
            raise ValueError("not of our making")
        return found[1], date.fromisoformat(found[2])
    except ValueError:
        raise Refused("cursor_invalid") from None
