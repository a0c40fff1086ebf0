"""Smaller copies of pictures: upright, bare, and made in a child that may die without harm."""

from __future__ import annotations

import io
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from field.rules.suspicion import alike, bits_apart
from field.vault import decoding
from field.vault.pictures import Decoded, DecoderFailed, Limits, Looks, Size, Undecodable, decode
from tests.scenes import again, door, jpeg
from tests.vault.test_headers import huge_png

PLACE = "34.8211"


def _camera() -> bytes:
    """A photo as a phone writes it: turned on its side, with place, device, profile and a second thumbnail in it."""
    exif = Image.Exif()
    exif[0x010F], exif[0x0110], exif[0x0112] = "某牌手机", "SECRETPHONE", 6
    exif[0x8825] = {1: "N", 2: (34.0, 49.0, 15.96), 3: "E", 4: (114.0, 48.0, 0.0), 29: "2026:06:10"}
    xmp = f"<x:xmpmeta>{PLACE}</x:xmpmeta>".encode()
    return jpeg(door(3), exif=exif, icc_profile=b"PROFILE" * 40, xmp=xmp, comment=b"SECRETNOTE")


def _opened(copy: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(copy))
    image.load()
    return image


def test_a_copy_is_upright_and_says_nothing_but_pixels() -> None:
    original = _camera()
    assert Image.open(io.BytesIO(original)).getexif().get_ifd(0x8825)
    copies = decode(original).copies
    assert {size: _opened(copy).size for size, copy in copies.items()} == {
        Size.THUMBNAIL: (240, 320), Size.COPY: (768, 1024),
    }  # fmt: skip
    for copy in copies.values():
        image = _opened(copy)
        assert dict(image.getexif()) == {}
        assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
        for secret in (b"Exif", b"SECRET", b"PROFILE", b"xmp", PLACE.encode(), b"ICC"):
            assert secret not in copy


@pytest.mark.parametrize("turn", range(1, 9))
def test_each_way_of_holding_a_phone_comes_out_upright(turn: int) -> None:
    upright = door(5, (320, 240))
    back = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}  # the transposition that undoes each of the seven
    held = upright.transpose(Image.Transpose(back[turn])) if turn > 1 else upright
    exif = Image.Exif()
    exif[0x0112] = turn
    copy = _opened(decode(jpeg(held, 95, exif=exif)).copies[Size.COPY])
    assert copy.size == (320, 240)
    assert np.abs(np.asarray(copy, int) - np.asarray(upright, int)).mean() < 12


def test_a_large_photo_becomes_small_and_a_small_one_does_not_grow() -> None:
    copies = decode(jpeg(door(1).resize((4000, 3000)))).copies
    assert (_opened(copies[Size.COPY]).size, _opened(copies[Size.THUMBNAIL]).size) == ((1600, 1200), (320, 240))
    assert _opened(decode(jpeg(door(1).resize((200, 150)))).copies[Size.COPY]).size == (200, 150)


@pytest.mark.parametrize("mode", ["CMYK", "L", "1", "P", "LA", "RGBA", "I;16"])
def test_every_way_of_storing_colours_is_shown(mode: str) -> None:
    plain = door(2, (400, 300))
    image: Any = Image.fromarray(np.asarray(plain.convert("L")).astype(np.uint16) * 257)
    image = image if mode == "I;16" else plain.convert(mode)
    assert image.mode == mode
    into = io.BytesIO()
    image.save(into, "JPEG" if mode == "CMYK" else "PNG")
    shown = _opened(decode(into.getvalue()).copies[Size.COPY])
    assert shown.mode == "RGB"
    grey = [np.asarray(each.convert("L").resize((40, 30)), int) for each in (shown, plain)]
    assert np.abs(grey[0] - grey[1]).mean() < 12


def test_what_is_transparent_is_white() -> None:
    into = io.BytesIO()
    Image.new("RGBA", (50, 50), (200, 0, 0, 0)).save(into, "PNG")
    assert _opened(decode(into.getvalue()).copies[Size.THUMBNAIL]).getpixel((25, 25)) == (255, 255, 255)


def test_the_same_picture_gives_the_same_bytes() -> None:
    assert decode(_camera()) == decode(_camera())


def test_a_wall_has_no_look_and_a_door_has_one() -> None:
    wall = np.random.default_rng(1).normal(180, 4, (300, 400, 3)).clip(0, 255).astype(np.uint8)
    assert decode(jpeg(Image.fromarray(wall))).looks is None
    looks = decode(jpeg(door(1))).looks
    assert looks is not None
    assert -(2**63) <= looks.look < 2**63
    assert len(looks.finer) == 32


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP"])
def test_a_cut_or_damaged_picture_is_undecodable(kind: str) -> None:
    into = io.BytesIO()
    door(1, (400, 300)).save(into, kind)
    whole = into.getvalue()
    with pytest.raises(Undecodable) as told:
        decode(whole[: len(whole) // 3])
    assert not isinstance(told.value, DecoderFailed)
    with pytest.raises(Undecodable):
        decode(b"nothing of the sort")


def test_bombs_kill_their_child_only() -> None:
    for width, height in ((40_001, 1_000), (60_000, 60_000)):
        with pytest.raises(Undecodable):
            decode(huge_png(width, height))


def test_the_memory_of_a_child_is_limited() -> None:
    into = io.BytesIO()
    Image.new("RGB", (6_000, 6_000), "white").save(into, "PNG")
    with pytest.raises(Undecodable):
        decode(into.getvalue(), Limits(memory=120_000_000))
    assert decode(into.getvalue()).looks is None


def _program(folder: Path, text: str) -> tuple[str, ...]:
    path = folder / "decoder.py"
    path.write_text("import sys, time, resource\n" + text)
    return (sys.executable, "-I", str(path))


@pytest.mark.parametrize(
    "text",
    [
        "time.sleep(60)",
        "sys.stdout.close(); time.sleep(60)",
        "while True: sys.stdout.buffer.write(b'x' * 65536)",
        "import os; os.kill(os.getpid(), 11)",
        "resource.setrlimit(resource.RLIMIT_AS, (1 << 28, 1 << 28)); a = [bytearray(1 << 24) for _ in range(99)]",
        "resource.setrlimit(resource.RLIMIT_CPU, (1, 1))\nwhile True: pass",
        "print('{}')",
        'print(\'{"looks": [1], "sizes": {"thumbnail": 1, "copy": 1}}\\nxx\', end="")',
        'print(\'{"looks": [99999999999999999999, 1], "sizes": {"thumbnail": 1, "copy": 1}}\\nxx\', end="")',
        'print(\'{"looks": null, "sizes": {"thumbnail": 5, "copy": 6}}\\nhello world\', end="")',
        'print(\'{"looks": null, "sizes": {"thumbnail": -1, "copy": 3}}\\nxx\', end="")',
        'print(\'{"looks": "ab", "sizes": {"thumbnail": 1, "copy": 1}}\\nxx\', end="")',
    ],
)
def test_a_decoder_that_hangs_floods_dies_or_lies_costs_its_picture_only(tmp_path: Path, text: str) -> None:
    began = time.monotonic()
    with pytest.raises(DecoderFailed):
        decode(b"picture", Limits(wall_s=2.0), _program(tmp_path, text))
    assert time.monotonic() - began < 10
    assert decode(jpeg(door(1, (64, 48)))).copies


def test_a_decoder_gets_no_environment_no_path_and_may_write_no_file(tmp_path: Path) -> None:
    spy = _program(
        tmp_path, "import os; assert not set(os.environ) - {'LC_CTYPE'}; assert os.getcwd() == '/'; sys.exit(3)"
    )
    with pytest.raises(Undecodable):
        decode(b"picture", program=spy)
    limited = _program(
        tmp_path,
        f"import importlib.util as u; s = u.spec_from_file_location('d', {decoding.__file__!r}); "
        "d = u.module_from_spec(s); s.loader.exec_module(d); d.hold_to_limits(1 << 30, 5)\n"
        f"try: open({str(tmp_path / 'out')!r}, 'w').write('x'); open({str(tmp_path / 'bad')!r}, 'w')\n"
        "except OSError: pass",
    )
    with pytest.raises(Undecodable):
        decode(b"picture", program=limited)
    assert not (tmp_path / "out").exists() or (tmp_path / "out").stat().st_size == 0


def _looks(data: bytes) -> tuple[int, bytes]:
    """The looks of a photo; made here and not in a child, because hundreds are wanted and these are our own."""
    found = decoding.looks_of(decoding.opened(data))
    assert found is not None
    return found[0], found[1].to_bytes(32, "big")


def test_what_is_made_of_a_photo_is_found_and_other_doors_are_not() -> None:
    rng = np.random.default_rng(7)
    doors = [door(seed) for seed in range(120)]
    first = [_looks(jpeg(each)) for each in doors]
    copies = [(nth, name, _looks(data)) for nth, each in enumerate(doors) for name, data in again(each, rng).items()]
    found = sum(alike(first[nth], looks) for nth, _, looks in copies)
    other = [(one, two) for one in range(len(doors)) for two in range(one)]
    wrong = sum(alike(first[one], first[two]) for one, two in other)
    recall, precision = found / len(copies), found / (found + wrong)
    print(f"\nrecall {recall:.4f} of {len(copies)} pairs, precision {precision:.4f}, wrong {wrong} of {len(other)}")
    assert len(copies) == 600
    assert recall >= 0.98
    assert precision == 1.0


def test_the_child_and_the_rule_speak_of_the_same_bits() -> None:
    looks = decode(jpeg(door(9))).looks
    here = _looks(jpeg(door(9)))
    assert isinstance(looks, Looks)
    assert (bits_apart(looks.look, here[0]), looks.finer) == (0, here[1])
    assert isinstance(decode(jpeg(door(9))), Decoded)
