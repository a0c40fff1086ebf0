"""Tasks: what a court asks of the grid."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from geoalchemy2 import Geometry
from sqlalchemy import Boolean, CheckConstraint, Float, ForeignKey, Index, SmallInteger, Text, false, func, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from field.models.address import Address
from field.models.base import Base, one_of
from field.models.case import Case, Party
from field.models.court import Court
from field.models.user import User
from field.rules.records import PlaceKind, RecusalReason
from field.rules.tasks import LIVE, WITH_WORKER, TaskKind, TaskState
from geo.models import Cell


def _states(states: frozenset[TaskState]) -> str:
    return "state in (" + ", ".join(f"'{state}'" for state in sorted(states)) + ")"


class Task(Base):
    """One request; `area_code` is the prefix that jurisdiction is decided by: its cell's code once placed.

    An unplaced task carries the township of the nearest cell, or the division that its address names, or else its
    court's division. The point is empty as long as nobody has said where the address is; `located_by` is who said it
    afterwards, empty for a point that came with the task. `address_id` is its entry in the address book.
    `sent_at` is empty while only its court knows of it; `returned_version` is that of the last return.
    `worker_id`, `fence` and `lease_until` say who holds it now; the history stands in `assignment`. A reported task
    that nobody holds was reported by the court itself.
    """

    __tablename__ = "task"
    __table_args__ = (
        CheckConstraint(one_of("kind", TaskKind), name="kind"),
        CheckConstraint(one_of("state", TaskState), name="state"),
        CheckConstraint("priority between 1 and 3", name="priority"),
        CheckConstraint("datum in ('WGS84', 'GCJ02', 'BD09', 'CGCS2000')", name="datum"),
        CheckConstraint(f"not ({_states(WITH_WORKER)}) or worker_id is not null", name="held_by_someone"),
        CheckConstraint("state in ('draft', 'unplaced', 'withdrawn') or cell_id is not null", name="placed"),
        CheckConstraint("num_nonnulls(geom, lon, lat, raw_lon, raw_lat, datum) in (0, 6)", name="point_whole"),
        Index(None, "court_id", "created_at", "id"),
        Index(None, "case_id"),
        Index("ix_task_area", "area_code", "state", postgresql_ops={"area_code": "text_pattern_ops"}),
        Index("ix_task_on_worklist", "worker_id", postgresql_where=text(_states(WITH_WORKER))),
        Index("ix_task_live_of_court", "court_id", "due_on", postgresql_where=text(_states(LIVE))),
        Index("ix_task_live_in_cell", "cell_id", postgresql_where=text(_states(LIVE))),
        Index("ix_task_at_address", "address_id", postgresql_where=text("address_id is not null")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    court_id: Mapped[int] = mapped_column(ForeignKey(Court.id))
    case_id: Mapped[UUID] = mapped_column(ForeignKey(Case.id))
    party_id: Mapped[UUID | None] = mapped_column(ForeignKey(Party.id))
    kind: Mapped[str]
    state: Mapped[str]
    version: Mapped[int] = mapped_column(default=1)
    cell_id: Mapped[int | None] = mapped_column(ForeignKey(Cell.id), index=True)
    area_code: Mapped[str]
    worker_id: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    fence: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None]
    geom: Mapped[Any | None] = mapped_column(Geometry("POINT", srid=4326, spatial_index=False))
    lon: Mapped[float | None] = mapped_column(Float(53))
    lat: Mapped[float | None] = mapped_column(Float(53))
    raw_lon: Mapped[float | None] = mapped_column(Float(53))
    raw_lat: Mapped[float | None] = mapped_column(Float(53))
    datum: Mapped[str | None]
    accuracy_m: Mapped[float | None] = mapped_column(Float(53))
    located_by: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    address: Mapped[str]
    address_id: Mapped[UUID | None] = mapped_column(ForeignKey(Address.id))
    due_on: Mapped[date]
    priority: Mapped[int] = mapped_column(SmallInteger)
    instructions: Mapped[str]
    release: Mapped[list[str]] = mapped_column(ARRAY(Text))
    return_reason: Mapped[str | None]
    returned_version: Mapped[int | None]
    sent_at: Mapped[datetime | None]
    fingerprint: Mapped[bytes]
    created_by: Mapped[int] = mapped_column(ForeignKey(User.id))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    first_attempt_at: Mapped[datetime | None]
    last_attempt_at: Mapped[datetime | None]
    reported_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]


class Assignment(Base):
    """Who was given a task, why, by whom, and how it ended; rows are only ever added and ended.

    `ended_version` is the version of the worker's list from which the task is gone: a phone that has
    acknowledged that version no longer holds it.
    """

    __tablename__ = "assignment"
    __table_args__ = (
        Index("uq_assignment_current", "task_id", unique=True, postgresql_where=text("ended_at is null")),
        Index(None, "task_id", "worker_id"),
        Index(
            "ix_assignment_withdrawn",
            "worker_id",
            "ended_version",
            postgresql_where=text("ended_at is not null"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.gen_random_uuid())
    task_id: Mapped[UUID] = mapped_column(ForeignKey(Task.id))
    worker_id: Mapped[int] = mapped_column(ForeignKey(User.id))
    reason: Mapped[str]
    fence: Mapped[int]
    given_by: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    given_at: Mapped[datetime] = mapped_column(server_default=func.now())
    given_version: Mapped[int]
    ended_at: Mapped[datetime | None]
    ended_as: Mapped[str | None]
    ended_version: Mapped[int | None]


class Remark(Base):
    """The free text a person gave with a move; the ledger entry of that version holds its digest."""

    __tablename__ = "remark"

    task_id: Mapped[UUID] = mapped_column(ForeignKey(Task.id), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    author_id: Mapped[int] = mapped_column(ForeignKey(User.id))
    text: Mapped[str]
    at: Mapped[datetime] = mapped_column(server_default=func.now())


class Attempt(Base):
    """One try by a worker, as their phone sent it, or by the court itself (`by_court`): append only.

    `intent` is what became of the wish to hand the task in: none, applied, held (an earlier item of the same phone,
    or evidence that was declared, is missing) or rejected (the guard no longer held; shown to both people). `worker_id`
    is whoever made it. One that corrects another `supersedes` it; a trigger keeps all but the intent as it was.
    """

    __tablename__ = "attempt"
    __table_args__ = (
        CheckConstraint("intent in ('none', 'applied', 'held', 'rejected')", name="intent"),
        CheckConstraint(one_of("place", PlaceKind), name="place"),
        CheckConstraint(one_of("recusal", RecusalReason), name="recusal"),
        CheckConstraint("by_court or num_nonnulls(device_seq, installation_id) = 2", name="from_a_phone"),
        CheckConstraint("datum in ('WGS84', 'GCJ02', 'BD09', 'CGCS2000')", name="datum"),
        Index(None, "task_id", "corrected_at"),
        Index("ix_attempt_held", "worker_id", "task_id", postgresql_where=text("intent = 'held'")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    task_id: Mapped[UUID] = mapped_column(ForeignKey(Task.id))
    worker_id: Mapped[int] = mapped_column(ForeignKey(User.id))
    # The task's cell when the attempt came in: a cell redrawn later does not move yesterday's visit.
    cell_id: Mapped[int | None] = mapped_column(ForeignKey(Cell.id), index=True)
    fingerprint: Mapped[bytes]
    outcome: Mapped[str]
    note: Mapped[str]
    done: Mapped[bool] = mapped_column(Boolean)
    lon: Mapped[float | None] = mapped_column(Float(53))
    lat: Mapped[float | None] = mapped_column(Float(53))
    raw_lon: Mapped[float | None] = mapped_column(Float(53))
    raw_lat: Mapped[float | None] = mapped_column(Float(53))
    datum: Mapped[str | None]
    accuracy_m: Mapped[float | None] = mapped_column(Float(53))
    fence: Mapped[int]
    base_version: Mapped[int | None]
    device_seq: Mapped[int | None]
    after_seq: Mapped[int | None]
    installation_id: Mapped[UUID | None]
    captured_at: Mapped[datetime]
    captured_mono_ms: Mapped[int | None]
    boot_id: Mapped[str | None]
    sent_at: Mapped[datetime]
    sent_mono_ms: Mapped[int | None]
    received_at: Mapped[datetime]
    corrected_at: Mapped[datetime]
    marks: Mapped[list[str]] = mapped_column(ARRAY(Text))
    late: Mapped[bool] = mapped_column(Boolean)
    intent: Mapped[str]
    intent_code: Mapped[str | None]
    place: Mapped[str | None]
    indicators: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    recusal: Mapped[str | None]
    by_court: Mapped[bool] = mapped_column(Boolean, server_default=false())
    supersedes: Mapped[UUID | None] = mapped_column(ForeignKey("field.attempt.id"))
