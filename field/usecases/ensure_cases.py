"""Enter the cases and parties that a court's tasks name, where they are not there yet."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from field.ledger.record import Entry, record_all
from field.models import Case, Party, PartyRole
from field.queries.many import among
from field.rules.people import Actor, Role, require
from field.usecases.create_case import NewParty


@dataclass(frozen=True)
class EnteredCase:
    """A case of the court, with the ids of its parties."""

    id: UUID
    parties: dict[NewParty, UUID] = field(default_factory=dict)


def ensure_cases(session: Session, actor: Actor, wanted: Mapping[str, Collection[NewParty]]) -> dict[str, EnteredCase]:
    """Return the actor's court's cases by normalised number, each with at least the wanted parties.

    Two who ask for the same case at the same moment get the same case.
    """
    require(actor, Role.DISPATCHER)
    fresh = _add_cases(session, actor, wanted)
    numbers = select(Case.case_no, Case.id).where(Case.court_id == actor.court_id, among(Case.case_no, wanted))
    cases = {case_no: EnteredCase(id_) for case_no, id_ in session.execute(numbers)}
    added = _add_parties(session, cases, wanted)
    grown = _raise(session, [id_ for id_ in added if id_ not in fresh])
    record_all(session, _entries(actor, fresh, grown, added))
    by_id = {case.id: case for case in cases.values()}
    rows = session.execute(select(Party.case_id, Party.id, Party.name, Party.role).where(among(Party.case_id, by_id)))
    for case_id, party_id, name, role in rows:
        by_id[case_id].parties[NewParty(name, PartyRole(role))] = party_id
    return cases


def _add_cases(session: Session, actor: Actor, numbers: Iterable[str]) -> set[UUID]:
    rows = [
        {"id": uuid4(), "court_id": actor.court_id, "case_no": number, "created_by": actor.id}
        for number in sorted(numbers)
    ]
    if not rows:
        return set()
    statement = insert(Case).on_conflict_do_nothing(index_elements=[Case.court_id, Case.case_no])
    return set(session.scalars(statement.returning(Case.id), rows))


def _add_parties(
    session: Session, cases: Mapping[str, EnteredCase], wanted: Mapping[str, Collection[NewParty]]
) -> dict[UUID, int]:
    """Add the parties that are missing; return how many each case got."""
    rows = [
        {"id": uuid4(), "case_id": cases[number].id, "name": party.name, "role": party.role.value}
        for number, parties in sorted(wanted.items())
        for party in dict.fromkeys(parties)
    ]
    if not rows:
        return {}
    statement = insert(Party).on_conflict_do_nothing(index_elements=[Party.case_id, Party.name, Party.role])
    added: dict[UUID, int] = {}
    for case_id in session.scalars(statement.returning(Party.case_id), rows):
        added[case_id] = added.get(case_id, 0) + 1
    return added


def _raise(session: Session, case_ids: Collection[UUID]) -> dict[UUID, int]:
    raised = session.execute(
        update(Case).where(among(Case.id, case_ids)).values(version=Case.version + 1).returning(Case.id, Case.version)
    )
    return dict(raised.all())


def _entries(
    actor: Actor, fresh: Iterable[UUID], grown: Mapping[UUID, int], added: Mapping[UUID, int]
) -> Iterable[Entry]:
    for id_ in fresh:
        yield Entry(actor.chain, actor.ref, "case.created", f"case:{id_}", 1, {"parties": added.get(id_, 0)})
    for id_, version in grown.items():
        yield Entry(actor.chain, actor.ref, "case.parties_added", f"case:{id_}", version, {"parties": added[id_]})
