"""Papers over HTTP: printed for those who may, the same each time, and checked by whoever holds one."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import pypdf
import pytest
from sqlalchemy import func, select, update
from werkzeug.test import TestResponse

from field.models import LedgerEntry, Paper, Task, TaskDocument
from field.queries.paper_checks import masked
from field.rules.documents import DocType
from field.rules.papers import PAPERS, PaperName
from field.rules.records import Capacity, PlaceKind, Receiver, Records, SignKind
from field.rules.tasks import TaskKind, TaskState
from tests.files import make_evidence
from tests.following import make_attempt
from tests.http.caller import Person
from tests.http.world import Relation, World

CODE = re.compile(r"[A-Z2-7]{5}(?:-[A-Z2-7]{5}){3}")
RECEIVER = Receiver(Capacity.SELF, "甲某", SignKind.SIGNATURE, datetime(2026, 6, 10, tzinfo=UTC).date())


def document(world: World, task: Task, name: str, who: Person | None = None) -> TestResponse:
    """Have a paper of a task printed, by the clerk unless somebody else asks."""
    return world.get(who or world.clerk, f"/tasks/{task.id}/documents/{name}.pdf")


def words(answer: TestResponse) -> str:
    """Return the text of a printed paper without spaces."""
    assert answer.status_code == 200, answer.text
    assert answer.data.startswith(b"%PDF-")
    pages = pypdf.PdfReader(BytesIO(answer.data)).pages
    return re.sub(r"\s", "", "".join(page.extract_text() for page in pages))


def code_on(answer: TestResponse) -> str:
    """Return the code on a paper, as it is printed."""
    found = CODE.search(words(answer))
    assert found
    return found[0]


def page(world: World, path: str, **query: str) -> TestResponse:
    """Open a page as anybody may."""
    world.session.flush()
    return world.app.test_client().get(path, query_string=query)


def served(world: World) -> Task:
    """Make a task that was served with one photo."""
    task = world.task(state=TaskState.REPORTED)
    world.session.add(
        TaskDocument(task_id=task.id, nth=1, title="执行通知书", copies=1, doc_type=DocType.ENFORCEMENT_NOTICE.value)
    )
    records = Records(place=PlaceKind.RESIDENCE, receiver=RECEIVER)
    attempt = make_attempt(
        world.session, task, world.worker, "SERVED_SELF", records, done=True, intent="applied", place="RESIDENCE"
    )
    make_evidence(world, task, sealed=True, attempt_id=attempt, kind="PHOTO_HANDOVER")
    return task


def problem(answer: TestResponse) -> tuple[int, str]:
    """Return status and code of a refusal."""
    assert answer.mimetype == "application/problem+json"
    return answer.status_code, answer.get_json()["code"]


@pytest.mark.parametrize("name", PaperName)
def test_each_paper_is_printed_the_same_twice_and_written_down_once(world: World, name: PaperName) -> None:
    task = served(world)
    first, second = document(world, task, name.value), document(world, task, name.value)
    assert first.mimetype == "application/pdf"
    assert first.headers["Content-Disposition"] == f"inline; filename={name.value}-{task.id}.pdf"
    assert first.headers["Cache-Control"] == "no-store"
    assert first.data == second.data
    assert PAPERS[name].zh in words(first)
    row = world.session.scalars(select(Paper)).one()
    assert (row.name, row.digest) == (name.value, hashlib.sha256(first.data).digest())
    made = select(func.count()).where(LedgerEntry.action == "paper.made")
    assert world.session.scalar(made) == 1
    told = world.get(world.clerk, f"/tasks/{task.id}/timeline").get_json()["items"]
    assert any(each["sentence"] == "制作文书 / a paper was made" for each in told)


def test_the_return_of_service_shows_what_was_recorded(world: World) -> None:
    answer = document(world, served(world), "receipt")
    text = words(answer)
    assert "甲某（签名）" in text
    assert "送达日期：2026年6月10日" in text
    assert "执行通知书1件" in text
    assert "交付照片" in text
    assert len({image.name for page in pypdf.PdfReader(BytesIO(answer.data)).pages for image in page.images}) == 1


def test_the_slip_is_the_same_for_the_worker(world: World) -> None:
    task = world.task()
    assert document(world, task, "slip", world.worker).data == document(world, task, "slip").data
    assert problem(document(world, task, "receipt", world.worker)) == (403, "role_may_not")


def test_forty_forms_before_noon(world: World) -> None:
    tasks = [world.task(address=f"某村{nth}号") for nth in range(40)]
    answer = world.get(world.clerk, "/documents/receipts.pdf", task=[str(each.id) for each in tasks])
    assert answer.headers["Content-Disposition"] == "inline; filename=receipts.pdf"
    pages = pypdf.PdfReader(BytesIO(answer.data)).pages
    assert len(pages) == 40
    texts = [re.sub(r"\s", "", each.extract_text()) for each in pages]
    assert all(f"某村{nth}号" in text and "第1页共1页" in text for nth, text in enumerate(texts))
    assert world.session.scalar(select(func.count()).select_from(Paper)) == 40
    code = CODE.search(texts[7])
    assert code
    checked = world.get(None, f"/papers/{code[0]}").get_json()
    assert checked["sha256"] == [hashlib.sha256(answer.data).hexdigest()]
    # The same form by itself is the same paper in another file.
    alone = document(world, tasks[7], "receipt")
    assert code_on(alone) == code[0]
    assert len(world.get(None, f"/papers/{code[0]}").get_json()["sha256"]) == 2


@pytest.mark.parametrize("count", [0, 51])
def test_too_few_and_too_many(world: World, count: int) -> None:
    task = world.task()
    answer = world.get(world.clerk, "/documents/receipts.pdf", task=[str(task.id)] * count)
    assert problem(answer) == (422, "invalid")


@pytest.mark.parametrize("query", ["task=x", "task=", "tasks=1", f"task={'0' * 36}"])
def test_what_is_no_list_of_tasks_is_422(world: World, query: str) -> None:
    assert problem(world.send("GET", world.clerk, f"/documents/receipts.pdf?{query}")) == (422, "invalid")


def test_a_paper_that_is_not_there_and_one_that_the_kind_has_not(world: World) -> None:
    assert problem(document(world, world.task(), "judgment")) == (404, "not_found")
    task = world.task(kind=TaskKind.REMIND.value)
    assert problem(document(world, task, "receipt")) == (422, "paper_not_of_kind")
    assert document(world, task, "attempts").status_code == 200


def test_whoever_holds_a_paper_can_check_it(world: World) -> None:
    task = served(world)
    printed = document(world, task, "receipt")
    code = code_on(printed)
    told = world.get(None, f"/papers/{code.lower()}").get_json()
    assert told["code"] == code
    assert (told["paper"], told["paper_zh"], told["court_name"]) == ("receipt", "送达回证", world.court.name)
    assert (told["current"], told["sha256"]) == (True, [hashlib.sha256(printed.data).hexdigest()])
    shown = page(world, f"/check/{code.replace('-', '')}")
    assert (shown.status_code, shown.mimetype) == (200, "text/html")
    assert "核验通过" in shown.text
    assert told["sha256"][0] in shown.text
    assert page(world, "/check", code=f" {code.lower()} ").text == shown.text
    for answer in (shown.text, str(told)):
        for secret in ("甲某", "某村1号", world.case.case_no, str(task.id), world.worker.display_name):
            assert secret not in answer


def test_a_form_that_was_handed_over_stays_genuine_after_the_service(world: World) -> None:
    """The clerk printed it in the morning, it was signed at noon: what it said has not been corrected."""
    task = world.task()
    code = code_on(document(world, task, "receipt"))
    make_attempt(
        world.session, task, world.worker, "SERVED_SELF", Records(receiver=RECEIVER), done=True, intent="applied"
    )
    world.session.execute(update(Task).where(Task.id == task.id).values(state="reported"))
    assert world.get(None, f"/papers/{code}").get_json()["current"] is True
    filled = document(world, task, "receipt")
    assert code_on(filled) != code


def test_what_was_corrected_or_added_to_says_so(world: World) -> None:
    task = served(world)
    codes = [code_on(document(world, task, name)) for name in ("receipt", "attempts", "evidence", "slip")]
    attempt = make_attempt(
        world.session,
        task,
        world.worker,
        "SERVED_SELF",
        Records(receiver=RECEIVER),
        done=True,
        intent="applied",
        corrected_at=datetime(2026, 6, 11, tzinfo=UTC),
        received_at=datetime(2026, 6, 11, tzinfo=UTC),
    )
    make_evidence(world, task, sealed=True, attempt_id=attempt)
    for code in codes:
        assert world.get(None, f"/papers/{code}").get_json()["current"] is False
        shown = page(world, f"/check/{code}").text
        assert "已被更正" in shown
        assert "superseded" in shown


@pytest.mark.parametrize("code", ["AAAAA-BBBBB-CCCCC-DDDDD", "short", "A" * 21, "🙂" * 20, "A" * 19 + "8"])
def test_a_wrong_code_is_told_nothing(world: World, code: str) -> None:
    assert problem(world.get(None, f"/papers/{code}")) == (404, "not_found")
    shown = page(world, f"/check/{code}")
    assert (shown.status_code, shown.mimetype) == (404, "text/html")
    assert "没有找到此核验码" in shown.text
    assert code not in shown.text


def test_guessing_gets_slow_and_holders_are_not_kept_out(world: World) -> None:
    code = code_on(document(world, world.task(), "receipt"))
    answers = [world.get(None, f"/papers/AAAAA-BBBBB-CCCCC-DDDD{letter}") for letter in "ABCDEFG"]
    assert [each.status_code for each in answers] == [404] * 5 + [429] * 2
    assert int(answers[-1].headers["Retry-After"]) > 60
    crowded = page(world, "/check/AAAAABBBBBCCCCCDDDDD")
    assert (crowded.status_code, crowded.mimetype) == (429, "text/html")
    assert world.get(None, f"/papers/{code}").status_code == 200
    # Slips of the hand that no code could be are not guesses.
    assert page(world, "/check/short").status_code == 404


def test_many_forgers_cannot_silence_the_answer_for_others(world: World) -> None:
    world.session.flush()
    for nth in range(60):
        client, wrong = world.app.test_client(), f"/api/v1/papers/AAAAA-BBBBB-CCCCC-DDD{'ABCDEFGH'[nth % 8]}B"
        answer = client.get(wrong, environ_base={"REMOTE_ADDR": f"192.0.2.{nth}"})
        assert answer.status_code == 404


def test_the_check_of_a_slip_names_the_case_only_if_the_slip_does(world: World) -> None:
    hidden, told = world.task(release=[]), world.task(release=["case_no"])
    codes = [code_on(document(world, each, "slip")) for each in (hidden, told)]
    found = [world.get(None, f"/papers/{code}").get_json()["case_no"] for code in codes]
    assert found == [None, masked(world.case.case_no)]
    pages = [page(world, f"/check/{code}").text for code in codes]
    assert ["case number, masked" in each for each in pages] == [False, True]
    receipt = code_on(document(world, hidden, "receipt"))
    assert world.get(None, f"/papers/{receipt}").get_json()["case_no"] == masked(world.case.case_no)


def test_the_page_to_type_a_code_into(world: World) -> None:
    shown = page(world, "/check")
    assert shown.status_code == 200
    assert "<form" in shown.text
    assert page(world, "/check", code="").status_code == 200


def test_the_pages_name_nothing_outside_and_lead_nowhere(world: World) -> None:
    code = code_on(document(world, world.task(), "receipt"))
    for path in (f"/check/{code}", "/check/nothing", "/check"):
        answer = page(world, path)
        policy = answer.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'")
        assert "form-action 'self'" in policy
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Cache-Control"] == "no-store"
        assert not re.findall(r"https?://(?!localhost/check)", answer.text)
        assert "<script" not in answer.text


def test_the_address_on_a_paper_is_the_one_that_clients_use(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    task = world.task()
    asked = f"/tasks/{task.id}/documents/slip.pdf"
    first = world.send("GET", world.clerk, asked, headers={"Host": "another.example"})
    assert "http://127.0.0.1:8080/check/" in words(first)
    assert document(world, task, "slip").data == first.data
    before = world.app.extensions["gridfield"]
    monkeypatch.setitem(world.app.extensions, "gridfield", replace(before, base_url="https://gridfield.example/hz"))
    assert "https://gridfield.example/hz/check/" in words(document(world, task, "slip"))


def test_one_foreign_id_fails_the_list(world: World) -> None:
    own, foreign = world.task(), world.task(Relation.FOREIGN)
    answer = world.get(world.clerk, "/documents/receipts.pdf", task=[str(own.id), str(foreign.id)])
    assert problem(answer) == (404, "not_found")
    assert world.session.scalar(select(func.count()).select_from(Paper)) == 0


def test_nothing_is_said_of_a_lost_original(world: World) -> None:
    """The store has lost the bytes: the paper says that there is something it cannot show, with its digest."""
    task = served(world)
    store: Any = world.app.extensions["gridfield"].objects
    for each in store.stored(datetime.now(UTC) + timedelta(days=1)):
        store.delete(each.sha256, datetime.now(UTC) + timedelta(days=1))
    assert "原件无法在纸上显示，以摘要为准" in words(document(world, task, "receipt"))
