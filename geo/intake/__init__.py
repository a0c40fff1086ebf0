"""Files of cells: read, checked, stored, and the stored cells looked through."""

from geo.intake.audit import Audit, check_cells
from geo.intake.checks import Batch, Progress, prepare
from geo.intake.findings import Finding, IntakeRefused
from geo.intake.store import Account, store

__all__ = [
    "Account",
    "Audit",
    "Batch",
    "Finding",
    "IntakeRefused",
    "Progress",
    "check_cells",
    "prepare",
    "store",
]
