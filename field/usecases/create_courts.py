"""Make courts known to the product, each with the account in whose name files are imported."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import insert
from sqlalchemy.orm import Session

from field.ledger.record import SYSTEM, Entry, record_all
from field.models import Court, User
from field.rules.people import Actor, Role, require

IMPORT_PREFIX = "import-"
RESERVED_COURT_CODES = frozenset({SYSTEM})
"""A court's code names its ledger chain, and this chain is taken."""


@dataclass(frozen=True)
class NewCourt:
    """A court: its code, its name, and the natural code of the division its dispatchers ask in."""

    code: str
    name: str
    division_code: str


def import_login(court_code: str) -> str:
    """Return the login of a court's import account."""
    return IMPORT_PREFIX + court_code


def create_courts(session: Session, actor: Actor, courts: Sequence[NewCourt]) -> dict[str, int]:
    """Store the courts, and an import account for each that no password opens; return their ids by code."""
    require(actor, Role.ADMINISTRATOR)
    if not courts:
        return {}
    rows = [{"code": court.code, "name": court.name, "division_code": court.division_code} for court in courts]
    ids = dict(session.execute(insert(Court).returning(Court.code, Court.id), rows).all())
    accounts = [
        {
            "login": import_login(court.code),
            "display_name": f"{court.name} 导入 / import",
            "role": Role.DISPATCHER.value,
            "court_id": ids[court.code],
        }
        for court in courts
    ]
    session.execute(insert(User), accounts)
    details = {court.code: {"code": court.code, "division": court.division_code} for court in courts}
    record_all(
        session,
        (Entry(SYSTEM, actor.ref, "court.created", f"court:{ids[code]}", 1, facts) for code, facts in details.items()),
    )
    return ids
