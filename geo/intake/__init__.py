"""Files of cells: read, checked, stored, and the stored cells looked through."""

from geo.intake.audit import Audit, check_cells
from geo.intake.byhand import NewCell, merged, recoded, renamed, stage_cells
from geo.intake.checks import Batch, prepare
from geo.intake.findings import Finding, IntakeRefused
from geo.intake.progress import Progress, silent
from geo.intake.source import Source, Staged
from geo.intake.store import Account, store

__all__ = [
    "Account",
    "Audit",
    "Batch",
    "Finding",
    "IntakeRefused",
    "NewCell",
    "Progress",
    "Source",
    "Staged",
    "check_cells",
    "merged",
    "prepare",
    "recoded",
    "renamed",
    "silent",
    "stage_cells",
    "store",
]
