"""The papers of an order: kept in its order, part of what tells it from another, and bound by the ledger."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event, text, update
from sqlalchemy.orm import Session

from field.ledger.facts import task_digest, verify_facts
from field.ledger.seal import seal_chain
from field.models import Case, Court
from field.queries.orders import circumstances_of, documents_of
from field.queries.tasks import get_task
from field.rules.court_settings import CourtSettings
from field.rules.documents import DocType, Procedure, ServedDocument
from field.rules.refusals import Refused
from field.rules.results import Circumstances
from field.rules.tasks import TaskKind
from field.usecases.create_task import CreateTask, create_task, create_tasks
from geo.points import Datum, Point
from tests.usecases.reading import everything
from tests.usecases.town import LIMIT, NOW, Town

NOTICE = ServedDocument("执行通知书", 1, DocType.ENFORCEMENT_NOTICE)
ORDER_TO_REPORT = ServedDocument("报告财产令", 2, DocType.PROPERTY_REPORT_ORDER)
OLD_RELEASE = frozenset({"case_no", "party_name", "party_role", "address", "instructions"})
ID = UUID("7b1f6a52-3c8e-4f0d-9a57-1d2e3f405162")
OLD_ORDER = CreateTask(
    id=ID,
    kind=TaskKind.SERVE,
    point=Point(114.8, 34.8, 114.806, 34.799, Datum.GCJ02),
    address="某村1号",
    case_no="（2099）豫0225执1号",
    due_on=date(2099, 1, 2),
    instructions="先电话联系",
    release=OLD_RELEASE,
)
OLD_ROW: dict[str, Any] = {
    "case_id": ID,
    "party_id": None,
    "kind": "SERVE",
    "raw_lon": 114.806,
    "raw_lat": 34.799,
    "datum": "GCJ02",
    "accuracy_m": None,
    "address": "某村1号",
    "due_on": date(2099, 1, 2),
    "priority": 2,
    "instructions": "",
    "release": sorted(OLD_RELEASE),
}


def test_an_order_without_papers_has_the_fingerprint_and_the_digest_of_old() -> None:
    """Taken from the code as it was before orders named papers: a phone or a file may send the old order again."""
    old = "70f05973c6ef35e8720344a185960df3331ca48db12af9272733557265d2ee30"
    assert OLD_ORDER.fingerprint().hex() == old
    assert replace(OLD_ORDER, release=OLD_RELEASE | {"documents"}).fingerprint().hex() == old
    digest = "69d0e732c135365960a4ff4720a069a9c521f8757b0838fdfb1b4a754906bdef"
    assert task_digest(OLD_ROW) == task_digest({**OLD_ROW, "documents": []}) == digest


def test_papers_tell_one_order_from_another() -> None:
    variants = [
        (),
        (NOTICE,),
        (NOTICE, ORDER_TO_REPORT),
        (ORDER_TO_REPORT, NOTICE),
        (replace(NOTICE, copies=2),),
        (replace(NOTICE, title="执行通知"),),
        (replace(NOTICE, doc_type=DocType.OTHER),),
    ]
    orders = [replace(OLD_ORDER, documents=documents) for documents in variants]
    orders.append(replace(OLD_ORDER, documents=(NOTICE,), release=OLD_RELEASE | {"documents"}))
    assert len({order.fingerprint() for order in orders}) == len(orders)
    digests = {task_digest({**OLD_ROW, "documents": [each.plain() for each in documents]}) for documents in variants}
    assert len(digests) == len(variants)


def test_they_are_kept_in_their_order(session: Session, town: Town) -> None:
    task_id = town.task(session, documents=(ORDER_TO_REPORT, NOTICE, NOTICE))
    assert documents_of(session, [task_id]) == {task_id: [ORDER_TO_REPORT, NOTICE, NOTICE]}
    told = [each.plain() for each in (ORDER_TO_REPORT, NOTICE, NOTICE)]
    assert get_task(session, town.clerk, task_id).documents == told
    assert get_task(session, town.clerk, town.task(session)).documents == []


def test_the_township_never_sees_them_and_the_worker_as_released(session: Session, town: Town) -> None:
    task_id = town.task(session, documents=(NOTICE,))
    assert "documents" in get_task(session, town.coordinator, task_id).hidden
    assert "documents" not in get_task(session, town.first, task_id).hidden
    silent = town.task(session, documents=(NOTICE,), release=OLD_RELEASE)
    assert "documents" in get_task(session, town.first, silent).hidden


def test_sent_twice_it_is_one_task_and_other_papers_are_another(session: Session, town: Town) -> None:
    order = town.ask(documents=(NOTICE,))
    create_task(session, town.clerk, order, NOW, LIMIT)
    before = everything(session)
    create_task(session, town.clerk, order, NOW, LIMIT)
    assert everything(session) == before
    with pytest.raises(Refused, match="task_exists"):
        create_task(session, town.clerk, replace(order, documents=(ORDER_TO_REPORT,)), NOW, LIMIT)
    assert documents_of(session, [order.id]) == {order.id: [NOTICE]}


@pytest.mark.parametrize(
    ("options", "code"),
    [
        *(({"kind": kind, "documents": (NOTICE,)}, "documents_not_served") for kind in TaskKind if kind != "SERVE"),
        ({"documents": (NOTICE,) * 21}, "documents_too_many"),
    ],
)
def test_what_is_refused_leaves_nothing(session: Session, town: Town, options: dict[str, Any], code: str) -> None:
    before = everything(session)
    with pytest.raises(Refused, match=code):
        create_tasks(session, town.clerk, [town.ask(), town.ask(**options)], NOW, LIMIT)
    assert everything(session) == before


@pytest.mark.parametrize(
    "change",
    [
        "update field.task_document set title = '判决书' where nth = 2",
        "update field.task_document set copies = 9 where nth = 1",
        "update field.task_document set nth = 3 where nth = 1",
        "delete from field.task_document where nth = 2",
        "delete from field.task_document",
        "insert into field.task_document select task_id, 3, title, copies, doc_type from field.task_document limit 1",
    ],
)
def test_papers_changed_afterwards_no_longer_fit_the_entry(session: Session, town: Town, change: str) -> None:
    town.task(session, documents=(NOTICE, ORDER_TO_REPORT))
    seal_chain(session, "yu0225")
    assert list(verify_facts(session, "yu0225")) == []
    session.execute(text(change))
    assert [each.what for each in verify_facts(session, "yu0225")] == ["fact changed"]


def test_what_results_are_judged_by_comes_in_one_question(session: Session, town: Town) -> None:
    papers = town.task(session, documents=(ORDER_TO_REPORT, NOTICE, replace(NOTICE, title="执行通知")))
    plain = town.task(session, kind=TaskKind.LOCATE)
    session.execute(update(Case).where(Case.id == town.case_id).values(procedure="SUMMARY"))
    decided = {"retention_requires_court_officer": False, "of_a_later_version": 1}
    session.execute(update(Court).where(Court.id == town.clerk.court_id).values(settings=decided))
    session.flush()
    asked: list[str] = []

    def note(*args: Any) -> None:
        asked.append(args[2])

    connection = session.connection()
    event.listen(connection, "before_cursor_execute", note)
    found = circumstances_of(session, [papers, plain])
    event.remove(connection, "before_cursor_execute", note)
    settings = CourtSettings(retention_requires_court_officer=False)
    kinds = (DocType.ENFORCEMENT_NOTICE, DocType.PROPERTY_REPORT_ORDER)
    assert found == {
        papers: Circumstances(Procedure.SUMMARY, kinds, settings),
        plain: Circumstances(Procedure.SUMMARY, (), settings),
    }
    assert len(asked) == 1
    assert circumstances_of(session, []) == {}
