"""What a worker and a court officer bring back, in the API's own words, and how it is sent.

A thing is named as in the table; its JSON and its file are written out here by hand.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import uuid4

from werkzeug.test import TestResponse

from field.models import Court, Task, User
from field.models.document import TaskDocument
from field.rules.people import Role
from field.rules.tasks import TaskState
from tests.builders import make_case, make_task
from tests.files import declaration, photo
from tests.http.world import World, batch

FILES = {
    "receipt": "RECEIPT_SIGNED",
    "e-receipt": "E_RECEIPT",
    "authorisation": "AUTHORISATION",
    "server-sign": "SERVER_SIGN",
    "officer-sign": "COURT_OFFICER_SIGN",
    "photo-door": "PHOTO_DOOR",
    "photo-left": "PHOTO_DOC_LEFT",
    "photo-scene": "PHOTO_SCENE",
    "photo-handover": "PHOTO_HANDOVER",
    "video": "VIDEO_SERVICE",
    "address-form": "ADDRESS_FORM",
    "certificate": "COMMITTEE_CERT",
    "statement": "STATEMENT_SIGNED",
    "witness": "WITNESS_SIGN",
}
_NOW = datetime.now(UTC)
TODAY = _NOW.astimezone(timezone(timedelta(hours=8))).date()
"""In China: tasks are made now, and papers are signed for after that."""
SIGNED = {"name": "甲志强", "sign_kind": "SIGNATURE", "signed_on": TODAY.isoformat()}
POST = {"post": "职员", "unit": "某公司收发室"}
WITNESS = {"name": "丙志强", "capacity": "COMMITTEE_STAFF", "unit": "某村村委会", "signed": True}
KIN = {"kind": "夫妻", "adult": True, "cohabiting": True, "opposing_party": False}
REFUSAL = {"reason": "不认可判决", "at": _NOW.isoformat()}
OFFICER = {"name": "丁志强", "post": "书记员"}


def _seen(kind: str, value: str, **members: Any) -> dict[str, Any]:
    return {"observations": [{"kind": kind, "value": value, "source": "NEIGHBOUR"} | members]}


SAID: dict[str, dict[str, Any]] = {
    "receiver": {"receiver": SIGNED},
    "receiver-with-post": {"receiver": SIGNED | POST},
    "receiver-on-file": {"receiver": SIGNED | {"authorisation": "在卷第3页"}},
    "relation": {"relation": KIN},
    "refusal": {"refusal": REFUSAL},
    "residence": {"place": "RESIDENCE"},
    "officer": {"officer": OFFICER},
    "witness": {"witnesses": [WITNESS]},
    "note": {"note": "如实记录的情况"},
    "registry": {"note": "户籍登记显示已注销"},
    "source": _seen("WHEREABOUTS", "据说在外"),
    "new-address": _seen("ADDRESS", "某乡某村5号"),
    "workplace": _seen("WORKPLACE", "某砖厂"),
    "phone": _seen("PHONE", "19900000001", source="SELF"),
    "return-date": _seen("RETURN_DATE", "春节前", on="2027-02-01"),
    "recusal": {"recusal": "RELATIVE"},
    "lead": {"lead": {"asset_kind": "VEHICLE", "description": "院内一辆货车"}},
    "promise": {"undertaking": {"on": "2027-01-15", "by": "本人", "amount_fen": 500000}},
    "indicators": {"indicators": ["HIDES_ASSETS"]},
}
CAPACITY = {"receiver": "capacity", "refusal": "refused_by"}
PICTURE, FILM = "image/jpeg", "video/mp4"


def _body(kind: str) -> tuple[str, bytes]:
    """Return a made-up file of this kind: its type and its bytes."""
    if kind == "VIDEO_SERVICE":
        return FILM, b"\x00\x00\x00\x18ftypmp42" + uuid4().bytes * 8
    return PICTURE, photo(800)


@dataclass(frozen=True)
class Brought:
    """What became of something brought: refused or not, with what code, and what is named as missing."""

    client_id: str
    status: str
    code: str | None
    missing: dict[str, str]
    pending: list[tuple[str, bytes]]

    @property
    def refused(self) -> bool:
        """Return whether nothing of it was kept."""
        return self.status in ("rejected", "422")


class Grid:
    """The world, and what its worker and its court's officer bring."""

    def __init__(self, world: World) -> None:
        self.world = world

    def task(self, kind: str = "SERVE", *papers: str, procedure: str = "ORDINARY", court: Court | None = None) -> Task:
        """Make a task that the worker has accepted, for a case tried in this procedure, with papers of these sorts."""
        world = self.world
        court = court or world.court
        case = make_case(world.session, court)
        case.procedure = procedure
        now, state = datetime.now(UTC), TaskState.ACCEPTED
        task = make_task(
            world.session, court, world.cell, state=state, worker=world.worker, case=case, now=now, kind=kind
        )
        for nth, paper in enumerate(papers, 1):
            world.session.add(TaskDocument(task_id=task.id, nth=nth, title="某文书", copies=1, doc_type=paper))
        world.session.flush()
        return task

    def clerk(self, task: Task) -> User:
        """Return the dispatcher of the task's court."""
        own = task.court_id == self.world.court.id
        return self.world.clerk if own else self.world.away[Role.DISPATCHER]

    def bring(
        self,
        task: Task,
        outcome: str,
        things: Iterable[str],
        *,
        by_court: bool = False,
        done: bool = True,
        **changes: Any,
    ) -> Brought:
        """Declare the files and send the report, or the court's visit; `changes` are members that differ."""
        attempt, pending = str(uuid4()), []
        members: dict[str, Any] = {}
        for thing in things:
            name, _, capacity = thing.partition(":")
            if kind := FILES.get(name):
                pending.append(self._declare(task, attempt, kind, by_court=by_court))
            members |= self._said(name, capacity)
        members = {"client_id": attempt, "outcome": outcome, "done": done} | members | changes
        return self._visit(task, members, pending) if by_court else self._report(task, members, pending)

    def _said(self, name: str, capacity: str) -> dict[str, Any]:
        if name == "position":
            return {"point": self.world.point()}
        said = SAID.get(name, {})
        member = name.partition("-")[0]
        return {member: said[member] | {CAPACITY[member]: capacity}} if capacity else said

    def _declare(self, task: Task, attempt: str, kind: str, *, by_court: bool) -> tuple[str, bytes]:
        media_type, body = _body(kind)
        order = declaration(task.id, body, attempt_id=attempt, kind=kind, media_type=media_type)
        answer = self.world.post(self.clerk(task) if by_court else self.world.worker, "/evidence", order)
        assert answer.status_code == 201, answer.text
        return order["client_id"], body

    def _report(self, task: Task, members: dict[str, Any], pending: list[tuple[str, bytes]]) -> Brought:
        item = self.world.attempt(task.id, **members)
        answer = self.world.post(self.world.worker, "/reports", batch(item))
        assert answer.status_code == 200, answer.text
        (told,) = answer.get_json()["items"]
        return Brought(item["client_id"], told["status"], told.get("code"), _articles(told), pending)

    def _visit(self, task: Task, members: dict[str, Any], pending: list[tuple[str, bytes]]) -> Brought:
        visit = members | {"visited_at": "2026-06-10T12:00:00+08:00"}
        answer = self.world.post(self.clerk(task), f"/tasks/{task.id}/attempts", visit)
        assert answer.status_code in (201, 422), answer.text
        told = answer.get_json()
        return Brought(visit["client_id"], str(answer.status_code), told.get("code"), _articles(told), pending)

    def seal(self, task: Task, brought: Brought, *, by_court: bool = False) -> None:
        """Send the bytes of everything that was declared, and seal each with its last byte."""
        who = self.clerk(task) if by_court else self.world.worker
        for piece, body in brought.pending:
            answer = self.world.send(
                "PATCH",
                who,
                f"/evidence/{piece}/upload",
                headers={"Tus-Resumable": "1.0.0", "Upload-Offset": "0", "Upload-Seal": "1"},
                data=body,
                content_type="application/offset+octet-stream",
            )
            assert answer.status_code == 204, answer.text

    def state(self, task: Task) -> str:
        """Return where the task stands, as its court sees it."""
        found: str = self.world.get(self.clerk(task), f"/tasks/{task.id}").get_json()["state"]
        return found

    def attempts(self, task: Task) -> list[dict[str, Any]]:
        """Return what is kept of the attempts, as its court sees it."""
        found: list[dict[str, Any]] = self.world.get(self.clerk(task), f"/tasks/{task.id}/attempts").get_json()["items"]
        return found

    def close(self, task: Task) -> TestResponse:
        """Have the court confirm the result."""
        shown = self.world.get(self.clerk(task), f"/tasks/{task.id}")
        path = f"/tasks/{task.id}/transitions"
        return self.world.send(
            "POST", self.clerk(task), path, {"move": "close"}, version=shown.headers["ETag"], key=uuid4().hex
        )


def _articles(told: dict[str, Any]) -> dict[str, str]:
    """Return the article by which each missing piece is asked for; each is told in both languages."""
    for each in told.get("missing", ()):
        assert each["zh"]
        assert each["en"]
    return {each["piece"]: each["article"] for each in told.get("missing", ())}
