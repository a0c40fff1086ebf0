"""Files of cells that were sent: imported as the command would, refused with reasons, tried, or given up."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pyogrio
import pytest
import shapely
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from field.models import LedgerEntry, Upload, UploadFinding, UploadPart, User
from field.models.upload import UploadState
from field.rules.people import Role
from field.rules.refusals import Refused
from field.usecases.send_cells_file import SendCellsFile, SentFile, send_cells_file
from field.usecases.take_uploads import TRIES, TakeUpload, next_upload, take_upload
from geo.models import Cell
from geo.points import HENAN
from tests.builders import NOON, TODAY, actor_of, make_person
from tests.geo.draw import attributes, square, write
from tests.usecases.importing import NOT_ADMINISTRATORS, entries, rows_of, somebody

Send = Callable[..., UUID]


@pytest.fixture
def administrator(session: Session) -> User:
    return make_person(session, Role.ADMINISTRATOR)


@pytest.fixture
def send(session: Session, administrator: User, tmp_path: Path) -> Send:
    """Send a made-up file of cells, two squares unless told otherwise."""

    def send(*shapes: Any, columns: Any = None, name: str = "grids.gpkg", **options: Any) -> UUID:
        path = tmp_path / "made.gpkg"
        path.unlink(missing_ok=True)
        write(path, shapes or [square(1), square(2)], columns)
        return send_bytes(session, administrator, path.read_bytes(), name=name, **options)

    return send


def send_bytes(session: Session, sender: User, body: bytes, *, name: str = "x", **options: Any) -> UUID:
    """Send bytes in small parts."""
    parts = (body[start : start + 10_000] for start in range(0, len(body), 10_000))
    file = SentFile(len(body), b"digest", parts)
    return send_cells_file(session, actor_of(session, sender), SendCellsFile(name, **options), file, NOON)


def take(session: Session, folder: Path) -> Upload:
    """Take the next file, and return how it stands then."""
    upload_id = next_upload(session, NOON)
    assert upload_id
    folder = folder / str(upload_id)
    folder.mkdir(exist_ok=True)
    take_upload(session, TakeUpload(upload_id, folder, HENAN, 30), NOON + timedelta(seconds=1))
    upload = session.get(Upload, upload_id, populate_existing=True)
    assert upload
    return upload


def codes(session: Session, upload: Upload) -> list[tuple[int | None, str, str]]:
    """Return (row, cell, code) of each finding kept."""
    found = session.scalars(select(UploadFinding).filter_by(upload_id=upload.id).order_by(UploadFinding.nth))
    return [(each.row, each.cell_code, each.code) for each in found]


def test_imported_as_the_command_would(session: Session, send: Send, tmp_path: Path) -> None:
    """From the day of the import on; the ledger names who sent it; the bytes are gone, the report stays."""
    upload_id = send()
    assert rows_of(session, UploadPart)[0] > 1
    upload = take(session, tmp_path)
    assert (upload.id, upload.state, upload.code, upload.tries) == (upload_id, "done", None, 1)
    assert upload.account
    assert (upload.account["cells"]["new"], upload.account["cells"]["effective"]) == (2, "2026-06-10")
    assert upload.account.keys() == {"cells", "effect", "followed"}
    assert upload.account["followed"] == {"duties": 0, "tasks": 0}
    assert set(session.scalars(select(Cell.valid_from))) == {TODAY}
    assert rows_of(session, UploadPart) == [0]
    assert entries(session) == ["cells_file.sent", "cells.imported"]
    assert set(session.scalars(select(LedgerEntry.actor))) == {f"user:{upload.sent_by}"}
    assert next_upload(session, NOON) is None
    send()
    again = take(session, tmp_path)
    assert again.account
    assert again.account["cells"]["unchanged"] == 2


def test_the_report_can_be_opened(session: Session, send: Send, tmp_path: Path) -> None:
    send()
    upload = take(session, tmp_path)
    path = tmp_path / "report.gpkg"
    assert upload.report
    path.write_bytes(upload.report)
    assert "findings_points" in pyogrio.list_layers(path)[:, 0]


def test_a_refused_file_changes_nothing_and_tells_all(session: Session, send: Send, tmp_path: Path) -> None:
    bow = shapely.Polygon([(114.81, 34.8), (114.82, 34.81), (114.82, 34.8), (114.81, 34.81)])
    send(bow, square(2), columns=attributes(2))
    upload = take(session, tmp_path)
    assert (upload.state, upload.code, upload.account) == ("refused", "cells_refused", None)
    assert (1, "410225001001001", "shape_invalid") in codes(session, upload)
    assert upload.findings == len(codes(session, upload))
    finding = session.scalars(select(UploadFinding).filter_by(code="shape_invalid")).one()
    assert "边界" in finding.zh
    assert finding.en.startswith("The outline is not valid")
    assert (finding.lon, finding.lat) == pytest.approx((114.815, 34.805))
    assert upload.report
    assert rows_of(session, Cell, UploadPart) == [0, 0]
    assert entries(session) == ["cells_file.sent"]


@pytest.mark.parametrize("body", [b"x", b"PK\x03\x04", b"{", b"SQLite format 3\0", b"\0" * 100])
def test_what_is_no_file_of_cells(session: Session, administrator: User, tmp_path: Path, body: bytes) -> None:
    send_bytes(session, administrator, body)
    upload = take(session, tmp_path)
    assert (upload.state, upload.code) == ("refused", "cells_refused")
    assert len(codes(session, upload)) == 1


def test_a_trial_tells_what_would_be_and_changes_nothing(session: Session, send: Send, tmp_path: Path) -> None:
    send(dry_run=True)
    upload = take(session, tmp_path)
    assert upload.state == "done"
    assert upload.account
    assert upload.account["cells"]["new"] == 2
    assert upload.account["effect"]["people"] == []
    assert rows_of(session, Cell) == [0]
    assert entries(session) == ["cells_file.sent"]
    send()
    assert take(session, tmp_path).state == "done"
    assert rows_of(session, Cell) == [2]


def test_options_reach_the_import(session: Session, administrator: User, tmp_path: Path) -> None:
    """Layer, datum, columns and day; what overrides the file is kept as a finding."""
    columns = {"网格号": ["410225001001001"], "name": ["第1网格"]}
    path = write(tmp_path / "made.gpkg", [square(1)], columns)
    day = TODAY + timedelta(days=30)
    options: dict[str, Any] = {"columns": ("code=网格号",), "datum": "GCJ02", "effective": day, "name": "网格.gpkg"}
    send_bytes(session, administrator, path.read_bytes(), **options, layer=pyogrio.list_layers(path)[0, 0])
    upload = take(session, tmp_path)
    assert upload.state == "done", codes(session, upload)
    assert "datum_overrides" in {code for _, _, code in codes(session, upload)}
    assert list(session.scalars(select(Cell.valid_from))) == [day]


def test_a_repair_is_proposed_and_taken_only_when_confirmed(session: Session, send: Send, tmp_path: Path) -> None:
    bow = shapely.Polygon([(114.81, 34.8), (114.82, 34.81), (114.82, 34.8), (114.81, 34.81)])
    send(bow, columns=attributes(1), repair=True)
    upload = take(session, tmp_path)
    assert (upload.state, rows_of(session, Cell)) == ("refused", [0])
    assert "repair_proposed" in {code for _, _, code in codes(session, upload)}
    send(bow, columns=attributes(1), repair=True, confirmed=("410225001001001",))
    assert take(session, tmp_path).state == "done"
    assert rows_of(session, Cell) == [1]


def test_a_day_that_has_passed(session: Session, send: Send, tmp_path: Path) -> None:
    send(effective=TODAY - timedelta(days=1))
    upload = take(session, tmp_path)
    assert (upload.state, codes(session, upload)[0][2]) == ("refused", "effective_past")


def test_in_the_order_they_were_sent(session: Session, send: Send, tmp_path: Path) -> None:
    first, second = send(), send(square(3), columns=attributes(1, code=["410225001001003"]))
    session.execute(update(Upload).where(Upload.id == second).values(sent_at=NOON + timedelta(seconds=1)))
    assert [take(session, tmp_path).id, take(session, tmp_path).id] == [first, second]


def test_who_is_no_administrator_any_more(session: Session, send: Send, administrator: User, tmp_path: Path) -> None:
    for change in ({"active": False}, {"active": True, "role": "worker", "division_code": "41"}):
        send()
        session.execute(update(User).where(User.id == administrator.id).values(**change))
        upload = take(session, tmp_path)
        assert (upload.state, upload.code) == ("refused", "role_may_not")
        session.execute(update(User).where(User.id == administrator.id).values(active=True, role="administrator"))
    assert rows_of(session, Cell) == [0]


def test_a_file_that_ends_its_worker_is_given_up(session: Session, send: Send, tmp_path: Path) -> None:
    upload_id = send()
    for nth in range(TRIES):
        assert next_upload(session, NOON + nth * timedelta(seconds=6)) == upload_id
        assert next_upload(session, NOON + nth * timedelta(seconds=6)) is None, "somebody has just begun"
    assert next_upload(session, NOON + timedelta(minutes=1)) is None
    upload = session.get(Upload, upload_id)
    assert upload
    assert (upload.state, upload.code, upload.tries) == (UploadState.FAILED, "internal", TRIES)
    assert rows_of(session, UploadPart) == [0]
    assert take_upload(session, TakeUpload(upload_id, tmp_path, HENAN, 30), NOON) is None


def test_half_an_import_leaves_nothing(session: Session, send: Send, tmp_path: Path) -> None:
    """The caller's transaction is undone: the file waits to be taken again."""
    upload_id = send()
    assert next_upload(session, NOON) == upload_id
    whole = session.begin_nested()
    session.execute(text("alter table field.upload add constraint broken check (state <> 'done')"))
    with pytest.raises(DBAPIError):
        take_upload(session, TakeUpload(upload_id, tmp_path, HENAN, 30), NOON)
    whole.rollback()
    assert rows_of(session, Cell) == [0]
    assert session.scalars(select(Upload.state)).all() == ["running"]
    (tmp_path / "again").mkdir()
    assert take_upload(session, TakeUpload(upload_id, tmp_path / "again", HENAN, 30), NOON) is UploadState.DONE


@pytest.mark.parametrize("role", NOT_ADMINISTRATORS)
def test_only_administrators_send(session: Session, role: Role) -> None:
    with pytest.raises(Refused, match="role_may_not"):
        send_cells_file(session, somebody(role), SendCellsFile("x"), SentFile(1, b"", [b"x"]), NOON)
    assert rows_of(session, Upload) == [0]
