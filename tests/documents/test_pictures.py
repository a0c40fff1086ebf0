"""Pictures on paper: small enough together, whatever they show, and never the original."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from field.documents.pictures import LARGEST, PAPER, Shelf, Shown, shown
from field.rules.refusals import Refused
from field.vault.pictures import DecoderFailed, Size, decode
from tests.documents.samples import photo, signature
from tests.scenes import jpeg


def _shown(*originals: bytes | None) -> list[Shown | None]:
    store = {str(nth): original for nth, original in enumerate(originals)}
    return shown(list(store), Shelf(store.get, lambda _: None))


def _grain(seed: int) -> bytes:
    """A photo that is all detail: the hardest to make small."""
    noise = np.random.default_rng(seed).integers(0, 255, (1500, 2000, 3), dtype=np.uint8)
    return jpeg(Image.fromarray(noise), 95)


def test_they_come_in_order_and_small() -> None:
    wide, ink, broken, none = _shown(photo(1, (2400, 1200)), signature(1), b"\xff\xd8\xff no picture", None)
    assert wide is not None
    assert ink is not None
    assert (broken, none) == (None, None)
    assert (wide.width, wide.height, wide.is_strip) == (1600, 800, True)
    assert ink.is_strip
    with Image.open(BytesIO(ink.body)) as picture:
        assert picture.getpixel((0, 0)) == (255, 255, 255)


@pytest.mark.parametrize("failure", [DecoderFailed(), OSError("no room for a child")])
def test_a_paper_waits_rather_than_lack_a_picture_that_may_be_readable(failure: Exception) -> None:
    def fails(_: str) -> bytes:
        raise failure

    with pytest.raises(Refused, match="busy"):
        shown(["a"], Shelf(fails, lambda _: None))


def test_a_kept_copy_that_is_spoilt_makes_a_paper_wait() -> None:
    with pytest.raises(Refused, match="busy"):
        shown(["a"], Shelf(lambda _: None, lambda _: b"\xff\xd8\xff spoilt"))


def test_four_of_the_hardest_fit_together() -> None:
    found = _shown(*(_grain(seed) for seed in range(4)))
    assert all(each is not None for each in found)
    assert sum(len(each.body) for each in found if each) <= PAPER
    [alone] = _shown(_grain(1))
    assert alone is not None
    assert len(alone.body) <= LARGEST


def test_the_same_picture_is_the_same_bytes() -> None:
    assert _shown(_grain(1), photo(2)) == _shown(_grain(1), photo(2))


def test_a_kept_copy_spares_opening_the_original_and_gives_the_same() -> None:
    kept = decode(photo(1)).copies[Size.COPY]
    spared = shown(["a"], Shelf(lambda _: pytest.fail("opened"), lambda _: kept))
    assert spared == _shown(photo(1))
