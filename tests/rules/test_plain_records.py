"""Records as plain values: what fingerprints and digests are made of must never change its form."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

from field.rules import records as said
from field.rules.plain_records import plain_records


def test_nothing_said_is_an_empty_object() -> None:
    assert plain_records(said.Records()) == {}


def test_only_what_was_said_is_told() -> None:
    in_china = datetime(2026, 6, 10, 12, 5, tzinfo=timezone(timedelta(hours=8)))
    records = said.Records(
        place=said.PlaceKind.RESIDENCE,
        relation=said.Relation("夫妻", adult=True, cohabiting=False, opposing_party=False),
        witnesses=(said.Witness("甲某", said.WitnessCapacity.OTHER, "某厂", signed=False),),
        refusal=said.Refusal(said.Capacity.SELF, "不认可", in_china),
        observations=(
            said.Observation(said.ObservationKind.ADDRESS, "某村2号", said.Source.SELF, 1, date(2026, 6, 9)),
        ),
        lead=said.Lead(said.AssetKind.HOUSE, "平房", exempt_hints=(said.ExemptHint.ONLY_DWELLING,)),
        undertaking=said.Undertaking(date(2026, 7, 1), "本人", 100),
        indicators=(said.RefusalIndicator.HIDES_ASSETS,),
    )
    assert plain_records(records) == {
        "place": "RESIDENCE",
        "relation": {"kind": "夫妻", "adult": True, "cohabiting": False, "opposing_party": False},
        "witnesses": [{"name": "甲某", "capacity": "OTHER", "unit": "某厂", "signed": False}],
        "refusal": {"refused_by": "SELF", "reason": "不认可", "at": "2026-06-10T04:05:00.000000Z"},
        "observations": [
            {"kind": "ADDRESS", "value": "某村2号", "source": "SELF", "confidence": 1, "on": "2026-06-09"}
        ],
        "lead": {"asset_kind": "HOUSE", "description": "平房", "exempt_hints": ["ONLY_DWELLING"]},
        "undertaking": {"on": "2026-07-01", "by": "本人", "amount_fen": 100},
        "indicators": ["HIDES_ASSETS"],
    }
    assert (
        plain_records(records)["refusal"]["at"]
        == plain_records(said.Records(refusal=said.Refusal(said.Capacity.SELF, "不认可", in_china.astimezone(UTC))))[
            "refusal"
        ]["at"]
    )
