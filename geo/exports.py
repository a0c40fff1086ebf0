"""Files of cells and divisions for others: GeoPackage or GeoJSON, in any datum, written chunk by chunk."""

import errno
import json
import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Protocol, Self

import numpy as np
import pyogrio
import shapely
from numpy.typing import NDArray

from geo.datum import from_wgs84
from geo.points import Datum

_SYSTEMS: Final = {
    Datum.WGS84: ("EPSG:4326", "urn:ogc:def:crs:OGC:1.3:CRS84"),
    Datum.CGCS2000: ("EPSG:4490", "urn:ogc:def:crs:EPSG::4490"),
}
# GCJ-02 and BD-09 are offsets, not systems: no number names them, and a wrong one would hide half a kilometre.
# Named as a system of no known place, nothing turns them into another by itself.
_NOWHERE: Final = """ENGCRS["{datum} (an offset from WGS 84, no geodetic system)", EDATUM["{datum}"], CS[Cartesian, 2],
    AXIS["longitude", east], AXIS["latitude", north], LENGTHUNIT["degree", 0.0174532925199433]]"""
_TYPES: Final[dict[type, str]] = {str: "object", int: "int64", float: "float64", date: "datetime64[D]"}
_EMPTY: Final[dict[type, Any]] = {str: "", int: 0, float: 0.0, date: date(1970, 1, 1)}

Shapes = NDArray[np.object_]


@dataclass(frozen=True)
class Column:
    """A column of a file: its name, and what its values are: str, int, float or date; any may be missing."""

    name: str
    type: type


@dataclass(frozen=True)
class Layer:
    """What a file holds: the layer's name, its columns, the datum of its coordinates, the day it shows."""

    name: str
    columns: tuple[Column, ...]
    datum: Datum
    day: date

    @property
    def told(self) -> tuple[Column, ...]:
        """The columns, and the datum of each row where the file's coordinate system cannot name it."""
        return self.columns if self.datum in _SYSTEMS else (*self.columns, Column("datum", str))


@dataclass(frozen=True)
class Chunk:
    """Some rows, each a value for every column, and their outlines as WKB in WGS-84 (None: there is none)."""

    rows: Sequence[Sequence[Any]]
    outlines: Sequence[bytes | None]


class _Writer(Protocol):
    def __init__(self, path: Path, layer: Layer) -> None: ...
    def add(self, rows: Sequence[Sequence[Any]], shapes: Shapes) -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None: ...


def write_file(path: Path, layer: Layer, chunks: Iterable[Chunk]) -> int:
    """Write a file of the kind its ending says, whole or not at all; return how many features it has.

    What stood there before is replaced at the end. Raises OSError, and KeyError for an ending not in ENDINGS.
    """
    writer, ending = _WRITERS[path.suffix.lower()], path.suffix.lower()
    part, count = path.with_name(f".{path.stem}.{os.getpid()}.part{ending}"), 0
    part.touch()  # whether the folder can be written to is told before any work
    try:
        with writer(part, layer) as file:
            for chunk in chunks:
                file.add(_rows(chunk, layer), _turned(chunk.outlines, layer.datum))
                count += len(chunk.rows)
        part.replace(path)
    finally:
        for left in (part, Path(f"{part}-journal")):
            with suppress(FileNotFoundError):
                left.unlink()
    return count


def _rows(chunk: Chunk, layer: Layer) -> Sequence[Sequence[Any]]:
    return chunk.rows if layer.told is layer.columns else [[*row, layer.datum.value] for row in chunk.rows]


def _turned(outlines: Sequence[bytes | None], datum: Datum) -> Shapes:
    shapes: Shapes = shapely.from_wkb(np.array(outlines, dtype=object))
    if datum in _SYSTEMS:
        return shapes
    turned: Shapes = shapely.transform(
        shapes, lambda lonlat: np.column_stack(from_wgs84(lonlat[:, 0], lonlat[:, 1], datum))
    )
    return turned


class _GeoPackage:
    """Appends to a layer of a GeoPackage, and says in its metadata what no column can."""

    def __init__(self, path: Path, layer: Layer) -> None:
        self._path, self._layer, self._begun = path, layer, False

    def add(self, rows: Sequence[Sequence[Any]], shapes: Shapes) -> None:
        layer = self._layer
        system, _ = _SYSTEMS.get(layer.datum, (_NOWHERE.format(datum=layer.datum.value), None))
        told = {"datum": layer.datum.value, "day": layer.day.isoformat()}
        missing = [np.array([row[n] is None for row in rows], dtype=bool) for n in range(len(layer.told))]
        _written(
            self._path,
            shapely.to_wkb(shapes),
            [self._values(rows, n) for n in range(len(layer.told))],
            [column.name for column in layer.told],
            field_mask=missing,
            layer=layer.name,
            driver="GPKG",
            geometry_type="MultiPolygon",
            crs=system,
            append=self._begun,
            # Version 1.2, because Debian's QGIS warns of what came later.
            **({} if self._begun else {"layer_metadata": told, "VERSION": "1.2"}),
        )
        self._begun = True

    def _values(self, rows: Sequence[Sequence[Any]], n: int) -> NDArray[Any]:
        kind = self._layer.told[n].type
        values = [_EMPTY[kind] if row[n] is None else row[n] for row in rows]
        return np.array(values, dtype=_TYPES[kind])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        if not self._begun and kind is None:
            self.add([], np.array([], dtype=object))


class _GeoJson:
    """Writes the members of a FeatureCollection as text, feature by feature."""

    def __init__(self, path: Path, layer: Layer) -> None:
        self._layer, self._between = layer, ""
        self._file = path.open("w", encoding="utf-8")

    def add(self, rows: Sequence[Sequence[Any]], shapes: Shapes) -> None:
        names = [column.name for column in self._layer.told]
        for row, shape in zip(rows, shapely.to_geojson(shapely.orient_polygons(shapes)), strict=True):
            facts = json.dumps(dict(zip(names, map(_plain, row), strict=True)), ensure_ascii=False)
            feature = f'{{"type": "Feature", "properties": {facts}, "geometry": {shape or "null"}}}'
            self._file.write(f"{self._between}\n{feature}")
            self._between = ","

    def __enter__(self) -> Self:
        layer, (_, system) = self._layer, _SYSTEMS.get(self._layer.datum, (None, None))
        head = {
            "type": "FeatureCollection",
            "name": layer.name,
            # Null, not absent: without it coordinates are WGS-84. Not every program heeds that; each row tells too.
            "crs": {"type": "name", "properties": {"name": system}} if system else None,
            "datum": layer.datum.value,
            "day": layer.day.isoformat(),
        }
        self._file.write(f'{json.dumps(head, ensure_ascii=False)[:-1]}, "features": [')
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        with self._file as file:
            file.write("\n]}\n")


_WRITERS: Final[dict[str, type[_Writer]]] = {".gpkg": _GeoPackage, ".geojson": _GeoJson}
ENDINGS: Final = tuple(_WRITERS)


def _written(*what: Any, **how: Any) -> None:
    try:
        pyogrio.raw.write(*what, **how)
    except pyogrio.errors.DataSourceError as error:
        raise OSError(errno.EIO, str(error)) from error


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
