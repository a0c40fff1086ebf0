"""KML, placemark by placemark: GDAL's readers hold the whole file in memory or leave the attributes out."""

import codecs
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely

from geo.intake.formats import HEAD
from geo.intake.headings import PLACEMARK

CRS: Final = "EPSG:4326"
# What stands for a shape that is there but cannot be read: no WKB begins so.
UNREADABLE: Final = b"?"

# Letters of a ring that has too many vertices in any case.
_GIANT: Final = 2**22
_BLOCK: Final = 2**18
_DECLARED: Final = re.compile(rb"""^\s*<\?xml[^>]*encoding=["']([\w.-]+)["']""")
_SHAPES: Final = frozenset({"Polygon", "MultiGeometry", "Point", "LineString", "LinearRing"})
_HOLDERS: Final = frozenset({"Document", "Folder"})


class KmlError(ValueError):
    """The file is no well-formed KML."""


@dataclass
class Placemark:
    """One row: the texts of its columns, its shape as WKB, and the folders it lies in."""

    values: dict[str, str]
    shape: bytes | None
    folders: tuple[str, ...]


@dataclass
class Survey:
    """What a KML file holds: its columns in the order in which they appear, its folders, and how many placemarks."""

    columns: dict[str, None] = field(default_factory=dict)
    folders: dict[str, None] = field(default_factory=dict)
    placemarks: int = 0


def survey(path: Path, folder: str | None) -> Survey:
    """Go through a file and tell what it holds; with a folder, the placemarks and columns of that one only."""
    found = Survey()
    for placemark in placemarks(path, shapes=False):
        found.folders |= dict.fromkeys(placemark.folders)
        if folder is None or folder in placemark.folders:
            found.columns |= dict.fromkeys(placemark.values)
            found.placemarks += 1
    return found


def placemarks(path: Path, *, shapes: bool = True) -> Iterator[Placemark]:
    """Yield the placemarks in the order of the file; raises KmlError or UnicodeDecodeError."""
    parser: Any = ET.XMLPullParser(("start", "end"))
    above: list[Any] = []
    inside = 0
    for event, element in _events(path, parser):
        kind = _local(element)
        if event == "start":
            above.append(element)
            inside += kind == "Placemark"
            continue
        above.pop()
        if kind == "Placemark":
            inside -= 1
            yield Placemark(_values(element), _shape(element) if shapes else None, _folders(above))
        if above and not inside and not (kind == "name" and _local(above[-1]) in _HOLDERS):
            above[-1].remove(element)


def _events(path: Path, parser: Any) -> Iterator[tuple[str, Any]]:
    with path.open("rb") as head:
        declared = _DECLARED.match(head.read(HEAD).removeprefix(codecs.BOM_UTF8))
    try:
        with path.open(encoding=_encoding(declared[1].decode() if declared else "utf-8")) as file:
            while block := file.read(_BLOCK):
                parser.feed(block)
                yield from parser.read_events()
            parser.close()
            yield from parser.read_events()
    except ET.ParseError as error:
        raise KmlError(str(error)) from error


def _encoding(declared: str) -> str:
    if declared.lower() in {"gb2312", "gbk"}:
        return "gb18030"
    try:
        name = codecs.lookup(declared).name
    except LookupError:
        return "utf-8-sig"
    return "utf-8-sig" if name == "utf-8" else name


def _local(element: Any) -> str:
    return _without_namespace(element.tag)


@lru_cache(maxsize=1000)
def _without_namespace(tag: str) -> str:
    return tag.rpartition("}")[2]


def _folders(above: list[Any]) -> tuple[str, ...]:
    holders = (element for element in above if _local(element) in _HOLDERS)
    names = (child.text.strip() for holder in holders for child in holder if _local(child) == "name" and child.text)
    return tuple(names)


def _values(placemark: Any) -> dict[str, str]:
    values = {}
    for element in placemark.iter():
        kind = _local(element)
        if kind == "SimpleData":
            values[element.get("name", "")] = element.text or ""
        elif kind == "Data":
            values[element.get("name", "")] = next((each.text or "" for each in element if _local(each) == "value"), "")
    name = next((child.text for child in placemark if _local(child) == "name"), None)
    return values if name is None else values | {PLACEMARK: name}


def _shape(placemark: Any) -> bytes | None:
    found = [child for child in placemark if _local(child) in _SHAPES]
    if not found:
        return None
    try:
        parts = [part for element in found for part in _parts(element)]
        if not parts:
            return None
        kinds = {part.geom_type for part in parts}
        whole = parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)
        if len(parts) > 1 and kinds != {"Polygon"}:
            whole = shapely.GeometryCollection(parts)
    except (ValueError, TypeError, shapely.errors.ShapelyError):
        return UNREADABLE
    blob: bytes = shapely.to_wkb(whole, flavor="iso")
    return blob


def _parts(element: Any) -> list[Any]:
    kind = _local(element)
    if kind == "MultiGeometry":
        return [part for child in element if _local(child) in _SHAPES for part in _parts(child)]
    if kind == "Polygon":
        outer, inner = (_rings(element, side) for side in ("outerBoundaryIs", "innerBoundaryIs"))
        if len(outer) != 1:
            raise ValueError("a polygon has one outer ring")
        return [shapely.Polygon(outer[0], inner)]
    line = _coordinates(element)
    return [shapely.Point(line[0]) if kind == "Point" else shapely.LineString(line)]


def _rings(polygon: Any, side: str) -> list[Any]:
    sides = (child for child in polygon if _local(child) == side)
    rings = [_coordinates(ring) for each in sides for ring in each if _local(ring) == "LinearRing"]
    if any(len(ring) < 4 or not np.array_equal(ring[0], ring[-1], equal_nan=True) for ring in rings):
        raise ValueError("a ring is not closed or has too few points")
    return rings


def _coordinates(element: Any) -> Any:
    text = next((child.text or "" for child in element if _local(child) == "coordinates"), "")
    if len(text) > _GIANT:
        return _giant(text)
    tuples = text.split()
    width = tuples[0].count(",") + 1 if tuples else 0
    numbers = np.array(",".join(tuples).split(","), dtype=np.float64) if tuples else np.empty(0)
    if width not in (2, 3) or len(numbers) != width * len(tuples):
        raise ValueError("coordinates are pairs or triples")
    return numbers.reshape(-1, width)


def _giant(text: str) -> Any:
    """Read millions of vertices in little memory; whether each is well-formed does not matter any more."""
    numbers = np.fromstring(text.replace(",", " "), sep=" ")
    if not len(numbers):
        raise ValueError("no coordinates")
    width = text.split(maxsplit=1)[0].count(",") + 1
    return numbers[: len(numbers) // width * width].reshape(-1, width)[:, :2]
