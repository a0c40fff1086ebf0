"""Picture headers: what a file says of itself, read without decoding; and nonsense of every sort is refused."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from field.rules.refusals import Refused
from field.vault.headers import READERS, HeaderUnreadable, read_header
from field.vault.pictures import PICTURES, PictureFacts, check_picture
from tests.scenes import door

KINDS = {"JPEG": "image/jpeg", "PNG": "image/png", "GIF": "image/gif", "WEBP": "image/webp"}


def _file(folder: Path, data: bytes) -> Path:
    path = folder / "picture"
    path.write_bytes(data)
    return path


def _saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    into = io.BytesIO()
    image.save(into, kind, **options)
    return into.getvalue()


def huge_png(width: int, height: int) -> bytes:
    """Return a PNG of some hundred bytes that says it has that many pixels."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 99)) + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(1, 1), (640, 427), (333, 1000)])
@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("JPEG", {}), ("JPEG", {"progressive": True}), ("JPEG", {"comment": b"x" * 3000}), ("PNG", {}),
        ("PNG", {"dpi": (300, 300)}), ("GIF", {}), ("WEBP", {}), ("WEBP", {"lossless": True}),
        ("WEBP", {"exif": b"Exif\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0"}),
    ],
)  # fmt: skip
def test_each_kind_tells_its_size(tmp_path: Path, kind: str, options: dict[str, Any], size: tuple[int, int]) -> None:
    path = _file(tmp_path, _saved(door(1, (640, 480)).resize(size), kind, **options))
    assert check_picture(path, KINDS[kind]) == PictureFacts(*size)
    assert read_header(path, KINDS[kind]).frames == 1


def test_the_kinds_are_the_four() -> None:
    assert set(KINDS.values()) == set(READERS) == PICTURES


@pytest.mark.parametrize(("width", "height"), [(40_001, 1_000), (1_000, 40_001), (2**31 - 1, 2**31 - 1)])
def test_more_than_forty_million_pixels_are_refused_unopened(tmp_path: Path, width: int, height: int) -> None:
    with pytest.raises(Refused) as refused:
        check_picture(_file(tmp_path, huge_png(width, height)), "image/png")
    assert (refused.value.code, refused.value.facts["width"]) == ("picture_too_large", width)


def test_forty_million_pixels_are_taken(tmp_path: Path) -> None:
    assert check_picture(_file(tmp_path, huge_png(40_000, 1_000)), "image/png") == PictureFacts(40_000, 1_000)


@pytest.mark.parametrize("kind", ["PNG", "GIF", "WEBP"])
def test_a_moving_picture_is_refused(tmp_path: Path, kind: str) -> None:
    frames = [door(seed, (120, 90)) for seed in (1, 2, 3)]
    path = _file(tmp_path, _saved(frames[0], kind, save_all=True, append_images=frames[1:]))
    with pytest.raises(Refused, match="picture_animated"):
        check_picture(path, KINDS[kind])


def test_a_gif_frame_larger_than_its_screen_counts(tmp_path: Path) -> None:
    frame = b"," + struct.pack("<HHHHB", 0, 0, 60_000, 60_000, 0) + b"\x02\x02\x4c\x01\x00;"
    with pytest.raises(Refused, match="picture_too_large"):
        check_picture(_file(tmp_path, b"GIF89a" + struct.pack("<HHBBB", 10, 10, 0, 0, 0) + frame), "image/gif")


@pytest.mark.parametrize("kind", KINDS)
def test_a_picture_cut_in_its_header_is_refused_and_nothing_else_happens(tmp_path: Path, kind: str) -> None:
    whole = _saved(door(1, (64, 48)), kind)
    for length in range(24):
        with pytest.raises(Refused, match="picture_unreadable"):
            check_picture(_file(tmp_path, whole[:length]), KINDS[kind])


@pytest.mark.parametrize(
    ("media_type", "data"),
    [
        ("image/jpeg", _saved(Image.new("RGB", (9, 9)), "PNG")),
        ("image/png", _saved(Image.new("RGB", (9, 9)), "JPEG")),
        ("image/gif", b"GIF90a"),
        ("image/webp", b"RIFF\0\0\0\0WEBPVP9 \0\0\0\0"),
        ("image/jpeg", b"\xff\xd8" + b"\xff\xe0\0\x02" * 5_000),
        ("image/jpeg", b"\xff\xd8\xff\xc0\0\x0b\x08\0\0\0\x09\x01\x01\x11\0"),
        ("image/jpeg", b"\xff\xd8\xff\xe0\0\0"),
        ("image/png", huge_png(0, 9)),
        ("application/pdf", b"%PDF-1.7"),
    ],
)
def test_nonsense_is_refused(tmp_path: Path, media_type: str, data: bytes) -> None:
    with pytest.raises(Refused, match="picture_unreadable"):
        check_picture(_file(tmp_path, data), media_type)


@settings(max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=2_000)
@given(
    kind=st.sampled_from(sorted(KINDS)),
    holes=st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), max_size=12),
    length=st.integers(0, 2_000),
)
def test_damage_is_answered_and_never_raises_otherwise(
    tmp_path: Path, kind: str, holes: list[tuple[int, int]], length: int
) -> None:
    data = bytearray(_SMALL[kind][:length])
    for at, byte in holes:
        if at < len(data):
            data[at] = byte
    try:
        found = read_header(_file(tmp_path, bytes(data)), KINDS[kind])
    except HeaderUnreadable:
        return
    assert found.width > 0
    assert found.height > 0


_SMALL = {kind: _saved(door(4, (48, 36)), kind) for kind in KINDS}
