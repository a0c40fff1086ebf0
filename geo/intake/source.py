"""What is brought in and how it is to be read, and what became of it once it is staged."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from geo.intake.findings import Finding
from geo.intake.reference import Reference


@dataclass(frozen=True)
class Source:
    """A file of cells or divisions: its layer, its datum where the file is wrong or silent, and its columns.

    `mapping` leads from the product's name of a column to the file's.
    """

    path: Path
    layer: str | None = None
    datum: str | None = None
    mapping: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Staged:
    """A file in the temporary table `intake`: how many rows, and every division they lie in, by code.

    A division that the file does not name has None. `findings` are those of single rows and of the file;
    `source` is the file's name, `crs` what it declares, `kinds` the number of rows by kind. Places of findings
    in single rows are in the file's own coordinates, which `reference` turns.
    """

    rows: int
    divisions: Mapping[str, str | None]
    findings: tuple[Finding, ...]
    source: str
    sha256: str | None = None
    datum: str | None = None
    crs: str | None = None
    kinds: Mapping[str, int] = field(default_factory=dict)
    reference: Reference | None = None
