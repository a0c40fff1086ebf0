"""Pictures over HTTP, small enough to look at and without what the camera wrote into them."""

from __future__ import annotations

from contextlib import suppress
from uuid import UUID

from flask import Response
from sqlalchemy.orm import Session

from field.http.auth import actor
from field.http.door import Door
from field.http.services import services
from field.http.transaction import transaction
from field.queries.evidence import EvidenceFacts
from field.rules.refusals import Refused
from field.usecases.read_evidence import read_evidence
from field.vault.objects import StoreDown
from field.vault.pictures import PICTURES, Size, Undecodable, decode
from field.vault.staging import DiskFull

blp = Door("pictures", __name__, url_prefix="/api/v1", description="照片 / pictures")
JPEG = "image/jpeg"
_FILE = {"200": {"description": "JPEG", "content": {JPEG: {"schema": {"type": "string", "format": "binary"}}}}}


@blp.route("/evidence/<uuid:evidence_id>/thumbnail", methods=["GET"])
@blp.response(200, content_type=JPEG)
@blp.doc(responses=_FILE)
def get_thumbnail(evidence_id: UUID) -> Response:
    """缩略图 / The picture at 320 pixels, upright, without EXIF: for the court, and its maker while the task lives."""
    return _shown(evidence_id, Size.THUMBNAIL)


@blp.route("/evidence/<uuid:evidence_id>/copy", methods=["GET"])
@blp.response(200, content_type=JPEG)
@blp.doc(responses=_FILE)
def get_copy(evidence_id: UUID) -> Response:
    """查看副本 / The picture at 1,600 pixels, upright, without EXIF; the original stays as it was sealed."""
    return _shown(evidence_id, Size.COPY)


@transaction
def _read(session: Session, evidence_id: UUID, size: Size) -> EvidenceFacts:
    return read_evidence(session, actor(session), evidence_id, size.value)


def _shown(evidence_id: UUID, size: Size) -> Response:
    """Answer with a kept copy, or make it: outside any transaction, because opening a picture takes its time."""
    facts = _read(evidence_id, size)
    if facts.media_type not in PICTURES:
        raise Refused("not_a_picture")
    sha256 = bytes.fromhex(facts.sha256)
    body = services().copies.get(sha256, size) or _made(sha256)[size]
    return Response(body, content_type=JPEG, headers={"Cache-Control": "private, no-store"})


def _made(sha256: bytes) -> dict[Size, bytes]:
    try:
        copies = decode(services().objects.get(sha256)).copies
    except Undecodable:
        raise Refused("picture_undecodable") from None
    with suppress(StoreDown, DiskFull, OSError):  # kept for the next one who asks; this one has it
        services().copies.put(sha256, copies)
    return copies
