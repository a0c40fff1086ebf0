"""Made-up cells in files, as a county would send them."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import shapely

VILLAGE = "410225001001"
DRIVERS = {".gpkg": "GPKG", ".shp": "ESRI Shapefile", ".geojson": "GeoJSON", ".fgb": "FlatGeobuf"}


def square(column: int, row: int = 0) -> Any:
    """Draw one square of a checkerboard east of 114.8 and north of 34.8; neighbours share their sides exactly."""
    west, east = (11480 + column) / 100, (11481 + column) / 100
    south, north = (3480 + row) / 100, (3481 + row) / 100
    return shapely.box(west, south, east, north)


def alone(polygon: Any) -> Any:
    """Put a polygon as it is stored: a multipolygon in canonical order."""
    return shapely.normalize(shapely.multipolygons([polygon]))


def code(number: int, village: str = VILLAGE) -> str:
    """Make up a cell code."""
    return f"{village}{number:03d}"


def attributes(count: int, **columns: str | Sequence[str]) -> dict[str, Sequence[str]]:
    """Make up the attributes of so many cells; a plain text stands in every row."""
    rows: dict[str, Any] = {
        "code": [code(n) for n in range(1, count + 1)],
        "name": [f"第{n}网格" for n in range(1, count + 1)],
        "village_code": VILLAGE,
        "village": "柳园村",
        "township_code": VILLAGE[:9],
        "township": "河口镇",
        "county_code": VILLAGE[:6],
        "county": "兰考县",
    }
    rows |= columns
    return {key: [value] * count if isinstance(value, str) else value for key, value in rows.items()}


def write(
    path: Path,
    shapes: Sequence[Any],
    columns: Mapping[str, Sequence[Any]] | None = None,
    crs: str | None = "EPSG:4490",
    **options: Any,
) -> Path:
    """Write shapes with made-up attributes as the kind of file that the path's ending says."""
    columns = columns if columns is not None else attributes(len(shapes))
    shapefile = path.suffix == ".shp"
    pyogrio.raw.write(
        path,
        shapely.to_wkb(np.array(shapes, dtype=object)),
        [np.array(column, dtype=object if isinstance(column[0], str) else None) for column in columns.values()],
        [name[:10] if shapefile else name for name in columns],
        geometry_type=options.pop("geometry_type", "Unknown"),
        crs=crs,
        driver=DRIVERS[path.suffix],
        **options,
    )
    return path


def zipped(shapefile: Path, folder: str = "") -> Path:
    """Pack a Shapefile's parts into one archive beside them."""
    target = shapefile.with_suffix(".zip")
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in sorted(shapefile.parent.glob(f"{shapefile.stem}.*")):
            if part != target:
                archive.write(part, f"{folder}{part.name}")
    return target


def placemarks(path: Path, shapes: Sequence[Any], columns: Mapping[str, Sequence[Any]] | None = None) -> Path:
    """Write shapes with made-up attributes as KML, as Google Earth's descendants do: heights of zero everywhere."""
    columns = columns if columns is not None else attributes(len(shapes))
    rows = (
        "".join(f'<Data name="{key}"><value>{values[nth]}</value></Data>' for key, values in columns.items())
        for nth in range(len(shapes))
    )
    marks = (
        f"<Placemark><name>{nth}</name><ExtendedData>{row}</ExtendedData>{_kml(shape)}</Placemark>"
        for nth, (row, shape) in enumerate(zip(rows, shapes, strict=True))
    )
    body = f'<kml xmlns="http://www.opengis.net/kml/2.2"><Document><Folder><name>网格</name>{"".join(marks)}'
    path.write_text(f'<?xml version="1.0" encoding="UTF-8"?>\n{body}</Folder></Document></kml>')
    return path


def _kml(shape: Any) -> str:
    if shape.geom_type == "MultiPolygon":
        return f"<MultiGeometry>{''.join(map(_kml, shape.geoms))}</MultiGeometry>"
    rings = [("outer", shape.exterior), *(("inner", ring) for ring in shape.interiors)]
    sides = (
        f"<{side}BoundaryIs><LinearRing><coordinates>{' '.join(f'{x!r},{y!r},0' for x, y in ring.coords)}"
        f"</coordinates></LinearRing></{side}BoundaryIs>"
        for side, ring in rings
    )
    return f"<Polygon>{''.join(sides)}</Polygon>"
