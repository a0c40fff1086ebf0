"""What can be asked for as features of a map service, and what is answered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from field.queries.crs import CRS84, Crs
from geo.points import Envelope


class Collection(StrEnum):
    """What can be asked for as features."""

    CELLS = "cells"
    DIVISIONS = "divisions"
    COVERAGE = "coverage"


@dataclass(frozen=True)
class Wanted:
    """Which features: those that hold on a day from `first` to `last`, touch a box (if any), and have the values.

    `equal` pairs properties with values; `after` is the (code, first day) that a page begins behind. Without a
    `crs` outlines are answered as WKB in WGS-84, else as GeoJSON.
    """

    collection: Collection
    first: date
    last: date
    today: date
    boxes: tuple[Envelope, ...] = ()
    equal: tuple[tuple[str, str], ...] = ()
    crs: Crs | None = CRS84
    after: tuple[str, date] | None = None
    limit: int = 100


@dataclass(frozen=True)
class Feature:
    """A feature: its name in the collection, its values in the order of the properties, its GeoJSON geometry."""

    id: str
    key: tuple[str, date]
    values: tuple[Any, ...]
    geometry: str | None


@dataclass(frozen=True)
class FeaturePage:
    """One page of features; `more` tells that others follow, also when the page is not full."""

    features: list[Feature]
    more: bool


@dataclass(frozen=True)
class Extent:
    """The box around what the reader may see of a collection, and the first day of it; None where nothing is."""

    box: Envelope | None
    since: date | None


PROPERTIES = {
    Collection.CELLS: (
        "code", "name", "kind", "village_code", "village", "township_code", "township", "county_code", "county",
        "area_m2", "valid_from", "valid_to",
    ),
    Collection.DIVISIONS: ("code", "name", "level", "parent_code", "outline", "valid_from", "valid_to"),
    Collection.COVERAGE: (
        "code", "name", "kind", "cells_on_duty", "workers_on_duty", "open", "overdue", "done",
        "median_hours_to_first_attempt", "last_visit", "as_of",
    ),
}  # fmt: skip
"""What each collection tells of its features, in this order."""
