"""Tasks as CSV: what is read, and every way a row can be wrong."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from uuid import UUID

import pytest

from field.models import PartyRole
from field.rules.tasks import TaskKind
from field.schemas.task_rows import read_tasks
from field.usecases.create_case import NewParty
from geo.points import Datum, Envelope
from tests.schemas.rows import TASK, csv_file, faults


def test_a_task() -> None:
    (task,), found = read_tasks(csv_file(TASK, {}))
    assert found == []
    assert (task.row, task.id, task.kind) == (2, UUID(TASK["id"]), TaskKind.LOCATE)
    assert (task.case_no, task.court_code) == ("（2099）豫0225执1号", "yu0225")
    assert task.party == NewParty("甲某", PartyRole.DEBTOR)
    assert task.point is not None
    assert (task.point.lon, task.point.datum, task.due_on, task.priority) == (114.805, Datum.WGS84, None, 1)


def test_a_shifted_point_is_turned_and_kept() -> None:
    (task,), _ = read_tasks(csv_file(TASK, {"datum": "GCJ02"}))
    assert task.point is not None
    assert (task.point.raw_lon, task.point.raw_lat, task.point.datum) == (114.805, 34.815, Datum.GCJ02)
    assert 0.004 < task.point.raw_lon - task.point.lon < 0.008


@pytest.mark.parametrize("datum", ["", "GCJ02"])
def test_an_address_alone_is_enough(datum: str) -> None:
    """Both columns empty: somebody will confirm a place; one alone is a mistake."""
    (task,), found = read_tasks(csv_file(TASK, {"lon": "", "lat": "", "datum": datum}))
    assert (task.point, task.address, found) == (None, "某村2号", [])


def test_what_may_be_left_out() -> None:
    nothing = {"party_name": "", "party_role": "", "due_on": "", "priority": "", "instructions": ""}
    (task,), _ = read_tasks(csv_file(TASK, nothing))
    assert (task.party, task.due_on, task.priority, task.instructions) == (None, None, 2, "")
    columns = [name for name in TASK if name not in nothing]
    raw = (",".join(columns) + "\n" + ",".join(TASK[name] for name in columns)).encode()
    assert read_tasks(raw)[0] == [task]


def test_instructions_may_have_lines() -> None:
    (task,), _ = read_tasks(csv_file(TASK, {"instructions": "先打电话\n再上门", "due_on": "2027/7/1"}))
    assert (task.instructions, task.due_on) == ("先打电话\n再上门", date(2027, 7, 1))


@pytest.mark.parametrize(
    ("written", "papers"),
    [
        ("", []),
        ("执行通知书*1:ENFORCEMENT_NOTICE", [("执行通知书", 1, "ENFORCEMENT_NOTICE")]),
        ("传票:SUMMONS", [("传票", 1, "SUMMONS")]),
        (
            "报告财产令（附财产调查表）*2:PROPERTY_REPORT_ORDER；传票 × 3 ：SUMMONS ; ",
            [("报告财产令（附财产调查表）", 2, "PROPERTY_REPORT_ORDER"), ("传票", 3, "SUMMONS")],
        ),
    ],
)
def test_papers_to_serve(written: str, papers: list[tuple[str, int, str]]) -> None:
    (task,), found = read_tasks(csv_file(TASK, {"kind": "SERVE", "documents": written}))
    assert found == []
    assert [(each.title, each.copies, each.doc_type.value) for each in task.documents] == papers


@pytest.mark.parametrize(
    ("kind", "written", "code"),
    [
        ("SERVE", "执行通知书", "documents_form"),
        ("SERVE", "执行通知书*0:OTHER", "documents_form"),
        ("SERVE", "执行通知书*100:OTHER", "documents_form"),
        ("SERVE", "执行通知书*一:OTHER", "documents_form"),
        ("SERVE", "执行通知书*1:LETTER", "documents_form"),
        ("SERVE", ":OTHER", "documents_form"),
        ("SERVE", f"{'某' * 101}:OTHER", "documents_form"),
        ("SERVE", ";".join(["传票:SUMMONS"] * 21), "documents_too_many"),
        ("LOCATE", "传票:SUMMONS", "documents_not_served"),
    ],
)
def test_papers_that_cannot_be_read_are_named_by_row(kind: str, written: str, code: str) -> None:
    raw = csv_file({**TASK, "documents": ""}, {}, {"id": str(UUID(int=7)), "kind": kind, "documents": written})
    assert faults(read_tasks, raw) == [(3, "documents", code)]


@pytest.mark.parametrize(
    ("different", "column", "code"),
    [
        ({"id": ""}, "id", "value_missing"),
        ({"id": "7"}, "id", "id_form"),
        ({"kind": "ARREST"}, "kind", "choice_unknown"),
        ({"case_no": ""}, "case_no", "value_missing"),
        ({"case_no": "（2099）京0101执1号"}, "case_no", "case_no_invalid"),
        ({"court_code": ""}, "court_code", "value_missing"),
        ({"court_code": "../x"}, "court_code", "court_form"),
        ({"party_name": ""}, "party_name", "party_incomplete"),
        ({"party_role": ""}, "party_name", "party_incomplete"),
        ({"party_role": "victim"}, "party_role", "choice_unknown"),
        ({"datum": ""}, "datum", "value_missing"),
        ({"datum": "EPSG:4326"}, "datum", "choice_unknown"),
        ({"lon": ""}, "lon", "value_missing"),
        ({"lat": ""}, "lat", "value_missing"),
        ({"lon": "", "lat": "", "address": ""}, "address", "value_missing"),
        ({"lon": "", "lat": "", "datum": "EPSG:4326"}, "datum", "choice_unknown"),
        ({"lat": "北纬34度"}, "lat", "number_form"),
        ({"lat": "nan"}, "lon, lat", "point_not_finite"),
        ({"lon": "34.815", "lat": "114.805"}, "lon, lat", "axes_swapped"),
        ({"lon": "121.47", "lat": "31.23"}, "lon, lat", "point_outside_area"),
        ({"address": ""}, "address", "value_missing"),
        ({"address": "某" * 201}, "address", "text_too_long"),
        ({"due_on": "明天"}, "due_on", "day_form"),
        ({"priority": "0"}, "priority", "priority_form"),
        ({"instructions": "\u2067x"}, "instructions", "text_unclean"),
    ],
)
def test_one_fault(different: dict[str, str], column: str, code: str) -> None:
    found = faults(read_tasks, csv_file(TASK, different))
    assert (2, column, code) in found
    assert {each[2] for each in found} <= {code, "party_incomplete"}


def test_the_same_id_twice() -> None:
    assert faults(read_tasks, csv_file(TASK, {}, {"kind": "SERVE"})) == [(3, "id", "value_twice")]


def test_the_envelope_is_the_installations_own() -> None:
    elsewhere = Envelope(121.0, 31.0, 122.0, 32.0)
    tasks, found = read_tasks(csv_file(TASK, {"lon": "121.47", "lat": "31.23"}), elsewhere)
    assert (len(tasks), found) == (1, [])


def test_the_sample_is_sound(lankao: Path) -> None:
    tasks, found = read_tasks((lankao / "tasks.csv").read_bytes())
    assert (len(tasks), found) == (400, [])
