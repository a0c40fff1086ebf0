"""Seals, seizures and freezes: how long each may last, when to remind, and when they clearly exceed the claim."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction

from field.rules.refusals import Refused


class AssetCategory(StrEnum):
    """The sorts of things whose seizure lasts differently long (JI art. 485)."""

    DEPOSIT = "DEPOSIT"
    MOVABLE = "MOVABLE"
    IMMOVABLE = "IMMOVABLE"
    OTHER_RIGHT = "OTHER_RIGHT"


class Measure(StrEnum):
    """What the court has done to a thing: sealed 查封, seized 扣押 or frozen 冻结."""

    SEAL = "SEAL"
    SEIZE = "SEIZE"
    FREEZE = "FREEZE"


LONGEST_YEARS: dict[AssetCategory, int] = {
    AssetCategory.DEPOSIT: 1,
    AssetCategory.MOVABLE: 2,
    AssetCategory.IMMOVABLE: 3,
    AssetCategory.OTHER_RIGHT: 3,
}
"""At the longest, also when renewed (JI art. 485)."""
LONGEST_ARTICLE = "JI 485"
REMINDERS = (60, 30, 7)
"""Days before a seizure lapses at which its court is reminded to renew it or to go on without."""
EXCESS_FACTOR = Fraction(12, 10)
"""Above so many times the claim with its costs the seized things clearly exceed it; the law names no number."""
EXCESS_ARTICLE = "查封规定 19; CPL 253"


def last_lawful_day(category: AssetCategory, begun_on: date) -> date:
    """Return the last day on which a seizure begun on this day may lapse (JI art. 485)."""
    year = begun_on.year + LONGEST_YEARS[category]
    try:
        return begun_on.replace(year=year)
    except ValueError:  # 29 February
        return date(year, 2, 28)


def check_length(category: AssetCategory, begun_on: date, expires_on: date) -> None:
    """Refuse `seizure_too_long` or `day_before_begin` (422): a day at least, at most what JI 485 allows."""
    if expires_on <= begun_on:
        raise Refused("day_before_begin", field="expires_on")
    if expires_on > (latest := last_lawful_day(category, begun_on)):
        raise Refused("seizure_too_long", field="expires_on", latest=str(latest))


def reminders_due(expires_on: date, told: Collection[int], today: date) -> list[int]:
    """Return the reminders that are due and not yet given, the longest first; nothing once it has lapsed."""
    left = (expires_on - today).days
    return [days for days in REMINDERS if 0 <= left <= days and days not in told]


@dataclass(frozen=True)
class Seized:
    """What one seized thing is worth to the claim: its appraisal, less the rights that come before."""

    appraised_fen: int | None
    prior_rights_fen: int = 0

    @property
    def net_fen(self) -> int:
        """What is left for the claim; a thing not appraised counts nothing yet."""
        return max((self.appraised_fen or 0) - self.prior_rights_fen, 0)


@dataclass(frozen=True)
class Excess:
    """How what is seized stands to the claim: a hint for a person to look, never a refusal."""

    seized_fen: int
    claim_fen: int | None
    excess: bool
    article: str = EXCESS_ARTICLE


def weigh(seized: Iterable[Seized], claim_fen: int | None, costs_fen: int | None) -> Excess:
    """Weigh what is seized against claim and costs; without a known claim nothing can exceed it."""
    total = sum(each.net_fen for each in seized)
    claim = None if claim_fen is None else claim_fen + (costs_fen or 0)
    return Excess(total, claim, claim is not None and total > claim * EXCESS_FACTOR)
