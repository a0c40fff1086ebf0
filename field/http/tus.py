"""The bytes of evidence, by the protocol tus 1.0.0 (tus.io): core, checksum, termination.

What has arrived when a line is cut stays, and the phone goes on from there. No transaction is open while bytes flow.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any
from uuid import UUID

from flask import Response, request
from flask.sansio.blueprints import BlueprintSetupState
from werkzeug.exceptions import ClientDisconnected

from field.http.door import Door
from field.http.problems import problem
from field.http.sealing import find_own, plainly, seal
from field.http.services import services
from field.queries.expected_evidence import Expected
from field.rules.media import LARGEST
from field.rules.refusals import Refused
from field.vault.staging import DiskFull, Growing

VERSION = "1.0.0"
PART_TYPE = "application/offset+octet-stream"
SEAL_HEADER = "Upload-Seal"
WAIT_S = 2.0
"""How long a request waits for its turn while as many others are sending as may: each keeps a thread busy."""
_OFFSET = re.compile(r"[0-9]{1,16}")
_ALGORITHMS: dict[str, Callable[[], Any]] = {"sha1": hashlib.sha1, "sha256": hashlib.sha256}

blp = Door(
    "uploads_of_evidence", __name__, url_prefix="/api/v1", description="材料上传 / uploads of evidence (tus 1.0)"
)
UPLOAD = "/evidence/<uuid:evidence_id>/upload"


def _header(name: str, example: str, description: str, *, required: bool = True) -> dict[str, Any]:
    return {
        "in": "header",
        "name": name,
        "required": required,
        "description": description,
        "schema": {"type": "string"},
        "example": example,
    }


_TUS = _header("Tus-Resumable", VERSION, "tus 版本 / the version of tus")
_OFFSET_HEADER = _header("Upload-Offset", "0", "从此处续传 / where this part begins")
_CHECKSUM = _header(
    "Upload-Checksum", "sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=", "这一段的校验和 / of this part", required=False
)
_SEAL = _header(SEAL_HEADER, "1", "传完即封存 / seal it with the last byte", required=False)
_BODY = {
    "required": True,
    "content": {PART_TYPE: {"schema": {"type": "string", "format": "binary", "example": "…"}}},
}


def tus(view: Callable[[UUID], Response]) -> Callable[..., Response]:
    """Hold a view to the protocol: the version is named on both sides, and a refusal tells where the upload stands."""

    @wraps(view)
    def run(evidence_id: UUID) -> Response:
        try:
            if request.headers.get("Tus-Resumable") != VERSION:
                raise Refused("tus_version")
            answer = view(evidence_id)
        except Refused as refusal:
            answer = problem(refusal.code, **refusal.facts)
            if "offset" in refusal.facts:
                answer.headers["Upload-Offset"] = str(refusal.facts["offset"])
            if refusal.code == "tus_version":
                answer.headers["Tus-Version"] = VERSION
        answer.headers["Tus-Resumable"] = VERSION
        return answer

    return run


def options_upload(**_address: Any) -> Response:
    """上传协议 / What of tus is spoken here; the same for every address."""
    headers = {
        "Tus-Resumable": VERSION,
        "Tus-Version": VERSION,
        "Tus-Extension": "checksum,termination",
        "Tus-Checksum-Algorithm": ",".join(_ALGORITHMS),
        "Tus-Max-Size": str(max(LARGEST.values())),
        "Allow": "OPTIONS, HEAD, PATCH, DELETE",
    }
    return Response(status=204, headers=headers)


@tus
def head_upload(evidence_id: UUID) -> Response:
    """上传进度 / How much has arrived."""
    _, piece = find_own(evidence_id)
    offset = piece.size if piece.sealed else services().staging.size(evidence_id)
    return Response(headers={**_at(offset), "Upload-Length": str(piece.size), "Cache-Control": "no-store"})


@blp.record
def _undescribed(state: BlueprintSetupState) -> None:
    """Add what the protocol asks for beside, before the others: those would answer OPTIONS by themselves."""
    for method, view in (("OPTIONS", options_upload), ("HEAD", head_upload)):
        state.app.add_url_rule(
            f"/api/v1{UPLOAD}",
            f"{blp.name}.{view.__name__}",
            view,
            methods=[method],
            provide_automatic_options=False,
        )


@blp.route(UPLOAD, methods=["PATCH"])
@blp.doc(parameters=[_TUS, _OFFSET_HEADER, _CHECKSUM, _SEAL], requestBody=_BODY)
@blp.response(204)
@tus
def patch_upload(evidence_id: UUID) -> Response:
    """上传一段 / Send the next part; what arrives before a line is cut stays, and HEAD tells how much that is."""
    offset, checksum = _offset(), _checksum()
    if request.mimetype != PART_TYPE:
        raise Refused("upload_type_wrong")
    who, piece = find_own(evidence_id)
    if piece.sealed:
        raise Refused("evidence_sealed", offset=piece.size)
    staging = services().staging
    if (known := staging.size(evidence_id)) != offset:
        raise Refused("upload_offset_wrong", offset=known)
    with plainly(), _turn(), staging.hold(evidence_id, create=True) as growing:
        size = _take(growing, piece, offset, checksum)
        sealing = size == piece.size and request.headers.get(SEAL_HEADER) == "1"
        if not sealing:
            growing.sync()
    if sealing:
        seal(who, piece)  # which waits for the disk before it confirms anything
    return Response(status=204, headers=_at(size))


@blp.route(UPLOAD, methods=["DELETE"])
@blp.doc(parameters=[_TUS])
@blp.response(204)
@tus
def delete_upload(evidence_id: UUID) -> Response:
    """放弃已传内容 / Forget the bytes that have come; what was declared stays declared."""
    _, piece = find_own(evidence_id)
    if piece.sealed:
        raise Refused("evidence_sealed", offset=piece.size)
    staging = services().staging
    if staging.size(evidence_id):
        with plainly(), staging.hold(evidence_id):
            staging.drop(evidence_id)
    return Response(status=204)


def _take(growing: Growing, piece: Expected, offset: int, checksum: tuple[Any, bytes] | None) -> int:
    """Write the part behind what has come; refuse and undo one that is too long or does not fit its checksum."""
    if growing.size != offset:
        raise Refused("upload_offset_wrong", offset=growing.size)
    try:
        size = growing.append(_reader(piece.size - offset), checksum[0].update if checksum else None)
        if size > piece.size:
            growing.truncate(offset)
            raise Refused("upload_too_long", offset=offset)
        if checksum and checksum[0].digest() != checksum[1]:
            growing.truncate(offset)
            raise Refused("checksum_mismatch", offset=offset)
    except (Refused, DiskFull):
        growing.sync()
        raise
    return size


def _reader(room: int) -> Callable[[int], bytes]:
    """Return what reads the body up to one byte more than there is room for; a cut line is its end."""
    length = request.content_length
    if length is None:
        ends = request.environ.get("wsgi.input_terminated")  # house: what the server says of the request
        length = room + 1 if ends else 0
    elif length > room:
        raise Refused("upload_too_long")
    source, rest = request.environ["wsgi.input"], length  # house: the body itself, which Flask would bound its own way

    def read(most: int) -> bytes:
        nonlocal rest
        try:
            piece: bytes = source.read(min(most, rest)) if rest else b""
        except (ClientDisconnected, OSError):
            return b""
        rest -= len(piece)
        return piece

    return read


@contextmanager
def _turn() -> Iterator[None]:
    """Let some threads of the process go without uploads: slow phones must not keep everybody else out."""
    turns = services().upload_turns
    if not turns.acquire(timeout=WAIT_S):
        raise Refused("busy", retry_after=2)
    try:
        yield
    finally:
        turns.release()


def _offset() -> int:
    text = request.headers.get("Upload-Offset", "")
    if not _OFFSET.fullmatch(text):
        raise Refused("header_invalid", header="Upload-Offset")
    return int(text)


def _checksum() -> tuple[Any, bytes] | None:
    """Return the checksum's running digest and the value it should come to; refuse `header_invalid` (400)."""
    if (text := request.headers.get("Upload-Checksum")) is None:
        return None
    name, _, value = text.partition(" ")
    if name not in _ALGORITHMS:
        raise Refused("header_invalid", header="Upload-Checksum", form=" | ".join(_ALGORITHMS))
    try:
        return _ALGORITHMS[name](), base64.b64decode(value, validate=True)
    except binascii.Error:
        raise Refused("header_invalid", header="Upload-Checksum", form="base64") from None


def _at(offset: int) -> dict[str, str]:
    return {"Upload-Offset": str(offset)}
