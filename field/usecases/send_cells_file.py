"""Send a file of cells to be imported by `gridfield work`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import insert
from sqlalchemy.orm import Session

from field.ledger.record import SYSTEM, Entry, record
from field.models.upload import Upload, UploadPart
from field.rules.people import Actor, Role, require


@dataclass(frozen=True)
class SendCellsFile:
    """The order: what the file is called, how it is to be read and what is to be done with it.

    `columns` pairs our names of columns with the file's, as `code=网格编码`; `confirmed` are the codes of cells whose
    repaired shape a person has looked at and takes. Without `effective` it is the day of the import.
    """

    name: str
    layer: str | None = None
    datum: str | None = None
    effective: date | None = None
    complete: bool = False
    dry_run: bool = False
    repair: bool = False
    confirmed: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class SentFile:
    """The file itself: its size in bytes, its digest, and its parts in order, read as they are stored."""

    size: int
    sha256: bytes
    parts: Iterable[bytes]


def send_cells_file(session: Session, actor: Actor, order: SendCellsFile, file: SentFile, now: datetime) -> UUID:
    """Keep the file until it has been imported, and return the number to ask after it by."""
    require(actor, Role.ADMINISTRATOR)
    upload = Upload(
        id=uuid4(),
        sent_by=actor.id,
        sent_at=now,
        size=file.size,
        sha256=file.sha256,
        confirmed=list(order.confirmed),
        columns=list(order.columns),
        **{
            name: getattr(order, name)
            for name in ("name", "layer", "datum", "effective", "complete", "dry_run", "repair")
        },
    )
    session.add(upload)
    session.flush()
    for nth, body in enumerate(file.parts):
        session.execute(insert(UploadPart).values(upload_id=upload.id, nth=nth, body=body))
    details = {"sha256": file.sha256.hex(), "bytes": file.size, "dry_run": order.dry_run}
    record(session, Entry(SYSTEM, actor.ref, "cells_file.sent", f"upload:{upload.id}", 1, details))
    return upload.id
