"""What a court's order says beside the task itself: the papers to serve, and what a result is judged by."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from field.queries.courts import read_settings
from field.rules.documents import DocType, Procedure, ServedDocument
from field.rules.results import Circumstances

_DOCUMENTS = text("""
select task_id, title, copies, doc_type from field.task_document
where task_id = any(cast(:ids as uuid[])) order by task_id, nth
""")
_CIRCUMSTANCES = text("""
select t.id, k.procedure, c.settings,
  array(select distinct d.doc_type from field.task_document d where d.task_id = t.id order by d.doc_type) as doc_types
from field.task t join field."case" k on k.id = t.case_id join field.court c on c.id = t.court_id
where t.id = any(cast(:ids as uuid[]))
""")


def documents_of(session: Session, task_ids: Iterable[UUID]) -> dict[UUID, list[ServedDocument]]:
    """Return the papers of each task that serves any, in the order of the court's order."""
    found: dict[UUID, list[ServedDocument]] = {}
    for row in session.execute(_DOCUMENTS, {"ids": list(task_ids)}):
        found.setdefault(row.task_id, []).append(ServedDocument(row.title, row.copies, DocType(row.doc_type)))
    return found


def circumstances_of(session: Session, task_ids: Iterable[UUID]) -> dict[UUID, Circumstances]:
    """Return what each task's results are judged by, all in one question; `by_court` is for the caller to set."""
    rows = session.execute(_CIRCUMSTANCES, {"ids": list(task_ids)})
    return {
        row.id: Circumstances(
            procedure=Procedure(row.procedure),
            doc_types=tuple(DocType(each) for each in row.doc_types),
            settings=read_settings(row.settings),
        )
        for row in rows
    }
