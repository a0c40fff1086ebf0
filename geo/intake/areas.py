"""Square metres and widths of shapes in degrees, and the few overlays that the checks have in common."""

from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from geo.datum import Degrees

Shapes = NDArray[np.object_]

# What is smaller than this is nobody's fault: neighbours drawn by different hands meet no better.
TOLERANCE_M2: Final = 1.0
# What is thinner on average is a line drawn twice, not an area that somebody claims.
THIN_M: Final = 0.5
_POLYGON: Final = 3
_MULTIPOLYGON: Final = 6


def metres_per_degree(lat: ArrayLike) -> tuple[Degrees, Degrees]:
    """Give the length of a degree of longitude and of latitude at latitudes in degrees, on the WGS-84 ellipsoid.

    The usual series (NGA, Length of a Degree of Latitude and Longitude): good to a centimetre per degree.
    """
    phi = np.radians(lat)
    east = 111412.84 * np.cos(phi) - 93.5 * np.cos(3 * phi) + 0.118 * np.cos(5 * phi)
    north = 111132.92 - 559.82 * np.cos(2 * phi) + 1.175 * np.cos(4 * phi)
    return np.asarray(east), np.asarray(north)


def areas_m2(shapes: ArrayLike) -> Degrees:
    """Measure areas in square metres; within a millionth of the geodesic area for anything of a county's size."""
    array = np.asarray(shapes, dtype=object)
    _, south, _, north = shapely.bounds(array).T
    east_m, north_m = metres_per_degree(np.nan_to_num((south + north) / 2))
    return np.asarray(shapely.area(array) * east_m * north_m)


def widths_m(shapes: ArrayLike) -> Degrees:
    """Measure how wide shapes are on average, in metres: twice the area for each metre of border.

    Lengths are right to half a percent for anything of a county's size.
    """
    array = np.asarray(shapes, dtype=object)
    if not len(array):
        return np.zeros(0)
    _, south, _, north = shapely.total_bounds(array)
    scale = np.column_stack(metres_per_degree([(south + north) / 2]))
    borders = shapely.length(shapely.transform(array, lambda lonlat: lonlat * scale))
    return np.asarray(2 * areas_m2(array) / borders)


def polygons(shape: Any) -> Shapes:
    """List the polygons in a shape of any kind, without the lines and points where areas only touch."""
    parts = shapely.get_parts(shape)
    while np.any(shapely.get_type_id(parts) > _POLYGON):
        parts = shapely.get_parts(parts)
    kept: Shapes = parts[shapely.get_type_id(parts) == _POLYGON]
    return kept


def areal(shapes: Shapes) -> Shapes:
    """Keep of each shape its polygons only."""
    mixed = np.flatnonzero(~np.isin(shapely.get_type_id(shapes), (_POLYGON, _MULTIPOLYGON)))
    shapes[mixed] = [shapely.multipolygons(polygons(shape)) for shape in shapes[mixed]]
    return shapes


def united(shapes: Shapes) -> Any:
    """Unite the shapes of neighbours: in no time where they share their vertices, else by the full overlay."""
    try:
        quick = shapely.coverage_union_all(shapes)
    except shapely.GEOSException:
        return shapely.unary_union(shapes)
    # Overlapping or badly joined input may pass without an error, and then some area is lost or is no shape.
    total = shapely.area(shapes).sum()
    whole = abs(shapely.area(quick) - total) <= 1e-9 * total and shapely.is_valid(quick)
    return quick if whole else shapely.unary_union(shapes)


def holes(shapes: ArrayLike) -> tuple[Shapes, NDArray[np.intp]]:
    """List the holes of polygons and multipolygons as polygons, and of which shape each is."""
    parts, owners = shapely.get_parts(np.asarray(shapes, dtype=object), return_index=True)
    holed = np.flatnonzero(shapely.get_num_interior_rings(parts))
    rings, part_of = shapely.get_rings(parts[holed], return_index=True)
    # The first ring of each part is the outer one.
    inner = np.flatnonzero(np.diff(part_of, prepend=-1) == 0)
    return shapely.polygons(rings[inner]), owners[holed[part_of[inner]]]


def places_in(shapes: ArrayLike) -> list[tuple[float, float]]:
    """Give a point that lies in each shape, as longitude and latitude."""
    points = shapely.point_on_surface(np.asarray(shapes, dtype=object))
    return [(lon, lat) for lon, lat in shapely.get_coordinates(points).tolist()]


def place_in(shape: Any) -> tuple[float, float]:
    """Give a point that lies in a shape, as longitude and latitude."""
    return places_in([shape])[0]
