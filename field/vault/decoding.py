"""The child process that opens one picture: started for it, held to its limits, and thrown away.

It imports nothing of the product, gets the picture on its standard input and no path, no environment, no right to
write a file; what it answers is bytes that were made from pixels. Whatever a picture does to a decoder happens here.
"""

from __future__ import annotations

import io
import json
import resource
import sys
import warnings
from typing import Any

MOST_PIXELS = 40_000_000
SIZES = {"thumbnail": 320, "copy": 1600}
QUALITY = 82
UNDECODABLE = 3
ORIENTATION = 0x0112
TURNS = {
    2: "FLIP_LEFT_RIGHT", 3: "ROTATE_180", 4: "FLIP_TOP_BOTTOM", 5: "TRANSPOSE", 6: "ROTATE_270", 7: "TRANSVERSE",
    8: "ROTATE_90",
}  # fmt: skip
"""What brings a picture upright, by what its camera noted (EXIF 2.32, tag Orientation)."""
KINDS = ("JPEG", "PNG", "GIF", "WEBP")
PLAIN_BELOW = 2
"""Neighbouring greys that differ by less say nothing: noise on an even wall would give it a look."""
EDGES_AT_LEAST = 12
"""A picture in which fewer of the 64 neighbours differ is too plain to be recognised."""


def hold_to_limits(memory: int, seconds: int) -> None:
    """Take away from this process what decoding one picture does not need."""
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def opened(data: bytes) -> Any:
    """Return the first frame, upright, in plain RGB, no larger than the copy."""
    from PIL import Image  # noqa: PLC0415 - only after the limits hold

    warnings.simplefilter("error", Image.DecompressionBombWarning)
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    image: Any = Image.open(io.BytesIO(data), formats=KINDS)
    most = SIZES["copy"]
    # A JPEG can be opened at half, a quarter or an eighth of its size, which costs that much less.
    image.draft("RGB", (most, most))
    turn = TURNS.get(image.getexif().get(ORIENTATION, 1))
    image.load()
    image = _flat(image)
    image.thumbnail((most, most), Image.Resampling.LANCZOS, reducing_gap=3.0)
    return image if turn is None else image.transpose(Image.Transpose[turn])


def _flat(image: Any) -> Any:
    """Bring any way of storing colours to RGB: deep greys are scaled, what is transparent becomes white."""
    from PIL import Image  # noqa: PLC0415

    if image.mode.startswith("I"):
        image = image.convert("I").point(lambda grey: grey * (1 / 256)).convert("L")
    if image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        over = image.convert("RGBA")
        image = Image.new("RGB", over.size, "white")
        image.paste(over, mask=over.getchannel("A"))
    return image.convert("RGB")


def looks_of(image: Any) -> tuple[int, int] | None:
    """Return the picture's difference hashes, 64 and 256 bits: is each grey darker than its right neighbour?

    Neal Krawetz, "Kind of Like That" (2013). They survive scaling, compression and changes of brightness. The first
    finds what may be alike, the second tells doors apart that have their light from the same side. A picture of an
    even surface has none.
    """
    steps = _steps(image, 8)
    if sum(abs(step) >= PLAIN_BELOW for step in steps) < EDGES_AT_LEAST:
        return None
    return _bits(steps), _bits(_steps(image, 16))


def _steps(image: Any, side: int) -> list[int]:
    from PIL import Image  # noqa: PLC0415

    wide = side + 1
    grey = image.convert("L").resize((wide, side), Image.Resampling.LANCZOS).tobytes()
    return [grey[wide * row + nth + 1] - grey[wide * row + nth] for row in range(side) for nth in range(side)]


def _bits(steps: list[int]) -> int:
    return int("".join("1" if step > 0 else "0" for step in steps), 2)


def written(image: Any, most: int) -> bytes:
    """Return the picture as a JPEG of at most so many pixels a side, with nothing beside the pixels."""
    from PIL import Image  # noqa: PLC0415

    small = image.copy()
    small.thumbnail((most, most), Image.Resampling.LANCZOS, reducing_gap=3.0)
    bare = Image.new("RGB", small.size)
    bare.paste(small)  # pixels only: EXIF, ICC and XMP ride on the object, not on them
    file = io.BytesIO()
    bare.save(file, "JPEG", quality=QUALITY, optimize=True, progressive=False)
    return file.getvalue()


def main() -> int:
    """Read a picture, answer one line of facts and the two smaller pictures; 3: it cannot be opened."""
    hold_to_limits(int(sys.argv[1]), int(sys.argv[2]))
    try:
        image = opened(sys.stdin.buffer.read())
        made = {name: written(image, most) for name, most in SIZES.items()}
        looks = looks_of(image)
    except Exception:  # noqa: BLE001 - decoders raise anything at all; the parent only needs to know that it failed
        return UNDECODABLE
    facts = {"looks": looks, "sizes": {name: len(body) for name, body in made.items()}}
    sys.stdout.buffer.write(json.dumps(facts).encode() + b"\n" + b"".join(made.values()))
    sys.stdout.buffer.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
