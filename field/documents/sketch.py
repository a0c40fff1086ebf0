"""The small map on a paper, drawn from our own cells: an SVG picture that asks nobody for tiles."""

from __future__ import annotations

from collections.abc import Iterable
from math import hypot

import shapely
from markupsafe import escape

from field.rules.paper_facts import MAP_MM, Outline, Sketch, Spot
from geo.surroundings import degree_m

WIDTH_MM, HEIGHT_MM = MAP_MM
_BARS = (50, 100, 200, 500, 1000, 2000, 5000)
_LETTER_MM = 2.7
_FONT = "Noto Sans CJK SC"


def draw_sketch(sketch: Sketch, task: Spot | None, visit: Spot | None) -> bytes:
    """Return the SVG: cells with their names, where the task is (cross), where the visit was (dot), a scale, north."""
    pen = _Pen(sketch)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH_MM:g} {HEIGHT_MM:g}">',
        f'<rect x="0" y="0" width="{WIDTH_MM:g}" height="{HEIGHT_MM:g}" fill="#fff"/>',
        *(pen.area(each, own=False) for each in sketch.outlines if each.code != sketch.cell_code),
        *(pen.area(each, own=True) for each in sketch.outlines if each.code == sketch.cell_code),
        *pen.names(sketch),
        *(pen.cross(task) if task else ()),
        *(pen.dot(visit) if visit else ()),
        *pen.bar(),
        _NORTH,
        _FRAME,
        "</svg>",
    ]
    return "".join(parts).encode()


_FRAME = (
    f'<rect x="0.2" y="0.2" width="{WIDTH_MM - 0.4:g}" height="{HEIGHT_MM - 0.4:g}" fill="none" stroke="#000" '
    'stroke-width="0.4"/>'
)
_NORTH = (
    f'<path d="M{WIDTH_MM - 7} 10.5 l2 -6 l2 6 l-2 -1.4 z" fill="#000"/>'
    f'<text x="{WIDTH_MM - 5}" y="13.8" font-size="3" text-anchor="middle" font-family="{_FONT}">北</text>'
)


class _Pen:
    """Turns metres and degrees into millimetres on paper, north up."""

    def __init__(self, sketch: Sketch) -> None:
        self._sketch = sketch
        self._mm = WIDTH_MM / (2 * sketch.half_width_m)
        self._by_lon, self._by_lat = degree_m(sketch.lat)

    def _at(self, east: float, north: float) -> tuple[float, float]:
        return round(WIDTH_MM / 2 + east * self._mm, 2), round(HEIGHT_MM / 2 - north * self._mm, 2)

    def _spot(self, spot: Spot) -> tuple[float, float]:
        east = (spot.lon - self._sketch.lon) * self._by_lon
        return self._at(east, (spot.lat - self._sketch.lat) * self._by_lat)

    def area(self, outline: Outline, *, own: bool) -> str:
        """Draw a cell: the task's own in grey with a thick border."""
        path = "".join(f"M{' L'.join(_pair(self._at(*point)) for point in ring)}Z" for ring in outline.rings)
        look = ("#e4e4e4", "0.7") if own else ("none", "0.25")
        return f'<path d="{path}" fill="{look[0]}" fill-rule="evenodd" stroke="#333" stroke-width="{look[1]}"/>'

    def names(self, sketch: Sketch) -> Iterable[str]:
        """Write each cell's name where there is room for it and no other name stands there; the own one first."""
        taken: list[tuple[float, float, float]] = []
        for outline in sorted(sketch.outlines, key=lambda each: (each.code != sketch.cell_code, each.code)):
            place = _widest(outline)
            if place is None:
                continue
            x, y = self._at(place.x, place.y)
            half = len(outline.name) * _LETTER_MM / 2
            fits = half < x < WIDTH_MM - half and _LETTER_MM < y < HEIGHT_MM - 6
            if fits and all(abs(x - a) > half + b or abs(y - c) > _LETTER_MM * 1.3 for a, c, b in taken):
                taken.append((x, y, half))
                weight = "bold" if outline.code == sketch.cell_code else "normal"
                yield (
                    f'<text x="{x:g}" y="{y + 1:g}" font-size="{_LETTER_MM}" text-anchor="middle" '
                    f'font-weight="{weight}" font-family="{_FONT}" fill="#222">{escape(outline.name)}</text>'
                )

    def cross(self, spot: Spot) -> Iterable[str]:
        """Mark where the court's task is."""
        x, y = self._spot(spot)
        yield f'<path d="M{x - 2:g} {y:g}h4M{x:g} {y - 2:g}v4" stroke="#000" stroke-width="0.6" fill="none"/>'

    def dot(self, spot: Spot) -> Iterable[str]:
        """Mark where the visit was, with the circle in which it surely was."""
        x, y = self._spot(spot)
        radius = (spot.accuracy_m or 0) * self._mm
        if 1.2 < radius < HEIGHT_MM:
            yield (
                f'<circle cx="{x:g}" cy="{y:g}" r="{radius:.2f}" fill="none" stroke="#000" stroke-width="0.25" '
                'stroke-dasharray="1 0.8"/>'
            )
        yield f'<circle cx="{x:g}" cy="{y:g}" r="1.3" fill="#000" stroke="#fff" stroke-width="0.35"/>'

    def bar(self) -> Iterable[str]:
        """Draw the scale: a round number of metres, about a fifth of the width."""
        metres = max((each for each in _BARS if each * self._mm <= WIDTH_MM / 4), default=_BARS[0])
        length = round(metres * self._mm, 2)
        told = f"{metres} 米" if metres < 1000 else f"{metres // 1000} 公里"
        x, y = 4, HEIGHT_MM - 3
        yield f'<rect x="2" y="{y - 5.2:g}" width="{length + 17:g}" height="7" fill="#fff" fill-opacity="0.85"/>'
        yield f'<path d="M{x} {y - 2:g}v2h{length:g}v-2" fill="none" stroke="#000" stroke-width="0.5"/>'
        yield f'<text x="{x + length + 1.5:g}" y="{y:g}" font-size="{_LETTER_MM}" font-family="{_FONT}">{told}</text>'


def _pair(point: tuple[float, float]) -> str:
    return f"{point[0]:g} {point[1]:g}"


def _widest(outline: Outline) -> shapely.Point | None:
    """Return a point well inside the largest part of a cell, or None where nothing of it is left to see."""
    shapes = (shapely.Polygon(ring) for ring in outline.rings if len(ring) > 3)
    largest = max(shapes, key=lambda each: each.area, default=None)
    return shapely.point_on_surface(largest) if largest is not None and largest.area else None


def distance_m(one: Spot, other: Spot) -> float:
    """Return how far apart two spots are, in metres, over the short distances between a door and a phone."""
    by_lon, by_lat = degree_m((one.lat + other.lat) / 2)
    return hypot((one.lon - other.lon) * by_lon, (one.lat - other.lat) * by_lat)
