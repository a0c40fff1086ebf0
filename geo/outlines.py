"""Outlines of divisions, made of their parts: one for each stretch of days on which nothing in them changes."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final, NamedTuple

import shapely

ALWAYS: Final = date.min
"""The beginning of what holds already: nobody draws the map of a day gone by."""

# Parts that do not fit vertex by vertex are joined on a grid of this size, so that no hair-thin gap stays open.
_JOINT_M: Final = 0.01


class Span(NamedTuple):
    """What a division, or a part of one, is from a day until before another; its outline in metres, if it has one."""

    since: date
    until: date | None
    name: str
    cells: int
    outline: Any

    def holds(self, on: date) -> bool:
        """Tell whether it is so on a day."""
        return self.since <= on and (self.until is None or self.until > on)


def spans(own: Sequence[Span], parts: Sequence[Span], day: date) -> list[Span]:
    """Return what a division is on this day and later, in order of days, from its own rows and those of its parts.

    Its declared outline counts, or else that of its parts together; on days without either it is not there.
    """
    edges = {edge for span in (*own, *parts) for edge in (span.since, span.until) if edge is not None and edge > day}
    starts = [ALWAYS, *sorted(edges)]
    found: list[Span] = []
    for since, until in zip(starts, [*starts[1:], None], strict=True):
        on = max(since, day)
        inside = [part for part in parts if part.holds(on)]
        named = next((span for span in own if span.holds(on)), None)
        outline = named.outline if named and named.outline else joined([part.outline for part in inside])
        new = Span(since, until, named.name if named else "", sum(part.cells for part in inside), outline)
        if outline is None:
            continue
        if found and found[-1].until == since and same(found[-1], new):
            found[-1] = found[-1]._replace(until=until)
        else:
            found.append(new)
    return found


def same(one: Span, other: Span) -> bool:
    """Tell whether two are alike but for their days."""
    return (one.name, one.cells) == (other.name, other.cells) and bool(
        shapely.equals_identical(one.outline, other.outline)
    )


def joined(shapes: Sequence[Any]) -> Any:
    """Join parts into one outline, always the same one for the same parts; None without any."""
    if not shapes:
        return None
    try:
        # Ten times as fast as a union, but only for parts that share their borders vertex by vertex.
        whole = shapely.coverage_union_all(shapes)
    except shapely.GEOSException:
        whole = None
    if whole is None or not whole.is_valid:
        whole = shapely.union_all(shapes, grid_size=_JOINT_M)
    return many(whole)


def many(shape: Any) -> Any:
    """Return a polygon or several as a MultiPolygon, normalised."""
    whole = shape if shape.geom_type == "MultiPolygon" else shapely.multipolygons([shape])
    return shapely.normalize(whole)
