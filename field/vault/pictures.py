"""Pictures: what is refused before it is stored, and what is shown instead of the original.

An original is sealed and never touched (法释〔2019〕19号 第十五条、第九十三条). What people look at are smaller copies
made from its pixels: no place, no device, no second picture hidden in it. A picture is only ever decoded in a child
process with limits (`field/vault/decoding.py`).
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from threading import BoundedSemaphore, Timer
from typing import IO

from field.rules.refusals import Refused
from field.vault import decoding
from field.vault.headers import READERS, HeaderUnreadable, read_header

PICTURES = frozenset(READERS)
"""Media types of the pictures that are taken."""
MOST_PIXELS = decoding.MOST_PIXELS
DECODER = (sys.executable, "-I", decoding.__file__)
MOST_ANSWERED = 8_000_000


class Size(StrEnum):
    """A small picture for lists, and one to look at: 320 and 1,600 pixels on the longer side."""

    THUMBNAIL = "thumbnail"
    COPY = "copy"


@dataclass(frozen=True)
class PictureFacts:
    """How large a picture says it is, as it is stored (not yet upright)."""

    width: int
    height: int


@dataclass(frozen=True)
class Looks:
    """A picture's difference hashes: 64 bits to search by, as a signed number, and 256 to compare."""

    look: int
    finer: bytes


@dataclass(frozen=True)
class Decoded:
    """What a child made of a picture: its looks, none if it is too plain to be recognised, and its smaller copies."""

    looks: Looks | None
    copies: dict[Size, bytes]


@dataclass(frozen=True)
class Limits:
    """What a child may use: bytes of memory, seconds of CPU and seconds by the clock, and how many run at once."""

    memory: int = 1 << 30
    cpu_s: int = 10
    wall_s: float = 20.0


class Undecodable(Exception):
    """The picture cannot be opened within the limits; what exactly it did to the decoder is not our business."""


class DecoderFailed(Undecodable):
    """The child died, stalled or said nonsense: it may be the picture, or a machine that had no room just then."""


USUAL = Limits()
_AT_ONCE = BoundedSemaphore(2)
"""Not more pictures at once in one process: each may take some hundred megabytes."""


def check_picture(path: Path, media_type: str) -> PictureFacts:
    """Return how large the picture is; it is judged by its header and not decoded.

    Refuses `picture_too_large` (more than 40 million pixels), `picture_animated` (more than one frame) and
    `picture_unreadable` (422 each).
    """
    try:
        header = read_header(path, media_type)
    except HeaderUnreadable:
        raise Refused("picture_unreadable") from None
    if header.width * header.height > MOST_PIXELS:
        raise Refused("picture_too_large", width=header.width, height=header.height, limit=MOST_PIXELS)
    if header.frames > 1:
        raise Refused("picture_animated")
    return PictureFacts(header.width, header.height)


def decode(original: bytes, limits: Limits = USUAL, program: Sequence[str] = DECODER) -> Decoded:
    """Open a picture in a child process and return its look and its smaller copies.

    Raises `Undecodable`, and of its kind `DecoderFailed` where the child did not live to say so itself. A picture that
    kills, stalls or floods the child costs the child only.
    """
    with _AT_ONCE, tempfile.TemporaryFile() as file:
        file.write(original)
        file.seek(0)
        return _answer(_run([*program, str(limits.memory), str(limits.cpu_s)], file, limits.wall_s))


def _run(call: Sequence[str], original: IO[bytes], wall_s: float) -> bytes:
    """Run the child until it ends, its time is over or it has said more than it should; it never outlives this."""
    with subprocess.Popen(
        call, stdin=original, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={}, cwd="/"
    ) as child:
        clock = Timer(wall_s, child.kill)
        clock.start()
        try:
            assert child.stdout is not None
            answered = child.stdout.read(MOST_ANSWERED)
            if child.stdout.read(1):
                child.kill()
            # Closed its output and stalls: the clock still runs.
            child.wait()
        finally:
            clock.cancel()
            child.kill()
    if child.returncode:
        raise Undecodable if child.returncode == decoding.UNDECODABLE else DecoderFailed
    return answered


def _answer(answered: bytes) -> Decoded:
    """Read the child's answer, which comes from a process that a hostile picture may have taken over."""
    line, _, rest = answered.partition(b"\n")
    try:
        facts = json.loads(line)
        looks, sizes = _looks(facts["looks"]), [int(facts["sizes"][size]) for size in Size]
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError):
        raise DecoderFailed from None
    if min(sizes) < 1 or sum(sizes) != len(rest):
        raise DecoderFailed
    copies = dict(zip(Size, (rest[: sizes[0]], rest[sizes[0] :]), strict=True))
    if not all(copy.startswith(b"\xff\xd8\xff") for copy in copies.values()):
        raise DecoderFailed
    return Decoded(looks, copies)


def _looks(found: list[int] | None) -> Looks | None:
    if found is None:
        return None
    look, finer = found
    # What does not fit into 64 and 256 bits raises here.
    return Looks(int.from_bytes(look.to_bytes(8, "big"), "big", signed=True), finer.to_bytes(32, "big"))
