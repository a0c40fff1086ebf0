"""Pictures as papers show them: small, upright, without what the camera wrote into them; always the same bytes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from io import BytesIO

from PIL import Image

from field.rules.refusals import Refused
from field.vault.pictures import DecoderFailed, Size, Undecodable, decode

PAPER = 2_600_000
"""Bytes that the pictures of one paper may have together: a return with four photos then stays under 3 MB."""
LARGEST = 700_000
_STEPS = ((1280, 78), (1024, 72), (800, 62), (640, 50))
"""Longest side in pixels and JPEG quality, from the best down: the first that fits is taken."""


@dataclass(frozen=True)
class Shown:
    """A picture to be printed: JPEG bytes, and its size in pixels."""

    body: bytes
    width: int
    height: int

    @property
    def is_strip(self) -> bool:
        """Tell whether it has the shape of a signature rather than of a sheet or a scene."""
        return self.width >= 1.8 * self.height


Read = Callable[[str], bytes | None]
"""Returns bytes by the SHA-256 (hex) of a sealed original, None where there are none."""


@dataclass(frozen=True)
class Shelf:
    """Where pictures come from: the sealed originals, and the smaller copies that were kept of some."""

    original: Read
    copy: Read


def shown(digests: Sequence[str], shelf: Shelf) -> list[Shown | None]:
    """Return copies for printing, in order; None for what is not there or is no picture that can be read.

    Refuses `busy` (503) where the decoder failed otherwise: better no paper now than one that lacks a signature.
    A kept copy is what opening the original gives; where there is none it is opened in a child process, two at a time.
    """
    most = min(LARGEST, PAPER // max(1, len(digests)))
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(lambda digest: _shown(digest, shelf, most), digests))


def _shown(digest: str, shelf: Shelf, most: int) -> Shown | None:
    try:
        kept = shelf.copy(digest) or _opened(shelf.original(digest))
        return _fitted(kept, most) if kept else None
    except (DecoderFailed, OSError, ValueError, SyntaxError):
        raise Refused("busy") from None
    except Undecodable:
        return None


def _opened(original: bytes | None) -> bytes | None:
    return decode(original).copies[Size.COPY] if original is not None else None


def _fitted(copy: bytes, most: int) -> Shown:
    """Make a copy smaller until it fits: some scenes are all detail."""
    with Image.open(BytesIO(copy), formats=["JPEG"]) as picture:
        steps = iter(_STEPS)
        while len(copy) > most and (step := next(steps, None)):
            picture.thumbnail((step[0], step[0]), Image.Resampling.BICUBIC)
            written = BytesIO()
            picture.save(written, "JPEG", quality=step[1])
            copy = written.getvalue()
        return Shown(copy, *picture.size)
