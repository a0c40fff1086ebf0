"""How large a picture says it is and how many frames it has, read from its first bytes and never decoded.

Ours, in plain Python with every length checked, because a decoder's own header reader is C code that a hostile file
has already reached (JPEG: ITU T.81 B.2; PNG: W3C PNG 3rd ed. 5.2, 11.3.2; GIF89a 18–23; WebP: RFC 9649 2.3–2.7).
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

MOST_SEGMENTS = 4_000
"""More parts than this before the size is known make no picture that a camera writes."""
_SIZES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_BARE = frozenset({0x01, *range(0xD0, 0xD8)})


class HeaderUnreadable(ValueError):
    """The bytes are not those of a picture of the kind that was named."""


@dataclass(frozen=True)
class Header:
    """What a picture says of itself: size in pixels, and how many frames (a second one is never counted further)."""

    width: int
    height: int
    frames: int = 1


def read_header(path: Path, media_type: str) -> Header:
    """Return what the file says of itself; raises `HeaderUnreadable`, also for a media type that is no picture's."""
    reader = READERS.get(media_type)
    if reader is None:
        raise HeaderUnreadable(media_type)
    with path.open("rb") as file:
        header = reader(file)
    if header.width < 1 or header.height < 1:
        raise HeaderUnreadable("no size")
    return header


def _take(file: IO[bytes], count: int) -> bytes:
    found = file.read(count)
    if len(found) != count:
        raise HeaderUnreadable("cut short")
    return found


def _jpeg(file: IO[bytes]) -> Header:
    if _take(file, 2) != b"\xff\xd8":
        raise HeaderUnreadable("no JPEG")
    for _ in range(MOST_SEGMENTS):
        marker = _marker(file)
        if marker in _BARE:
            continue
        length = int.from_bytes(_take(file, 2), "big")
        if marker in _SIZES:
            height, width = struct.unpack(">xHH", _take(file, 5))
            return Header(width, height)
        if length < 2 or marker in (0xD9, 0xDA):
            break
        file.seek(length - 2, 1)
    raise HeaderUnreadable("no size")


def _marker(file: IO[bytes]) -> int:
    if _take(file, 1) != b"\xff":
        raise HeaderUnreadable("no marker")
    for _ in range(MOST_SEGMENTS):
        if (byte := _take(file, 1)) != b"\xff":
            return byte[0]
    raise HeaderUnreadable("no marker")


def _png(file: IO[bytes]) -> Header:
    if _take(file, 8) != b"\x89PNG\r\n\x1a\n" or _take(file, 8)[4:] != b"IHDR":
        raise HeaderUnreadable("no PNG")
    width, height = struct.unpack(">II", _take(file, 13)[:8])
    file.seek(4, 1)
    for _ in range(MOST_SEGMENTS):
        length, name = struct.unpack(">I4s", _take(file, 8))
        if name == b"acTL":  # the chunk that makes a PNG an animation stands before the first data
            return Header(width, height, int.from_bytes(_take(file, 4), "big"))
        if name in (b"IDAT", b"IEND"):
            return Header(width, height)
        file.seek(length + 4, 1)
    raise HeaderUnreadable("no data")


def _gif(file: IO[bytes]) -> Header:
    if _take(file, 6) not in (b"GIF87a", b"GIF89a"):
        raise HeaderUnreadable("no GIF")
    width, height, flags = struct.unpack("<HHBxx", _take(file, 7))
    _skip_colours(file, flags)
    frames = 0
    while frames < 2 and (kind := file.read(1)) in (b"!", b","):
        if kind == b",":
            frames += 1
            left, top, wide, high, flags = struct.unpack("<HHHHB", _take(file, 9))
            width, height = max(width, left + wide), max(height, top + high)
            _skip_colours(file, flags)
        file.seek(1, 1)
        while length := file.read(1):
            if length == b"\0":
                break
            file.seek(length[0], 1)
    if not frames:
        raise HeaderUnreadable("no picture")
    return Header(width, height, frames)


def _skip_colours(file: IO[bytes], flags: int) -> None:
    if flags & 0x80:
        file.seek(3 << ((flags & 7) + 1), 1)


def _webp(file: IO[bytes]) -> Header:
    head = _take(file, 12)
    if head[:4] != b"RIFF" or head[8:] != b"WEBP":
        raise HeaderUnreadable("no WebP")
    name, length = struct.unpack("<4sI", _take(file, 8))
    if name == b"VP8 ":
        width, height = struct.unpack("<6xHH", _take(file, 10))
        return Header(width & 0x3FFF, height & 0x3FFF)
    if name == b"VP8L":
        bits = int.from_bytes(_take(file, 5)[1:], "little")
        return Header((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
    if name != b"VP8X":
        raise HeaderUnreadable("no WebP")
    body = _take(file, 10)
    file.seek(length - 10 + (length & 1), 1)
    width, height = (int.from_bytes(body[at : at + 3], "little") + 1 for at in (4, 7))
    return Header(width, height, _webp_frames(file) if body[0] & 2 else 1)


def _webp_frames(file: IO[bytes]) -> int:
    frames = 0
    for _ in range(MOST_SEGMENTS):
        if len(head := file.read(8)) < 8 or frames > 1:
            break
        name, length = struct.unpack("<4sI", head)
        frames += name == b"ANMF"
        file.seek(length + (length & 1), 1)
    return frames


READERS: dict[str, Callable[[IO[bytes]], Header]] = {
    "image/jpeg": _jpeg,
    "image/png": _png,
    "image/gif": _gif,
    "image/webp": _webp,
}
"""The kinds of pictures that are taken."""
