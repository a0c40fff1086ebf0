"""Pictures for the demo, drawn and not taken: a receipt with a made-up signature, and a scene with a tractor."""

from __future__ import annotations

import io
import math
from dataclasses import dataclass
from random import Random

from PIL import Image, ImageDraw


@dataclass(frozen=True)
class Drawn:
    """A JPEG and its size in pixels."""

    body: bytes
    width: int
    height: int


PAPER, INK, BLUE = (250, 248, 240), (40, 40, 48), (32, 60, 150)


def signed_receipt(rng: Random) -> Drawn:
    """Return a JPEG of a form with ruled lines, a scrawl for a signature and a round seal; no writing of anybody's."""
    picture = Image.new("RGB", (900, 1200), PAPER)
    pen = ImageDraw.Draw(picture)
    pen.rectangle((80, 120, 820, 1080), outline=INK, width=3)
    for row in range(200, 1080, 80):
        pen.line((80, row, 820, row), fill=INK, width=2)
    pen.line((300, 120, 300, 1080), fill=INK, width=2)
    pen.line(_scrawl(rng, 380, 640), fill=BLUE, width=5, joint="curve")
    pen.ellipse((560, 820, 760, 1020), outline=(200, 40, 40), width=6)
    return _jpeg(picture, rng)


def tractor_by_the_road(rng: Random) -> Drawn:
    """Return a JPEG of a road, a wall and something blue with two wheels before it."""
    picture = Image.new("RGB", (1200, 900), (196, 214, 226))
    pen = ImageDraw.Draw(picture)
    ground = rng.randint(560, 620)
    pen.rectangle((0, ground, 1200, 900), fill=(168, 150, 120))
    pen.rectangle((0, ground - 160, 1200, ground), fill=(202, 190, 176))
    left = rng.randint(200, 600)
    pen.rectangle((left, ground - 110, left + 300, ground), fill=(40, 90, 170))
    for wheel, size in ((left + 60, 70), (left + 250, 50)):
        pen.ellipse((wheel - size, ground - size, wheel + size, ground + size), fill=(30, 30, 30))
    return _jpeg(picture, rng)


def _scrawl(rng: Random, left: float, top: float) -> list[tuple[float, float]]:
    turns = [rng.uniform(0.6, 1.6) for _ in range(6)]
    return [
        (left + step * 3.2, top + 34 * math.sin(step / 7 * turns[step * 6 // 100]) + 12 * math.sin(step / 3))
        for step in range(100)
    ]


def _jpeg(picture: Image.Image, rng: Random) -> Drawn:
    """Write it out with a little noise in a corner, so that no two are the same bytes."""
    for column in range(24):
        picture.putpixel((column, 0), (rng.randrange(256), rng.randrange(256), rng.randrange(256)))
    into = io.BytesIO()
    picture.save(into, "JPEG", quality=85)
    return Drawn(into.getvalue(), *picture.size)
