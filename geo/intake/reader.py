"""A file of cells as rows: GeoPackage, Shapefile, GeoJSON, FlatGeobuf or KML, plain or zipped, read once in chunks."""

import math
import re
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeVar

import numpy as np
import pyogrio
from numpy.typing import NDArray

from geo.intake import encoding, kml
from geo.intake.findings import Finding, IntakeRefused, refusal
from geo.intake.formats import DRIVERS, Format
from geo.intake.headings import CUT, Field, matched
from geo.intake.layout import LaidOut, laid_out
from geo.intake.shapes import MAX_VERTICES
from geo.intake.source import Source
from geo.intake.stream import Asked, Rows, rows

# What GDAL says when a single shape is larger than it may hold in memory.
_TOO_LARGE: Final = re.compile("OGR_GEOJSON_MAX_OBJ_SIZE|Too large feature")
_WHERE: Final = re.compile(r"line \d+")
# A chunk of placemarks ends with either.
_ROWS: Final = 4_000
_BYTES: Final = 64 * 2**20
# From here on a float stands for several whole numbers: an eighteen-digit code in it is no longer known.
_EXACT: Final = 2**53

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Chunk:
    """Some rows, the first of them the `first` of the file (from 1): the texts of our columns, the shapes as WKB."""

    first: int
    columns: Mapping[str, list[str]]
    shapes: NDArray[np.object_]


@dataclass(frozen=True)
class Layer:
    """A layer that is being read: the system it declares, how many rows it says to have, what was noted on the way."""

    crs: str | None
    total: int
    chunks: Iterator[Chunk]
    notes: list[Finding] = field(default_factory=list)


@contextmanager
def opened(source: Source) -> Iterator[Layer]:
    """Open one layer of a file, to be read as long as the context lasts.

    Raises IntakeRefused when that is impossible, also from the layer's chunks while they are read.
    """
    with laid_out(source.path, source.layer) as file:
        heard: dict[str, None] = {}
        layer = _heard(heard, file, lambda: (_placemarks if file.format is Format.KML else _features)(file, source))
        yield replace(layer, chunks=_told(heard, file, layer))


def _told(heard: dict[str, None], file: LaidOut, layer: Layer) -> Iterator[Chunk]:
    """Pass the chunks on, counted: what is cut off in the middle ends without a word in some formats."""
    done = 0
    while (chunk := _heard(heard, file, lambda: next(layer.chunks, None))) is not None:
        done += len(chunk.shapes)
        yield chunk
    if done < layer.total:
        raise refusal("file_cut_short", rows=done, total=layer.total)
    if not done:
        raise refusal("layer_empty")
    layer.notes.extend(Finding("reader_warned", facts={"text": text}) for text in heard)


def _heard(heard: dict[str, None], file: LaidOut, act: Callable[[], Answer]) -> Answer:
    """Do something with the file, keep what GDAL warns of, and turn what it fails with into a refusal."""
    try:
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            answer = act()
    except IntakeRefused:
        raise
    except UnicodeDecodeError as error:
        raise refusal("file_encoding") from error
    # The errors of pyogrio and nanoarrow are kinds of RuntimeError and ValueError with no base of their own.
    except (RuntimeError, ValueError, OSError, MemoryError) as error:
        reason = str(error).replace(f"{file.path.parent}/", "")[:300] or type(error).__name__
        if _TOO_LARGE.search(reason):
            where = _WHERE.search(reason)
            raise refusal("shape_too_large", where=where[0] if where else "?", limit=MAX_VERTICES) from error
        raise refusal("file_unreadable", reason=reason) from error
    heard |= dict.fromkeys(str(warning.message).replace(f"{file.path.parent}/", "") for warning in said)
    return answer


def _features(file: LaidOut, source: Source) -> Layer:
    # The prefix keeps other drivers away, some of which take JSON for a list of files to open.
    path = f"GeoJSON:{file.path}" if file.format is Format.GEOJSON else str(file.path)
    layer = _choose_layer(path, file)
    raw = encoding.RAW if file.format is Format.SHAPEFILE else None
    info = pyogrio.read_info(path, layer=layer, encoding=raw)
    if info["driver"] != DRIVERS[file.format]:
        raise refusal("file_format_unknown")
    names = [str(name) for name in info["fields"]]
    if not info["features"]:
        raise refusal("layer_empty")
    asked = Asked(path, layer, (), max(info["features"], 0), raw)
    if raw is None:
        keys, notes = matched([Field(name, name) for name in names], source.mapping)
        spoken = None
    else:
        spoken, keys, notes = _spoken(asked, names, file, source)
    read = rows(replace(asked, columns=list(keys.values())))
    crs = file.prj if file.format is Format.SHAPEFILE else info["crs"]
    return Layer(crs, asked.total, _chunks(read, list(keys), spoken), list(notes))


def _choose_layer(path: str, file: LaidOut) -> str:
    names = [str(name) for name, geometry in pyogrio.list_layers(path) if geometry is not None]
    if not names:
        raise refusal("layer_empty")
    if file.layer is not None and file.layer not in names:
        # All but GeoPackages hold one layer, which goes by the file's name too.
        if file.format is Format.GPKG or file.layer != file.name:
            shown = names if file.format is Format.GPKG else [file.name]
            raise refusal("layer_missing", layer=file.layer, layers=", ".join(shown))
        return names[0]
    if file.layer is None and len(names) > 1:
        raise refusal("layer_ambiguous", layers=", ".join(names))
    return file.layer or names[0]


def _spoken(
    asked: Asked, names: Sequence[str], file: LaidOut, source: Source
) -> tuple[str, dict[str, str], tuple[Finding, ...]]:
    """Find the encoding that fits a Shapefile's headings and all the texts that are wanted, and the columns by it."""
    failed: IntakeRefused | None = None
    for tried in encoding.encodings(file.path):
        headings = [encoding.heading(name, tried, CUT) for name in names]
        if None in headings:
            continue
        fields = [
            Field(name, heading or "", cut=len(name) >= CUT) for name, heading in zip(names, headings, strict=True)
        ]
        try:
            keys, notes = matched(fields, source.mapping)
        except IntakeRefused as refused:
            failed = failed or refused
            continue
        row = _unfit(rows(replace(asked, columns=list(keys.values()), shapes=False)), tried)
        if row is None:
            return tried, keys, notes
        failed = IntakeRefused([Finding("file_encoding", row)])
    raise failed or refusal("file_encoding")


def _unfit(read: Iterator[Rows], tried: str) -> int | None:
    first = 1
    for chunk in read:
        found = [encoding.unfit(_texts(column), tried) for column in chunk.columns]
        rows_unfit = [nth for nth in found if nth is not None]
        if rows_unfit:
            return first + min(rows_unfit)
        first += len(chunk.shapes)
    return None


def _chunks(read: Iterator[Rows], columns: Sequence[str], spoken: str | None) -> Iterator[Chunk]:
    first = 1
    for chunk in read:
        texts = [_texts(column) for column in chunk.columns]
        if spoken is not None:
            texts = [[(encoding.decoded(text, spoken) or "").strip() for text in column] for column in texts]
        yield Chunk(first, dict(zip(columns, texts, strict=True)), chunk.shapes)
        first += len(chunk.shapes)


def _texts(values: Sequence[Any]) -> list[str]:
    return [value.strip() if isinstance(value, str) else _text(value) for value in values]


def _text(value: Any) -> str:
    # A column of codes may be stored as numbers: fifteen digits fit a double exactly, and NaN is its null.
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
        return str(int(value))
    return str(value).strip()


def _placemarks(file: LaidOut, source: Source) -> Layer:
    found = kml.survey(file.path, file.layer)
    if file.layer is not None and not found.placemarks:
        raise refusal("layer_missing", layer=file.layer, layers=", ".join(found.folders))
    if not found.placemarks:
        raise refusal("layer_empty")
    keys, notes = matched([Field(name, name) for name in found.columns], source.mapping)
    chosen = (
        placemark for placemark in kml.placemarks(file.path) if file.layer is None or file.layer in placemark.folders
    )
    return Layer(kml.CRS, found.placemarks, _grouped(chosen, keys), list(notes))


def _grouped(placemarks: Iterator[kml.Placemark], keys: Mapping[str, str]) -> Iterator[Chunk]:
    first, size = 1, 0
    some: list[kml.Placemark] = []
    for placemark in placemarks:
        some.append(placemark)
        size += len(placemark.shape or b"")
        if len(some) == _ROWS or size > _BYTES:
            yield _chunk(first, some, keys)
            first, size, some = first + len(some), 0, []
    if some:
        yield _chunk(first, some, keys)


def _chunk(first: int, some: Sequence[kml.Placemark], keys: Mapping[str, str]) -> Chunk:
    columns = {column: [each.values.get(key, "").strip() for each in some] for column, key in keys.items()}
    shapes = np.full(len(some), None, dtype=object)
    shapes[:] = [each.shape for each in some]
    return Chunk(first, columns, shapes)
