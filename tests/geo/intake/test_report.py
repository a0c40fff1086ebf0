"""The report has everything that was found, in a GeoPackage and line by line, whole or not at all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
import shapely
from sqlalchemy.orm import Session

from geo.intake.findings import Finding, IntakeRefused
from geo.intake.repair import propose
from geo.intake.report import AREAS, POINTS, PROPOSALS, claim_report, write_report
from geo.intake.topology import check
from geo.points import Datum
from tests.geo.draw import code, square, write
from tests.geo.intake.staged import TODAY, Row, stage_rows

SCHOOL = shapely.box(114.803, 34.803, 114.806, 34.806)
TIE = shapely.Polygon([(114.82, 34.80), (114.83, 34.81), (114.83, 34.80), (114.82, 34.81)])
OWN = Finding("shape_invalid", 3, code(3), (114.825, 34.805), {"reason": "Self-intersection"})
ROWS = [Row(code(1), square(0)), Row(code(901), SCHOOL), Row(code(3), TIE, sound=False)]


def layer(path: Path, name: str) -> tuple[Any, list[dict[str, Any]]]:
    """Read a layer's shapes and rows."""
    meta, _, shapes, columns = pyogrio.raw.read(path, layer=name)
    assert meta["crs"] == "EPSG:4326"
    fields = [str(field) for field in meta["fields"]]
    return shapely.from_wkb(shapes), [dict(zip(fields, row, strict=True)) for row in zip(*columns, strict=True)]


def reported(session: Session, path: Path, datum: Datum = Datum.WGS84) -> None:
    """Write the report of a file with two faults and their remedies."""
    staged = stage_rows(session, ROWS, datum, findings=[OWN])
    findings = (*staged.findings, *check(session, staged, TODAY))
    write_report(session, staged, path, findings, propose(session, findings))


def test_every_finding_has_its_place_and_its_area(session: Session, tmp_path: Path) -> None:
    path = tmp_path / "report.gpkg"
    reported(session, path)
    points, told = layer(path, POINTS)
    assert [(row["code"], row["row"], row["cell_code"]) for row in told] == [
        ("shape_invalid", 3, code(3)),
        ("special_inside", 1, code(1)),
    ]
    assert [row["severity"] for row in told] == ["fault", "fault"]
    assert "自相交" in told[0]["zh"]
    assert "Self-intersection" in told[0]["en"]
    assert json.loads(told[1]["facts"])["special"] == code(901)
    assert points[0].equals(shapely.Point(114.825, 34.805))
    assert SCHOOL.contains(points[1])
    areas, rows = layer(path, AREAS)
    assert [row["code"] for row in rows] == ["shape_invalid", "special_inside"]
    assert np.array_equal(shapely.get_coordinates(areas[0]), shapely.get_coordinates(TIE)), "the faulty shape itself"
    assert areas[1].equals(SCHOOL), "what lies in the other"
    shapes, proposals = layer(path, PROPOSALS)
    assert [(row["row"], row["cell_code"]) for row in proposals] == [(1, code(1)), (3, code(3))]
    assert shapes[0].equals(square(0).difference(SCHOOL))


def test_the_text_counts_and_then_lists_all(session: Session, tmp_path: Path) -> None:
    path = tmp_path / "report.gpkg"
    reported(session, path)
    lines = path.with_suffix(".txt").read_text(encoding="utf-8").splitlines()
    assert lines[:2] == ["shape_invalid: 1 (错误 / fault)", "special_inside: 1 (错误 / fault)"]
    assert sum(code(901) in line for line in lines) == 1
    assert sum(line.startswith("repair_proposed: ") for line in lines) == 2
    assert [each.name for each in sorted(tmp_path.iterdir())] == ["report.gpkg", "report.txt"]


def test_places_are_turned_into_wgs84(session: Session, tmp_path: Path) -> None:
    reported(session, tmp_path / "report.gpkg", Datum.GCJ02)
    points, _ = layer(tmp_path / "report.gpkg", POINTS)
    assert SCHOOL.contains(points[1])


def test_all_findings_are_written_and_not_the_first_ones(session: Session, tmp_path: Path) -> None:
    path = tmp_path / "report.gpkg"
    many = [Finding("name_bad", n, code(n % 900), facts={"column": "name", "limit": 100}) for n in range(1, 12_002)]
    write_report(session, None, path, many)
    assert pyogrio.read_info(path, layer=POINTS)["features"] == 12_001
    assert pyogrio.read_info(path, layer=AREAS)["features"] == 0
    assert "name_bad: 12001 (错误 / fault)" in path.with_suffix(".txt").read_text(encoding="utf-8")


def test_nothing_found(session: Session, tmp_path: Path) -> None:
    path = tmp_path / "report.gpkg"
    write_report(session, None, path, [])
    assert pyogrio.read_info(path, layer=POINTS)["features"] == 0
    assert "没有问题" in path.with_suffix(".txt").read_text(encoding="utf-8")


def test_a_place_that_is_none_on_earth(session: Session, tmp_path: Path) -> None:
    path = tmp_path / "report.gpkg"
    write_report(session, None, path, [Finding("shape_outside_area", 1, code(1), (481_000.0, 3_852_000.0))])
    points, _ = layer(path, POINTS)
    assert points.tolist() == [None]


def test_an_earlier_report_is_replaced(session: Session, tmp_path: Path) -> None:
    path = tmp_path / "report.gpkg"
    reported(session, path)
    write_report(session, None, path, [])
    assert pyogrio.read_info(path, layer=POINTS)["features"] == 0


def refused(path: Path) -> str:
    with pytest.raises(IntakeRefused) as refusal:
        claim_report(path)
    [finding] = refusal.value.findings
    assert str(path.with_suffix("")) in finding.text("zh")
    return finding.code


def test_what_is_no_report_is_not_overwritten(tmp_path: Path) -> None:
    cells = write(tmp_path / "cells.gpkg", [square(0)])
    before = cells.read_bytes()
    assert refused(cells) == "report_foreign"
    text = tmp_path / "notes.txt"
    text.write_text("mine")
    assert refused(tmp_path / "notes.gpkg") == "report_foreign"
    (tmp_path / "folder.gpkg").mkdir()
    assert refused(tmp_path / "folder.gpkg") == "report_foreign"
    (tmp_path / "other.gpkg").write_text("no database")
    assert refused(tmp_path / "other.gpkg") == "report_foreign"
    assert (cells.read_bytes(), text.read_text()) == (before, "mine")


def test_a_path_that_cannot_be_written(session: Session, tmp_path: Path) -> None:
    assert refused(tmp_path / "nowhere" / "report.gpkg") == "report_unwritable"
    assert refused(tmp_path / "report.pdf") == "report_ending"
    with pytest.raises(IntakeRefused):
        write_report(session, None, tmp_path / "nowhere" / "report.gpkg", [])


def test_half_a_report_is_none(session: Session, tmp_path: Path) -> None:
    path = tmp_path / "report.gpkg"
    reported(session, path)
    before = path.read_bytes()
    with pytest.raises(KeyError):
        write_report(session, None, path, [Finding("no_such_code")])
    assert path.read_bytes() == before
    assert [each.name for each in sorted(tmp_path.iterdir())] == ["report.gpkg", "report.txt"]
