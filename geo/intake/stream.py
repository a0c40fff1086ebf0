"""The rows of a layer through GDAL's Arrow stream: one pass over the file, some thousand rows at a time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import nanoarrow
import numpy as np
import pyogrio
from numpy.typing import NDArray
from pyogrio.raw import open_arrow

_ROWS: Final = 4_000
# Outlines of millions of vertices make a chunk shorter; GDAL does not take one that is larger than this by itself.
_CHUNK_MB: Final = 96

pyogrio.set_gdal_config_options({"OGR_ARROW_MEM_LIMIT": _CHUNK_MB * 2**20})


@dataclass(frozen=True)
class Rows:
    """Some rows: the values of each column that was asked for, and the shapes as WKB, or None."""

    columns: Sequence[list[Any]]
    shapes: NDArray[np.object_]


@dataclass(frozen=True)
class Asked:
    """What is to be read of a layer: which columns, in which encoding, and whether the shapes too."""

    path: str
    layer: str
    columns: Sequence[str]
    total: int
    encoding: str | None = None
    shapes: bool = True


def rows(asked: Asked) -> Iterator[Rows]:
    """Yield the rows of a layer in the order of the file; raises pyogrio's and nanoarrow's errors."""
    done = before = 0
    while True:
        for chunk in _pass(asked, done):
            done += len(chunk.shapes)
            yield chunk
        # FlatGeobuf's driver ends the stream where a chunk grew too large: it is taken up again from there.
        if done >= asked.total or done == before:
            return
        before = done


def _pass(asked: Asked, skipped: int) -> Iterator[Rows]:
    with open_arrow(
        asked.path,
        layer=asked.layer,
        columns=list(asked.columns),
        batch_size=_ROWS,
        read_geometry=asked.shapes,
        encoding=asked.encoding,
        skip_features=skipped,
    ) as (meta, source):
        for batch in nanoarrow.ArrayStream(source):
            children = dict(zip((field.name for field in batch.schema.fields), batch.iter_children(), strict=True))
            values = [children[name].to_pylist() for name in asked.columns]
            blobs = _blobs(children[meta["geometry_name"] or "wkb_geometry"]) if asked.shapes else _none(len(batch))
            yield Rows(values, blobs)


def _blobs(column: nanoarrow.Array) -> NDArray[np.object_]:
    """Cut a column of bytes into values, without nanoarrow's warning that it does not know what they mean."""
    _, offsets, data = column.buffers
    whole = memoryview(data)
    blobs = _none(len(column))
    for nth, (start, end) in enumerate(pairwise(list(offsets)[: len(column) + 1])):
        blobs[nth] = whole[start:end].tobytes() or None
    return blobs


def _none(count: int) -> NDArray[np.object_]:
    return np.full(count, None, dtype=object)
