"""The papers a task serves."""

from __future__ import annotations

import pytest

from field.rules.documents import DocType, ServedDocument, check_documents
from field.rules.refusals import Refused
from field.rules.tasks import TaskKind

PAPER = ServedDocument("传票", 2, DocType.SUMMONS)


def test_only_service_serves_papers() -> None:
    for kind in TaskKind:
        check_documents(kind, ())
    check_documents(TaskKind.SERVE, [PAPER] * 20)
    for kind in set(TaskKind) - {TaskKind.SERVE}:
        with pytest.raises(Refused, match="documents_not_served"):
            check_documents(kind, [PAPER])


def test_twenty_at_most() -> None:
    with pytest.raises(Refused, match="documents_too_many"):
        check_documents(TaskKind.SERVE, [PAPER] * 21)


def test_a_paper_as_plain_json() -> None:
    assert PAPER.plain() == {"title": "传票", "copies": 2, "doc_type": "SUMMONS"}
