"""The evidence bundle over HTTP, as an expert gets it: whole, the court's alone, and made from what is signed."""

from __future__ import annotations

import errno
import json
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader
from sqlalchemy import text
from sqlalchemy.orm import Session

from field.http.services import Services
from field.ledger.bundle_verifier import check_bundle
from field.rules.tasks import TaskKind
from field.vault.local_objects import LocalObjects
from field.vault.objects import StoreDown
from field.vault.signing import public_pem
from tests.http.caller import Caller
from tests.usecases.giving_evidence import declare, seal
from tests.usecases.test_record_attempts import attempt, send
from tests.usecases.town import Town, build_town


@pytest.fixture
def town(session: Session) -> Town:
    """Somebody of each role."""
    return build_town(session)


def test_a_bundle_is_whole_and_says_who_made_it(api: Caller, session: Session, town: Town, tmp_path: Path) -> None:
    task_id = town.task(session)
    send(session, town.first, attempt(task_id, 1, note="敲门无人应答"))
    answer = api.get(town.clerk, f"/tasks/{task_id}/bundle")
    assert (answer.status_code, answer.mimetype) == (200, "application/zip")
    assert answer.headers["Content-Disposition"] == f"attachment; filename=bundle-{task_id}.zip"
    assert int(answer.headers["Content-Length"]) == len(answer.data)
    assert answer.headers["Cache-Control"] == "no-store"
    path, key, services = tmp_path / "b.zip", tmp_path / "court.pem", _services(api)
    path.write_bytes(answer.data)
    key.write_text(public_pem(services.signer.public_key))
    assert check_bundle(path, key).faults == []
    with zipfile.ZipFile(BytesIO(answer.data)) as file:
        papers = [name for name in file.namelist() if name.startswith("papers/")]
        entries = [json.loads(line) for line in file.read("ledger/entries.jsonl").splitlines()]
    assert papers == [
        f"papers/{name}.pdf" for name in ("address_form", "attempts", "bundle_cover", "evidence", "receipt")
    ]
    assert entries[-1]["entry"]["action"] == "bundle.made"
    assert entries[-1]["entry"]["actor"] == town.clerk.ref


def test_a_chain_that_does_not_hold_together_is_given_as_it_is(
    api: Caller, session: Session, town: Town, tmp_path: Path
) -> None:
    """And the verifier names what no signed head covers."""
    task_id = town.task(session)
    assert api.get(town.clerk, f"/tasks/{task_id}/bundle").status_code == 200
    send(session, town.first, attempt(task_id, 1))
    session.execute(text("alter table field.ledger_entry disable trigger user"))
    session.execute(text("update field.ledger_entry set actor = 'user:9' where action = 'bundle.made'"))
    path = tmp_path / "b.zip"
    path.write_bytes(api.get(town.clerk, f"/tasks/{task_id}/bundle").data)
    found = {what for _, _, what in check_bundle(path).faults}
    assert "entry" in found


class _Failing(LocalObjects):
    """A store whose pieces do not come."""

    problem: Exception

    def open(self, sha256: bytes, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """Give one piece, then fail."""
        yield b"x"
        raise self.problem


@pytest.mark.parametrize(
    ("problem", "status", "code"),
    [(StoreDown(), 503, "busy"), (OSError(errno.ENOSPC, "full"), 507, "disk_full")],
    ids=["store", "disk"],
)
def test_a_store_that_is_down_and_a_full_disk_are_said(
    api: Caller, session: Session, town: Town, tmp_path: Path, problem: Exception, status: int, code: str
) -> None:
    task_id = town.task(session)
    visit = attempt(task_id, 1)
    send(session, town.first, visit)
    [piece] = declare(session, town.first, task_id, visit.client_id, "PHOTO_DOOR")
    seal(session, town.first, piece)
    store = _Failing(tmp_path)
    store.problem = problem
    api.app.extensions["gridfield"] = replace(_services(api), objects=store)
    answer = api.get(town.clerk, f"/tasks/{task_id}/bundle")
    assert (answer.status_code, answer.get_json()["code"]) == (status, code)


def test_the_heads_come_with_their_signatures_and_the_key(api: Caller, session: Session, town: Town) -> None:
    task_id = town.task(session)
    assert api.get(town.clerk, f"/tasks/{task_id}/bundle").status_code == 200
    heads = api.get(town.clerk, "/ledger/heads").get_json()
    [head], [signed] = heads["items"], heads["signed"]
    assert (signed["seq"], signed["hash"]) == (head["seq"], head["hash"])
    assert heads["public_key"] == public_pem(_services(api).signer.public_key)
    assert signed["key_id"] == heads["key_id"]


def test_a_complaint_about_an_officer_is_not_in_it_and_it_is_whole(
    api: Caller, session: Session, town: Town, tmp_path: Path
) -> None:
    """Neither words nor file nor the list of evidence tell of it (信访工作条例 30(3)); its entries prove themselves."""
    task_id = town.task(session, kind=TaskKind.PETITION)
    words = "反映某执行员多次不接电话"
    visit = attempt(task_id, 1, outcome="COMPLAINT_ON_OFFICER", note=words)
    send(session, town.first, visit)
    [piece] = declare(session, town.first, task_id, visit.client_id, "STATEMENT_SIGNED")
    seal(session, town.first, piece)
    answer = api.get(town.clerk, f"/tasks/{task_id}/bundle")
    path = tmp_path / "b.zip"
    path.write_bytes(answer.data)
    assert check_bundle(path).faults == []
    with zipfile.ZipFile(BytesIO(answer.data)) as file:
        assert not [name for name in file.namelist() if name.startswith("originals/")]
        text_files = [name for name in file.namelist() if name.startswith(("ledger/", "facts", "manifest"))]
        told = "".join(file.read(name).decode() for name in text_files)
        papers = "".join(
            page.extract_text() for name in file.namelist() if name.endswith(".pdf")
            for page in PdfReader(BytesIO(file.read(name))).pages
        )  # fmt: skip
    assert "COMPLAINT_ON_OFFICER" not in told
    for secret in (words, str(piece)):
        assert secret not in told + papers.replace("\n", "")


def _services(api: Caller) -> Services:
    services: Services = api.app.extensions["gridfield"]
    return services
