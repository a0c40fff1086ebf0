"""Everything that was found, as a GeoPackage to be opened over the map and as a text to be read beside it."""

import json
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyogrio
import shapely
import sqlalchemy as sa
from sqlalchemy.orm import Session

from geo.intake.areas import Shapes
from geo.intake.findings import Finding, refusal
from geo.intake.reference import Reference
from geo.intake.repair import Proposal
from geo.intake.source import Staged

POINTS: Final = "findings_points"
AREAS: Final = "findings_areas"
PROPOSALS: Final = "proposals"
_ENDING: Final = ".gpkg"
_CHUNK: Final = 5_000
_STAGED: Final = sa.text("SELECT to_regclass('pg_temp.intake')")
_ROWS: Final = sa.text("SELECT row, ST_AsBinary(geom) AS outline FROM intake WHERE row = ANY (:rows)")
_REPORT: Final = "SELECT count(*) FROM gpkg_contents WHERE table_name = ?"


def claim_report(path: Path) -> None:
    """Make sure, before any long work, that a report can be written to a path and that nothing else is lost by it.

    Raises IntakeRefused `report_ending`, `report_foreign` or `report_unwritable`.
    """
    if path.suffix.lower() != _ENDING:
        raise refusal("report_ending", path=path)
    text = path.with_suffix(".txt")
    try:
        if path.is_dir() or (path.exists() and not _is_report(path)) or (text.exists() and not path.exists()):
            raise refusal("report_foreign", path=path if path.exists() else text)
        with tempfile.TemporaryFile(dir=path.parent):
            pass
    except OSError as error:
        raise refusal("report_unwritable", path=path, reason=error.strerror) from error


def write_report(
    session: Session,
    staged: Staged | None,
    path: Path,
    findings: Sequence[Finding],
    proposals: Sequence[Proposal] = (),
) -> None:
    """Write all findings and proposals to a GeoPackage in EPSG:4326, and line by line to a .txt beside it.

    Both appear whole or not at all. Without `staged` (a file that could not be read) there are no shapes of rows.
    Raises IntakeRefused as `claim_report` does.
    """
    claim_report(path)
    reference = staged.reference if staged else None
    try:
        with tempfile.TemporaryDirectory(prefix=".report-", dir=path.parent) as folder:
            made, text = Path(folder, "report.gpkg"), Path(folder, "report.txt")
            for start in range(0, max(len(findings), 1), _CHUNK):
                some = findings[start : start + _CHUNK]
                _append(made, POINTS, _points(some, reference), _columns(some), "Point")
                shapes = _areas(session, some)
                there = [i for i, shape in enumerate(shapes) if shape is not None]
                _append(made, AREAS, shapes[there], _columns([some[i] for i in there]), "Unknown")
            _append(made, PROPOSALS, *_proposed(proposals), "MultiPolygon")
            text.write_text("".join(f"{line}\n" for line in _lines(findings, proposals)), encoding="utf-8")
            text.replace(path.with_suffix(".txt"))
            made.replace(path)
    except (OSError, pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
        raise refusal("report_unwritable", path=path, reason=error) from error


def _is_report(path: Path) -> bool:
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as file:
            return bool(file.execute(_REPORT, (POINTS,)).fetchone()[0])
    except sqlite3.Error:
        return False


def _append(path: Path, layer: str, shapes: Shapes, columns: dict[str, list[Any]], kind: str) -> None:
    pyogrio.raw.write(
        path,
        shapely.to_wkb(shapes),
        [np.array(values, dtype=np.int32 if name == "row" else object) for name, values in columns.items()],
        list(columns),
        layer=layer,
        geometry_type=kind,
        crs="EPSG:4326",
        driver="GPKG",
        append=path.exists() and layer in pyogrio.list_layers(path)[:, 0],
    )


def _points(findings: Sequence[Finding], reference: Reference | None) -> Shapes:
    return np.array([_point(finding, reference) for finding in findings], dtype=object)


def _point(finding: Finding, reference: Reference | None) -> Any:
    """Give the place of a finding in WGS-84, or an empty point where it has none that is one on earth."""
    if finding.place is None:
        return None
    place = np.array([finding.place])
    lon, lat = (reference.to_wgs84(place) if reference else place)[0].tolist()
    return shapely.Point(lon, lat) if abs(lon) <= 180 and abs(lat) <= 90 else None


def _areas(session: Session, findings: Sequence[Finding]) -> Shapes:
    """Give the area that each finding is about: its own, else the shape of its row as it is staged, else None."""
    rows = sorted({finding.row for finding in findings if finding.row and finding.shape is None})
    staged: dict[int, bytes] = {}
    if rows and session.scalars(_STAGED).one() is not None:
        staged = {row.row: row.outline for row in session.execute(_ROWS, {"rows": rows})}
    blobs = [finding.shape or staged.get(finding.row or 0) for finding in findings]
    shapes: Shapes = shapely.from_wkb(np.array([blob and bytes(blob) for blob in blobs], dtype=object))
    return shapes


def _columns(findings: Sequence[Finding]) -> dict[str, list[Any]]:
    return {
        "code": [finding.code for finding in findings],
        "row": [finding.row or 0 for finding in findings],
        "cell_code": [finding.cell_code for finding in findings],
        "severity": ["fault" if finding.refuses else "note" for finding in findings],
        "zh": [finding.text("zh") for finding in findings],
        "en": [finding.text("en") for finding in findings],
        "facts": [json.dumps(finding.facts, ensure_ascii=False, default=str) for finding in findings],
    }


def _proposed(proposals: Sequence[Proposal]) -> tuple[Shapes, dict[str, list[Any]]]:
    told = _columns([proposal.finding() for proposal in proposals])
    shapes = shapely.from_wkb(np.array([proposal.shape for proposal in proposals], dtype=object))
    del told["code"], told["severity"]
    return shapes, told


def _lines(findings: Sequence[Finding], proposals: Sequence[Proposal]) -> Iterator[str]:
    counts = Counter(finding.code for finding in findings)
    refused = {finding.code for finding in findings if finding.refuses}
    for code, count in sorted(counts.items(), key=lambda item: (item[0] not in refused, item[0])):
        yield f"{code}: {count} ({'错误 / fault' if code in refused else '提示 / note'})"
    if not findings:
        yield "没有问题 / nothing found"
    for told in (findings, [proposal.finding() for proposal in proposals]):
        yield ""
        for finding in told:
            yield f"{finding.code}: {finding.line('zh')} / {finding.line('en')}"
