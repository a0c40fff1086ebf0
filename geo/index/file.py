"""An index as a file that any number of processes map into memory; one that is damaged or another's is refused.

A magic line, the CRC-32 and the length of a JSON head, the head, then the arrays one after the other. It is written
under another name and moved into place, so nobody ever sees half of it.
"""

import json
import tempfile
import zlib
from collections.abc import Mapping
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from geo.index.build import Tables
from geo.index.grid import Grid

# Raise the number whenever the tables, or what they mean, change.
_MAGIC: Final = b"gridfield cells by point 1\n\0\0\0\0\0"
_NUMBERS: Final = np.dtype("<u8")
_ALIGNED: Final = 64
_START: Final = len(_MAGIC) + 2 * _NUMBERS.itemsize
_TABLES: Final = tuple(field.name for field in fields(Tables) if field.name != "grid")


class IndexFileError(Exception):
    """A file that cannot be used as an index of this state of the map; it says why."""


def save(path: Path, state: str, codes: NDArray[np.bytes_], ids: NDArray[np.int64], tables: Tables) -> None:
    """Write an index, named by the state of the map that it was made from; replaces the file at once or not at all."""
    arrays = {"codes": codes, "ids": ids} | {name: getattr(tables, name) for name in _TABLES}
    listed, at = [], 0
    for name, array in arrays.items():
        listed.append({"name": name, "dtype": array.dtype.str, "shape": array.shape, "at": at})
        at += -(-array.nbytes // _ALIGNED) * _ALIGNED
    head = json.dumps({"state": state, "grid": asdict(tables.grid), "arrays": listed}).encode()
    head += b" " * (-(_START + len(head)) % _ALIGNED)
    pieces = [np.array([len(head)], _NUMBERS).tobytes(), head]
    for array in arrays.values():
        pieces += [array.tobytes(), bytes(-array.nbytes % _ALIGNED)]
    sum_ = 0
    for piece in pieces:
        sum_ = zlib.crc32(piece, sum_)
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
        try:
            file.writelines([_MAGIC, np.array([sum_], _NUMBERS).tobytes(), *pieces])
            file.flush()
            Path(file.name).replace(path)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise


def load(path: Path, state: str) -> tuple[NDArray[np.bytes_], NDArray[np.int64], Tables]:
    """Map a file written by `save` for this very state; raises IndexFileError, or OSError when it cannot be read."""
    if path.stat().st_size < _START:
        raise IndexFileError("too short")
    content = np.asarray(np.memmap(path, dtype=np.uint8, mode="r"))
    if content[: len(_MAGIC)].tobytes() != _MAGIC:
        raise IndexFileError("no index of this version")
    sum_, length = content[len(_MAGIC) : _START].view(_NUMBERS).tolist()
    if zlib.crc32(content[_START - _NUMBERS.itemsize :].data) != sum_:
        raise IndexFileError("damaged")
    head = json.loads(content[_START : _START + length].tobytes())
    if head["state"] != state:
        raise IndexFileError("of another state of the map")
    arrays = {each["name"]: _mapped(content[_START + length :], each) for each in head["arrays"]}
    tables = Tables(Grid(**head["grid"]), **{name: arrays[name] for name in _TABLES})
    return arrays["codes"], arrays["ids"], tables


def _mapped(content: NDArray[np.uint8], listed: Mapping[str, Any]) -> NDArray[Any]:
    dtype, shape = np.dtype(listed["dtype"]), tuple(listed["shape"])
    size = dtype.itemsize * int(np.prod(shape))
    mapped: NDArray[Any] = content[listed["at"] : listed["at"] + size].view(dtype).reshape(shape)
    return mapped
