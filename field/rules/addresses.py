"""Addresses as people write them: one form for comparing, what a visit proves of them, which of the known fits best.

The form follows how addresses are built (division, then road or village, then group, door, building, unit, room; the
order of GB/T 23705-2009). It is for comparing only: what was typed is kept and shown, rare Han characters exactly.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Final
from uuid import UUID

# Full-width ASCII, as Chinese input methods write digits, letters and blanks; and the selectors that only say how a
# character is drawn. Unicode's own compatibility forms would change rare characters in people's and villages' names.
_WIDTHS: Final[dict[int, str | None]] = {
    0x3000: " ",
    **{code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)},
    **dict.fromkeys([*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)]),
}
_WIDE: Final = re.compile("[\u3000\uff01-\uff5e\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_NUMERAL: Final = "零〇一二三四五六七八九十百"
_UNIT: Final = "号楼|号院|单元|号|组|队|楼|层|室|户|排|座|弄|米"
# Only where a unit follows: a numeral elsewhere is part of a name (三义寨, 八一路, 五里河村).
_SPELLED: Final = re.compile(
    f"[{_NUMERAL}]+(?=号|组|队|栋|幢|单元|层|室|排|楼(?![村社庄寨])|村民小?组|居民小?组|小组|生产队)"
)
_ONES: Final = "[一二三四五六七八九]"
_IN_TENS: Final = re.compile(f"(?:({_ONES})百)?零?(?:({_ONES})?(十))?({_ONES})?")
_SPELLINGS: Final = tuple(
    (word, re.compile(pattern), instead)
    for word, pattern, instead in (
        ("第", r"第 *(?=\d)", " "),
        ("组", r"(?<=\d)(?:村民|居民)?小?组", "组"),
        ("队", r"(?<=\d)生产队", "队"),
        ("栋", r"(?<=\d)栋", "号楼"),
        ("幢", r"(?<=\d)幢", "号楼"),
        ("委", "(?<=社区)(?:居民委员会|居委会)", ""),
        ("委", "村?村民委员会|村?村委会", "村"),
        ("街道办", "(?<=街道)办(?:事处)?", ""),
    )
)
_PARTS: Final = re.compile(
    f"[0-9A-Z]*[0-9][0-9A-Z]*(?: *(?:{_UNIT}))?|[^0-9 ]*?(?:[省市县区乡镇村]|街道)|[^0-9 ]+?(?=[A-Z]*[0-9]|[ ]|$)"
)
_NUMBERED: Final = re.compile(f"(?<!\\S)([0-9A-Z]*[0-9][0-9A-Z]*)({_UNIT})?(?!\\S)")
_WITH_NUMBER: Final = re.compile(r"\S*[0-9]\S*")
_APART: Final = re.compile(r"[^\w]+|_+")


def normalise(text: str, divisions_above: Sequence[str] = ()) -> str:
    """Return an address as words set apart by blanks: `兰考县许河乡杨桥村第三组１２号` → `许河乡 杨桥村 3组 12号`.

    Widths, blanks, punctuation, 第, the offices of villages and the usual spellings of groups and blocks no longer tell
    two addresses apart; numerals become digits where a unit follows. `divisions_above` are names of province,
    prefecture and county to be left out at the beginning, because not everybody writes them.
    """
    plain = text.translate(_WIDTHS) if _WIDE.search(text) else text
    plain = _APART.sub(" ", plain.replace("#", "号").upper()).strip()
    above = _beginning(tuple(divisions_above)).match(plain)
    plain = _SPELLED.sub(lambda found: _digits(found[0]), plain[above.end() :] if above else plain)
    for word, pattern, instead in _SPELLINGS:
        if word in plain:
            plain = pattern.sub(instead, plain)
    return " ".join([part.replace(" ", "") for part in _PARTS.findall(plain)])


def words_of(normal: str) -> str:
    """Return the part of a normalised address that has no number: what trigrams find a place by."""
    return " ".join(_WITH_NUMBER.sub("", normal).split())


def numbers_of(normal: str) -> dict[str, frozenset[str]]:
    """Return the numbers of a normalised address by their unit: group, door, building, unit, room."""
    found: dict[str, frozenset[str]] = {}
    for number, unit in _NUMBERED.findall(normal):
        found[unit] = found.get(unit, frozenset()) | {number}
    return found


def book_id(court_id: int, division_code: str, normal: str) -> UUID:
    """Return the entry's id: the same address of the same court in the same division is one entry.

    Made from what it is, so that a thousand tasks are entered by one statement that nobody has to answer.
    """
    told = f"{court_id}\0{division_code}\0{normal}".encode()
    return UUID(bytes=hashlib.blake2b(told, digest_size=16, person=b"address book").digest())


@lru_cache(maxsize=1024)
def _beginning(names: tuple[str, ...]) -> re.Pattern[str]:
    """Match these names at the beginning, with or without their endings, as long as something is left behind them."""
    # 兰考许河乡, but not 兰考路: there the name is a road's.
    full = [re.escape(name) for name in names]
    short = [f"{re.escape(name[:-1])}(?![路街巷道大省市县区镇乡村])" for name in names if len(name) > 2]
    return re.compile(f"(?:(?:{'|'.join([*full, *short]) or '(?!)'}) ?)+(?=.)")


def _digits(numeral: str) -> str:
    """Return `十二` as `12` and `二〇一` as `201`; what is no number of either kind stays as it is."""
    values = [_NUMERAL.find(letter) for letter in numeral]
    plain = [max(value - 1, 0) for value in values]
    if not {"十", "百"} & set(numeral):
        return "".join(map(str, plain))
    found = _IN_TENS.fullmatch(numeral)
    if found is None:
        return numeral
    hundreds, tens, ten, ones = found.groups()
    value = {name: _NUMERAL.find(name) - 1 for name in filter(None, (hundreds, tens, ones))}
    return str(100 * value.get(hundreds, 0) + (10 * value.get(tens, 1) if ten else 0) + value.get(ones, 0))


class Source(StrEnum):
    """How an entry's point came to be known."""

    GIVEN = "given"
    COURT = "court"
    COORDINATOR = "coordinator"
    VISIT = "visit"


FIX_M = 50.0
"""A phone's fix tells where a door is when it claims at least this accuracy, in metres."""
NEAR_M = 500.0
"""A visit farther than this from the point that was known happened elsewhere: it says nothing of the address."""

PROVES = frozenset(
    {
        *("SERVED_SELF", "SERVED_COHABITANT", "SERVED_LEGAL_REP", "SERVED_ORG_RECEIVER"),
        *("RETAINED_WITNESSED", "RETAINED_RECORDED", "REFUSED_PENDING_COURT"),
        *("FOUND_PRESENT", "LIVES_HERE_ABSENT", "ORG_OPERATING", "CONFIRMED"),
    }
)
"""Outcomes by which the addressee, or the thing, belongs to this address; agents and designees may live elsewhere."""
FAILS = frozenset(
    {
        *("NO_SUCH_ADDRESS", "NO_SUCH_PERSON", "MOVED_NEW_ADDRESS", "MOVED_UNKNOWN", "ORG_GONE"),
        *("NEW_ADDRESS", "UNKNOWN_CERTIFIED", "UNKNOWN_UNCERTIFIED", "ORG_CLOSED", "ORG_MOVED"),
    }
)
"""Outcomes by which the address is not, or no longer, theirs."""
WRONG = frozenset({"NO_SUCH_ADDRESS", "NO_SUCH_PERSON", "MOVED_NEW_ADDRESS", "MOVED_UNKNOWN"})
"""Outcomes by which the court had the wrong address: whoever is sent there again goes for nothing."""
WRONG_OFTEN = 3
"""Wrong on so many days, an address is shown with a warning."""
ABSENT = frozenset({"NOT_HOME", "NOT_MET", "AWAY_KNOWN", "AWAY_SEASONAL"})
"""Outcomes that say nothing of the address: nobody was there. They are counted apart."""


def proves_place(outcome: str, accuracy_m: float | None, *, late: bool) -> bool:
    """Tell whether an attempt shows where its address is: it ended there, with a good fix, by who held the task."""
    return outcome in PROVES and accuracy_m is not None and accuracy_m <= FIX_M and not late


@dataclass(frozen=True)
class Entry:
    """What ranking looks at: an entry's form, where it lies, how alike PostgreSQL finds it, and its history.

    The history is None for readers who do not learn it.
    """

    normal: str
    division: str
    similarity: float
    source: Source
    confirmed_at: datetime
    history: History | None = None


@dataclass(frozen=True)
class History:
    """What became of the visits to an address: proven, failed, nobody there; the last failure; days it was wrong."""

    visits_ok: int = 0
    visits_failed: int = 0
    not_home: int = 0
    last_failure: str | None = None
    last_failed_at: datetime | None = None
    wrong: int = 0


def fitness(asked: str, divisions: Collection[str], entry: Entry) -> float:
    """Return how well an entry fits a normalised address; more is better, only the order means anything.

    The text's similarity (0–1) comes first. A number that contradicts (第3组 and 第13组) costs more than any likeness
    of names gains; lying where the text says adds, lying elsewhere costs; each failed visit costs, up to three; a
    proven place is preferred to one that was only told.
    """
    fit = entry.similarity
    if contradicts(numbers_of(asked), numbers_of(entry.normal)):
        fit -= 0.4
    if divisions:
        fit += 0.2 if any(entry.division.startswith(each) for each in divisions) else -0.2
    fit += {Source.VISIT: 0.1, Source.COURT: 0.05, Source.COORDINATOR: 0.05}.get(entry.source, 0.0)
    if entry.history:
        fit += 0.05 if entry.history.visits_ok else 0.0
        fit -= 0.15 * min(entry.history.visits_failed, 3)
    return fit


def contradicts(asked: Mapping[str, frozenset[str]], known: Mapping[str, frozenset[str]]) -> bool:
    """Tell whether two addresses name different numbers of one unit; a unit that only one names says nothing."""
    return any(not asked[unit] & known[unit] for unit in asked.keys() & known.keys())


def best_first(asked: str, divisions: Collection[str], entries: Iterable[Entry]) -> list[int]:
    """Return the entries' places in their order of fitness; of equals the newest confirmed comes first."""
    told = list(entries)
    return sorted(
        range(len(told)),
        key=lambda nth: (-fitness(asked, divisions, told[nth]), -told[nth].confirmed_at.timestamp(), nth),
    )
