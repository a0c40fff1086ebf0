"""Files of cells: read, checked, stored, and the stored cells looked through."""

from geo.intake.audit import Audit, check_cells
from geo.intake.byhand import NewCell, merged, recoded, renamed, stage_cells
from geo.intake.examine import Examined, examine
from geo.intake.findings import Finding, IntakeRefused
from geo.intake.mapping import mapping_of
from geo.intake.progress import Progress, silent
from geo.intake.report import claim_report, write_report
from geo.intake.source import Source, Staged
from geo.intake.stage import stage
from geo.intake.store import Account, check_history, store
from geo.intake.topology import check

__all__ = [
    "Account",
    "Audit",
    "Examined",
    "Finding",
    "IntakeRefused",
    "NewCell",
    "Progress",
    "Source",
    "Staged",
    "check",
    "check_cells",
    "check_history",
    "claim_report",
    "examine",
    "mapping_of",
    "merged",
    "recoded",
    "renamed",
    "silent",
    "stage",
    "stage_cells",
    "store",
    "write_report",
]
