"""From a file to cells that may be stored, or to everything that is wrong with it; nothing is repaired."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np

from geo.codes import CELL_LENGTH
from geo.intake import columns
from geo.intake.findings import Finding, IntakeRefused
from geo.intake.reader import Table, read
from geo.intake.reference import datum_of
from geo.intake.shapes import Shapes, take
from geo.points import HENAN, Datum, Envelope

# How many rows are done, of how many, in which stage: "check" or "store".
Progress = Callable[[str, int, int], None]

_CHUNK: Final = 5_000


@dataclass(frozen=True)
class Batch:
    """Checked cells, ready to be stored: codes, names and WGS-84 multipolygons side by side.

    `divisions` has every division the cells lie in, by code, with its name where the file gives one.
    """

    codes: list[str]
    names: list[str]
    shapes: Shapes
    divisions: dict[str, str | None]
    notes: tuple[Finding, ...]


def silent(stage: str, done: int, total: int) -> None:
    """Take no notice of progress."""


def prepare(
    path: Path,
    *,
    layer: str | None = None,
    datum: str | None = None,
    envelope: Envelope = HENAN,
    progress: Progress = silent,
) -> Batch:
    """Read a file of cells and check each row; raises IntakeRefused with all that was found, in row order."""
    table = read(path, layer)
    taken_as, notes = datum_of(table.crs, datum)
    shapes, findings = _shapes(table, taken_as, envelope, progress)
    findings += columns.findings(table)
    if findings:
        raise IntakeRefused(findings)
    return Batch(
        table.columns["code"],
        table.columns["name"],
        shapes,
        columns.divisions(table),
        table.notes + notes,
    )


def _shapes(table: Table, datum: Datum, envelope: Envelope, progress: Progress) -> tuple[Shapes, list[Finding]]:
    total = len(table.shapes)
    chunks, findings = [], []
    for start in range(0, total, _CHUNK):
        shapes, faults = take(table.shapes[start : start + _CHUNK], datum, envelope)
        chunks.append(shapes)
        findings += [
            replace(fault, row=start + index + 1, cell_code=table.columns["code"][start + index][:CELL_LENGTH])
            for index, fault in faults.items()
        ]
        progress("check", start + len(shapes), total)
    return np.concatenate(chunks), findings
