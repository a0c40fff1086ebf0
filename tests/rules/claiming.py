"""Results made for judging: what they share, and how they stand or fall."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from field.rules.court_settings import CourtSettings
from field.rules.documents import DocType, Procedure
from field.rules.evidence import EvidenceKind as K
from field.rules.records import (
    Capacity,
    Officer,
    PlaceKind,
    Receiver,
    Records,
    Refusal,
    Relation,
    SignKind,
    Witness,
    WitnessCapacity,
)
from field.rules.refusals import Refused
from field.rules.results import Circumstances, Missing, Result, check_result, check_rules, missing_for
from field.rules.tasks import TaskKind

C = Capacity
DAY, AT = date(2099, 6, 10), datetime(2099, 6, 9, 17, tzinfo=UTC)
"""A day, and a moment that is one o'clock in the night of that day in China."""
SELF = Receiver(C.SELF, "甲某", SignKind.SIGNATURE, DAY)
KIN = Relation("妻", adult=True, cohabiting=True, opposing_party=False)
REFUSAL = Refusal(C.SELF, "不愿签收", AT)
OFFICER = Officer("乙某", "书记员")
NEIGHBOUR = Witness("丙某", WitnessCapacity.OTHER, "", signed=True)
CADRE = Witness("丁某", WitnessCapacity.COMMITTEE_STAFF, "某村委会", signed=True)
UNSIGNED = replace(CADRE, signed=False, reason_unsigned="不愿介入")
LEFT = Records(place=PlaceKind.RESIDENCE, refusal=REFUSAL, officer=OFFICER)
PHOTOS = (K.PHOTO_DOOR, K.PHOTO_DOC_LEFT, K.SERVER_SIGN)
ORDINARY, SUMMARY = Circumstances(), Circumstances(procedure=Procedure.SUMMARY)
BY_COURT = Circumstances(by_court=True)
WAIVED = Circumstances(settings=CourtSettings(retention_requires_court_officer=False))
MEDIATION = Circumstances(doc_types=(DocType.RULING, DocType.MEDIATION_PAPER))


def serve(outcome: str, *files: K, note: Any = "", **records: Any) -> Result:
    return Result(TaskKind.SERVE, outcome, note, False, Records(**records), files)


def left(*files: K, outcome: Any = "RETAINED_RECORDED", note: Any = "", **records: Any) -> Result:
    return Result(TaskKind.SERVE, outcome, note, False, replace(LEFT, **records), files or PHOTOS)


def received(capacity: Capacity, **members: Any) -> Receiver:
    return replace(SELF, capacity=capacity, **members)


def pieces(missing: Iterable[Missing]) -> list[str]:
    return [each.piece for each in missing]


def stands(result: Result, circumstances: Circumstances = ORDINARY) -> None:
    """Nothing is missing, and nothing is refused."""
    check_rules(result, circumstances)
    check_result(result, circumstances)
    assert missing_for(result, circumstances) == []


def falls(result: Result, code: str, *named: str, circumstances: Circumstances = ORDINARY, rule: bool = False) -> None:
    """It is refused with this code, naming these pieces; a rule is broken whether it is done or not."""
    with pytest.raises(Refused) as told:
        check_result(result, circumstances)
    missing: Any = told.value.facts["missing"]
    assert (told.value.code, pieces(missing)) == (code, list(named))
    assert pieces(missing_for(result, circumstances)) == list(named)
    for each in missing_for(result, circumstances):
        assert each.zh
        assert each.en
        assert " / " in each.article
    if not rule:
        check_rules(result, circumstances)
        return
    with pytest.raises(Refused) as told:
        check_rules(result, circumstances)
    assert told.value.code == code


SERVED: dict[str, dict[str, Any]] = {
    "SERVED_SELF": {"receiver": SELF},
    "SERVED_COHABITANT": {"receiver": received(C.COHABITING_ADULT), "relation": KIN},
    "SERVED_LEGAL_REP": {"receiver": received(C.PRINCIPAL, post="经理", unit="某公司")},
    "SERVED_ORG_RECEIVER": {"receiver": received(C.ORG_RECEIVER, post="收发员", unit="收发室")},
    "SERVED_AGENT": {"receiver": received(C.AGENT, authorisation="在卷第3页")},
    "SERVED_DESIGNEE": {"receiver": received(C.DESIGNEE, authorisation="在卷第4页")},
    "SERVED_GUARDIAN": {"receiver": received(C.GUARDIAN), "relation": KIN},
}
"""What each of the seven records, beside the receipt."""
