"""The shapes of a file: judged, turned into WGS-84 and put into one canonical order, never repaired."""

import re
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.intake.findings import Finding, Place
from geo.intake.reference import Reference
from geo.points import Envelope

Shapes = NDArray[np.object_]
Flags = NDArray[np.bool_]

# A cell traced from imagery has some hundreds of vertices; more than this is an outline of something else.
MAX_VERTICES: Final = 20_000
_POLYGON: Final = 3
_MULTIPOLYGON: Final = 6
_SQUARE_METRE: Final = 1e-10  # in square degrees, near enough for "hardly anything"
# Bytes of WKB: even with heights and measures there are more vertices in it.
_GIANT: Final = MAX_VERTICES * 64
# Far beyond any coordinate system on earth: arithmetic with what is larger is no use.
_LARGEST: Final = 1e9
# What ArcGIS writes where a vertex has no measure.
_NO_MEASURE: Final = -1e38
_AT: Final = re.compile(r"(?P<reason>[^\[]+)\[(?P<x>\S+) (?P<y>\S+)\]")
# Types of well-known binary: what may hold anything, and what has arcs.
_COLLECTION: Final = 7
_CURVED: Final = range(8, 15)
_LITTLE_ENDIAN: Final = 1


@dataclass(frozen=True)
class Taken:
    """Shapes in WGS-84, the first fault of each that cannot be taken, by index, and how many lost empty heights.

    A sound shape is a normalised multipolygon, so that equal areas compare equal. One with a fault is there as
    far as it can be, as a polygon or whatever it is, or None.
    """

    shapes: Shapes
    faults: dict[int, Finding]
    flattened: int


@np.errstate(invalid="ignore", over="ignore")  # what is no number is found and named
def take(blobs: Shapes, reference: Reference, envelope: Envelope) -> Taken:
    """Turn WKB into WGS-84 multipolygons, and name the first fault of each shape that cannot be stored."""
    blobs, oversized = _without_giants(blobs)
    raw, curved = _parsed(blobs)
    raw, flattened, solid = _flat(raw)
    faults = _unusable(blobs, raw, curved, solid)
    faults[list(oversized)] = "shape_too_detailed"
    usable = np.flatnonzero((faults == "") | (faults == "shape_3d") | (faults == "shape_not_polygon"))
    shapes = np.full(len(raw), None, dtype=object)
    shapes[usable] = _turned(raw[usable], reference)
    judged = np.flatnonzero(faults == "")
    faults[judged] = _misplaced(raw[judged], shapes[judged], reference, envelope)
    placed = np.flatnonzero(faults == "")
    faults[placed] = np.select(
        [~shapely.is_valid(shapes[placed]), shapely.area(shapes[placed]) < _SQUARE_METRE],
        ["shape_invalid", "shape_too_small"],
        default="",
    )
    findings = oversized | {
        int(nth): _finding(str(faults[nth]), raw[nth], shapes[nth], reference)
        for nth in np.flatnonzero(faults != "")
        if nth not in oversized
    }
    good = np.flatnonzero(faults == "")
    shapes[good] = _canonical(shapes[good])
    return Taken(_storable(shapes), findings, flattened)


@np.errstate(invalid="ignore", over="ignore")
def middles(blobs: Shapes) -> NDArray[np.float64]:
    """Give the middles of the shapes' boxes, as the file has them; those without one are left out."""
    raw, _ = _parsed(blobs[[blob is None or len(blob) <= _GIANT for blob in blobs]])
    west, south, east, north = shapely.bounds(raw).T
    found: NDArray[np.float64] = np.column_stack([(west + east) / 2, (south + north) / 2])
    return np.compress(np.isfinite(found).all(axis=1), found, axis=0)


def _without_giants(blobs: Shapes) -> tuple[Shapes, dict[int, Finding]]:
    """Set aside, one after another, what is so large that a chunk of its like would fill the memory."""
    giants = [nth for nth, blob in enumerate(blobs) if blob is not None and len(blob) > _GIANT]
    if not giants:
        return blobs, {}
    rest, findings = blobs.copy(), {}
    for nth in giants:
        shapes, _ = _parsed(blobs[nth : nth + 1])
        findings[nth] = _finding("shape_too_detailed", shapes[0], None, None)
        rest[nth] = None
    return rest, findings


def _parsed(blobs: Shapes) -> tuple[Shapes, Flags]:
    """Read WKB, None for what cannot be read, and tell which shapes have arcs, which GEOS does not take."""
    types = np.array([_type(blob) for blob in blobs], dtype=int)
    curved = np.isin(types, _CURVED)
    plain = blobs.copy()
    plain[curved | (types == _COLLECTION)] = None
    shapes: Shapes = shapely.from_wkb(plain, on_invalid="ignore")
    for nth in np.flatnonzero(types == _COLLECTION):
        try:
            shape = shapely.from_wkb(blobs[nth], on_invalid="ignore")
            shapely.get_coordinates(shape)
            shapes[nth] = shape
        except (NotImplementedError, shapely.errors.GEOSException):
            curved[nth] = True
    return shapes, curved


def _type(blob: bytes | None) -> int:
    if blob is None or len(blob) < 5:
        return 0
    code = int.from_bytes(blob[1:5], "little" if blob[0] == _LITTLE_ENDIAN else "big")
    return (code & 0x0FFFFFFF) % 1000


def _flat(shapes: Shapes) -> tuple[Shapes, int, Flags]:
    """Take heights and measures away where there are none but zeros; the flags tell where there are others."""
    solid = shapely.has_z(shapes) | shapely.has_m(shapes)
    thick = np.flatnonzero(solid)
    if not len(thick):
        return shapes, 0, solid
    values, owner = shapely.get_coordinates(shapes[thick], include_z=True, include_m=True, return_index=True)
    height, measure = values[:, 2], values[:, 3]
    said = ~(np.isnan(height) | (height == 0)) | ~(np.isnan(measure) | (measure == 0) | (measure < _NO_MEASURE))
    heavy = np.bincount(owner, weights=said, minlength=len(thick)) > 0
    shapes = shapes.copy()
    shapes[thick] = shapely.force_2d(shapes[thick])
    solid[thick] = heavy
    return shapes, int((~heavy).sum()), solid


def _unusable(blobs: Shapes, shapes: Shapes, curved: Flags, solid: Flags) -> Shapes:
    kinds = shapely.get_type_id(shapes)
    given = np.array([blob is not None for blob in blobs], dtype=bool)
    tests = {
        "shape_curved": curved,
        "shape_unreadable": given & shapely.is_missing(shapes),
        "shape_missing": ~given | shapely.is_empty(shapes),
        "shape_too_detailed": shapely.get_num_coordinates(shapes) > MAX_VERTICES,
        "shape_not_finite": ~_finite(shapes),
        "shape_not_polygon": (kinds != _POLYGON) & (kinds != _MULTIPOLYGON),
        "shape_3d": solid,
    }
    return np.select(list(tests.values()), list(tests), default="").astype(object)


def _finite(shapes: Shapes) -> Flags:
    vertices, owner = shapely.get_coordinates(shapes, return_index=True)
    strange = ~(np.abs(vertices) < _LARGEST).all(axis=1)
    return ~(np.bincount(owner, weights=strange, minlength=len(shapes)) > 0)


def _turned(shapes: Shapes, reference: Reference) -> Shapes:
    turned: Shapes = shapely.transform(shapes, reference.to_wgs84)
    return turned


def _misplaced(raw: Shapes, turned: Shapes, reference: Reference, envelope: Envelope) -> Shapes:
    faults = np.where(_within(envelope, *shapely.bounds(turned).T), "", "shape_outside_area").astype(object)
    outside = np.flatnonzero(faults != "")
    swapped = _within(envelope, *shapely.bounds(_swapped_boxes(raw[outside], reference)).T)
    faults[outside[swapped]] = "axes_swapped"
    return faults


def _swapped_boxes(raw: Shapes, reference: Reference) -> Shapes:
    """Give the boxes of the shapes as they would lie in WGS-84 if their two axes were the other way round."""
    west, south, east, north = shapely.bounds(raw).T
    corners = [np.column_stack(corner) for corner in ((south, west), (south, east), (north, west), (north, east))]
    boxes: Shapes = shapely.multipoints(np.stack([reference.to_wgs84(corner) for corner in corners], axis=1))
    return boxes


def _within(envelope: Envelope, west: Any, south: Any, east: Any, north: Any) -> Any:
    return (west >= envelope.west) & (south >= envelope.south) & (east <= envelope.east) & (north <= envelope.north)


def _canonical(shapes: Shapes) -> Shapes:
    single = np.flatnonzero(shapely.get_type_id(shapes) == _POLYGON)
    shapes[single] = shapely.multipolygons(shapes[single], indices=np.arange(len(single)))
    normal: Shapes = shapely.normalize(shapes)
    return normal


def _storable(shapes: Shapes) -> Shapes:
    """Leave out what a database cannot index, and say of the rest where on earth it is."""
    shapes[~_finite(shapes)] = None
    located: Shapes = shapely.set_srid(shapes, 4326)
    return located


def _finding(code: str, raw: Any, turned: Any, reference: Reference | None) -> Finding:
    facts: dict[str, Any] = {}
    place = _first_vertex(raw)
    if code == "shape_invalid" and reference is not None:
        facts["reason"], place = _reason(turned, reference)
    elif code == "shape_not_polygon":
        facts["kind"] = raw.geom_type
    elif code == "shape_too_detailed":
        facts |= {"vertices": shapely.get_num_coordinates(raw), "limit": MAX_VERTICES}
    return Finding(code, place=place, facts=facts)


def _first_vertex(shape: Any) -> Place | None:
    vertices = shapely.get_coordinates(shape)
    return _place(*vertices[0]) if len(vertices) else None


def _place(x: float, y: float) -> Place | None:
    return (float(x), float(y)) if np.isfinite([x, y]).all() else None


def _reason(shape: Any, reference: Reference) -> tuple[str, Place | None]:
    """Ask GEOS why and where a shape is not valid; the place in the file's own coordinates, to be found there."""
    said = _AT.fullmatch(shapely.is_valid_reason(shape))
    assert said is not None
    [[x, y]] = reference.from_wgs84(np.array([[float(said["x"]), float(said["y"])]])).tolist()
    return said["reason"], _place(x, y)
