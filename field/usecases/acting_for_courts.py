"""In whose name a file's tasks are entered: a named dispatcher's, or each court's import account's."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from field.models import Court
from field.queries.many import among
from field.queries.people import find_actor_by_login
from field.rules.people import Actor, Role
from field.rules.rows import Fault, RowsRefused
from field.usecases.create_courts import import_login


def acting_for(session: Session, courts: Mapping[str, int], login: str | None) -> tuple[dict[str, Actor], list[Fault]]:
    """Return who enters tasks for each of the courts, and a fault for each court nobody can act for.

    `courts` maps the code of each court to the row that names it first. Raises RowsRefused for a login that is no
    active dispatcher's.
    """
    if login is not None:
        return _one(session, courts, login)
    known = set(session.scalars(select(Court.code).where(among(Court.code, courts))))
    actors: dict[str, Actor] = {}
    faults: list[Fault] = []
    for court, row in courts.items():
        if court not in known:
            faults.append(Fault("court_unknown", row, "court_code", {"court": court}))
        elif account := find_actor_by_login(session, import_login(court)):
            actors[court] = account.actor
        else:
            faults.append(Fault("court_account_closed", row, "court_code", {"court": court}))
    return actors, faults


def _one(session: Session, courts: Mapping[str, int], login: str) -> tuple[dict[str, Actor], list[Fault]]:
    found = find_actor_by_login(session, login)
    if found is None or found.actor.role is not Role.DISPATCHER:
        raise RowsRefused([Fault("entered_by_unknown", facts={"login": login})])
    own = found.actor.court_code
    faults = [
        Fault("court_not_theirs", row, "court_code", {"login": login, "court": court})
        for court, row in courts.items()
        if court != own
    ]
    return {court: found.actor for court in courts if court == own}, faults
