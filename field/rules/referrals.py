"""What is passed on to somebody else: to whom, on which article, who may make, see and decide it. All as data.

An outcome only proposes; a person refers, declines and decides (PIPL art. 24). Content is facts, never an amount.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from field.rules.people import Role
from field.rules.refusals import Refused
from field.rules.release import is_sealed
from field.rules.terms import TermCode


class ReferralKind(StrEnum):
    """What is passed on."""

    JUDICIAL_AID = "JUDICIAL_AID"
    SOCIAL_ASSISTANCE = "SOCIAL_ASSISTANCE"
    REFUSAL_EVIDENCE = "REFUSAL_EVIDENCE"
    THIRD_PARTY_CLAIM = "THIRD_PARTY_CLAIM"
    INCIDENT = "INCIDENT"
    INTERFERENCE = "INTERFERENCE"
    COMPLAINT = "COMPLAINT"
    COURT_NOTE = "COURT_NOTE"


class Body(StrEnum):
    """To whom it goes."""

    COURT = "COURT"
    COURT_AID_OFFICE = "COURT_AID_OFFICE"
    CIVIL_AFFAIRS = "CIVIL_AFFAIRS"
    INSPECTION = "INSPECTION"


class ReferralState(StrEnum):
    """Where it stands: proposed, passed on or not, answered, put away."""

    PROPOSED = "proposed"
    REFERRED = "referred"
    DECLINED = "declined"
    DECIDED = "decided"
    CLOSED = "closed"


class ReferralDecision(StrEnum):
    """What a person may do with it."""

    REFER = "REFER"
    DECLINE = "DECLINE"
    DECIDE = "DECIDE"
    CLOSE = "CLOSE"


@dataclass(frozen=True)
class ReferralRule:
    """One kind: its words, its body, its article, its clock, and the roles that make, see and decide it.

    A `sealed` kind is for the court's inspection alone: whoever made one reads their own words and nothing else.
    """

    zh: str
    en: str
    to_body: Body
    article: str
    makers: frozenset[Role]
    readers: frozenset[Role]
    deciders: frozenset[Role]
    clock: TermCode | None = None
    sealed: bool = False


_COURT = frozenset({Role.DISPATCHER})
_TOWNSHIP = frozenset({Role.DISPATCHER, Role.COORDINATOR})
_ANYONE = frozenset({Role.DISPATCHER, Role.COORDINATOR, Role.WORKER})
_INSPECTION = frozenset({Role.INSPECTOR})

REFERRALS: Mapping[ReferralKind, ReferralRule] = {
    ReferralKind.JUDICIAL_AID: ReferralRule(
        "国家司法救助",
        "judicial aid",
        Body.COURT_AID_OFFICE,
        "法发〔2016〕16号",
        makers=_COURT,
        readers=_COURT,
        deciders=_COURT,
        clock=TermCode.JUDICIAL_AID_DECISION,
    ),
    ReferralKind.SOCIAL_ASSISTANCE: ReferralRule(
        "社会救助报告",
        "social assistance",
        Body.CIVIL_AFFAIRS,
        "社会救助法 39",
        makers=_TOWNSHIP,
        readers=_TOWNSHIP,
        deciders=_TOWNSHIP,
    ),
    ReferralKind.REFUSAL_EVIDENCE: ReferralRule(
        "拒执线索",
        "facts that may show refusal to comply",
        Body.COURT,
        "法释〔2024〕13号 3; Criminal Law 313",
        makers=_COURT,
        readers=_COURT,
        deciders=_COURT,
    ),
    ReferralKind.THIRD_PARTY_CLAIM: ReferralRule(
        "案外人异议提示",
        "a third party's claim",
        Body.COURT,
        "CPL 238",
        makers=_COURT,
        readers=_COURT,
        deciders=_COURT,
        clock=TermCode.OBJECTION_REVIEW,
    ),
    ReferralKind.INCIDENT: ReferralRule(
        "突发情况",
        "an incident",
        Body.COURT,
        "CPL 114(1)(4); CPL 118",
        makers=_ANYONE,
        readers=_COURT,
        deciders=_COURT,
    ),
    ReferralKind.INTERFERENCE: ReferralRule(
        "干预过问记录",
        "somebody leaned on a case",
        Body.INSPECTION,
        "中办发〔2015〕23号",
        makers=_ANYONE,
        readers=_INSPECTION,
        deciders=_INSPECTION,
        sealed=True,
    ),
    ReferralKind.COMPLAINT: ReferralRule(
        "反映执行人员",
        "a complaint about an officer",
        Body.INSPECTION,
        "信访工作条例 30(3)",
        makers=_COURT,
        readers=_INSPECTION,
        deciders=_INSPECTION,
        sealed=True,
    ),
    ReferralKind.COURT_NOTE: ReferralRule(
        "法院提示",
        "a note to the court",
        Body.COURT,
        "CPL 268(5); 法释〔2017〕8号 15",
        makers=_COURT,
        readers=_COURT,
        deciders=_COURT,
    ),
}
WORKERS_WORDS = "事实记录 / a record of facts"
"""What a worker's screen calls everything they report: what it may mean in criminal law is not theirs to say."""


@dataclass(frozen=True)
class Proposal:
    """What an outcome proposes, whether somebody has to look at once, and the minutes' clock that this starts."""

    kind: ReferralKind
    urgent: bool = False
    alert: TermCode | None = None


_K = ReferralKind
PROPOSED_BY: Mapping[str, tuple[Proposal, ...]] = {
    "HARDSHIP_SEEN": (Proposal(_K.SOCIAL_ASSISTANCE),),
    "SAYS_CANNOT_PAY": (Proposal(_K.SOCIAL_ASSISTANCE), Proposal(_K.COURT_NOTE)),
    "AID_NEEDED": (Proposal(_K.JUDICIAL_AID), Proposal(_K.SOCIAL_ASSISTANCE)),
    "EXEMPT_ONLY": (Proposal(_K.COURT_NOTE),),
    "THIRD_PARTY_CLAIMS": (Proposal(_K.THIRD_PARTY_CLAIM),),
    "MOVED_OR_DISPOSED": (Proposal(_K.REFUSAL_EVIDENCE, urgent=True),),
    "EVADING_SIGNS": (Proposal(_K.REFUSAL_EVIDENCE),),
    "REFUSES": (Proposal(_K.REFUSAL_EVIDENCE),),
    "SEAL_DAMAGED": (Proposal(_K.INCIDENT, urgent=True),),
    "UNSAFE": (Proposal(_K.INCIDENT, urgent=True),),
    "RISK_URGENT": (Proposal(_K.INCIDENT, urgent=True),),
    "COMPLAINT_ON_OFFICER": (Proposal(_K.COMPLAINT),),
    "FOUND_PRESENT": (Proposal(_K.COURT_NOTE, urgent=True, alert=TermCode.FOUND_ALERT),),
}
"""Outcome by outcome, the same for every kind of task (the house's reading of what follows)."""


def proposed(outcome: str, indicators: Sequence[object]) -> tuple[Proposal, ...]:
    """Return what an outcome proposes; signs of refusal noted with any but a sealed one go to the court as such."""
    found = PROPOSED_BY.get(outcome, ())
    if indicators and not is_sealed(outcome) and not any(each.kind is _K.REFUSAL_EVIDENCE for each in found):
        return (*found, Proposal(_K.REFUSAL_EVIDENCE))
    return found


@dataclass(frozen=True)
class Clock:
    """A term that an outcome begins for the court; `urgent` is the one for tasks of the highest priority."""

    code: TermCode
    urgent: TermCode | None = None


CLOCKS: Mapping[str, tuple[Clock, ...]] = {
    "REFUSED_PENDING_COURT": (Clock(TermCode.COURT_VISIT),),
    "NOTICE_POSTED": (Clock(TermCode.NOTICE_PERIOD),),
    "HANDED_PROPERTY_REPORT": (Clock(TermCode.PROPERTY_REPORT),),
    "LEAD_SPECIFIC": (Clock(TermCode.LEAD_CHECK, TermCode.LEAD_CHECK_URGENT),),
    "CONFIRMED": (Clock(TermCode.LEAD_CHECK, TermCode.LEAD_CHECK_URGENT),),
    "MOVED_OR_DISPOSED": (Clock(TermCode.LEAD_CHECK_URGENT),),
    "SENT_TO_COURT": (Clock(TermCode.PETITION_REGISTER), Clock(TermCode.PETITION_DONE)),
}
"""Terms of the court that begin with what was found; one that runs already goes on as it is."""

_S, _D = ReferralState, ReferralDecision
MOVES: Mapping[ReferralDecision, tuple[frozenset[ReferralState], ReferralState]] = {
    _D.REFER: (frozenset({_S.PROPOSED}), _S.REFERRED),
    _D.DECLINE: (frozenset({_S.PROPOSED, _S.REFERRED}), _S.DECLINED),
    _D.DECIDE: (frozenset({_S.PROPOSED, _S.REFERRED}), _S.DECIDED),
    _D.CLOSE: (frozenset({_S.REFERRED, _S.DECIDED}), _S.CLOSED),
}
NEEDS_WORDS = frozenset({_D.DECLINE, _D.DECIDE})
"""Decisions that say why, or what was decided."""

_AMOUNT = re.compile(
    r"[¥￥]\s*[0-9０-９]|(?<![0-9A-Za-z])(?:RMB|CNY)\s*[0-9]|"
    r"[0-9０-９一二三四五六七八九十百千两零〇.,，]+\s*[多余几]?\s*[十百千万亿]*\s*(?:元|块钱|人民币|万块|yuan)",
    re.IGNORECASE,
)


def names_amount(text: str) -> bool:
    """Tell whether a text names a sum of money: aid is asked for with facts, the amount is decided elsewhere."""
    return _AMOUNT.search(text) is not None


def check_maker(kind: ReferralKind, role: Role) -> ReferralRule:
    """Return the kind's rule; refuse `role_may_not` (403) to a role that may not make it."""
    rule = REFERRALS[kind]
    if role not in rule.makers:
        raise Refused("role_may_not", role=role.value)
    return rule


def check_content(kind: ReferralKind, facts: str, who: str | None, happened: bool) -> None:
    """Refuse (422) aid that names an amount, and an interference without who, when and what (中办发〔2015〕23号)."""
    if kind in (ReferralKind.JUDICIAL_AID, ReferralKind.SOCIAL_ASSISTANCE) and names_amount(facts):
        raise Refused("amount_not_wanted", field="facts")
    if kind is ReferralKind.INTERFERENCE and not (who and happened):
        raise Refused("interference_incomplete", field="happened_at" if who else "who")


def decide(state: ReferralState, decision: ReferralDecision, note: str | None) -> ReferralState:
    """Return the state a decision leads to; refuse `referral_not_here` (409) and `reason_missing` (422)."""
    sources, target = MOVES[decision]
    if state not in sources:
        raise Refused("referral_not_here", state=state.value, allowed=possible(state))
    if decision in NEEDS_WORDS and not note:
        raise Refused("reason_missing", field="note")
    return target


def possible(state: ReferralState) -> list[str]:
    """Return the decisions that may be taken from here, in a fixed order."""
    return [decision.value for decision, (sources, _) in MOVES.items() if state in sources]


def kinds_for(role: Role) -> frozenset[ReferralKind]:
    """Return the kinds this role reads whoever made them; one's own one always reads."""
    return frozenset(kind for kind, rule in REFERRALS.items() if role in rule.readers)


_NOT_TOWNSHIPS = frozenset({"case_id", "case_no", "attempt_id", "indicators", "evidence_ids", "who"})
_NOT_MAKERS = frozenset({"case_id", "case_no", "attempt_id", "indicators", "decided_by", "decision_note"})
SEALED_CONTENT = frozenset({"facts", "who", "happened_at", "indicators", "evidence_ids", "decision_note"})
"""What a list never shows of a sealed one: each reading of that is an entry of its own in the ledger."""


def hidden_from(role: Role, kind: ReferralKind) -> frozenset[str]:
    """Return the names of the fields this reader does not get; who made one but does not decide it sees their words."""
    if role not in REFERRALS[kind].readers:
        return _NOT_MAKERS
    return _NOT_TOWNSHIPS if role is Role.COORDINATOR else frozenset()
