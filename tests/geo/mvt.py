"""A tile read as a map program reads it: by GDAL, from a file whose path says which tile it is."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyogrio
import shapely

from geo.zooms import Square


@dataclass(frozen=True)
class Feature:
    """One feature: what is told of it, and its shape in EPSG:3857."""

    told: dict[str, Any]
    shape: Any

    @property
    def code(self) -> str:
        """Its code."""
        return str(self.told["code"])


def read(folder: Path, square: Square, body: bytes, pressed: bool = True) -> list[Feature]:
    """Return what GDAL finds in a tile; nothing in an empty one."""
    if not body:
        return []
    path = folder / str(square.z) / str(square.x) / f"{square.y}.mvt"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.decompress(body) if pressed else body)
    facts, _, shapes, columns = pyogrio.raw.read(path)
    assert facts["crs"] == "EPSG:3857"
    rows = zip(*columns, strict=True)
    names = list(facts["fields"])
    return [
        Feature(
            {name: value for name, value in zip(names, row, strict=True) if value == value and value is not None},  # noqa: PLR0124 - what is not equal to itself is no value
            shape,
        )
        for row, shape in zip(rows, shapely.from_wkb(shapes), strict=True)
    ]
