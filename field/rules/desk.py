"""What may need the court today, by group: in which order, what it is called, and what to do next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from field.rules import follow_ups, referrals, seizures, suspicion
from field.rules.follow_ups import FollowUpKind
from field.rules.referrals import ReferralKind
from field.rules.suspicion import Why
from field.rules.terms import TERMS, TermCode


class Group(StrEnum):
    """Sorts of things that wait for somebody, the most pressing first: the order of the desk."""

    ALERT = "alert"
    TERM = "term"
    ASSET_CHECK = "asset_check"
    REFERRAL = "referral"
    SEIZURE = "seizure"
    FOLLOW_UP = "follow_up"
    HELD = "held"
    REPORTED = "reported"
    UNPLACED = "unplaced"
    REVIEW = "review"
    CLOSE = "close"
    FIRST_ATTEMPT = "first_attempt"
    ACCEPT = "accept"


GRID_GROUPS = (Group.CLOSE, Group.FIRST_ATTEMPT, Group.ACCEPT)
"""What a township may see at risk: its own part, nothing of the case."""


@dataclass(frozen=True)
class Words:
    """What an item is called, what to do next, and the article its term rests on."""

    name: str
    next: str
    article: str | None = None


OWN: Mapping[str, tuple[str, str, str, str, str | None]] = {
    "SEIZURE_EXPIRES": (
        "查封、扣押、冻结即将到期",
        "a seal, seizure or freeze is about to lapse",
        "到期前办理续行，或解除",
        "renew it before it lapses, or lift it",
        seizures.LONGEST_ARTICLE,
    ),
    "SEIZURE_LAPSED": (
        "查封、扣押、冻结已到期失效",
        "a seal, seizure or freeze has lapsed",
        "登记解除；需要时重新采取措施",
        "note that it has ended; take a new measure where needed",
        seizures.LONGEST_ARTICLE,
    ),
    "HELD": (
        "反馈未能受理，需人工决定",
        "a report could not be applied",
        "查看现场记录，致电网格员，或另行指派",
        "read the attempt, call the worker, or give the task to another",
        None,
    ),
    "REPORTED": (
        "网格员已反馈",
        "reported back",
        "核对后办结，或退回补充",
        "check it, then close or return it",
        None,
    ),
    "UNPLACED": (
        "任务尚未定位",
        "the task has no cell",
        "确认候选地址，或指定网格",
        "confirm a candidate address, or name the cell",
        None,
    ),
}
_NEXT_OF = {
    Group.REFERRAL: ("核实后移送，或不予移送", "look into it, then refer or decline it"),
    Group.FOLLOW_UP: ("核对履行情况并登记", "check what was done and write it down"),
    Group.REVIEW: ("人工查看并记下结论", "look at it and write down what you find"),
}


def words_of(group: Group, code: str) -> Words:
    """Return the words of an item, Chinese / English."""
    if code in TermCode.__members__:
        rule = TERMS[TermCode(code)]
        return Words(f"{rule.zh} / {rule.en}", f"{rule.next_zh} / {rule.next_en}", rule.article)
    if code in OWN:
        zh, en, next_zh, next_en, article = OWN[code]
        return Words(f"{zh} / {en}", f"{next_zh} / {next_en}", article)
    if code in ReferralKind.__members__:
        rule_of = referrals.REFERRALS[ReferralKind(code)]
        return Words(f"{rule_of.zh} / {rule_of.en}", " / ".join(_NEXT_OF[Group.REFERRAL]), rule_of.article)
    names = follow_ups.KINDS[FollowUpKind(code)] if group is Group.FOLLOW_UP else suspicion.WORDS[Why(code)]
    return Words(" / ".join(names), " / ".join(_NEXT_OF[group]))
