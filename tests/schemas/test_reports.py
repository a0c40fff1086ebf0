"""Batches from phones: each item judged alone, answered in the order sent."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from field.rules.clocks import PhoneClock
from field.rules.refusals import REFUSALS
from field.schemas.reports import BatchIn, BatchOut, answers_in_order, read_items
from field.usecases.record_attempts import ItemAnswer, ItemStatus, NewAttempt

ONE, TWO, THREE = (UUID(int=number) for number in (1, 2, 3))


def _item(client_id: UUID | None = ONE, **members: Any) -> dict[str, Any]:
    return {
        "client_id": str(client_id) if client_id else None,
        "task_id": str(THREE),
        "outcome": "NOT_HOME",
        "captured_at": "2026-06-10T12:00:00+08:00",
        "fence": 1,
        "device_seq": 7,
    } | members


def test_the_least_a_phone_has_to_say_becomes_a_whole_attempt() -> None:
    good, bad = read_items([_item()])
    clock = PhoneClock(datetime(2026, 6, 10, 4, tzinfo=UTC), None, None)
    assert bad == {}
    assert good == [NewAttempt(ONE, THREE, "NOT_HOME", "", None, clock, 1, 7, None, None, False)]


def test_bad_items_are_answered_by_their_place_and_good_ones_kept_in_order() -> None:
    nowhere = {"lon": 0, "lat": 0, "datum": "WGS84"}
    items = [_item(fence="x"), _item(ONE), 5, _item(TWO), _item(point=nowhere), _item(client_id=None)]
    good, bad = read_items(items)
    assert [item.client_id for item in good] == [ONE, TWO]
    assert {place: (answer["client_id"], answer["code"]) for place, answer in bad.items()} == {
        0: (str(ONE), "invalid"),
        2: (None, "invalid"),
        4: (str(ONE), "point_outside_area"),
        5: (None, "invalid"),
    }
    assert [error["field"] for error in bad[0]["errors"]] == ["fence"]
    assert {answer["status"] for answer in bad.values()} == {ItemStatus.REJECTED}


def _sentence(code: str) -> str:
    return f"{REFUSALS[code].zh} / {REFUSALS[code].en}"


def test_answers_come_in_the_order_sent_without_members_that_say_nothing() -> None:
    answers = [
        ItemAnswer(ONE, ItemStatus.ACCEPTED, None, ("estimated",), 4),
        ItemAnswer(TWO, ItemStatus.CONFLICT, "stale_claim"),
    ]
    _, bad = read_items([_item(), 5, _item()])
    assert BatchOut().dump(answers_in_order(3, answers, bad))["items"] == [
        {"client_id": ONE, "status": "accepted", "marks": ["estimated"], "task_version": 4},
        {"client_id": None, "status": "rejected", "code": "invalid", "errors": bad[1]["errors"]},
        {"client_id": TWO, "status": "conflict", "code": "stale_claim", "detail": _sentence("stale_claim")},
    ]


@pytest.mark.parametrize("item", [5, None, "x", [], {"a": {"b": []}}])
def test_an_item_reaches_its_own_judgement_as_it_came(item: object) -> None:
    body = {"installation_id": str(ONE), "sent_at": "2026-06-10T12:00:00+08:00", "items": [item]}
    assert BatchIn().load(body)["items"] == [item]
