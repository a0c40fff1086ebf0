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
    """Measure how wide shapes are on average, in metres: twice the area for each metre of border."""
    array = np.asarray(shapes, dtype=object)
    areas = areas_m2(array)
    borders = shapely.length(in_metres(array))
    widths: Degrees = np.divide(2 * areas, borders, out=np.zeros_like(areas), where=borders > 0)
    return widths


def in_metres(shapes: Any) -> Any:
    """Stretch shapes in degrees so that lengths come out in metres, to half a percent within a county."""
    bounds = shapely.total_bounds(np.asarray(shapes, dtype=object))
    east_m, north_m = metres_per_degree(np.nan_to_num((bounds[1] + bounds[3]) / 2))
    return shapely.transform(shapes, lambda lonlat: lonlat * np.array([float(east_m), float(north_m)]))


def polygons(shape: Any) -> Shapes:
    """List the polygons in a shape of any kind, without the lines and points where areas only touch."""
    parts = shapely.get_parts(shape)
    while np.any(shapely.get_type_id(parts) > 3):
        parts = shapely.get_parts(parts)
    kept: Shapes = parts[shapely.get_type_id(parts) == 3]
    return kept


def areal(shapes: Shapes) -> Shapes:
    """Keep of each shape its polygons only, as one multipolygon."""
    return np.array([shapely.multipolygons(polygons(shape)) for shape in shapes], dtype=object)


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


def holes(shape: Any) -> Shapes:
    """List the holes of a polygon or multipolygon as polygons."""
    rings = [
        shapely.get_interior_ring(part, nth)
        for part in polygons(shape)
        for nth in range(shapely.get_num_interior_rings(part))
    ]
    return np.array([shapely.polygons(ring) for ring in rings], dtype=object)


def place_in(shape: Any) -> tuple[float, float]:
    """Give a point that lies in the largest part of a shape, as longitude and latitude."""
    parts = polygons(shape)
    largest = parts[int(np.argmax(shapely.area(parts)))]
    point = shapely.point_on_surface(largest)
    return float(point.x), float(point.y)
