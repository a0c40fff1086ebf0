"""The rules of service: who may receive, when papers may be left in place, and what a mediation paper never allows.

Sources: CPL arts. 87–89; JI arts. 130–133, 140; 法释〔2004〕13号 arts. 7, 9; 简易程序规定 art. 11.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from field.rules.articles import in_words
from field.rules.calendar import court_day
from field.rules.claimed import Circumstances, Missing, Result
from field.rules.documents import DocType, Procedure
from field.rules.outcomes import Effect, Outcome
from field.rules.pieces import PIECES
from field.rules.records import Capacity, PlaceKind, Records, Refusal

C = Capacity
NEVER = frozenset(
    {C.NEIGHBOUR, C.LANDLORD, C.PROPERTY_GUARD, C.MINOR_CHILD, C.VILLAGE_CADRE, C.OPPOSING_PARTY, C.OTHER}
)
"""Who may never receive, whatever they say (CPL art. 88)."""
RECEIVES: dict[str, frozenset[Capacity]] = {
    "SERVED_SELF": frozenset({C.SELF}),
    "SERVED_COHABITANT": frozenset({C.COHABITING_ADULT}),
    "SERVED_LEGAL_REP": frozenset({C.LEGAL_REP, C.PRINCIPAL}),
    "SERVED_ORG_RECEIVER": frozenset({C.ORG_RECEIVER}),
    "SERVED_AGENT": frozenset({C.AGENT}),
    "SERVED_DESIGNEE": frozenset({C.DESIGNEE}),
    "SERVED_GUARDIAN": frozenset({C.GUARDIAN}),
}
"""In what capacity somebody receives, by outcome (CPL art. 88; JI arts. 130, 132)."""
RETAINED = frozenset({"RETAINED_WITNESSED", "RETAINED_RECORDED"})
REFUSERS = frozenset({C.SELF, C.COHABITING_ADULT, C.LEGAL_REP, C.PRINCIPAL, C.ORG_RECEIVER, C.AGENT})
"""Whose refusal allows papers to be left; an agent's only when also named as receiver (CPL art. 89; JI art. 132)."""
ORGANISATION = frozenset({C.LEGAL_REP, C.PRINCIPAL, C.ORG_RECEIVER})
MEDIATION_ALLOWS = frozenset({"SERVED_SELF", "SERVED_DESIGNEE", "SERVED_LEGAL_REP", "SERVED_GUARDIAN"})
"""What completes the service of a mediation paper, beside an agent who is also designated to receive (JI art. 133)."""


@dataclass(frozen=True)
class Breach:
    """A rule that the result breaks: the refusal's code, and what is wrong or lacking."""

    code: str
    missing: Missing


def breaches(result: Result, outcome: Outcome, circumstances: Circumstances) -> Iterator[Breach]:
    """Yield the rules of service that a result breaks by what it says, in the order they are told.

    Uploads are not looked at: those may still come.
    """
    yield from _mediation_paper(result, outcome, circumstances)
    if outcome.code in RETAINED:
        yield from _retention(result, circumstances)
    if outcome.effect is Effect.SERVED:
        yield from _eligible(result, outcome)
    if outcome.court_only and not circumstances.by_court:
        yield _broken(
            "court_only", "by_court", "须由审判人员或书记员记录", "for a court officer to record", outcome.article
        )
    if outcome.code == "NOTICE_POSTED" and circumstances.procedure is Procedure.SUMMARY:
        said = "简易程序案件不适用公告送达", "there is no public notice in summary procedure"
        yield _broken("notice_not_in_summary", "procedure", *said, "JI 140")


def _broken(code: str, piece: str, zh: str, en: str, article: str) -> Breach:
    return Breach(code, Missing(piece, zh, en, in_words(article)))


def _mediation_paper(result: Result, outcome: Outcome, circumstances: Circumstances) -> Iterator[Breach]:
    """A mediation paper goes to the person or a named receiver, is never left, and is never posted (JI art. 133)."""
    completes = outcome.effect is Effect.SERVED or outcome.code == "NOTICE_POSTED"
    if not completes or DocType.MEDIATION_PAPER not in circumstances.doc_types or outcome.code in MEDIATION_ALLOWS:
        return
    receiver = result.records.receiver
    if outcome.code == "SERVED_AGENT" and receiver is not None and receiver.also_designee:
        return
    said = (
        "调解书须交本人或其指定的代收人，不能留置、不能由家属代收",
        "a mediation paper goes to the person or a named receiver only",
    )
    yield _broken("mediation_paper_personal_only", "doc_type", *said, "JI 133")


def _retention(result: Result, circumstances: Circumstances) -> Iterator[Breach]:
    """Papers may be left after a refusal that counts, at the residence, with the court there unless it waives that."""
    refusal, place = result.records.refusal, result.records.place
    yield from _refused(refusal)
    if place is None:
        yield Breach("retention_place", PIECES["place"].missing(""))
    elif place not in _places(refusal, circumstances):
        said = (
            "留置须在受送达人住所（简易程序也可在从业场所）",
            "papers may be left at the residence only (summary: workplace too)",
        )
        yield _broken("retention_place", "place", *said, "CPL 89; 简易程序规定 11")
    alone = not circumstances.by_court and result.records.officer is None
    if alone and circumstances.settings.retention_requires_court_officer:
        yield Breach("retention_needs_court", PIECES["officer"].missing(""))


def _refused(refusal: Refusal | None) -> Iterator[Breach]:
    code = "retention_needs_refusal"
    if refusal is None or not refusal.reason.strip():
        yield Breach(code, PIECES["REFUSAL_NOTE"].missing(""))
        return
    if refusal.refused_by not in REFUSERS:
        said = (
            "拒收的须是受送达人、同住成年家属或单位收件人",
            "who refused must be the addressee or one who may receive for them",
        )
        yield _broken(code, "refusal.refused_by", *said, "CPL 89; JI 130")
    elif refusal.refused_by is C.AGENT and not refusal.also_designee:
        said = "代理人同时是指定代收人的，才能留置", "papers may be left with an agent only if also named as receiver"
        yield _broken(code, "refusal.also_designee", *said, "JI 132")


def _places(refusal: Refusal | None, circumstances: Circumstances) -> set[PlaceKind]:
    """An organisation resides at its premises; summary procedure allows the workplace too (简易程序规定 art. 11)."""
    places = {PlaceKind.RESIDENCE}
    if circumstances.procedure is Procedure.SUMMARY:
        places.add(PlaceKind.WORKPLACE)
    if refusal is not None and refusal.refused_by in ORGANISATION:
        places.add(PlaceKind.ORG_PREMISES)
    return places


def _eligible(result: Result, outcome: Outcome) -> Iterator[Breach]:
    """Whoever receives or refuses must be one the law names, and never the opposing party, by any method."""
    records, code = result.records, "receiver_not_eligible"
    capacity = records.receiver.capacity if records.receiver else None
    if capacity in NEVER or (capacity and capacity not in RECEIVES.get(outcome.code, {capacity})):
        said = (
            "签收人的身份与此结果不符，或依法不能签收",
            "in this capacity nobody may receive, or not with this outcome",
        )
        yield _broken(code, "receiver.capacity", *said, outcome.article)
    family = C.COHABITING_ADULT in (capacity, records.refusal.refused_by if records.refusal else None)
    if records.relation and (family or outcome.code == "SERVED_COHABITANT"):
        if not records.relation.adult:
            yield _broken(code, "relation.adult", "须是成年家属", "the relative must be an adult", "CPL 88")
        if not records.relation.cohabiting:
            yield _broken(code, "relation.cohabiting", "须与受送达人同住", "the relative must live there", "CPL 88")
    if _opposing(records):
        said = "对方当事人不能代收", "the opposing party may not receive"
        yield _broken(code, "opposing_party", *said, "法释〔2004〕13号 7; 简易程序规定 11(2)")


def _opposing(records: Records) -> bool:
    said = records.relation and records.relation.opposing_party
    return bool(said or (records.refusal and records.refusal.opposing_party))


def lacks_relation(outcome: Outcome, records: Records) -> bool:
    """Tell whether a relative refused and nothing says who that is: their refusal counts as their receipt would.

    Only a cohabiting adult relative may receive, so only theirs allows papers to be left (CPL arts. 88, 89).
    """
    refusal, relation = records.refusal, records.relation
    by_family = refusal is not None and refusal.refused_by is C.COHABITING_ADULT
    return outcome.code in RETAINED and by_family and not (relation and relation.kind.strip())


def impossible_days(records: Records, first: date, last: date) -> Iterator[Breach]:
    """Yield each day of receipt or refusal outside those on which it can have been (CPL arts. 87, 89).

    `first` is the day the task was made, `last` the last day the visit can have been: terms run from the day told here.
    """
    receiver, refusal = records.receiver, records.refusal
    if receiver and not first <= receiver.signed_on <= last:
        said = "签收日期不在任务下达至到访之间", "the day of signing is not between the order and the visit"
        yield _broken("day_impossible", "receiver.signed_on", *said, "CPL 87")
    if refusal and not first <= court_day(refusal.at) <= last:
        said = "拒收时间不在任务下达至到访之间", "the moment of refusal is not between the order and the visit"
        yield _broken("day_impossible", "refusal.at", *said, "CPL 89")
    if (promise := records.undertaking) and promise.on < first:
        said = "承诺履行的日期早于任务下达", "the day promised lies before the order"
        yield _broken("day_impossible", "undertaking.on", *said, "CPL 241")


def served_on(code: str, records: Records, visited_on: date) -> date | None:
    """Return the day of service in law: that on the receipt, or the day the papers were left; never that of upload.

    `visited_on` is the China day of the visit. None where nothing was served (CPL arts. 87, 89; JI art. 131).
    """
    if code in RECEIVES and records.receiver:
        return records.receiver.signed_on
    if code in RETAINED:
        return court_day(records.refusal.at) if records.refusal else visited_on
    return visited_on if code == "REFUSED_ELSEWHERE_RECORDED" else None
