"""Queries that mean harm or nothing: made-up cursors, numbers out of bounds, ids that are none."""

from __future__ import annotations

import base64
import json
from uuid import UUID

import pytest
from werkzeug.test import TestResponse

from tests.http.world import World

SOME_ID = UUID("7b1f6a52-3c8e-4f0d-9a57-1d2e3f405162")


def _code(answer: TestResponse) -> tuple[int, str]:
    assert answer.mimetype == "application/problem+json"
    return answer.status_code, answer.get_json()["code"]


def _cursor(content: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "!!!!",
        "é",
        "%",
        "AAAA",
        "0",
        base64.urlsafe_b64encode(b"\xff\xfe").decode(),
        _cursor(None),
        _cursor([]),
        _cursor({}),
        _cursor("2026-01-01"),
        _cursor(["2026-01-01"]),
        _cursor(["2026-01-01", 5]),
        _cursor([5, SOME_ID.hex]),
        _cursor(["2026-02-30", SOME_ID.hex]),
        _cursor(["2026-01-01", "x"]),
        _cursor(["2026-01-01", None]),
        _cursor(["2026-01-01", SOME_ID.hex, 1]),
        _cursor([[[[[[]]]]]]),
        "W1tb" * 50,
        "2026-01-01_" + SOME_ID.hex + "x",
    ],
)
@pytest.mark.parametrize(
    "path", ["/tasks", "/cells", "/coverage", "/coverage/cells", "/coverage/gaps?gap=at_risk", "/revisions"]
)
def test_a_cursor_that_we_did_not_write_is_400(world: World, path: str, cursor: str) -> None:
    path, _, query = path.partition("?")
    asked = dict([query.split("=")]) if query else {}
    assert _code(world.get(world.clerk, path, cursor=cursor, **asked)) == (400, "cursor_invalid")


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/tasks", "limit=0"),
        ("/tasks", "limit=201"),
        ("/tasks", "limit=-1"),
        ("/tasks", "limit=1e9"),
        ("/tasks", "limit=" + "9" * 5_000),
        ("/tasks", "limit="),
        ("/tasks", "state=gone"),
        ("/tasks", "state=open&state=gone"),
        ("/tasks", "kind=serve"),
        ("/tasks", "cell_code=41%"),
        ("/tasks", "cell_code=4_"),
        ("/tasks", "cell_code=410225%0A"),
        ("/tasks", "overdue=maybe"),
        ("/tasks", "case_no=x%0A"),
        ("/tasks", "cursor=" + "x" * 201),
        ("/tasks", "stat=open"),
        ("/tasks", "limit[]=5"),
        ("/tasks/available", "lon=114.82&lat=34.83"),
        ("/tasks/available", "lon=114.82&lat=34.83&datum=WGS84&limit=0"),
        ("/cells", "prefix=41x"),
        ("/cells", "prefix="),
        ("/cells", "prefix=4%25"),
        ("/cells", "limit=1001"),
        ("/cells", "at=0001-01-01"),
        ("/cells", "at=2101-01-01"),
        ("/cells/410225001001001", "at=2026-02-30"),
        ("/cells/410225001001001", "at=0001-01-01"),
        ("/cells/410225001001001", "at="),
        ("/cells/410225001001001", "at=2026-06-10T00:00:00"),
        ("/cells/410225001001001", "on=2026-06-10"),
        ("/revisions", "limit=0"),
        ("/revisions", "limit=201"),
        ("/revisions", "before=7"),
        ("/revisions/1", "limit=1001"),
        ("/coverage", "level=street"),
        ("/coverage", "days=0"),
        ("/coverage", "division=x"),
        ("/coverage/cells", "bbox=null"),
        ("/coverage/cells", "bbox=1,2,3"),
        ("/coverage/cells", "bbox=nan,nan,nan,nan"),
        ("/coverage/cells", "bbox=1e400,0,1,1"),
        ("/coverage/cells", "bbox=115,35,114,34"),
        ("/coverage/cells", "bbox=-200,0,200,1"),
        ("/coverage/gaps", "gap=people"),
        ("/coverage/gaps", "cursor=410225001001001"),
        ("/coverage/gaps", "unvisited_days=-1"),
        ("/ledger", "after=-1"),
        ("/ledger", "after=" + "9" * 30),
        ("/ledger", "after=x"),
        ("/ledger", "limit=0"),
        ("/ledger", "chain=" + "x" * 33),
    ],
    ids=lambda text: text[:40],
)
def test_a_query_out_of_bounds_is_422(world: World, path: str, query: str) -> None:
    person = world.worker if path == "/tasks/available" else world.clerk
    answer = world.send("GET", person, f"{path}?{query}")
    assert _code(answer) == (422, "invalid")
    assert all(error["field"] for error in answer.get_json()["errors"])


@pytest.mark.parametrize(
    "path",
    [
        "/cases/1",
        "/cases/x",
        f"/tasks/{SOME_ID.hex}",
        "/tasks/",
        "/cases/" + "9" * 2_000,
        "/devices/1",
        "/revisions/x",
        "/revisions/-1",
        "/revisions/0",
        f"/revisions/{2**31}",
        "/revisions/" + "9" * 40,
    ],
)
def test_an_id_that_is_none_is_nobodys(world: World, path: str) -> None:
    assert _code(world.get(world.clerk, path)) == (404, "not_found")
