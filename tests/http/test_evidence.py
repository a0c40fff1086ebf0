"""Evidence over HTTP: declared at once, sent in parts, sealed for good, read by the court alone."""

from __future__ import annotations

import base64
import hashlib
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from werkzeug.test import TestResponse

from field.http.services import Services
from field.ledger.facts import verify_facts
from field.ledger.seal import seal_chain
from field.models import Evidence, EvidenceObject, LedgerEntry
from field.rules.people import Role
from field.rules.tasks import TaskState
from tests.files import declaration, photo, sm3
from tests.http.caller import Person
from tests.http.world import Relation, World

TUS = {"Tus-Resumable": "1.0.0"}
PART_TYPE = "application/offset+octet-stream"


def declare(world: World, body: bytes, who: Person | None = None, **members: Any) -> str:
    """Declare a file for a task of the home worker; return where its bytes go."""
    order = declaration(world.task().id, body, **members)
    answer = world.post(who or world.worker, "/evidence", order)
    assert answer.status_code == 201, answer.text
    url: str = answer.get_json()["upload_url"]
    return url.removeprefix("/api/v1").removesuffix("/upload")


def patch(
    world: World, piece: str, part: bytes, offset: Any = 0, who: Person | None = None, **headers: str
) -> TestResponse:
    """Send a part."""
    sent = TUS | {"Upload-Offset": str(offset)} | {name.replace("_", "-"): each for name, each in headers.items()}
    kind = sent.pop("Content-Type", PART_TYPE)
    return world.send("PATCH", who or world.worker, f"{piece}/upload", headers=sent, data=part, content_type=kind)


def sealed(world: World, body: bytes, **members: Any) -> str:
    """Declare, send and seal a file."""
    piece = declare(world, body, **members)
    answer = patch(world, piece, body, Upload_Seal="1")
    assert (answer.status_code, answer.headers["Upload-Offset"]) == (204, str(len(body)))
    return piece


def code(answer: TestResponse) -> tuple[int, str]:
    """Return status and code of a refusal."""
    assert answer.mimetype == "application/problem+json", answer.text
    return answer.status_code, answer.get_json()["code"]


def services(world: World) -> Services:
    """Return the running app's services."""
    found: Services = world.app.extensions["gridfield"]
    return found


def test_declared_sent_in_parts_and_sealed(world: World) -> None:
    body = photo(5000)
    piece = declare(world, body, point=world.point(accuracy_m=8), provider="gps", is_mock=False, sm3=sm3(body))
    head = world.send("HEAD", world.worker, f"{piece}/upload", headers=TUS)
    assert (head.headers["Upload-Offset"], head.headers["Upload-Length"]) == ("0", "5000")
    assert head.headers["Cache-Control"] == "no-store"
    assert patch(world, piece, body[:1234]).status_code == 204
    assert code(world.post(world.worker, f"{piece}/seal")) == (409, "upload_incomplete")
    answer = patch(world, piece, body[1234:], 1234)
    assert (answer.headers["Upload-Offset"], answer.headers["Tus-Resumable"]) == ("5000", "1.0.0")
    shown = world.post(world.worker, f"{piece}/seal")
    assert shown.status_code == 200
    facts = shown.get_json()
    assert (facts["state"], facts["sha256"], facts["sm3"]) == ("sealed", hashlib.sha256(body).hexdigest(), sm3(body))
    assert (facts["media_type"], facts["point"]["accuracy_m"], facts["late"]) == ("image/jpeg", 8, False)
    assert world.post(world.worker, f"{piece}/seal").get_json() == facts
    assert world.get(world.clerk, piece).get_json() == facts
    assert world.get(world.clerk, f"{piece}/content").data == body
    head = world.send("HEAD", world.worker, f"{piece}/upload", headers=TUS)
    assert head.headers["Upload-Offset"] == "5000"
    kept = world.session.scalars(select(EvidenceObject)).one()
    assert (kept.width, kept.height, kept.size) == (16, 16, 5000)


def test_said_twice_is_declared_once(world: World) -> None:
    body = photo()
    order = declaration(world.task().id, body)
    first = world.post(world.worker, "/evidence", order)
    later = order | {"sent_at": "2026-12-01T00:00:00Z"}
    second = world.post(world.worker, "/evidence", later)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.get_json() == second.get_json()
    assert code(world.post(world.worker, "/evidence", order | {"size": 1999})) == (422, "client_id_reused")
    task = world.task()
    other = declaration(task.id, body, client_id=order["client_id"])
    assert code(world.post(world.worker, "/evidence", other)) == (422, "client_id_reused")
    assert len(world.session.scalars(select(Evidence)).all()) == 1


def test_late_is_marked_and_kept(world: World) -> None:
    body = photo()
    for members, state in (({"fence": 9}, TaskState.ASSIGNED), ({}, TaskState.CLOSED)):
        task = world.task(state=TaskState.REPORTED)
        world.session.execute(
            text("update field.task set state = :s, fence = 1 where id = :id"), {"s": state.value, "id": task.id}
        )
        answer = world.post(world.worker, "/evidence", declaration(task.id, body, **members))
        assert (answer.status_code, answer.get_json()["late"]) == (201, True)
    in_time = world.post(world.worker, "/evidence", declaration(world.task(fence=1).id, body))
    assert in_time.get_json()["late"] is False


@pytest.mark.parametrize(
    ("members", "refused"),
    [
        ({"kind": "NOTE"}, (422, "invalid")),
        ({"kind": "AUDIO_CALL", "media_type": "audio/ogg"}, (422, "evidence_not_needed")),
        ({"kind": "PHOTO_DOOR", "media_type": "application/pdf"}, (422, "media_type_not_allowed")),
        ({"media_type": "image/svg+xml"}, (422, "media_type_not_allowed")),
        ({"media_type": "text/html"}, (422, "media_type_not_allowed")),
        ({"size": 20_000_001}, (413, "evidence_too_large")),
        ({"size": 0}, (422, "invalid")),
        ({"size": -1}, (422, "invalid")),
        ({"size": 2**70}, (422, "invalid")),
        ({"size": "100"}, (422, "invalid")),
        ({"sha256": "../../etc/passwd"}, (422, "invalid")),
        ({"sha256": "a" * 63}, (422, "invalid")),
        ({"sha256": None}, (422, "invalid")),
        ({"client_id": "../x"}, (422, "invalid")),
        ({"note": "x"}, (422, "invalid")),
        ({"captured_at": "0001-01-01T00:00:00Z"}, (422, "invalid")),
    ],
)
def test_what_may_not_be_declared(world: World, members: dict[str, Any], refused: tuple[int, str]) -> None:
    order = declaration(world.task().id, photo()) | members
    assert code(world.post(world.worker, "/evidence", order)) == refused
    assert world.session.scalars(select(Evidence)).all() == []


def test_nobody_adds_to_an_attempt_of_somebody_else(world: World) -> None:
    task = world.task(fence=1)
    attempt = world.attempt(task.id)
    batch = {"installation_id": str(uuid4()), "sent_at": "2026-06-10T12:30:00+08:00", "items": [attempt]}
    assert world.post(world.worker, "/reports", batch).get_json()["items"][0]["status"] == "accepted"
    own = declaration(task.id, photo(), attempt_id=attempt["client_id"])
    assert world.post(world.worker, "/evidence", own).status_code == 201
    elsewhere = declaration(world.task().id, photo(), attempt_id=attempt["client_id"])
    assert code(world.post(world.worker, "/evidence", elsewhere)) == (404, "not_found")
    theirs = declaration(task.id, photo(), attempt_id=attempt["client_id"])
    assert code(world.post(world.clerk, "/evidence", theirs)) == (404, "not_found")


def test_the_court_sends_its_own(world: World) -> None:
    body = b"%PDF-1.7 made up" + photo(500)
    order = declaration(world.task().id, body, kind="COURT_OFFICER_SIGN", media_type="application/pdf", fence=None)
    answer = world.post(world.clerk, "/evidence", order)
    assert answer.status_code == 201
    piece = f"/evidence/{order['client_id']}"
    assert patch(world, piece, body, who=world.clerk, Upload_Seal="1").status_code == 204
    assert world.get(world.clerk, piece).get_json()["state"] == "sealed"
    assert code(world.get(world.worker, piece)) == (404, "not_found")


def test_offsets_must_fit(world: World) -> None:
    body = photo()
    piece = declare(world, body)
    wrong = patch(world, piece, body, 7)
    assert (*code(wrong), wrong.headers["Upload-Offset"]) == (409, "upload_offset_wrong", "0")
    for offset in ("-1", "1e3", "", "0x0", "9" * 40, "٣"):
        assert code(patch(world, piece, body, offset)) == (400, "header_invalid")
    assert patch(world, piece, body[:100]).status_code == 204
    again = patch(world, piece, body[:100])
    assert (*code(again), again.headers["Upload-Offset"]) == (409, "upload_offset_wrong", "100")
    assert code(patch(world, piece, body, 100)) == (413, "upload_too_long")
    assert patch(world, piece, body[100:], 100).status_code == 204
    assert patch(world, piece, b"", 2000).status_code == 204
    assert code(patch(world, piece, b"x", 2000)) == (413, "upload_too_long")
    assert world.post(world.worker, f"{piece}/seal").status_code == 200


def test_the_protocol_is_named_on_both_sides(world: World) -> None:
    piece = declare(world, photo())
    for version in ({}, {"Tus-Resumable": "0.2.2"}):
        answer = world.send("HEAD", world.worker, f"{piece}/upload", headers=version)
        assert (answer.status_code, answer.headers["Tus-Version"]) == (412, "1.0.0")
        assert answer.headers["Tus-Resumable"] == "1.0.0"
    answer = world.send("OPTIONS", None, f"{piece}/upload")
    assert (answer.status_code, answer.headers["Tus-Extension"]) == (204, "checksum,termination")
    assert code(patch(world, piece, b"x", Content_Type="application/json")) == (415, "upload_type_wrong")
    for who in (world.clerk, world.colleague, world.next_worker):
        for method in ("HEAD", "PATCH", "DELETE"):
            answer = world.send(
                method, who, f"{piece}/upload", headers=TUS | {"Upload-Offset": "0"}, content_type=PART_TYPE, data=b""
            )
            assert (answer.status_code, answer.headers["Tus-Resumable"]) == (404, "1.0.0")


def test_a_part_that_does_not_fit_its_checksum_is_undone(world: World) -> None:
    body = photo()
    piece = declare(world, body)
    for name in ("sha1", "sha256"):
        wrong = base64.b64encode(hashlib.new(name, b"other").digest()).decode()
        answer = patch(world, piece, body, Upload_Checksum=f"{name} {wrong}")
        assert (*code(answer), answer.headers["Upload-Offset"]) == (460, "checksum_mismatch", "0")
    for value in ("md5 AAAA", "sha1", "sha1 ***", ""):
        expected = (460, "checksum_mismatch") if value == "sha1" else (400, "header_invalid")
        assert code(patch(world, piece, body, Upload_Checksum=value)) == expected
    half = base64.b64encode(hashlib.sha1(body[:900]).digest()).decode()
    assert patch(world, piece, body[:900], Upload_Checksum=f"sha1 {half}").headers["Upload-Offset"] == "900"


def test_given_up_and_begun_anew(world: World) -> None:
    body = photo()
    piece = declare(world, body)
    assert patch(world, piece, body[:100]).status_code == 204
    for _ in range(2):
        assert world.send("DELETE", world.worker, f"{piece}/upload", headers=TUS).status_code == 204
    assert patch(world, piece, body, Upload_Seal="1").status_code == 204


def test_other_bytes_than_those_captured_are_not_sealed(world: World) -> None:
    body = photo()
    for said in (None, sm3(b"other")):
        piece = declare(world, body, sm3=said)
        other = body if said else photo()
        answer = patch(world, piece, other, Upload_Seal="1")
        assert (*code(answer), answer.headers["Upload-Offset"]) == (422, "hash_mismatch", "0")
    piece = declare(world, body)
    assert code(patch(world, piece, photo(), Upload_Seal="1")) == (422, "hash_mismatch")
    assert patch(world, piece, body, Upload_Seal="1").status_code == 204
    assert world.session.scalars(select(EvidenceObject.sha256)).all() == [hashlib.sha256(body).digest()]


@pytest.mark.parametrize(
    ("body", "refused"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "media_type_not_allowed"),
        (b"%PDF-1.7 a paper is no photo of a door", "media_type_not_allowed"),
        (b"\xff\xd8\xff\xe0 no picture at all", "picture_unreadable"),
        (
            b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\xff\xff\0\0\xff\xff\x08\2\0\0\0\0\0\0\0\0\0\0\0IDAT",
            "picture_too_large",
        ),
    ],
)
def test_what_the_bytes_are_decides(world: World, body: bytes, refused: str) -> None:
    piece = declare(world, body)
    for _ in range(2):
        assert patch(world, piece, body).status_code in (204, 409)
        assert code(world.post(world.worker, f"{piece}/seal")) == (422, refused)
    assert world.session.scalars(select(EvidenceObject)).all() == []


def test_sealed_is_final(world: World) -> None:
    body = photo()
    piece = sealed(world, body)
    assert code(patch(world, piece, b"")) == (409, "evidence_sealed")
    assert code(world.send("DELETE", world.worker, f"{piece}/upload", headers=TUS)) == (409, "evidence_sealed")
    for statement in (
        "update field.evidence set captured_at = now()",
        "update field.evidence set state = 'expected', sealed_at = null, object_sha256 = null",
        "delete from field.evidence",
        "update field.evidence_object set size = 1",
        "update field.evidence_object set width = 17",
        "delete from field.evidence_object",
        "truncate field.evidence cascade",
    ):
        with pytest.raises(DBAPIError), world.session.begin_nested():
            world.session.execute(text(statement))
    assert world.get(world.clerk, f"{piece}/content").data == body


def test_same_bytes_twice_are_one_object(world: World) -> None:
    body = photo()
    first, second = sealed(world, body), sealed(world, body)
    assert len(world.session.scalars(select(EvidenceObject)).all()) == 1
    assert {world.get(world.clerk, f"{each}/content").data for each in (first, second)} == {body}
    assert services(world).staging.size(UUID(first.rpartition("/")[2])) == 0


def test_the_ledger_tells_and_holds_every_detail(world: World) -> None:
    piece = sealed(world, photo(), point=world.point())
    world.get(world.clerk, f"{piece}/content")
    entries = world.session.scalars(select(LedgerEntry).order_by(LedgerEntry.id)).all()
    told = [each.action for each in entries if each.action.startswith("evidence.")]
    assert told == ["evidence.declared", "evidence.sealed", "evidence.read"]
    seal_chain(world.session, world.court.code)
    assert list(verify_facts(world.session, world.court.code)) == []
    for column, value in (("captured_at", "now()"), ("raw_lon", "raw_lon + 1"), ("is_mock", "true"), ("size", "1")):
        with world.session.begin_nested() as undone:
            world.session.execute(text("alter table field.evidence disable trigger guard_evidence"))
            world.session.execute(text(f"update field.evidence set {column} = {value}"))
            assert [each.what for each in verify_facts(world.session, world.court.code)] == ["fact changed"] * 2
            undone.rollback()
    with world.session.begin_nested() as undone:
        world.session.execute(text("alter table field.evidence_object disable trigger guard_evidence_object"))
        world.session.execute(text("update field.evidence_object set media_type = 'image/png'"))
        assert len(list(verify_facts(world.session, world.court.code))) == 1
        undone.rollback()


def test_who_reads_the_original(world: World) -> None:
    body = photo()
    piece = sealed(world, body)
    assert world.get(world.worker, f"{piece}/content").data == body
    world.session.execute(text("update field.task set state = 'closed'"))
    assert code(world.get(world.worker, f"{piece}/content")) == (404, "not_found")
    assert world.get(world.worker, piece).status_code == 200
    answer = world.get(world.clerk, f"{piece}/content")
    assert (answer.mimetype, answer.headers["X-Content-Type-Options"]) == ("image/jpeg", "nosniff")
    assert "attachment" in answer.headers["Content-Disposition"]


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ("bytes=0-9", (0, 10)),
        ("bytes=1990-", (1990, 2000)),
        ("bytes=-5", (1995, 2000)),
        ("bytes=1999-9999", (1999, 2000)),
    ],
)
def test_ranges(world: World, asked: str, shown: tuple[int, int]) -> None:
    body = photo()
    piece = sealed(world, body)
    answer = world.send("GET", world.clerk, f"{piece}/content", headers={"Range": asked})
    assert (answer.status_code, answer.data) == (206, body[slice(*shown)])
    assert answer.headers["Content-Range"] == f"bytes {shown[0]}-{shown[1] - 1}/2000"


@pytest.mark.parametrize("asked", ["bytes=2000-", "bytes=5-2", "bytes=0-1,4-5", "chars=0-1", "bytes=-0"])
def test_ranges_that_are_not_there(world: World, asked: str) -> None:
    piece = sealed(world, photo())
    answer = world.send("GET", world.clerk, f"{piece}/content", headers={"Range": asked})
    assert code(answer) == (416, "range_unsatisfiable")


def test_a_task_lists_what_each_may_see(world: World) -> None:
    task = world.task(fence=1)
    body = photo()
    order = declaration(task.id, body)
    assert world.post(world.worker, "/evidence", order).status_code == 201
    court = declaration(task.id, body, kind="SERVER_SIGN", fence=None)
    assert world.post(world.clerk, "/evidence", court).status_code == 201
    seen = {
        who.role: [each["id"] for each in world.get(who, f"/tasks/{task.id}/evidence").get_json()["items"]]
        for who in (world.clerk, world.worker)
    }
    assert seen == {"dispatcher": [order["client_id"], court["client_id"]], "worker": [order["client_id"]]}
    assert code(world.get(world.next_worker, f"/tasks/{task.id}/evidence")) == (404, "not_found")
    assert world.get(world.away[Role.DISPATCHER], f"/tasks/{task.id}/evidence").status_code == 404
    assert world.task(Relation.OWN).id != task.id
