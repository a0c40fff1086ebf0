"""Enter the cases and parties that a court's tasks name, where they are not there yet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from sqlalchemy import select, text, update
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


# Whole columns go in as arrays: a row at a time would cost more than all the rest of an import.
_ADD_CASES = text("""
insert into field."case" (id, court_id, case_no, version, created_by)
select id, :court, case_no, 1, :actor from unnest(cast(:ids as uuid[]), cast(:numbers as text[])) as new (id, case_no)
on conflict (court_id, case_no) do nothing returning id
""")
_ADD_PARTIES = text("""
insert into field.party (id, case_id, name, role)
select * from unnest(cast(:ids as uuid[]), cast(:cases as uuid[]), cast(:names as text[]), cast(:roles as text[]))
on conflict (case_id, name, role) do nothing returning case_id
""")


def _add_cases(session: Session, actor: Actor, numbers: Collection[str]) -> set[UUID]:
    ids = [uuid4() for _ in numbers]
    new = {"court": actor.court_id, "actor": actor.id, "ids": ids, "numbers": sorted(numbers)}
    return set(session.scalars(_ADD_CASES, new))


def _add_parties(
    session: Session, cases: Mapping[str, EnteredCase], wanted: Mapping[str, Collection[NewParty]]
) -> Counter[UUID]:
    """Add the parties that are missing; return how many each case got."""
    rows = [(cases[number].id, party) for number, parties in sorted(wanted.items()) for party in dict.fromkeys(parties)]
    new = {
        "ids": [uuid4() for _ in rows],
        "cases": [case_id for case_id, _ in rows],
        "names": [party.name for _, party in rows],
        "roles": [party.role.value for _, party in rows],
    }
    return Counter(session.scalars(_ADD_PARTIES, new))


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
