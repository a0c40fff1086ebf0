"""What asks for a second look: reasons to put a piece of evidence or an attempt before a person.

Never a verdict and never a refusal: a phone can lie about place and time, and an honest visit can look odd. Each
reason goes to the review queue with the numbers it rests on, and a court officer looks (个人信息保护法 24: no
decision by machine alone). Nothing is added up per person (国办函〔2026〕12号).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from field.rules.choosing import metres
from field.rules.evidence import EvidenceKind


class Why(StrEnum):
    """Why somebody should look again."""

    SAME_BYTES = "same_bytes"
    NEAR_SAME = "near_same"
    FAR = "far"
    CLOCK_SKEWED = "clock_skewed"
    CLOCK_UNTRUSTED = "clock_untrusted"
    BURST = "burst"
    MOCK_LOCATION = "mock_location"
    IMPORTED = "imported"
    UNDECODABLE = "undecodable"


class ReviewState(StrEnum):
    """Waiting for a court officer, or looked at."""

    OPEN = "open"
    LOOKED = "looked"


WORDS: dict[Why, tuple[str, str]] = {
    Why.SAME_BYTES: ("与另一次记录的文件完全相同，请人工复核", "the same file as in another record: please look"),
    Why.NEAR_SAME: ("与另一次记录的照片相近，请人工复核", "a photo like one of another record: please look"),
    Why.FAR: ("定位与任务地址相距较远，请人工复核", "taken away from the task's address: please look"),
    Why.CLOCK_SKEWED: (
        "手机时钟有偏差，时间已校正，请人工复核",
        "the phone's clock was off and was put right: please look",
    ),
    Why.CLOCK_UNTRUSTED: ("手机时间无法核对，请人工复核", "the phone's time cannot be checked: please look"),
    Why.BURST: ("同一台手机短时间内多次记录，请人工复核", "many records by one phone in a short time: please look"),
    Why.MOCK_LOCATION: ("系统标记为模拟定位，请人工复核", "the phone marked its position as simulated: please look"),
    Why.IMPORTED: ("文件为导入，非应用内拍摄，请人工复核", "the file was imported, not taken in the app: please look"),
    Why.UNDECODABLE: ("图片无法打开，请人工复核", "the picture cannot be opened: please look"),
}
"""Neutral words: what was seen, never what it might mean."""

FAR_AT_LEAST_M = 500.0
FAR_BY_ACCURACY = 3.0
BURST_OF = 10
BURST_WITHIN = timedelta(minutes=2)
NEAR_WITHIN = timedelta(days=90)
NEAR_BITS, NEAR_FINER_BITS = 7, 36
"""Two photos are held to be alike whose difference hashes differ in at most so many of 64, and so many of 256 bits.

Of 2,000 pairs of a photo and what was made of it (smaller, lighter, cut by 2 %, pressed harder) 99.6 % are found, and
of 4,498,500 pairs of made-up doors none is taken for another; by the 64 bits alone it would be 53.
"""
SCENES = frozenset(
    {EvidenceKind.PHOTO_DOOR, EvidenceKind.PHOTO_HANDOVER, EvidenceKind.PHOTO_DOC_LEFT, EvidenceKind.PHOTO_SCENE}
)
"""Only photos of places are held against each other: one receipt form looks like the next."""
ELSEWHERE = frozenset({EvidenceKind.AUDIO_CALL, EvidenceKind.E_RECEIPT, EvidenceKind.NOTE})
"""What is rightly made away from the address."""
OF_A_VISIT = frozenset({Why.FAR, Why.CLOCK_SKEWED, Why.CLOCK_UNTRUSTED, Why.MOCK_LOCATION, Why.IMPORTED})
"""What is true of a visit as a whole: its other photos need not say it again."""


@dataclass(frozen=True)
class Reason:
    """One reason, with the numbers and ids that it rests on; never a name, an address or words."""

    why: Why
    facts: dict[str, Any]


@dataclass(frozen=True)
class Place:
    """A point in WGS-84 and, of a phone's fix, how far off it may be."""

    lon: float
    lat: float
    accuracy_m: float | None = None


@dataclass(frozen=True)
class Signs:
    """What a phone said of the moment and the place in which a piece was made."""

    marks: Sequence[str] = ()
    place: Place | None = None
    is_mock: bool = False
    imported: bool = False


def reasons_for(kind: EvidenceKind, signs: Signs, address: Place | None) -> list[Reason]:
    """Return the reasons that lie in the phone's own words, held against the task's address if that is known."""
    found = [Reason(why, {}) for why in (Why.CLOCK_UNTRUSTED, Why.CLOCK_SKEWED) if why in signs.marks][:1]
    if signs.is_mock:
        found.append(Reason(Why.MOCK_LOCATION, {}))
    if signs.imported and kind is not EvidenceKind.E_RECEIPT:
        found.append(Reason(Why.IMPORTED, {}))
    away = None if kind in ELSEWHERE else far(signs.place, address)
    return found if away is None else [*found, away]


def far(place: Place | None, address: Place | None) -> Reason | None:
    """Tell whether a fix lies further from the address than 500 m and than three times its accuracy."""
    if place is None or address is None:
        return None
    limit = max(FAR_AT_LEAST_M, FAR_BY_ACCURACY * (place.accuracy_m or 0.0))
    distance = metres(place.lon, place.lat, address.lon, address.lat)
    if distance <= limit:
        return None
    return Reason(Why.FAR, {"metres": round(distance), "limit_m": round(limit)})


def burst(moments: Sequence[datetime]) -> bool:
    """Tell whether ten of these moments lie within two minutes of each other."""
    ordered = sorted(moments)
    pairs = zip(ordered, ordered[BURST_OF - 1 :], strict=False)
    return any(last - first <= BURST_WITHIN for first, last in pairs)


def alike(one: tuple[int, bytes], other: tuple[int, bytes]) -> bool:
    """Tell whether two photos look alike, by their hashes of 64 and of 256 bits."""
    if bits_apart(one[0], other[0]) > NEAR_BITS:
        return False
    return bits_apart(int.from_bytes(one[1], "big"), int.from_bytes(other[1], "big")) <= NEAR_FINER_BITS


def bits_apart(one: int, other: int) -> int:
    """Return in how many bits two hashes differ; those of 64 may be signed."""
    apart = one ^ other
    return (apart & 0xFFFF_FFFF_FFFF_FFFF if apart < 0 else apart).bit_count()


def bands(look: int) -> tuple[int, int, int, int]:
    """Cut a 64-bit hash into four numbers of 16 bits, first bits first."""
    first, second, third, fourth = ((look >> shift) & 0xFFFF for shift in (48, 32, 16, 0))
    return first, second, third, fourth


def neighbours(band: int) -> list[int]:
    """Return the band and all that differ from it in one bit.

    Of two hashes that differ in at most seven bits, at least one band differs in at most one: so who asks for the
    neighbours of each of the four bands misses none.
    """
    return [band, *(band ^ (1 << bit) for bit in range(16))]
