"""What a result needs: each piece missing alone, in whatever way it may be shown, and what is told of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from field.rules.evidence import EvidenceKind as K
from field.rules.records import (
    ApparentHolder,
    AssetKind,
    Basis,
    Lead,
    Observation,
    ObservationKind,
    Records,
    RecusalReason,
    RefusalIndicator,
    Source,
    Undertaking,
    Witness,
    WitnessCapacity,
)
from field.rules.refusals import Refused
from field.rules.results import Missing, Result, check_result, check_rules, missing_for
from field.rules.tasks import TaskKind
from tests.rules.claiming import (
    BY_COURT,
    CADRE,
    DAY,
    NEIGHBOUR,
    ORDINARY,
    REFUSAL,
    SELF,
    SERVED,
    SUMMARY,
    UNSIGNED,
    C,
    falls,
    left,
    received,
    serve,
    stands,
)


@pytest.mark.parametrize("outcome", SERVED)
@pytest.mark.parametrize("receipt", [K.RECEIPT_SIGNED, K.E_RECEIPT])
def test_a_signed_receipt_and_an_eligible_receiver(outcome: str, receipt: K) -> None:
    stands(serve(outcome, receipt, **SERVED[outcome]))
    falls(serve(outcome, **SERVED[outcome]), "receipt_missing", "RECEIPT_SIGNED")


@pytest.mark.parametrize("name", ["", "　"])
def test_a_receiver_has_a_name(name: str) -> None:
    falls(serve("SERVED_SELF", K.RECEIPT_SIGNED, receiver=replace(SELF, name=name)), "evidence_missing", "receiver")
    falls(serve("SERVED_SELF", K.RECEIPT_SIGNED), "evidence_missing", "receiver")


@pytest.mark.parametrize("member", ["post", "unit"])
def test_an_organisation_needs_post_and_unit(member: str) -> None:
    for value in (None, " "):
        receiver = replace(SERVED["SERVED_LEGAL_REP"]["receiver"], **{member: value})
        falls(serve("SERVED_LEGAL_REP", K.RECEIPT_SIGNED, receiver=receiver), "evidence_missing", "ORG_POST")
    falls(serve("SERVED_LEGAL_REP", K.RECEIPT_SIGNED), "evidence_missing", "receiver", "ORG_POST")


def test_an_authorisation_is_a_file_or_on_file() -> None:
    bare = received(C.AGENT)
    stands(serve("SERVED_AGENT", K.RECEIPT_SIGNED, K.AUTHORISATION, receiver=bare))
    falls(serve("SERVED_AGENT", K.RECEIPT_SIGNED, receiver=bare), "evidence_missing", "AUTHORISATION")
    falls(serve("SERVED_AGENT", K.RECEIPT_SIGNED), "evidence_missing", "receiver", "AUTHORISATION")


@pytest.mark.parametrize(
    ("files", "named"),
    [
        ([K.PHOTO_DOOR, K.PHOTO_DOC_LEFT, K.SERVER_SIGN], []),
        ([K.VIDEO_SERVICE, K.SERVER_SIGN], []),
        ([K.VIDEO_SERVICE, K.PHOTO_DOOR, K.SERVER_SIGN], []),
        ([K.PHOTO_DOOR, K.SERVER_SIGN], ["PHOTO_DOC_LEFT"]),
        ([K.PHOTO_DOC_LEFT, K.SERVER_SIGN], ["PHOTO_DOOR"]),
        ([K.SERVER_SIGN], ["PHOTO_DOOR", "PHOTO_DOC_LEFT"]),
        ([K.VIDEO_SERVICE], ["SERVER_SIGN"]),
        ([K.PHOTO_HANDOVER], ["PHOTO_DOOR", "PHOTO_DOC_LEFT", "SERVER_SIGN"]),
    ],
)
def test_a_retention_is_recorded(files: list[K], named: list[str]) -> None:
    result = left(*files)
    if named:
        falls(result, "evidence_missing", *named)
    else:
        stands(result)


SIGNED = (K.SERVER_SIGN, K.WITNESS_SIGN)


@pytest.mark.parametrize(
    ("files", "witnesses", "note", "left_at", "ordinary", "summary"),
    [
        (SIGNED, (CADRE,), "放在堂屋", None, [], []),
        (SIGNED, (CADRE,), "", "堂屋", [], []),
        (SIGNED, (CADRE,), "", " ", ["NOTE"], ["NOTE"]),
        ((*SIGNED, K.NOTE), (CADRE,), "", None, [], []),
        (SIGNED, (NEIGHBOUR, CADRE), "放在堂屋", None, [], []),
        (SIGNED, (replace(CADRE, capacity=WitnessCapacity.EMPLOYER_STAFF),), "放在堂屋", None, [], []),
        (SIGNED, (NEIGHBOUR,), "放在堂屋", None, ["WITNESS_SIGN"], ["WITNESS_SIGN"]),
        (SIGNED, (replace(CADRE, name=" "),), "放在堂屋", None, ["WITNESS_SIGN"], ["WITNESS_SIGN"]),
        (SIGNED, (), "放在堂屋", None, ["WITNESS_SIGN"], ["WITNESS_SIGN"]),
        ((K.SERVER_SIGN,), (CADRE,), "放在堂屋", None, ["WITNESS_SIGN"], ["WITNESS_SIGN"]),
        ((K.SERVER_SIGN,), (UNSIGNED,), "放在堂屋", None, ["WITNESS_SIGN"], []),
        (SIGNED, (UNSIGNED,), "放在堂屋", None, ["WITNESS_SIGN"], []),
        ((K.SERVER_SIGN,), (UNSIGNED,), "", "堂屋", ["WITNESS_SIGN"], ["WITNESS_SIGN"]),
        (
            (K.SERVER_SIGN,),
            (replace(UNSIGNED, reason_unsigned=None),),
            "放在堂屋",
            None,
            ["WITNESS_SIGN"],
            ["WITNESS_SIGN"],
        ),
        ((K.WITNESS_SIGN,), (CADRE,), "放在堂屋", None, ["SERVER_SIGN"], ["SERVER_SIGN"]),
    ],
)
def test_a_retention_is_witnessed(
    files: tuple[K, ...],
    witnesses: tuple[Witness, ...],
    note: str,
    left_at: str | None,
    ordinary: list[str],
    summary: list[str],
) -> None:
    """By staff of the committee or the employer, who signs; who would not is enough in summary procedure only."""
    refusal = replace(REFUSAL, left_at=left_at)
    result = left(*files, outcome="RETAINED_WITNESSED", note=note, refusal=refusal, witnesses=witnesses)
    for circumstances, named in ((ORDINARY, ordinary), (SUMMARY, summary)):
        if named:
            falls(result, "evidence_missing", *named, circumstances=circumstances)
        else:
            stands(result, circumstances)


def _seen(kind: ObservationKind, value: str = "某处", on: date | None = None) -> Observation:
    return Observation(kind, value, Source.NEIGHBOUR, on=on)


O = ObservationKind  # noqa: E741 - the table below reads better
LEAD = Lead(AssetKind.VEHICLE, "白色货车一辆")
FULL = Records()


@pytest.mark.parametrize(
    ("kind", "outcome", "records", "named"),
    [
        ("SERVE", "MOVED_NEW_ADDRESS", Records(observations=(_seen(O.ADDRESS),)), []),
        ("SERVE", "MOVED_NEW_ADDRESS", Records(observations=(_seen(O.ADDRESS, " "),)), ["observation.ADDRESS"]),
        ("SERVE", "MOVED_NEW_ADDRESS", Records(observations=(_seen(O.PHONE),)), ["observation.ADDRESS"]),
        ("SERVE", "MOVED_NEW_ADDRESS", FULL, ["observation.ADDRESS"]),
        ("SERVE", "DETAINED", Records(observations=(_seen(O.WHEREABOUTS),)), []),
        ("SERVE", "DETAINED", FULL, ["source"]),
        ("SERVE", "CONFLICT_OF_INTEREST", Records(recusal=RecusalReason.RELATIVE), []),
        ("SERVE", "CONFLICT_OF_INTEREST", FULL, ["recusal"]),
        ("LOCATE", "AWAY_SEASONAL", Records(observations=(_seen(O.RETURN_DATE, "", DAY),)), []),
        ("LOCATE", "AWAY_SEASONAL", Records(observations=(_seen(O.RETURN_DATE, "春节"),)), ["observation.RETURN_DATE"]),
        ("LOCATE", "DECEASED", Records(observations=(_seen(O.WHEREABOUTS),)), []),
        ("LOCATE", "DECEASED", FULL, ["COMMITTEE_CERT"]),
        ("REMIND", "PROMISE_TO_PAY", Records(undertaking=Undertaking(DAY, "本人")), []),
        ("REMIND", "PROMISE_TO_PAY", Records(undertaking=Undertaking(DAY, " ")), ["undertaking.by"]),
        ("REMIND", "PROMISE_TO_PAY", FULL, ["undertaking.on", "undertaking.by"]),
        ("REMIND", "NOT_MET", FULL, []),
        ("REMIND", "EVADING_SIGNS", Records(indicators=(RefusalIndicator.HIDES_ASSETS,)), ["NOTE"]),
        ("REMIND", "EVADING_SIGNS", FULL, ["NOTE", "indicators"]),
        ("ASSET", "CONFIRMED", Records(lead=LEAD), ["PHOTO_SCENE", "LOC_FIX"]),
        ("ASSET", "CONFIRMED", FULL, ["PHOTO_SCENE", "LOC_FIX", "lead"]),
    ],
)
def test_what_the_report_itself_must_say(kind: str, outcome: str, records: Records, named: list[str]) -> None:
    result = Result(TaskKind(kind), outcome, "", False, records, ())
    if named:
        falls(result, "evidence_missing", *named)
    else:
        stands(result)


@pytest.mark.parametrize(
    ("lead", "named"),
    [
        (LEAD, []),
        (replace(LEAD, description=" "), ["lead"]),
        (replace(LEAD, apparent_holder=ApparentHolder.DEBTOR), ["lead.basis"]),
        (replace(LEAD, apparent_holder=ApparentHolder.DEBTOR, basis=Basis.PUBLIC_SIGN), []),
    ],
)
def test_whoever_names_a_holder_says_how_they_know(lead: Lead, named: list[str]) -> None:
    """Unclear is the easiest answer."""
    result = Result(TaskKind.ASSET, "LEAD_SPECIFIC", "", True, Records(lead=lead), (K.PHOTO_SCENE,))
    if named:
        falls(result, "evidence_missing", *named)
    else:
        stands(result)


def test_the_court_may_look_into_the_registry_itself() -> None:
    told = Result(TaskKind.SERVE, "DECEASED", "户籍系统显示已注销", False, Records(), ())
    stands(told, BY_COURT)
    falls(told, "evidence_missing", "COMMITTEE_CERT")
    falls(replace(told, note=""), "evidence_missing", "COMMITTEE_CERT", circumstances=BY_COURT)


def test_the_article_is_the_pieces_own_or_the_outcomes() -> None:
    falls(serve("SERVED_SELF", receiver=SELF), "receipt_missing", "RECEIPT_SIGNED")
    (receipt,) = missing_for(serve("SERVED_SELF", receiver=SELF), ORDINARY)
    assert receipt == Missing(
        "RECEIPT_SIGNED", "已签收的送达回证", "the signed receipt", "《民事诉讼法》第87条 / Civil Procedure Law art. 87"
    )
    (photo,) = missing_for(serve("NOTICE_POSTED"), ORDINARY)
    assert photo.article == (
        "《民事诉讼法》第95条；《民诉法解释》第138(2)条 / "
        "Civil Procedure Law art. 95; Interpretation of the Civil Procedure Law art. 138(2)"
    )


def test_an_outcome_of_another_kind_is_unknown() -> None:
    for check in (check_result, check_rules, missing_for):
        with pytest.raises(Refused) as told:
            check(Result(TaskKind.ASSET, "SERVED_SELF", "", False, Records(), ()), ORDINARY)
        assert told.value.code == "outcome_unknown"
