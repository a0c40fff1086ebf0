"""What became of a file of cells that was sent, and what was found in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from field.models import User
from field.models.upload import Upload, UploadFinding, UploadState
from field.rules.people import Actor, Role, require
from field.rules.refusals import REFUSALS, Refused


@dataclass(frozen=True)
class UploadFindingFacts:
    """One thing found: its place is a pair of degrees in the file's own datum."""

    nth: int
    row: int | None
    code: str
    cell_code: str
    refuses: bool
    lon: float | None
    lat: float | None
    zh: str
    en: str


@dataclass(frozen=True)
class UploadFacts:
    """An upload as administrators see it; `version` grows with its state."""

    id: UUID
    sent_by: str
    sent_at: datetime
    name: str
    size: int
    sha256: str
    effective: date | None
    dry_run: bool
    state: UploadState
    started_at: datetime | None
    ended_at: datetime | None
    code: str | None
    account: dict[str, Any] | None
    findings: int
    has_report: bool

    @property
    def version(self) -> int:
        """How far it has come."""
        return 1 + (self.started_at is not None) + (self.ended_at is not None)

    @property
    def detail(self) -> str | None:
        """Why it was refused, Chinese before English."""
        return f"{REFUSALS[self.code].zh} / {REFUSALS[self.code].en}" if self.code else None


def get_upload(session: Session, actor: Actor, upload_id: UUID) -> UploadFacts:
    """Return an upload; refuse `role_may_not` (403) to all but administrators, `not_found` (404)."""
    require(actor, Role.ADMINISTRATOR)
    row = session.execute(
        select(
            Upload.id, User.login, Upload.sent_at, Upload.name, Upload.size, Upload.sha256, Upload.effective,
            Upload.dry_run, Upload.state, Upload.started_at, Upload.ended_at, Upload.code, Upload.account,
            Upload.findings, Upload.report.is_not(None).label("has_report"),
        )
        .join(User, User.id == Upload.sent_by)
        .where(Upload.id == upload_id)
    ).one_or_none()  # fmt: skip
    if row is None:
        raise Refused("not_found")
    facts = row._asdict()
    return UploadFacts(
        sent_by=facts.pop("login"), sha256=facts.pop("sha256").hex(), state=UploadState(facts.pop("state")), **facts
    )


def list_findings(session: Session, upload_id: UUID, after: int, limit: int) -> Sequence[UploadFindingFacts]:
    """Return up to `limit` + 1 of what was found in a file, from behind a number on, in order of rows."""
    found = UploadFinding
    rows = session.execute(
        select(
            found.nth, found.row, found.code, found.cell_code, found.refuses, found.lon, found.lat, found.zh, found.en
        )
        .where(found.upload_id == upload_id, found.nth > after)
        .order_by(found.nth)
        .limit(limit + 1)
    )
    return [UploadFindingFacts(*row) for row in rows]


def get_report(session: Session, actor: Actor, upload_id: UUID) -> bytes:
    """Return the report on a file as a GeoPackage; refuses as `get_upload` does, also where there is none."""
    require(actor, Role.ADMINISTRATOR)
    body = session.scalar(select(Upload.report).where(Upload.id == upload_id))
    if body is None:
        raise Refused("not_found")
    return body
