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
# An outline of millions of vertices makes the chunk shorter; one larger than this is refused by GDAL.
_CHUNK_MB: Final = 128

pyogrio.set_gdal_config_options({"OGR_ARROW_MEM_LIMIT": _CHUNK_MB * 2**20})


@dataclass(frozen=True)
class Rows:
    """Some rows: the values of each column that was asked for, and the shapes as WKB, or None."""

    columns: Sequence[list[Any]]
    shapes: NDArray[np.object_]


def rows(
    path: str, layer: str, columns: Sequence[str], *, shapes: bool = True, encoding: str | None = None
) -> Iterator[Rows]:
    """Yield the rows of a layer in the order of the file; raises pyogrio's and nanoarrow's errors."""
    with open_arrow(
        path, layer=layer, columns=list(columns), batch_size=_ROWS, read_geometry=shapes, encoding=encoding
    ) as (meta, source):
        order = [str(field) for field in meta["fields"]]
        for batch in nanoarrow.ArrayStream(source):
            children = dict(zip((field.name for field in batch.schema.fields), batch.iter_children(), strict=True))
            values = [children[name].to_pylist() for name in columns if name in order]
            blobs = _blobs(children[meta["geometry_name"] or "wkb_geometry"]) if shapes else _none(len(batch))
            yield Rows(values, blobs)


def _blobs(column: nanoarrow.Array) -> NDArray[np.object_]:
    """Cut a column of bytes into values, without nanoarrow's warning that it does not know what they mean."""
    _, offsets, data = column.buffers
    whole = bytes(data)
    ends = list(offsets)[: len(column) + 1]
    blobs = _none(len(column))
    for nth, (start, end) in enumerate(pairwise(ends)):
        blobs[nth] = whole[start:end] or None
    return blobs


def _none(count: int) -> NDArray[np.object_]:
    return np.full(count, None, dtype=object)
