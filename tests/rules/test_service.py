"""The rules of service: each broken alone, each just kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from field.rules.evidence import EvidenceKind as K
from field.rules.records import (
    Capacity,
    PlaceKind,
    Records,
    Relation,
)
from field.rules.refusals import Refused
from field.rules.results import Circumstances, Result, check_days
from field.rules.service import RECEIVES, served_on
from field.rules.tasks import TaskKind
from tests.rules.claiming import (
    BY_COURT,
    DAY,
    KIN,
    LEFT,
    MEDIATION,
    OFFICER,
    ORDINARY,
    REFUSAL,
    SELF,
    SERVED,
    SUMMARY,
    WAIVED,
    C,
    falls,
    left,
    received,
    serve,
    stands,
)


@pytest.mark.parametrize("outcome", SERVED)
def test_each_capacity_has_its_outcome(outcome: str) -> None:
    """In any other capacity nobody receives with it."""
    for capacity in Capacity:
        receiver = replace(SERVED[outcome]["receiver"], capacity=capacity)
        result = serve(outcome, K.RECEIPT_SIGNED, **SERVED[outcome] | {"receiver": receiver})
        if capacity in RECEIVES[outcome]:
            stands(result)
        else:
            falls(result, "receiver_not_eligible", "receiver.capacity", rule=True)


YOUNG, AWAY = replace(KIN, adult=False), replace(KIN, cohabiting=False)


@pytest.mark.parametrize(("relation", "member"), [(YOUNG, "adult"), (AWAY, "cohabiting")])
def test_a_cohabitant_is_an_adult_who_lives_there(relation: Relation, member: str) -> None:
    records = SERVED["SERVED_COHABITANT"] | {"relation": relation}
    falls(
        serve("SERVED_COHABITANT", K.RECEIPT_SIGNED, **records),
        "receiver_not_eligible",
        f"relation.{member}",
        rule=True,
    )
    unstated = serve("SERVED_COHABITANT", K.RECEIPT_SIGNED, receiver=received(C.COHABITING_ADULT))
    falls(unstated, "evidence_missing", "RELATION_STMT")
    blank = replace(unstated, records=replace(unstated.records, relation=replace(KIN, kind=" ")))
    falls(blank, "evidence_missing", "RELATION_STMT")


@pytest.mark.parametrize("outcome", SERVED)
def test_the_opposing_party_never_receives(outcome: str) -> None:
    records = SERVED[outcome] | {"relation": replace(KIN, opposing_party=True)}
    falls(serve(outcome, K.RECEIPT_SIGNED, **records), "receiver_not_eligible", "opposing_party", rule=True)


def test_nothing_is_left_with_the_opposing_party() -> None:
    falls(left(refusal=replace(REFUSAL, opposing_party=True)), "receiver_not_eligible", "opposing_party", rule=True)
    wife = replace(REFUSAL, refused_by=C.COHABITING_ADULT)
    falls(left(refusal=wife), "evidence_missing", "RELATION_STMT")
    falls(left(refusal=wife, relation=replace(KIN, kind=" ")), "evidence_missing", "RELATION_STMT")
    stands(left(refusal=wife, relation=KIN))
    opponent = replace(KIN, opposing_party=True)
    for relation, piece in ((YOUNG, "relation.adult"), (AWAY, "relation.cohabiting"), (opponent, "opposing_party")):
        falls(left(refusal=wife, relation=relation), "receiver_not_eligible", piece, rule=True)


def test_a_mediation_paper_is_personal() -> None:
    for outcome in ("SERVED_SELF", "SERVED_DESIGNEE", "SERVED_LEGAL_REP", "SERVED_GUARDIAN"):
        stands(serve(outcome, K.RECEIPT_SIGNED, **SERVED[outcome]), MEDIATION)
    named = received(C.AGENT, authorisation="在卷", also_designee=True)
    stands(serve("SERVED_AGENT", K.RECEIPT_SIGNED, receiver=named), MEDIATION)
    code = "mediation_paper_personal_only"
    for outcome in ("SERVED_AGENT", "SERVED_COHABITANT", "SERVED_ORG_RECEIVER"):
        falls(serve(outcome, K.RECEIPT_SIGNED, **SERVED[outcome]), code, "doc_type", circumstances=MEDIATION, rule=True)
    falls(left(), code, "doc_type", circumstances=MEDIATION, rule=True)
    falls(serve("NOTICE_POSTED", K.PHOTO_SCENE), code, "doc_type", circumstances=MEDIATION, rule=True)
    receipt_only = serve("SERVED_AGENT", K.RECEIPT_SIGNED)
    falls(receipt_only, code, "doc_type", "receiver", "AUTHORISATION", circumstances=MEDIATION, rule=True)
    stands(Result(TaskKind.SERVE, "NOT_HOME", "", True, Records(), ()), MEDIATION)


@pytest.mark.parametrize("capacity", Capacity)
def test_whose_refusal_counts(capacity: Capacity) -> None:
    result = left(refusal=replace(REFUSAL, refused_by=capacity), relation=KIN)
    if capacity in {C.SELF, C.COHABITING_ADULT, C.LEGAL_REP, C.PRINCIPAL, C.ORG_RECEIVER}:
        stands(result)
    else:
        piece = "refusal.also_designee" if capacity is C.AGENT else "refusal.refused_by"
        falls(result, "retention_needs_refusal", piece, rule=True)


def test_an_agent_who_is_named_as_receiver_may_be_left_with_papers() -> None:
    stands(left(refusal=replace(REFUSAL, refused_by=C.AGENT, also_designee=True)))


def test_nobody_home_is_no_refusal() -> None:
    falls(left(refusal=None), "retention_needs_refusal", "REFUSAL_NOTE", rule=True)
    falls(left(refusal=replace(REFUSAL, reason=" ")), "retention_needs_refusal", "REFUSAL_NOTE", rule=True)


@pytest.mark.parametrize(
    ("place", "refused_by", "circumstances", "allowed"),
    [
        (PlaceKind.RESIDENCE, C.SELF, ORDINARY, True),
        (PlaceKind.RESIDENCE, C.SELF, SUMMARY, True),
        (PlaceKind.WORKPLACE, C.SELF, ORDINARY, False),
        (PlaceKind.WORKPLACE, C.SELF, SUMMARY, True),
        (PlaceKind.ORG_PREMISES, C.SELF, SUMMARY, False),
        (PlaceKind.ORG_PREMISES, C.LEGAL_REP, ORDINARY, True),
        (PlaceKind.ORG_PREMISES, C.PRINCIPAL, ORDINARY, True),
        (PlaceKind.ORG_PREMISES, C.ORG_RECEIVER, ORDINARY, True),
        (PlaceKind.ELSEWHERE, C.SELF, ORDINARY, False),
        (PlaceKind.ELSEWHERE, C.ORG_RECEIVER, SUMMARY, False),
        (None, C.SELF, ORDINARY, False),
    ],
)
def test_where_papers_may_be_left(
    place: PlaceKind | None, refused_by: Capacity, circumstances: Circumstances, allowed: bool
) -> None:
    result = left(place=place, refusal=replace(REFUSAL, refused_by=refused_by))
    if allowed:
        stands(result, circumstances)
    else:
        falls(result, "retention_place", "place", circumstances=circumstances, rule=True)
    if place is None:
        nothing = left(place=None, refusal=None)
        falls(nothing, "retention_needs_refusal", "REFUSAL_NOTE", "place", rule=True)


def test_the_court_is_there_unless_it_waives_that() -> None:
    alone = left(officer=None)
    falls(alone, "retention_needs_court", "officer", rule=True)
    stands(alone, WAIVED)
    stands(alone, BY_COURT)
    stands(alone, replace(WAIVED, by_court=True))


def test_refused_elsewhere_is_the_courts_to_record() -> None:
    result = serve("REFUSED_ELSEWHERE_RECORDED", K.VIDEO_SERVICE, K.COURT_OFFICER_SIGN)
    stands(result, BY_COURT)
    falls(result, "court_only", "by_court", "COURT_OFFICER_SIGN", rule=True)
    with_officer = replace(result, records=Records(officer=OFFICER))
    falls(with_officer, "court_only", "by_court", rule=True)
    unsigned = replace(result, files=(K.PHOTO_SCENE,))
    falls(unsigned, "evidence_missing", "COURT_OFFICER_SIGN", circumstances=BY_COURT)
    falls(replace(result, files=(K.COURT_OFFICER_SIGN,)), "evidence_missing", "PHOTO_SCENE", circumstances=BY_COURT)


def test_no_public_notice_in_summary_procedure() -> None:
    posted = serve("NOTICE_POSTED", K.PHOTO_SCENE)
    stands(posted)
    stands(serve("NOTICE_POSTED", K.VIDEO_SERVICE))
    falls(serve("NOTICE_POSTED"), "evidence_missing", "PHOTO_SCENE")
    falls(posted, "notice_not_in_summary", "procedure", circumstances=SUMMARY, rule=True)


def test_the_first_broken_rule_gives_the_code_and_everything_is_named() -> None:
    nothing = serve("RETAINED_WITNESSED")
    falls(
        nothing,
        "mediation_paper_personal_only",
        *("doc_type", "REFUSAL_NOTE", "place", "officer", "SERVER_SIGN", "WITNESS_SIGN", "NOTE"),
        circumstances=MEDIATION,
        rule=True,
    )


@pytest.mark.parametrize("records", [Records(receiver=SELF), Records(refusal=REFUSAL)])
def test_a_day_outside_the_order_and_the_visit_is_impossible(records: Records) -> None:
    """Days are China's; the first and the last are within."""
    earlier, later = DAY - timedelta(days=1), DAY + timedelta(days=1)
    for first, last in ((DAY, DAY), (earlier, DAY), (DAY, later)):
        check_days(records, first, last)
    for first, last in ((earlier, earlier), (later, later)):
        with pytest.raises(Refused, match="day_impossible"):
            check_days(records, first, last)
    check_days(Records(), later, later)


@pytest.mark.parametrize(
    ("code", "records", "day"),
    [
        ("SERVED_SELF", Records(receiver=SELF), DAY),
        ("SERVED_SELF", Records(), None),
        ("RETAINED_RECORDED", LEFT, DAY),
        ("RETAINED_RECORDED", Records(), date(2099, 6, 12)),
        ("REFUSED_ELSEWHERE_RECORDED", Records(), date(2099, 6, 12)),
        ("NOT_HOME", Records(), None),
        ("REFUSED_PENDING_COURT", LEFT, None),
    ],
)
def test_the_day_of_service_is_the_receipts_never_the_uploads(code: str, records: Records, day: date | None) -> None:
    """The moment of refusal is told in China's days."""
    assert served_on(code, records, date(2099, 6, 12)) == day
