"""What a court may decide for itself; every default is the careful one."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from field.rules.refusals import Refused


@dataclass(frozen=True)
class CourtSettings:
    """One court's choices; stored as the members that differ from these defaults."""

    retention_requires_court_officer: bool = True
    retention_authorisation_no: str | None = None
    """The court's written authorisation, printed on the record where grid workers complete retentions alone."""
    accept_working_days: int = 1
    first_attempt_working_days: int = 3
    least_attempts: int = 3
    reminder_visits_per_7_days: int = 1
    reminder_visits_per_month: int = 3
    quiet_from_hour: int = 21
    quiet_until_hour: int = 8
    duty_phone: str | None = None
    """Printed on slips and shown to workers: whom to call."""
    complaint_phone: str | None = None
    address: str | None = None


def check_settings(settings: CourtSettings) -> None:
    """Refuse `authorisation_needed` (422): who lets grid workers leave papers alone names the written authorisation.

    No national text makes a grid worker a server, and JI art. 131 asks a judge or clerk to sign.
    """
    alone = not settings.retention_requires_court_officer
    if alone and not (settings.retention_authorisation_no or "").strip():
        raise Refused("authorisation_needed", field="retention_authorisation_no")


def differing(settings: CourtSettings) -> dict[str, Any]:
    """Return the members that differ from the careful defaults, as a court's row holds them."""
    return {each.name: value for each in fields(settings) if (value := getattr(settings, each.name)) != each.default}
