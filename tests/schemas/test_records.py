"""Records as JSON: everything is read into what the rules know, and nothing that they do not is let in."""

from __future__ import annotations

from typing import Any

import pytest

from field.rules.records import Records
from field.schemas.records import RECORDS
from field.schemas.reports import read_items
from tests.models.test_records import WHOLE
from tests.schemas.test_reports import _item

SAID: dict[str, Any] = {name: value for name, value in RECORDS.dump(WHOLE).items() if value not in (None, [])}


def test_what_goes_out_comes_in_again() -> None:
    [item], bad = read_items([_item(**SAID)])
    assert bad == {}
    assert item.records == WHOLE


def test_nothing_said_is_nothing() -> None:
    [item], _ = read_items([_item()])
    assert (item.records, item.supersedes) == (Records(), None)


def test_a_report_without_records_keeps_the_fingerprint_it_always_had() -> None:
    """What a phone queued before there were records is still the same item."""
    [item], _ = read_items([_item()])
    assert item.fingerprint().hex() == "54f3952d6c4aba25f2a616ad21e3d05628941ad9651a2edb46b38429e9cbc71b"
    [other], _ = read_items([_item(place="RESIDENCE")])
    [corrects], _ = read_items([_item(supersedes=str(item.task_id))])
    assert len({item.fingerprint(), other.fingerprint(), corrects.fingerprint()}) == 3


def test_the_least_that_each_part_has_to_say() -> None:
    least: dict[str, Any] = {
        "receiver": {"capacity": "SELF", "name": "甲某", "sign_kind": "SEAL", "signed_on": "2026-06-10"},
        "lead": {"asset_kind": "HOUSE", "description": "平房"},
        "undertaking": {"on": "2026-07-01", "by": "本人"},
        "observations": [{"kind": "PHONE", "value": "19900001234", "source": "SELF"}],
    }
    [item], bad = read_items([_item(**least)])
    assert bad == {}
    assert item.records.lead
    assert (item.records.lead.apparent_holder, item.records.lead.encumbrance) == ("UNCLEAR", "NONE_KNOWN")
    assert item.records.observations[0].confidence == 2


def _changed(part: str, **members: Any) -> dict[str, Any]:
    return {part: SAID[part] | members}


@pytest.mark.parametrize(
    ("members", "field"),
    [
        (_changed("receiver", capacity="KING"), "receiver.capacity"),
        (_changed("receiver", id_last4="12345"), "receiver.id_last4"),
        (_changed("receiver", id_last4="12"), "receiver.id_last4"),
        (_changed("receiver", id_number="x"), "receiver.id_number"),
        (_changed("receiver", signed_on="1999-12-31"), "receiver.signed_on"),
        (_changed("receiver", name=""), "receiver.name"),
        (_changed("receiver", name="甲" * 101), "receiver.name"),
        (_changed("relation", adult="yes"), "relation.adult"),
        (_changed("refusal", at="2026-06-10T12:00:00"), "refusal.at"),
        (_changed("refusal", reason="x" * 501), "refusal.reason"),
        (_changed("officer", post=None), "officer.post"),
        (_changed("lead", legality="LAWFUL"), "lead.legality"),
        (_changed("lead", bounty_eligible=True), "lead.bounty_eligible"),
        (_changed("undertaking", amount_fen=0), "undertaking.amount_fen"),
        (_changed("undertaking", amount_fen=1.5), "undertaking.amount_fen"),
        (_changed("undertaking", amount_fen=2**53), "undertaking.amount_fen"),
        ({"witnesses": SAID["witnesses"] * 3}, "witnesses"),
        ({"observations": SAID["observations"] * 6}, "observations"),
        ({"observations": [SAID["observations"][0] | {"confidence": 4}]}, "observations.0.confidence"),
        ({"indicators": ["HIDES_ASSETS", "HIDES_ASSETS"]}, "indicators"),
        ({"indicators": "HIDES_ASSETS"}, "indicators"),
        ({"recusal": "他是我表哥"}, "recusal"),
        ({"place": "ROOF"}, "place"),
        ({"place": ["RESIDENCE"]}, "place"),
        ({"receiver": []}, "receiver"),
        ({"supersedes": "x"}, "supersedes"),
    ],
)
def test_what_is_not_right_is_named(members: dict[str, Any], field: str) -> None:
    good, bad = read_items([_item(**members)])
    assert good == []
    assert field in [error["field"] for error in bad[0]["errors"]]
