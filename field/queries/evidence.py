"""Evidence as the court weighs it, as its worker sees their own, and as reports count it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from field.queries.tasks import check_touched
from field.rules.evidence import EvidenceKind
from field.rules.people import Actor, Role, require
from field.rules.refusals import Refused
from field.rules.release import SEALED_OUTCOMES
from field.rules.tasks import FINAL


@dataclass(frozen=True)
class DeclaredEvidence:
    """A piece declared for an attempt: of which task, by whom, and whether its bytes are there and sealed."""

    id: UUID
    kind: EvidenceKind
    sealed: bool
    task_id: UUID
    user_id: int


@dataclass(frozen=True)
class EvidencePoint:
    """Where a piece was taken: in WGS-84, as the phone gave it, and how sure the phone was (metres)."""

    lon: float
    lat: float
    raw_lon: float
    raw_lat: float
    datum: str
    accuracy_m: float | None


@dataclass(frozen=True)
class EvidenceFacts:
    """One piece: digests as hex; `sm3` and `media_type` are those of the bytes once sealed, before as declared."""

    id: UUID
    task_id: UUID
    attempt_id: UUID
    court_id: int
    chain: str
    user_id: int
    worker: str
    kind: EvidenceKind
    sha256: str
    sm3: str | None
    size: int
    media_type: str
    fence: int | None
    state: str
    captured_at: datetime
    captured_mono_ms: int | None
    boot_id: str | None
    sent_at: datetime
    sent_mono_ms: int | None
    received_at: datetime
    corrected_at: datetime
    sealed_at: datetime | None
    marks: tuple[str, ...]
    point: EvidencePoint | None
    provider: str | None
    is_mock: bool | None
    installation_id: UUID | None
    app_version: str | None
    imported: bool
    late: bool
    task_state: str
    task_version: int

    @property
    def sealed(self) -> bool:
        """Whether its bytes are there, checked and final."""
        return self.state == "sealed"


_DECLARED = text(
    "select attempt_id, id, kind, state = 'sealed' as sealed, task_id, user_id from field.evidence "
    "where attempt_id = any(cast(:attempts as uuid[])) order by received_at, id"
)
_FACTS = """
select e.id, e.task_id, e.attempt_id, e.court_id, c.code as chain, e.user_id, u.login as worker, e.kind,
  encode(e.sha256, 'hex') as sha256, encode(coalesce(o.sm3, e.sm3), 'hex') as sm3, e.size,
  coalesce(o.media_type, e.media_type) as media_type, e.fence, e.state, e.captured_at, e.captured_mono_ms, e.boot_id,
  e.sent_at, e.sent_mono_ms, e.received_at, e.corrected_at, e.sealed_at, e.marks, e.provider, e.is_mock,
  e.installation_id, e.app_version, e.imported, e.late, t.state as task_state, t.version as task_version,
  e.lon, e.lat, e.raw_lon, e.raw_lat, e.datum, e.accuracy_m
from field.evidence e
join field.court c on c.id = e.court_id
join field."user" u on u.id = e.user_id
join field.task t on t.id = e.task_id
left join field.evidence_object o on o.sha256 = e.object_sha256
"""
_ONE = text(f"{_FACTS} where e.id = :id")
_OF_TASK = text(f"{_FACTS} where e.task_id = :task order by e.corrected_at, e.id")
_POINT = ("lon", "lat", "raw_lon", "raw_lat", "datum", "accuracy_m")


def declared_for(session: Session, attempt_ids: Sequence[UUID]) -> dict[UUID, list[DeclaredEvidence]]:
    """Return what was declared for each attempt, whether the attempt itself has arrived or not."""
    found: dict[UUID, list[DeclaredEvidence]] = {attempt: [] for attempt in attempt_ids}
    for row in session.execute(_DECLARED, {"attempts": list(found)}):
        piece = DeclaredEvidence(row.id, EvidenceKind(row.kind), row.sealed, row.task_id, row.user_id)
        found[row.attempt_id].append(piece)
    return found


def evidence_of_task(session: Session, task_id: UUID) -> list[EvidenceFacts]:
    """Return a task's evidence by corrected time, sealed or still expected; whoever asks has been let in already."""
    return [_read(row) for row in session.execute(_OF_TASK, {"task": task_id}).mappings()]


def open_evidence(session: Session, task_id: UUID) -> list[EvidenceFacts]:
    """Return a task's evidence without what only the court's inspection reads: for papers and bundles."""
    sealed = sealed_attempts(session, task_id)
    return [each for each in evidence_of_task(session, task_id) if each.attempt_id not in sealed]


def list_evidence(session: Session, actor: Actor, task_id: UUID) -> list[EvidenceFacts]:
    """Return a task's evidence: all of it to its court, their own to a worker who held it; 404 to all others."""
    require(actor, Role.DISPATCHER, Role.WORKER)
    check_touched(session, actor, task_id)
    found, sealed = evidence_of_task(session, task_id), sealed_attempts(session, task_id)
    desk = actor.role is Role.DISPATCHER
    return [each for each in found if each.user_id == actor.id or (desk and each.attempt_id not in sealed)]


_SEALED = text("""
with recursive line (id, supersedes) as (
  select id, supersedes from field.attempt
  where task_id = any(cast(:tasks as uuid[])) and outcome = any(cast(:outcomes as text[]))
  union select a.id, a.supersedes from line join field.attempt a on a.task_id = any(cast(:tasks as uuid[]))
    and (a.id = line.supersedes or a.supersedes = line.id)
)
select id from line
union select e.attempt_id from field.evidence e join field.task t on t.id = e.task_id
where e.task_id = any(cast(:tasks as uuid[])) and t.kind = 'PETITION'
  and not exists (select 1 from field.attempt a where a.id = e.attempt_id)
""")
_SEALED_PIECES = text("""
select id from field.evidence
where task_id = any(cast(:tasks as uuid[])) and attempt_id = any(cast(:attempts as uuid[]))
""")


def sealed_attempts(session: Session, *task_ids: UUID) -> set[UUID]:
    """Return the attempts whose words and files only the court's inspection reads (信访工作条例 art. 30(3)).

    With one, all that it corrects and that correct it: they were one visit. Of a petition also those that have not
    come yet though files were declared for them: nobody knows what they will say.
    """
    return set(session.scalars(_SEALED, {"tasks": list(task_ids), "outcomes": sorted(SEALED_OUTCOMES)}))


def sealed_ids(session: Session, *task_ids: UUID) -> set[str]:
    """Return what entries of the ledger name of sealed attempts: the attempts and their pieces."""
    attempts = sealed_attempts(session, *task_ids)
    if not attempts:
        return set()
    pieces = session.scalars(_SEALED_PIECES, {"tasks": list(task_ids), "attempts": list(attempts)})
    return {str(each) for each in (*attempts, *pieces)}


def get_evidence(session: Session, actor: Actor, evidence_id: UUID) -> EvidenceFacts:
    """Return one piece to its court or to whoever declared it; refuse `not_found` (404) as if it did not exist."""
    require(actor, Role.DISPATCHER, Role.WORKER)
    row = session.execute(_ONE, {"id": evidence_id}).mappings().one_or_none()
    if row is None or not _sees(actor, row):
        raise Refused("not_found")
    if row["user_id"] != actor.id and row["attempt_id"] in sealed_attempts(session, row["task_id"]):
        raise Refused("not_found")
    return _read(row)


def readable(actor: Actor, facts: EvidenceFacts) -> bool:
    """Tell whether the bytes may be read: by the court always, by their maker until the task is over."""
    return actor.role is Role.DISPATCHER or facts.task_state not in FINAL


def _sees(actor: Actor, row: Any) -> bool:
    if actor.role is Role.DISPATCHER:
        return bool(row["court_id"] == actor.court_id)
    return bool(row["user_id"] == actor.id)


def _read(row: Any) -> EvidenceFacts:
    values = dict(row)
    point = {name: values.pop(name) for name in _POINT}
    values["point"] = EvidencePoint(**point) if point["datum"] else None
    values["kind"], values["marks"] = EvidenceKind(values["kind"]), tuple(values["marks"])
    return EvidenceFacts(**values)
