"""What shows each piece: a declared upload, or a part of the report itself."""

from __future__ import annotations

from collections.abc import Callable

from field.rules.claimed import Circumstances, Result
from field.rules.documents import Procedure
from field.rules.evidence import FILE_KINDS, EvidenceKind
from field.rules.pieces import PIECES, Only
from field.rules.records import ApparentHolder, Observation, ObservationKind, Witness, WitnessCapacity

K = EvidenceKind
WITNESSING = frozenset({WitnessCapacity.COMMITTEE_STAFF, WitnessCapacity.EMPLOYER_STAFF})
"""Who may witness a retention: staff of the local committee, or of the addressee's employer (JI art. 130(2))."""

Test = Callable[[Result, Circumstances], bool]


def shown(piece: str, result: Result, circumstances: Circumstances) -> bool:
    """Tell whether the result has this piece, by name; an upload counts once it is declared."""
    if test := _TESTS.get(piece):
        return test(result, circumstances)
    return EvidenceKind(piece) in result.files


def asked(piece: str, circumstances: Circumstances) -> bool:
    """Tell whether a piece is asked for here at all: some only in summary procedure or of a court."""
    match PIECES[piece].only:
        case Only.SUMMARY_PROCEDURE:
            return circumstances.procedure is Procedure.SUMMARY
        case Only.BY_COURT:
            return circumstances.by_court
        case Only.COURT_ASKS:
            return circumstances.settings.retention_requires_court_officer
    return True


def _note(result: Result, _: Circumstances) -> bool:
    return bool(result.note.strip()) or K.NOTE in result.files


def _refusal(result: Result, _: Circumstances) -> bool:
    refusal = result.records.refusal
    return refusal is not None and bool(refusal.reason.strip())


def _org_post(result: Result, _: Circumstances) -> bool:
    receiver = result.records.receiver
    return receiver is not None and bool((receiver.post or "").strip() and (receiver.unit or "").strip())


def _authorisation(result: Result, _: Circumstances) -> bool:
    receiver = result.records.receiver
    return K.AUTHORISATION in result.files or (receiver is not None and bool((receiver.authorisation or "").strip()))


def _witnessed(result: Result, _: Circumstances) -> bool:
    """Ask for the signature, and for somebody who may sign as a witness and did."""
    return K.WITNESS_SIGN in result.files and any(each.signed for each in _witnesses(result))


def _unsigned(result: Result, circumstances: Circumstances) -> bool:
    """In summary procedure a witness who will not sign is enough, with the reason and a note (简易程序规定 art. 11)."""
    if circumstances.procedure is not Procedure.SUMMARY or not _note(result, circumstances):
        return False
    return any(not each.signed and (each.reason_unsigned or "").strip() for each in _witnesses(result))


def _witnesses(result: Result) -> list[Witness]:
    return [each for each in result.records.witnesses if each.capacity in WITNESSING and each.name.strip()]


def _court_signed(result: Result, circumstances: Circumstances) -> bool:
    here = circumstances.by_court or result.records.officer is not None
    return here and K.COURT_OFFICER_SIGN in result.files


def _basis(result: Result, _: Circumstances) -> bool:
    """Whoever names a holder says how they know; a lead that is not there is missing by itself."""
    lead = result.records.lead
    return lead is None or lead.apparent_holder is ApparentHolder.UNCLEAR or lead.basis is not None


def _observed(kind: ObservationKind) -> Test:
    def test(result: Result, _: Circumstances) -> bool:
        return any(each.kind is kind and _says(each) for each in result.records.observations)

    return test


def _says(observation: Observation) -> bool:
    """A day of return is a date that a reminder can go by; everything else is said in words."""
    if observation.kind is ObservationKind.RETURN_DATE:
        return observation.on is not None
    return bool(observation.value.strip())


_TESTS: dict[str, Test] = {
    K.NOTE: _note,
    K.LOC_FIX: lambda result, _: result.has_point,
    K.REFUSAL_NOTE: _refusal,
    K.RELATION_STMT: lambda result, _: bool((relation := result.records.relation) and relation.kind.strip()),
    K.ORG_POST: _org_post,
    K.AUTHORISATION: _authorisation,
    K.WITNESS_SIGN: _witnessed,
    K.COURT_OFFICER_SIGN: _court_signed,
    "receiver": lambda result, _: bool((receiver := result.records.receiver) and receiver.name.strip()),
    "place": lambda result, _: result.records.place is not None,
    "refusal.left_at": lambda result, _: bool((it := result.records.refusal) and (it.left_at or "").strip()),
    "witness.unsigned": _unsigned,
    "registry": lambda result, circumstances: circumstances.by_court and _note(result, circumstances),
    "source": lambda result, _: bool(result.records.observations),
    **{f"observation.{kind}": _observed(kind) for kind in ObservationKind},
    "recusal": lambda result, _: result.records.recusal is not None,
    "indicators": lambda result, _: bool(result.records.indicators),
    "lead": lambda result, _: bool((lead := result.records.lead) and lead.description.strip()),
    "lead.basis": _basis,
    "undertaking.on": lambda result, _: result.records.undertaking is not None,
    "undertaking.by": lambda result, _: bool((it := result.records.undertaking) and it.by.strip()),
    "officer": lambda result, circumstances: circumstances.by_court or result.records.officer is not None,
}
assert set(_TESTS) - {"officer"} | FILE_KINDS >= set(EvidenceKind)
