"""A file of cells as a table: GeoPackage, Shapefile (plain or zipped) or GeoJSON, read through pyogrio."""

import math
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyogrio
from numpy.typing import NDArray

from geo.intake import encoding
from geo.intake.archive import unpacked
from geo.intake.findings import Finding, refusal

COLUMNS: Final = (
    "code",
    "name",
    "village_code",
    "village",
    "township_code",
    "township",
    "county_code",
    "county",
)
_REQUIRED: Final = ("code", "name")
_DRIVERS: Final = frozenset({"GPKG", "ESRI Shapefile", "GeoJSON"})
_DBF_NAME_LENGTH: Final = 10
_ZIP: Final = b"PK\x03\x04"


@dataclass(frozen=True)
class Table:
    """The rows of a layer: the texts of each known column, the shapes as WKB (or None), the declared CRS."""

    columns: Mapping[str, list[str]]
    shapes: NDArray[np.object_]
    crs: str | None
    notes: tuple[Finding, ...]


def read(path: Path, layer: str | None = None) -> Table:
    """Read one layer of a file, whatever its rows are worth; raises IntakeRefused when that is impossible."""
    if _beginning(path).startswith(_ZIP):
        with unpacked(path, layer) as shapefile:
            return _read(shapefile, None)
    return _read(path, layer)


def _read(path: Path, layer: str | None) -> Table:
    if not _format_known(_beginning(path)):
        raise refusal("file_format_unknown")
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        try:
            table = _read_layer(path, _choose_layer(path, layer))
        except UnicodeDecodeError as error:
            raise refusal("file_encoding") from error
        # pyogrio's errors are kinds of RuntimeError and ValueError with no base of their own.
        except (RuntimeError, ValueError, OSError) as error:
            raise refusal("file_unreadable", reason=str(error)) from error
    texts = dict.fromkeys(str(warning.message) for warning in heard)
    notes = tuple(Finding("reader_warned", facts={"text": text}) for text in texts)
    return Table(table.columns, table.shapes, table.crs, notes)


def _beginning(path: Path) -> bytes:
    try:
        if not path.is_file():
            raise refusal("file_missing", path=path)
        with path.open("rb") as file:
            start = file.read(512)
    except OSError as error:
        raise refusal("file_unreadable", reason=error.strerror) from error
    if not start:
        raise refusal("file_empty")
    return start


def _format_known(start: bytes) -> bool:
    """Tell by its first bytes whether GDAL may see a file: some formats make it open yet other files."""
    geopackage = start.startswith(b"SQLite format 3\0") and start[68:70] == b"GP"
    shapefile = start.startswith(b"\x00\x00\x27\x0a")
    geojson = start.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{")
    return geopackage or shapefile or geojson


def _choose_layer(path: Path, layer: str | None) -> str:
    names = [str(name) for name, geometry in pyogrio.list_layers(path) if geometry is not None]
    if layer is not None and layer not in names:
        raise refusal("layer_missing", layer=layer, layers=", ".join(names))
    if layer is None and len(names) > 1:
        raise refusal("layer_ambiguous", layers=", ".join(names))
    if not names:
        raise refusal("layer_empty")
    return layer or names[0]


def _read_layer(path: Path, layer: str) -> Table:
    info = pyogrio.read_info(path, layer=layer)
    if info["driver"] not in _DRIVERS:
        raise refusal("file_format_unknown")
    shapefile = info["driver"] == "ESRI Shapefile"
    named = _match([str(field) for field in info["fields"]])
    meta, _, shapes, values = pyogrio.raw.read(
        path, layer=layer, columns=list(named), encoding=encoding.RAW if shapefile else None
    )
    if not len(shapes):
        raise refusal("layer_empty")
    for column in _REQUIRED:
        if column not in named.values():
            raise refusal("column_missing", column=column, found=", ".join(info["fields"]))
    columns = {named[str(field)]: _texts(column) for field, column in zip(meta["fields"], values, strict=True)}
    if shapefile:
        columns = _decoded(columns, encoding.encodings(path))
    return Table(columns, shapes, meta["crs"], ())


def _match(fields: list[str]) -> dict[str, str]:
    """Find the field of each known column, in any case, and cut to ten letters as a Shapefile cuts it."""
    given = {field.casefold(): field for field in fields}
    found = {}
    for column in COLUMNS:
        field = given.get(column) or given.get(column[:_DBF_NAME_LENGTH])
        if field is not None:
            found[field] = column
    return found


def _texts(values: Iterable[Any]) -> list[str]:
    return [_text(value) for value in values]


def _text(value: Any) -> str:
    # A column of codes may be stored as numbers: fifteen digits fit a double exactly, and NaN is its null.
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def _decoded(columns: dict[str, list[str]], tried: tuple[str, ...]) -> dict[str, list[str]]:
    together = encoding.decode([text for texts in columns.values() for text in texts], tried)
    if together is None:
        raise refusal("file_encoding")
    remaining = iter(together)
    return {column: [next(remaining) for _ in texts] for column, texts in columns.items()}
