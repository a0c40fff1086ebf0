"""Where a phone can be told: registered, moved, forgotten; its address is nobody's to read."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from field.http.services import Services
from field.models import LedgerEntry
from notifications.models import Device
from tests.http.world import World

INSTALLATION = UUID("7b1f6a52-3c8e-4f0d-9a57-1d2e3f405162")
PATH = f"/devices/{INSTALLATION}"
TOKEN = "fcm-registration-token:APA91b" + "x" * 100


def _fcm(**members: Any) -> dict[str, Any]:
    return {"channel": "fcm", "address_kind": "token", "address": TOKEN} | members


def _devices(world: World) -> list[Device]:
    world.session.expire_all()
    return list(world.session.scalars(select(Device).order_by(Device.id)))


def test_a_phone_is_registered_once_however_often_it_says_so(world: World) -> None:
    refs = set()
    for body in (_fcm(), _fcm(), _fcm(address="a fresh token")):
        answer = world.send("PUT", world.worker, PATH, body)
        assert (answer.status_code, answer.data) == (204, b"")
        refs |= {device.ref for device in _devices(world)}
    [device] = _devices(world)
    assert refs == {device.ref}
    assert (device.recipient_id, device.installation_id, device.channel) == (world.worker.id, INSTALLATION, "fcm")


def test_the_address_is_encrypted_and_in_no_ledger(world: World) -> None:
    world.send("PUT", world.worker, PATH, _fcm())
    [device] = _devices(world)
    assert device.address is not None
    assert TOKEN.encode() not in device.address
    services: Services = world.app.extensions["gridfield"]
    assert services.cipher.decrypt(device.address) == TOKEN
    entries = list(world.session.scalars(select(LedgerEntry).where(LedgerEntry.action.like("device.%"))))
    assert [entry.action for entry in entries] == ["device.registered"]
    assert TOKEN not in str([vars(entry) for entry in entries])


def test_a_phone_that_changes_hands_moves_with_its_token(world: World) -> None:
    world.send("PUT", world.worker, PATH, _fcm())
    world.send("PUT", world.colleague, f"/devices/{uuid4()}", _fcm())
    assert [device.recipient_id for device in _devices(world)] == [world.colleague.id]
    world.send("PUT", world.worker, PATH, {"channel": "log"})
    world.send("PUT", world.colleague, PATH, {"channel": "log"})
    assert {device.recipient_id for device in _devices(world)} == {world.colleague.id}


def test_a_phone_is_forgotten_at_once_and_forgetting_twice_is_fine(world: World) -> None:
    world.send("PUT", world.worker, PATH, _fcm())
    for _ in range(2):
        answer = world.send("DELETE", world.worker, PATH)
        assert (answer.status_code, answer.data) == (204, b"")
        assert _devices(world) == []
    actions = list(world.session.scalars(select(LedgerEntry.action).where(LedgerEntry.action == "device.forgotten")))
    assert len(actions) == 1, "what did not happen is not recorded"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "channel"),
        ({"channel": "sms"}, "channel"),
        ({"channel": ["log"]}, "channel"),
        ({"channel": "fcm"}, "address_kind"),
        ({"channel": "fcm", "address_kind": "token"}, "address"),
        ({"channel": "log", "address_kind": "token", "address": TOKEN}, "address_kind"),
        ({"channel": "log", "address": TOKEN}, "address"),
        (_fcm(address=""), "address"),
        (_fcm(address=None), "address"),
        (_fcm(address="x" * 4_097), "address"),
        (_fcm(address={"token": "x"}), "address"),
        (_fcm(address_kind="apns"), "address_kind"),
        (_fcm(ref="mine"), "ref"),
        (_fcm(recipient_id=1), "recipient_id"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_address_and_its_channel_must_fit(world: World, body: dict[str, Any], field: str) -> None:
    answer = world.send("PUT", world.worker, PATH, body)
    assert answer.status_code == 422
    assert field in [error["field"] for error in answer.get_json()["errors"]]
    assert TOKEN not in answer.text
    assert _devices(world) == []
