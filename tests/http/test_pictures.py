"""Pictures over HTTP: small, upright, without what the camera wrote; made when asked, kept, and every look recorded."""

from __future__ import annotations

import hashlib
import io
from typing import Any
from uuid import UUID

import pytest
from PIL import Image
from sqlalchemy import select

from field.http.services import Services
from field.models import EvidenceObject, LedgerEntry, Task
from field.rules.tasks import TaskState
from field.vault.pictures import Size
from tests.files import make_evidence, sm3
from tests.http.world import Relation, World
from tests.scenes import door, jpeg


def _sealed(world: World, task: Task, body: bytes, media_type: str = "image/jpeg") -> UUID:
    services: Services = world.app.extensions["gridfield"]
    digest = hashlib.sha256(body).digest()
    file = services.staging.path(UUID(bytes=digest[:16]))
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(body)
    services.objects.put(digest, file)
    file.unlink()
    object_ = EvidenceObject(sha256=digest, sm3=bytes.fromhex(sm3(body)), size=len(body), media_type=media_type)
    world.session.add(object_)
    world.session.flush()
    told: dict[str, Any] = {"state": "sealed", "object_sha256": digest, "sealed_at": task.created_at}
    return make_evidence(world, task, sha256=digest, size=len(body), media_type=media_type, **told)


def _get(world: World, person: Any, piece: UUID, size: str) -> Any:
    return world.send("GET", person, f"/evidence/{piece}/{size}")


def _photo(seed: int = 2) -> bytes:
    exif = Image.Exif()
    exif[0x0112], exif[0x0110] = 6, "SECRETPHONE"
    exif[0x8825] = {1: "N", 2: (34.0, 49.0, 15.96)}
    return jpeg(door(seed).resize((2400, 1800)), exif=exif)


@pytest.mark.parametrize(("size", "shape"), [("thumbnail", (240, 320)), ("copy", (1200, 1600))])
def test_a_copy_is_made_when_first_asked_for_and_then_kept(world: World, size: str, shape: tuple[int, int]) -> None:
    body = _photo(len(size))
    piece = _sealed(world, world.task(), body)
    services: Services = world.app.extensions["gridfield"]
    sha256 = hashlib.sha256(body).digest()
    assert services.copies.get(sha256, Size(size)) is None
    answer = _get(world, world.clerk, piece, size)
    assert (answer.status_code, answer.mimetype) == (200, "image/jpeg")
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert Image.open(io.BytesIO(answer.data)).size == shape
    assert b"SECRET" not in answer.data
    assert b"Exif" not in answer.data
    assert services.copies.get(sha256, Size(size)) == answer.data
    assert _get(world, world.worker, piece, size).data == answer.data
    assert services.objects.get(sha256) == body


def test_each_look_is_in_the_ledger(world: World) -> None:
    piece = _sealed(world, world.task(), _photo())
    for size in ("thumbnail", "copy"):
        _get(world, world.clerk, piece, size)
    rows = world.session.scalars(select(LedgerEntry).where(LedgerEntry.action == "evidence.read")).all()
    assert [(row.actor, row.details["field"]) for row in rows if row.details] == [
        (f"user:{world.clerk.id}", "thumbnail"), (f"user:{world.clerk.id}", "copy"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("body", "media_type", "code"),
    [
        (b"%PDF-1.7", "application/pdf", "not_a_picture"),
        (jpeg(door(1))[:9_000], "image/jpeg", "picture_undecodable"),
    ],
)
def test_what_cannot_be_shown_is_said_so(world: World, body: bytes, media_type: str, code: str) -> None:
    answer = _get(world, world.clerk, _sealed(world, world.task(), body, media_type), "copy")
    assert (answer.status_code, answer.json["code"]) == (409, code)


def test_what_has_not_come_is_not_there(world: World) -> None:
    piece = make_evidence(world, world.task())
    assert _get(world, world.clerk, piece, "copy").status_code == 404


def test_its_maker_sees_it_until_the_task_is_over(world: World) -> None:
    task = world.task(Relation.OWN, TaskState.IN_PROGRESS)
    piece = _sealed(world, task, _photo())
    assert _get(world, world.worker, piece, "thumbnail").status_code == 200
    task.state = TaskState.CLOSED.value
    world.session.flush()
    assert _get(world, world.worker, piece, "thumbnail").status_code == 404
    assert _get(world, world.clerk, piece, "thumbnail").status_code == 200
