"""Writing down the papers that new tasks serve, one or a hundred thousand, in one statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy.orm import Session

from field.models.bulk import insert_rows
from field.models.tables import TASK_DOCUMENT
from field.rules.documents import ServedDocument


def write_documents(session: Session, documents: Mapping[UUID, Sequence[ServedDocument]]) -> None:
    """Write the papers of each task, numbered in the order given."""
    rows = [
        {"task_id": task_id, "nth": nth, **document.plain()}
        for task_id, served in documents.items()
        for nth, document in enumerate(served, 1)
    ]
    insert_rows(session, TASK_DOCUMENT, rows)
