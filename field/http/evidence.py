"""Evidence over HTTP: declared at capture, sealed when its bytes have come, read by the court."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from flask import Response, request
from sqlalchemy.orm import Session

from field.http.auth import actor
from field.http.door import Door
from field.http.sealing import find_own, plainly, seal
from field.http.services import now, services
from field.http.transaction import transaction
from field.queries.evidence import EvidenceFacts, get_evidence, list_evidence
from field.rules.media import ENDINGS
from field.rules.refusals import Refused
from field.schemas.evidence import DeclaredOut, EvidenceIn, EvidenceListOut, EvidenceOut
from field.usecases.declare_evidence import Declared, DeclareEvidence, declare_evidence
from field.usecases.read_evidence import read_evidence

blp = Door("evidence", __name__, url_prefix="/api/v1", description="材料 / evidence")

PIECE = "/evidence/<uuid:evidence_id>"
_DECLARED, _EVIDENCE = DeclaredOut(), EvidenceOut()


@blp.route("/evidence", methods=["POST"])
@blp.arguments(EvidenceIn())
@blp.response(201, DeclaredOut)
@blp.alt_response(200, schema=DeclaredOut, description="已申报过 / declared before")
def post_evidence(order: DeclareEvidence) -> Response:
    """申报材料 / Declare a file at capture, with its digest; answers where its bytes go. Safe to send twice."""
    declared = _declare(order)
    url = f"{request.path}/{declared.id}/upload"
    sealed = declared.state == "sealed"
    offset = declared.size if sealed else 0 if declared.new else services().staging.size(declared.id)
    body = _DECLARED.dump({**vars(declared), "upload_url": url, "offset": offset})
    headers = {"Location": url, "Upload-Offset": str(offset)}
    return Response(json.dumps(body), 201 if declared.new else 200, headers, mimetype="application/json")


@transaction
def _declare(session: Session, order: DeclareEvidence) -> Declared:
    return declare_evidence(session, actor(session), order, now())


@blp.route(f"{PIECE}/seal", methods=["POST"])
@blp.response(200, EvidenceOut)
def post_seal(evidence_id: UUID) -> Response:
    """封存 / Have the bytes checked and sealed: final from then on. Safe to send twice."""
    who, piece = find_own(evidence_id)
    seal(who, piece)
    return _shown(transaction(get_evidence)(who, evidence_id))


@blp.route(PIECE, methods=["GET"])
@blp.response(200, EvidenceOut)
@transaction
def get_one_evidence(session: Session, evidence_id: UUID) -> Response:
    """一件材料 / What is known of a piece: all of it to the court, their own to a worker."""
    return _shown(get_evidence(session, actor(session), evidence_id))


@blp.route(f"{PIECE}/content", methods=["GET"])
@blp.response(200, {"type": "string", "format": "binary"}, content_type="application/octet-stream")
@blp.alt_response(206, schema={"type": "string", "format": "binary"}, description="部分 / a range")
def get_evidence_content(evidence_id: UUID) -> Response:
    """材料原件 / The original bytes, in ranges if wished; each read is put on record."""
    facts = _read(evidence_id)
    start, stop = _range(facts.size)
    headers = {
        "ETag": f'"{facts.sha256}"',
        "Accept-Ranges": "bytes",
        "Content-Length": str(stop - start),
        "Content-Disposition": f'attachment; filename="{facts.id}.{_ending(facts.media_type)}"',
        "Content-Security-Policy": "sandbox",
        "Cache-Control": "private, no-store",
    }
    whole = (start, stop) == (0, facts.size) and "Range" not in request.headers
    if not whole:
        headers["Content-Range"] = f"bytes {start}-{stop - 1}/{facts.size}"
    with plainly():
        pieces = services().objects.open(bytes.fromhex(facts.sha256), start, None if whole else stop)
    return Response(pieces, 200 if whole else 206, headers, mimetype=facts.media_type)


@blp.route("/tasks/<uuid:task_id>/evidence", methods=["GET"])
@blp.response(200, EvidenceListOut)
@transaction
def get_task_evidence(session: Session, task_id: UUID) -> Any:
    """任务的材料 / A task's evidence: all of it for the court, their own for a worker."""
    return {"items": list_evidence(session, actor(session), task_id), "next": None}


@transaction
def _read(session: Session, evidence_id: UUID) -> EvidenceFacts:
    return read_evidence(session, actor(session), evidence_id)


def _range(size: int) -> tuple[int, int]:
    """Return the range that was asked for, the whole without one; refuse `range_unsatisfiable` (416)."""
    if "Range" not in request.headers:
        return 0, size
    found = request.range.range_for_length(size) if request.range else None
    if found is None or found[0] >= found[1]:
        raise Refused("range_unsatisfiable", size=size)
    return found


def _ending(media_type: str) -> str:
    return ENDINGS.get(media_type, media_type.partition("/")[2])


def _shown(facts: EvidenceFacts) -> Response:
    return Response(json.dumps(_EVIDENCE.dump(facts), ensure_ascii=False), mimetype="application/json")
