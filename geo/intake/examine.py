"""All that is to be said of a staged file, and the repairs that a person confirmed."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy.orm import Session

from geo.intake.findings import Finding
from geo.intake.progress import Progress, silent
from geo.intake.repair import Proposal, apply_confirmed, propose
from geo.intake.source import Staged
from geo.intake.topology import check


@dataclass(frozen=True)
class Examined:
    """Everything found in a file, its own rows' findings included, and the repairs proposed for it."""

    findings: tuple[Finding, ...]
    proposals: tuple[Proposal, ...] = ()

    @property
    def refuses(self) -> bool:
        """Whether the file cannot be stored as it is."""
        return any(found.refuses for found in self.findings)


def examine(
    session: Session,
    staged: Staged,
    effective: date,
    *,
    complete: bool = False,
    repair: bool = False,
    confirmed: Collection[str] = (),
    progress: Progress = silent,
) -> Examined:
    """Check a staged file; with `repair` propose shapes, of which those of the `confirmed` codes are taken.

    What was repaired is checked again. Raises IntakeRefused `repair_unknown` for a code without a proposal.
    """
    findings = (*staged.findings, *check(session, staged, effective, complete=complete, progress=progress))
    if not (repair or confirmed):
        return Examined(findings)
    proposals = propose(session, findings)
    if not confirmed:
        return Examined(findings, proposals)
    left = apply_confirmed(session, staged, proposals, confirmed)
    again = replace(staged, findings=left)
    findings = (*left, *check(session, again, effective, complete=complete, progress=progress))
    return Examined(findings, propose(session, findings) if repair else ())
