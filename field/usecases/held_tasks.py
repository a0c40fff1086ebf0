"""A locked task as a batch of reports works on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass
class HeldTask:
    """A locked task; changes are seen by the next item of the same batch."""

    id: UUID
    chain: str
    kind: str
    state: str
    version: int
    fence: int
    worker_id: int | None
    created_at: datetime
    returned_version: int | None
    cell_id: int | None
    court_id: int
    case_id: UUID
    party_id: UUID | None


HELD_TASK = """
select t.id, c.code, t.kind, t.state, t.version, t.fence, t.worker_id, t.created_at, t.returned_version, t.cell_id,
  t.court_id, t.case_id, t.party_id
from field.task t join field.court c on c.id = t.court_id
"""
"""The columns of `HeldTask`, in its order."""
