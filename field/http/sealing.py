"""Sealing an upload: checked from the disk, stored first, then one transaction; nothing is open while bytes move."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from uuid import UUID

from sqlalchemy.orm import Session

from field.http.auth import access, admit
from field.http.services import now, services
from field.http.transaction import glance, transaction
from field.queries.expected_evidence import Expected, find_upload
from field.rules.media import HEAD, check_content
from field.rules.people import Actor, Role, require
from field.rules.refusals import Refused
from field.usecases.seal_evidence import ObjectGone, SealEvidence, seal_evidence
from field.vault.digests import measure
from field.vault.objects import StoreDown
from field.vault.pictures import PICTURES, check_picture
from field.vault.staging import DiskFull, Growing, Held, Overtaken

PATIENCE_S = 10.0
TRIES = 3


@glance
def find_own(session: Session, evidence_id: UUID) -> tuple[Actor, Expected]:
    """Return who asks and what they declared; refuse `not_found` (404) for what anybody else did."""
    found, piece = find_upload(session, access().user_id, evidence_id)
    who = admit(found)
    require(who, Role.WORKER, Role.DISPATCHER)
    if piece is None:
        raise Refused("not_found")
    return who, piece


@contextmanager
def plainly() -> Iterator[None]:
    """Say in the API's words what keeps bytes from being taken."""
    try:
        yield
    except DiskFull:
        raise Refused("disk_full") from None
    except (Held, Overtaken):
        raise Refused("upload_busy", retry_after=1) from None
    except StoreDown:
        raise Refused("busy") from None


def seal(who: Actor, piece: Expected) -> None:
    """Seal a piece whose bytes have all come; one that is sealed already stays as it is.

    Refuses `upload_incomplete`, `upload_busy` (423), `hash_mismatch`, `media_type_not_allowed` and what is wrong with a
    picture (422), `disk_full` (507).
    """
    staging = services().staging
    if piece.sealed:
        return
    try:
        with plainly(), staging.hold(piece.id, PATIENCE_S) as growing:
            order = _checked(piece, growing)
            _store_and_seal(who, order, growing)
            staging.drop(piece.id)
    except FileNotFoundError:
        # Nothing has come, or another request has just sealed it.
        if not find_own(piece.id)[1].sealed:
            raise Refused("upload_incomplete", offset=0, length=piece.size) from None


def _checked(piece: Expected, growing: Growing) -> SealEvidence:
    """Read the bytes once, from the disk, and compare them with what was declared at capture."""
    if growing.size != piece.size:
        raise Refused("upload_incomplete", offset=growing.size, length=piece.size)
    found = measure(growing.path, HEAD)
    if found.sha256 != piece.sha256 or (piece.sm3 is not None and found.sm3 != piece.sm3):
        services().staging.drop(piece.id)  # so that the original can be sent again, from its first byte
        raise Refused("hash_mismatch", offset=0, length=piece.size)
    media_type = check_content(piece.kind, found.head, found.size)
    size = check_picture(growing.path, media_type) if media_type in PICTURES else None
    return SealEvidence(
        piece.id,
        found.sha256,
        found.sm3,
        found.size,
        media_type,
        size.width if size else None,
        size.height if size else None,
    )


def _store_and_seal(who: Actor, order: SealEvidence, growing: Growing) -> None:
    growing.sync()
    for rest in reversed(range(TRIES)):
        services().objects.put(order.sha256, growing.path)
        with suppress(*([ObjectGone] if rest else [])):
            transaction(_seal)(who, order)
            return


def _seal(session: Session, who: Actor, order: SealEvidence) -> None:
    seal_evidence(session, who, order, services().objects.exists, now())
