"""Made-up photos of doors: a wall with light on it, a door, its couplets, steps, a window, plants, grain."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter

SIZE = (1024, 768)


def door(seed: int, size: tuple[int, int] = SIZE) -> Image.Image:
    """Return the photo of door number `seed`: another seed is another house."""
    rng = np.random.default_rng(seed)
    wide, high = size
    wall = _light(rng, size)
    draw = ImageDraw.Draw(wall)
    for _ in range(int(rng.integers(2, 9))):  # windows, boards, bricks that differ, things that lean on the wall
        _box(draw, rng, size, 0.06, 0.35)
    left, top = rng.uniform(0.2, 0.5) * wide, rng.uniform(0.1, 0.35) * high
    right, foot = left + rng.uniform(0.18, 0.36) * wide, rng.uniform(0.8, 0.97) * high
    draw.rectangle((left, top, right, foot), fill=_colour(rng), outline=_colour(rng), width=6)
    middle = (left + right) / 2
    if rng.random() < 0.6:
        draw.line((middle, top, middle, foot), fill=(20, 20, 20), width=5)
    if rng.random() < 0.7:  # couplets beside the door
        for edge in (left - 0.06 * wide, right + 0.02 * wide):
            draw.rectangle((edge, top, edge + 0.04 * wide, foot - 0.1 * high), fill=(190, 30, 35))
    draw.rectangle((0, foot, wide, high), fill=_colour(rng))
    for _ in range(int(rng.integers(0, 6))):  # plants
        x, y = rng.uniform(0, 1) * wide, rng.uniform(0.5, 1) * high
        reach = rng.uniform(0.03, 0.12) * wide
        draw.ellipse((x - reach, y - reach, x + reach, y + reach), fill=(40, int(rng.integers(60, 140)), 40))
    wall = wall.filter(ImageFilter.GaussianBlur(1.2))
    grain = rng.normal(0, 5, (high, wide, 3))
    return Image.fromarray(np.clip(np.asarray(wall) + grain, 0, 255).astype(np.uint8))


def jpeg(image: Image.Image, quality: int = 88, **options: Any) -> bytes:
    """Return the photo's bytes as a camera writes them."""
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality, **options)
    return file.getvalue()


def again(image: Image.Image, rng: np.random.Generator) -> dict[str, bytes]:
    """Return what somebody makes of a photo to hand it in twice."""
    wide, high = image.size
    cut = [int(rng.uniform(0, 0.02) * side) for side in (wide, high, wide, high)]
    cropped = image.crop((cut[0], cut[1], wide - cut[2], high - cut[3]))
    brighter = ImageEnhance.Brightness(image).enhance(rng.uniform(0.75, 1.3))
    return {
        "re-encoded": jpeg(image, int(rng.integers(35, 80))),
        "scaled": jpeg(image.resize((wide // 2, high // 2))),
        "cropped by up to 2 % a side": jpeg(cropped),
        "another brightness": jpeg(brighter),
        "all of these": jpeg(ImageEnhance.Brightness(cropped).enhance(1.15).resize((800, 600)), 60),
    }


def _light(rng: np.random.Generator, size: tuple[int, int]) -> Image.Image:
    wide, high = size
    coarse = rng.integers(90, 220, (3, 4, 1)) + rng.integers(-15, 15, (1, 1, 3))
    return Image.fromarray(np.clip(coarse, 0, 255).astype(np.uint8)).resize((wide, high), Image.Resampling.BICUBIC)


def _colour(rng: np.random.Generator) -> tuple[int, int, int]:
    red, green, blue = (int(part) for part in rng.integers(20, 235, 3))
    return red, green, blue


def _box(draw: ImageDraw.ImageDraw, rng: np.random.Generator, size: tuple[int, int], least: float, most: float) -> None:
    wide, high = size
    left, top = rng.uniform(0, 0.9) * wide, rng.uniform(0, 0.8) * high
    draw.rectangle((left, top, left + rng.uniform(least, most) * wide, top + rng.uniform(least, most) * high),
                   fill=_colour(rng))  # fmt: skip
