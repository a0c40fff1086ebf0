"""Made-up files of evidence: a real picture's head, and as many random bytes behind it as a test wants."""

from __future__ import annotations

import hashlib
import io
import random
from datetime import UTC, datetime
from functools import cache
from typing import Any
from uuid import UUID, uuid4

from PIL import Image
from sqlalchemy.orm import Session

from field.http.services import Services
from field.models import Evidence, EvidenceObject, Task


@cache
def tiny_jpeg() -> bytes:
    """Return a grey picture of 16 × 16 pixels."""
    file = io.BytesIO()
    Image.new("L", (16, 16), 128).save(file, "JPEG")
    return file.getvalue()


def photo(size: int = 2000, rng: random.Random | None = None) -> bytes:
    """Return a JPEG of exactly so many bytes, unlike any other."""
    head = tiny_jpeg()
    return head + (rng or random.SystemRandom()).randbytes(size - len(head))


def sm3(body: bytes) -> str:
    """Return the SM3 of bytes as hex."""
    return hashlib.new("sm3", body).hexdigest()


def declaration(task_id: UUID | str, body: bytes, **members: Any) -> dict[str, Any]:
    """Return the JSON that declares a file for a task that was given once."""
    moment = datetime.now(UTC).isoformat()
    return {
        "client_id": str(uuid4()),
        "task_id": str(task_id),
        "attempt_id": str(uuid4()),
        "fence": 1,
        "kind": "PHOTO_DOOR",
        "sha256": hashlib.sha256(body).hexdigest(),
        "size": len(body),
        "media_type": "image/jpeg",
        "captured_at": moment,
        "sent_at": moment,
    } | members


SIZE = 700
"""How large a made-up piece is."""


def make_evidence(world: Any, task: Task, *, sealed: bool = False, **columns: Any) -> UUID:
    """Make a piece that the task's holder has declared and sent; its bytes wait for being sealed, or are."""
    session: Session = world.session
    services: Services = world.app.extensions["gridfield"]
    body, moment, piece = photo(SIZE), datetime.now(UTC), uuid4()
    digest = hashlib.sha256(body).digest()
    path = services.staging.path(piece)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body)
    if sealed:
        services.objects.put(digest, path)
        path.unlink()
        object_ = EvidenceObject(sha256=digest, sm3=bytes.fromhex(sm3(body)), size=SIZE, media_type="image/jpeg")
        session.add(object_)
        session.flush()
    told = {
        "id": piece, "court_id": task.court_id, "task_id": task.id, "attempt_id": uuid4(), "user_id": task.worker_id,
        "kind": "PHOTO_DOOR", "sha256": digest, "size": SIZE, "media_type": "image/jpeg", "captured_at": moment,
        "sent_at": moment, "received_at": moment, "corrected_at": moment, "marks": [], "imported": False,
        "late": False, "fingerprint": b"", "state": "sealed" if sealed else "expected",
        "sealed_at": moment if sealed else None, "object_sha256": digest if sealed else None,
    }  # fmt: skip
    session.add(Evidence(**told | columns))
    session.flush()
    return piece
