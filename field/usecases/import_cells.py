"""Take in a file of cells and divisions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from field.rules.people import Actor, Role, require
from field.usecases.redraw_map import MapRedrawn, RedrawMap, check_day, redraw_map
from geo.intake import IntakeRefused, Progress, Source, claim_report, silent, stage, write_report
from geo.points import HENAN, Envelope
from geo.revisions import lock_map


@dataclass(frozen=True)
class ImportCells:
    """The order: the file and how to read it, how it changes the map, and the box that its shapes must lie in."""

    source: Source
    when: RedrawMap
    envelope: Envelope = HENAN


def import_cells(
    session: Session, actor: Actor, order: ImportCells, now: datetime, progress: Progress = silent
) -> MapRedrawn:
    """Read, check and store a file as it holds from a day on; all of it or, with geo's IntakeRefused, nothing."""
    require(actor, Role.ADMINISTRATOR)
    report = order.when.report
    if report:
        claim_report(report)
    check_day(order.when, now)
    # Before reading, so that what is checked is still so when it is stored.
    lock_map(session)
    try:
        staged = stage(session, order.source, order.envelope, progress)
    except IntakeRefused as refused:
        if report:
            write_report(session, None, report, refused.findings)
        raise
    return redraw_map(session, actor, order.when, staged, now, progress)
