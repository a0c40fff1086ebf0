"""What a phone does: fetch the list, send reports, say where to push."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response
from sqlalchemy.orm import Session

from field.http.auth import access, actor, admit
from field.http.door import SEEN_HEADER, Door, etag, if_none_match
from field.http.services import now, services
from field.http.transaction import glance, transaction
from field.queries.worklist import Phone, WorklistBody, find_phone, worklist_body
from field.rules.clocks import PhoneClock
from field.rules.people import Role, require
from field.schemas.devices import DeviceIn
from field.schemas.reports import BatchIn, BatchOut, answers_in_order, read_items
from field.schemas.worklist import WorklistOut
from field.usecases.note_fetch import note_fetch
from field.usecases.record_attempts import Batch, record_attempts
from field.usecases.register_device import RegisterDevice, forget_device, register_device

blp = Door("phone", __name__, url_prefix="/api/v1", description="手机端 / the phone")


@blp.route("/worklist", methods=["GET"])
@blp.doc(parameters=[SEEN_HEADER])
@blp.response(200, WorklistOut)
def get_worklist() -> Response:
    """我的任务清单 / All my open tasks, with an ETag; If-None-Match answers 304 and acknowledges that version."""
    seen = if_none_match()
    phone, listed = _look(seen)
    if phone.to_note(seen):
        _note(phone, seen)
    if listed is None:
        return Response(status=304, headers=etag(phone.version))
    return Response(listed.body, headers=etag(listed.version), mimetype="application/json")


@glance
def _look(session: Session, seen: int | None) -> tuple[Phone, WorklistBody | None]:
    """Read the list, unless the phone has it: most polls end here, after one look-up and without a write."""
    phone = find_phone(session, access().user_id)
    who = admit(phone.person if phone else None)
    require(who, Role.WORKER)
    assert phone is not None
    return phone, None if seen == phone.version else worklist_body(session, who.id)


@transaction
def _note(session: Session, phone: Phone, seen: int | None) -> None:
    note_fetch(session, phone, seen, now())


@blp.route("/reports", methods=["POST"])
@blp.arguments(BatchIn)
@blp.response(200, BatchOut)
@transaction
def post_reports(session: Session, asked: dict[str, Any]) -> Any:
    """上报 / A batch of attempts made offline: one answer per item, safe to send twice, in any order."""
    good, bad = read_items(asked["items"])
    sent = PhoneClock(asked["sent_at"], asked["sent_mono_ms"], asked["boot_id"])
    batch = Batch(asked["installation_id"], sent, good)
    answers = record_attempts(session, actor(session), batch, now(), services().open_task_limit)
    return answers_in_order(len(asked["items"]), answers, bad)


@blp.route("/devices/<uuid:installation_id>", methods=["PUT"])
@blp.arguments(DeviceIn)
@blp.response(204)
@transaction
def put_device(session: Session, asked: dict[str, Any], installation_id: UUID) -> None:
    """登记推送设备 / Say where to push; a token that was another person's moves to you."""
    register_device(session, actor(session), RegisterDevice(installation_id, **asked), services().cipher)


@blp.route("/devices/<uuid:installation_id>", methods=["DELETE"])
@blp.response(204)
@transaction
def delete_device(session: Session, installation_id: UUID) -> None:
    """注销推送设备 / Push here no more."""
    forget_device(session, actor(session), installation_id)
