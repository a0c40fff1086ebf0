"""Days on which something promised or expected is looked at again: who is told when, and what it lapses to.

A promise to pay has no legal effect of its own (CPL art. 241 asks for agreement of both sides): that nobody says it was
kept makes a proposal, and a person decides.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from field.rules.records import ObservationKind, Records
from field.rules.refusals import Refused


class FollowUpKind(StrEnum):
    """What is awaited on the day."""

    PROMISE = "PROMISE"
    REVISIT = "REVISIT"
    SEASONAL_RETURN = "SEASONAL_RETURN"


class FollowUpState(StrEnum):
    """Where it stands; `lapsed` is a proposal that a person makes final."""

    OPEN = "open"
    LAPSED = "lapsed"
    KEPT = "kept"
    BROKEN = "broken"
    CANCELLED = "cancelled"


class FollowUpDecision(StrEnum):
    """What a person may say of it."""

    KEPT = "KEPT"
    BROKEN = "BROKEN"
    CANCELLED = "CANCELLED"


class Verdict(StrEnum):
    """What the court makes of an observation."""

    PROMOTED = "PROMOTED"
    REJECTED = "REJECTED"


REVISIT_AFTER = timedelta(days=30)
"""After an explanation was accepted, somebody looks in once more (house default)."""
TELLINGS: Mapping[int, int] = {-3: 1, -1: 2, 1: 4}
"""The days around the day itself on which worker and court are told, and the bit that remembers each."""
LAPSES_AFTER = timedelta(days=1)
PROPOSALS: Mapping[FollowUpKind, str] = {
    FollowUpKind.PROMISE: "PROMISE_BROKEN",
    FollowUpKind.REVISIT: "REVISIT_MISSED",
    FollowUpKind.SEASONAL_RETURN: "RETURN_DAY_PASSED",
}
"""What a lapsed one is proposed to be; never more than a proposal (PIPL art. 24)."""
KINDS: Mapping[FollowUpKind, tuple[str, str]] = {
    FollowUpKind.PROMISE: ("承诺履行到期", "a promise to pay falls due"),
    FollowUpKind.REVISIT: ("回访", "a visit once more"),
    FollowUpKind.SEASONAL_RETURN: ("预计返乡", "expected back"),
}
OBSERVATIONS: Mapping[ObservationKind, tuple[str, str]] = {
    ObservationKind.ADDRESS: ("住址", "an address"),
    ObservationKind.WORKPLACE: ("工作单位", "a workplace"),
    ObservationKind.PHONE: ("联系电话", "a phone number"),
    ObservationKind.RETURN_DATE: ("返乡日期", "a day of return"),
    ObservationKind.WHEREABOUTS: ("去向", "whereabouts"),
}


@dataclass(frozen=True)
class Awaited:
    """A follow-up to be: what, when, and for a promise how much (fen)."""

    kind: FollowUpKind
    due_on: date
    amount_fen: int | None = None


def awaited(outcome: str, records: Records, today: date) -> Awaited | None:
    """Return what an attempt leaves to wait for, if anything.

    A promise is waited for even where its day had passed before the phone was heard: the court then says what came of
    it. An expected return that has passed is not.
    """
    if outcome == "PROMISE_TO_PAY" and records.undertaking:
        return Awaited(FollowUpKind.PROMISE, records.undertaking.on, records.undertaking.amount_fen)
    if outcome == "EXPLAINED_ACCEPTED":
        return Awaited(FollowUpKind.REVISIT, today + REVISIT_AFTER)
    if outcome in ("AWAY_SEASONAL", "AWAY_KNOWN"):
        told = [each.on for each in records.observations if each.kind is ObservationKind.RETURN_DATE and each.on]
        to_come = [day for day in told if day >= today]
        return Awaited(FollowUpKind.SEASONAL_RETURN, min(to_come)) if to_come else None
    return None


def past_already(due_on: date, today: date) -> int:
    """Return the bits of the tellings whose days were over before there was anything to tell of."""
    return sum(bit for days, bit in TELLINGS.items() if due_on + timedelta(days=days) < today)


def due_tellings(due_on: date, told: int, today: date) -> list[int]:
    """Return which of D−3, D−1 and D+1 are to be told now: those that have come and were not told yet."""
    return [days for days, bit in TELLINGS.items() if not told & bit and due_on + timedelta(days=days) <= today]


def with_told(told: int, days: list[int]) -> int:
    """Return the bits after these have been told."""
    return told | sum(TELLINGS[each] for each in days)


def lapses(due_on: date, today: date) -> bool:
    """Tell whether the day after the day has passed too, and nobody has said anything."""
    return today > due_on + LAPSES_AFTER


def decided(state: FollowUpState, decision: FollowUpDecision) -> FollowUpState:
    """Return what a decision makes of it; refuse `follow_up_decided` (409) where a person has decided already."""
    if state not in (FollowUpState.OPEN, FollowUpState.LAPSED):
        raise Refused("follow_up_decided", state=state.value)
    return FollowUpState(decision.value.lower())
