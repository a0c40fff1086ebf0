"""Files sent by administrators: taken in once, bounded, and told about until they are forgotten."""

from __future__ import annotations

import io
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from field.http.door import LARGEST_BODY, LARGEST_FILE
from field.models import IdempotencyKey, Upload, UploadFinding, UploadPart, User
from field.rules.people import Role
from field.usecases.forget_old import KEPT, forget_old
from field.usecases.take_uploads import TakeUpload, next_upload, take_upload
from geo.models import Cell
from geo.points import HENAN
from tests.builders import NOON, make_upload
from tests.geo.draw import attributes, square, write
from tests.http.caller import Person
from tests.http.world import World

PATH = "/cells/imports"


@pytest.fixture
def administrator(world: World) -> User:
    return world.home[Role.ADMINISTRATOR]


@pytest.fixture
def file(tmp_path: Path) -> bytes:
    """Two cells in a village of their own."""
    codes = ["410225003001001", "410225003001002"]
    columns = attributes(
        2, code=codes, village_code=codes[0][:12], township_code=codes[0][:9], village="新村", township="新乡"
    )
    return write(tmp_path / "cells.gpkg", [square(1, 40), square(2, 40)], columns).read_bytes()


def send(world: World, who: Person | None, body: Any, key: str | None = None, **query: Any) -> TestResponse:
    """POST a file."""
    return world.send(
        "POST", who, PATH, key=key, data=body, query_string=query, content_type="application/octet-stream"
    )


def code(answer: TestResponse) -> tuple[int, str]:
    """Return status and code of a refusal."""
    assert answer.mimetype == "application/problem+json", answer.text
    return answer.status_code, answer.get_json()["code"]


def count(world: World, table: type[Any]) -> int:
    """Count a table's rows."""
    return world.session.scalars(select(func.count()).select_from(table)).one()


def work(world: World, folder: Path) -> None:
    """Do what `gridfield work` does."""
    upload_id = next_upload(world.session, NOON)
    assert upload_id
    take_upload(world.session, TakeUpload(upload_id, folder, HENAN, 30), NOON)


def test_sent_waited_for_and_done(world: World, administrator: User, file: bytes, tmp_path: Path) -> None:
    answer = send(world, administrator, file, name="网格.gpkg")
    assert answer.status_code == 202
    sent = answer.get_json()
    assert (sent["state"], sent["size"], sent["sent_by"]) == ("waiting", len(file), administrator.login)
    shown = world.get(administrator, f"{PATH}/{sent['id']}").get_json()
    assert {name: shown[name] for name in sent} == sent
    assert code(world.get(administrator, f"{PATH}/{sent['id']}/report.gpkg")) == (404, "not_found")
    before = count(world, Cell)
    work(world, tmp_path)
    done = world.get(administrator, f"{PATH}/{sent['id']}").get_json()
    assert (done["state"], done["code"], done["detail"], done["has_report"]) == ("done", None, None, True)
    assert done["account"]["cells"]["new"] == 2
    assert count(world, Cell) == before + 2
    report = world.get(administrator, f"{PATH}/{sent['id']}/report.gpkg")
    assert report.mimetype == "application/geopackage+sqlite3"
    assert report.data.startswith(b"SQLite format 3")


def test_a_refused_file_tells_every_fault(world: World, administrator: User, tmp_path: Path) -> None:
    path = write(tmp_path / "x.gpkg", [square(1, 40), square(1, 40)], attributes(2, code=["410225003001001", "1"]))
    sent = send(world, administrator, path.read_bytes()).get_json()
    work(world, tmp_path)
    told = world.get(administrator, f"{PATH}/{sent['id']}", limit=1).get_json()
    assert (told["state"], told["code"]) == ("refused", "cells_refused")
    assert "there are faults in the file" in told["detail"]
    found, cursor = [], None
    while True:
        query = {"limit": 1} | ({"cursor": cursor} if cursor else {})
        page = world.get(administrator, f"{PATH}/{sent['id']}", **query).get_json()
        found += page["items"]
        if not (cursor := page["next"]):
            break
    assert len(found) == told["findings"] > 1
    assert (2, "code_bad") in {(each["row"], each["code"]) for each in found}
    assert all(each["zh"] and each["en"] for each in found)


def test_sent_twice_is_once(world: World, administrator: User, file: bytes) -> None:
    key = uuid4().hex
    first, again = (send(world, administrator, file, key, name="a.gpkg") for _ in range(2))
    assert (first.status_code, first.get_json()) == (again.status_code, again.get_json())
    assert again.headers["Idempotent-Replay"] == "true"
    assert count(world, Upload) == 1
    for other in (
        send(world, administrator, file + b"x", key, name="a.gpkg"),
        send(world, administrator, file, key, name="a.gpkg", dry_run="true"),
    ):
        assert code(other) == (422, "idempotency_key_reused")
    assert count(world, Upload) == 1


def test_the_bytes_are_kept_as_they_came(world: World, administrator: User) -> None:
    body = bytes(range(256)) * 10_000
    send(world, administrator, body)
    assert b"".join(world.session.scalars(select(UploadPart.body).order_by(UploadPart.nth))) == body


class Counted(io.RawIOBase):
    """A body of zeros that knows how much of it was read."""

    def __init__(self, size: int) -> None:
        self.size, self.at, self.read_so_far = size, 0, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self.at

    def seek(self, to: int, whence: int = 0) -> int:
        self.at = to + (self.size if whence == io.SEEK_END else 0)
        return self.at

    def readinto(self, buffer: Any) -> int:
        count = min(len(buffer), self.size - self.at)
        buffer[:count] = bytes(count)
        self.at, self.read_so_far = self.at + count, self.read_so_far + count
        return count


def _stream(world: World, who: Person | None, body: Counted) -> TestResponse:
    return world.send("POST", who, PATH, input_stream=body, content_type="application/octet-stream")


def test_too_large_a_file_is_refused_before_it_is_read(world: World, administrator: User) -> None:
    body = Counted(LARGEST_FILE + 1)
    answer = _stream(world, administrator, body)
    assert code(answer) == (413, "file_too_large")
    assert body.read_so_far == 0
    assert count(world, Upload) == count(world, IdempotencyKey) == 0


def test_whoever_may_not_send_is_not_listened_to(world: World) -> None:
    for who, refusal in ((None, (401, "token_missing")), (world.coordinator, (403, "role_may_not"))):
        body = Counted(10_000_000)
        answer = _stream(world, who, body)
        assert code(answer) == refusal
        assert body.read_so_far == 0


def test_the_other_doors_stay_narrow(world: World, administrator: User) -> None:
    """A large body is for files alone."""
    assert LARGEST_BODY == 256 * 1024
    big = b'{"case_no": "' + b"x" * LARGEST_BODY + b'"}'
    assert code(world.send("POST", world.clerk, "/cases", data=big, content_type="application/json")) == (
        413,
        "too_large",
    )
    assert send(world, administrator, big).status_code == 202


def test_an_empty_body_is_no_file(world: World, administrator: User) -> None:
    assert code(send(world, administrator, b"")) == (400, "file_missing")


@pytest.mark.parametrize(
    "query",
    [
        {"name": "../x.gpkg"},
        {"name": ".hidden"},
        {"name": "a/b"},
        {"name": "a\\b"},
        {"name": "a\nb"},
        {"name": ""},
        {"name": "x" * 81},
        {"layer": ""},
        {"layer": "x" * 101},
        {"effective": "2026-02-30"},
        {"effective": "1999-01-01"},
        {"complete": "maybe"},
        {"confirm": "x"},
        {"column": "code"},
        {"column": "=x"},
        {"column": "code="},
        {"column": "code=a\nb"},
        {"path": "/etc/passwd"},
    ],
    ids=str,
)
def test_what_makes_no_sense_is_422(world: World, administrator: User, query: dict[str, str]) -> None:
    assert code(send(world, administrator, b"x", **query)) == (422, "invalid")
    assert count(world, Upload) == 0


def test_options_are_kept(world: World, administrator: User) -> None:
    answer = world.send(
        "POST",
        administrator,
        f"{PATH}?column=code%3D%E7%BC%96%E7%A0%81&column=name%3Da%3Db&confirm=410225001001001&confirm=410225001001002"
        "&repair=true&complete=true&dry_run=true&datum=GCJ02&layer=l&effective=2026-12-01",
        data=b"x",
    )
    assert answer.status_code == 202, answer.text
    upload = world.session.scalars(select(Upload)).one()
    assert (upload.columns, upload.confirmed) == (["code=编码", "name=a=b"], ["410225001001001", "410225001001002"])
    assert (upload.repair, upload.complete, upload.dry_run) == (True, True, True)
    assert (upload.datum, upload.layer, str(upload.effective)) == ("GCJ02", "l", "2026-12-01")


@pytest.mark.parametrize("cursor", ["x", "-1", "１", "9" * 10])
def test_a_cursor_that_we_did_not_write_is_400(world: World, administrator: User, cursor: str) -> None:
    upload = make_upload(world.session, administrator)
    assert code(world.get(administrator, f"{PATH}/{upload.id}", cursor=cursor)) == (400, "cursor_invalid")


def test_a_month_later_it_is_forgotten(world: World, administrator: User) -> None:
    upload = make_upload(world.session, administrator)
    waiting = make_upload(world.session, administrator, state="waiting", ended_at=None)
    world.session.add(UploadFinding(upload_id=upload.id, nth=0, code="x", cell_code="", refuses=True, zh="x", en="x"))
    world.session.flush()
    assert forget_old(world.session, NOON + KEPT).uploads == 0
    assert forget_old(world.session, NOON + KEPT + timedelta(seconds=1)).uploads == 1
    assert world.session.scalars(select(Upload.id)).all() == [waiting.id]
    assert count(world, UploadFinding) == 0
