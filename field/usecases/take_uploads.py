"""Take the next file of cells that was sent: do with it what the command would, and keep what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, insert, or_, select
from sqlalchemy.orm import Session

from field.models.upload import Upload, UploadFinding, UploadPart, UploadState
from field.queries.people import find_actor
from field.rules.calendar import court_day
from field.rules.refusals import Refused
from field.usecases.import_cells import ImportCells, import_cells
from field.usecases.redraw_map import MapRedrawn, RedrawMap
from geo.intake import Finding, IntakeRefused, Source, mapping_of
from geo.points import Envelope, GeoError

TRIES = 3
"""A file that ended its worker so many times is not begun again."""
KEPT_FINDINGS = 10_000
BEGINNING = timedelta(seconds=5)
"""Within so long a worker that has written down that it begins also holds the file's lock."""


@dataclass(frozen=True)
class TakeUpload:
    """The order: which file, a folder to unpack it in, the box its shapes must lie in, and the limit of open tasks."""

    upload_id: UUID
    folder: Path
    envelope: Envelope
    limit: int


def next_upload(session: Session, now: datetime) -> UUID | None:
    """Return the file that has waited longest, or whose worker died, and write down that somebody begins on it.

    One that is worked on is locked by its worker's transaction and passed over. One that was begun too often is
    given up.
    """
    abandoned = or_(Upload.state == UploadState.WAITING.value, Upload.started_at < now - BEGINNING)
    while upload := session.scalar(_waiting().where(abandoned).limit(1)):
        if upload.tries < TRIES:
            upload.state, upload.started_at, upload.tries = UploadState.RUNNING, now, upload.tries + 1
            found: UUID = upload.id
            return found
        _end(session, upload, UploadState.FAILED, now, code="internal")
    return None


def take_upload(session: Session, order: TakeUpload, now: datetime) -> UploadState | None:
    """Import the file in the caller's transaction, or note why not; None when another worker has it.

    A refused file and a trial change nothing of the map. The bytes are deleted either way.
    """
    upload = session.scalar(_waiting().where(Upload.id == order.upload_id))
    if upload is None:
        return None
    path, report = _laid_out(session, upload, order.folder), order.folder / "report.gpkg"
    try:
        done = _import(session, upload, order, path, report, now)
    except IntakeRefused as refusal:
        _keep(session, upload, refusal.findings, report)
        return _end(session, upload, UploadState.REFUSED, now, code="cells_refused")
    except (Refused, GeoError) as refusal:
        return _end(session, upload, UploadState.REFUSED, now, code=refusal.code)
    upload.account = _account(done)
    _keep(session, upload, done.notes, report)
    return _end(session, upload, UploadState.DONE, now)


def _waiting() -> Any:
    open_ = or_(Upload.state == UploadState.WAITING.value, Upload.state == UploadState.RUNNING.value)
    return select(Upload).where(open_).order_by(Upload.sent_at).with_for_update(skip_locked=True)


def _import(session: Session, upload: Upload, order: TakeUpload, path: Path, report: Path, now: datetime) -> MapRedrawn:
    """Do it behind a savepoint, so that what is written down of a refusal or a trial is all that stays."""
    found = find_actor(session, upload.sent_by)
    if found is None:
        raise Refused("role_may_not")
    try:
        with session.begin_nested():
            done = import_cells(session, found.actor, _import_order(upload, order, path, report, now), now)
            if upload.dry_run:
                raise _TrialOver(done)
    except _TrialOver as trial:
        return trial.done
    return done


class _TrialOver(Exception):
    """Everything went well and has to be undone."""

    def __init__(self, done: MapRedrawn) -> None:
        super().__init__()
        self.done = done


def _import_order(upload: Upload, order: TakeUpload, path: Path, report: Path, now: datetime) -> ImportCells:
    source = Source(path, upload.layer, upload.datum, mapping_of(upload.columns, None))
    when = RedrawMap(
        upload.effective or court_day(now),
        complete=upload.complete,
        limit=order.limit,
        repair=upload.repair,
        confirmed=frozenset(upload.confirmed),
        report=report,
    )
    return ImportCells(source, when, order.envelope)


def _laid_out(session: Session, upload: Upload, folder: Path) -> Path:
    """Put the file's parts together under the name it had, piece by piece: it may be large."""
    path = folder / "sent" / upload.name
    path.parent.mkdir()
    with path.open("wb") as file:
        nth = 0
        while body := session.scalar(select(UploadPart.body).filter_by(upload_id=upload.id, nth=nth)):
            file.write(body)
            nth += 1
    return path


def _keep(session: Session, upload: Upload, findings: Sequence[Finding], report: Path) -> None:
    upload.findings = len(findings)
    rows = [
        {
            "upload_id": upload.id,
            "nth": nth,
            "row": found.row,
            "code": found.code,
            "cell_code": found.cell_code,
            "refuses": found.refuses,
            "lon": found.place[0] if found.place else None,
            "lat": found.place[1] if found.place else None,
            "zh": found.text("zh"),
            "en": found.text("en"),
        }
        for nth, found in enumerate(islice(findings, KEPT_FINDINGS))
    ]
    if rows:
        session.execute(insert(UploadFinding.__table__), rows)  # type: ignore[arg-type]
    if report.exists():
        upload.report = report.read_bytes()


def _end(session: Session, upload: Upload, state: UploadState, now: datetime, code: str | None = None) -> UploadState:
    upload.state, upload.code = state, code
    upload.ended_at = func.greatest(now, func.clock_timestamp())  # an import may take minutes
    session.execute(delete(UploadPart).where(UploadPart.upload_id == upload.id))
    session.flush()
    return state


def _account(done: MapRedrawn) -> dict[str, Any]:
    """Return what was done as JSON has it, in numbers and codes; the plan behind them stays where it was made."""
    followed = {"duties": done.followed.duties, "tasks": done.followed.tasks}
    return {"cells": _plain(asdict(done.cells)), "effect": _plain(asdict(done.effect)), "followed": followed}


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)
