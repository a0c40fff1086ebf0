"""The shapes of a file: judged, turned into WGS-84 and put into one canonical order, never repaired."""

import re
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.datum import Degrees, from_wgs84, to_wgs84
from geo.intake.findings import Finding, Place
from geo.points import Datum, Envelope

Shapes = NDArray[np.object_]

# A cell traced from imagery has some hundreds of vertices; more than this is an outline of something else.
MAX_VERTICES: Final = 20_000
_POLYGON: Final = 3
_MULTIPOLYGON: Final = 6
_SQUARE_METRE: Final = 1e-10  # in square degrees, near enough for "hardly anything"
_AT: Final = re.compile(r"(?P<reason>[^\[]+)\[(?P<lon>\S+) (?P<lat>\S+)\]")


@np.errstate(invalid="ignore")  # a NaN among the coordinates is found and named below
def take(blobs: Shapes, datum: Datum, envelope: Envelope) -> tuple[Shapes, dict[int, Finding]]:
    """Turn WKB into WGS-84 multipolygons, and name the first fault of each shape that cannot be a cell.

    Answers the shapes, in the order of `blobs`, and the findings by index; a shape with a finding is not to
    be used. The shapes are normalised (order of parts, rings and vertices) so that equal areas compare equal.
    """
    shapes = shapely.from_wkb(blobs, on_invalid="ignore")
    faults = _faults(blobs, shapes, envelope)
    sound = np.flatnonzero(faults == "")
    shapes[sound] = _turned(shapes[sound], datum)
    faults[sound] = np.select(
        [~shapely.is_valid(shapes[sound]), shapely.area(shapes[sound]) < _SQUARE_METRE],
        ["shape_invalid", "shape_too_small"],
        default="",
    )
    findings = {int(i): _finding(str(faults[i]), shapes[i], datum) for i in np.flatnonzero(faults != "")}
    good = np.flatnonzero(faults == "")
    shapes[good] = _canonical(shapes[good])
    return shapes, findings


def _faults(blobs: Shapes, shapes: Shapes, envelope: Envelope) -> Shapes:
    west, south, east, north = shapely.bounds(shapes).T
    kinds = shapely.get_type_id(shapes)
    given = np.array([blob is not None for blob in blobs], dtype=bool)
    tests = {
        "shape_unreadable": given & shapely.is_missing(shapes),
        "shape_missing": ~given | shapely.is_empty(shapes),
        "shape_not_polygon": (kinds != _POLYGON) & (kinds != _MULTIPOLYGON),
        "shape_3d": shapely.has_z(shapes) | shapely.has_m(shapes),
        "shape_too_detailed": shapely.get_num_coordinates(shapes) > MAX_VERTICES,
        "axes_swapped": _within(envelope, south, west, north, east),
        "shape_outside_area": ~_within(envelope, west, south, east, north),
    }
    return np.select(list(tests.values()), list(tests), default="").astype(object)


def _within(envelope: Envelope, west: Degrees, south: Degrees, east: Degrees, north: Degrees) -> Any:
    return (west >= envelope.west) & (south >= envelope.south) & (east <= envelope.east) & (north <= envelope.north)


def _turned(shapes: Shapes, datum: Datum) -> Shapes:
    if datum in (Datum.WGS84, Datum.CGCS2000):
        return shapes
    turned: Shapes = shapely.transform(
        shapes, lambda lonlat: np.column_stack(to_wgs84(lonlat[:, 0], lonlat[:, 1], datum))
    )
    return turned


def _canonical(shapes: Shapes) -> Shapes:
    single = np.flatnonzero(shapely.get_type_id(shapes) == _POLYGON)
    shapes[single] = shapely.multipolygons(shapes[single], indices=np.arange(len(single)))
    normal: Shapes = shapely.set_srid(shapely.normalize(shapes), 4326)
    return normal


def _finding(code: str, shape: Any, datum: Datum) -> Finding:
    facts: dict[str, Any] = {}
    place = _first_vertex(shape)
    if code == "shape_invalid":
        facts["reason"], place = _reason(shape, datum)
    elif code == "shape_not_polygon":
        facts["kind"] = shape.geom_type
    elif code == "shape_too_detailed":
        facts |= {"vertices": shapely.get_num_coordinates(shape), "limit": MAX_VERTICES}
    return Finding(code, place=place, facts=facts)


def _first_vertex(shape: Any) -> Place | None:
    vertices = shapely.get_coordinates(shape)
    return _place(*vertices[0]) if len(vertices) else None


def _place(lon: float, lat: float) -> Place | None:
    return (float(lon), float(lat)) if np.isfinite([lon, lat]).all() else None


def _reason(shape: Any, datum: Datum) -> tuple[str, Place | None]:
    """Ask GEOS why and where a shape is not valid; the place in the file's own datum, to be found there."""
    said = _AT.fullmatch(shapely.is_valid_reason(shape))
    assert said is not None
    lon, lat = from_wgs84(float(said["lon"]), float(said["lat"]), datum)
    return said["reason"], _place(float(lon), float(lat))
