"""What papers say, collected from the records: the task's order, its attempts, its evidence, the map of the day."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from field.queries.evidence import EvidenceFacts as Stored
from field.queries.evidence import evidence_of_task, open_evidence, sealed_attempts
from field.queries.paper_rows import Order, Try, find_orders, line_of, order_of, serving, standing, tries_of
from field.rules.calendar import court_day
from field.rules.diligence import Visit as Counted
from field.rules.diligence import diligence
from field.rules.evidence import EVIDENCE_KINDS
from field.rules.paper_facts import (
    MAP_MM,
    AddressFormFacts,
    AttemptsFacts,
    BundleFacts,
    BundleItem,
    Contact,
    EvidenceFacts,
    Heading,
    Outline,
    PaperFacts,
    Piece,
    ReceiptFacts,
    Service,
    Sketch,
    SlipFacts,
    Visit,
)
from field.rules.papers import PAPERS, PaperName, check_paper
from field.rules.people import Actor, require
from field.rules.records import ObservationKind, Records, Source
from field.rules.refusals import Refused
from field.rules.release import SEALED
from field.rules.service import served_on
from geo.surroundings import surroundings

_ASKED_FOR = (ObservationKind.ADDRESS, ObservationKind.PHONE, ObservationKind.WORKPLACE)


def paper_facts(session: Session, actor: Actor, task_id: UUID, name: PaperName) -> PaperFacts:
    """Return what a paper of this task says now.

    Refuses `role_may_not` (403), `not_found` (404) for a task that is not the actor's court's or in their own hands,
    `paper_not_of_kind` (422).
    """
    [order] = _allowed(session, actor, [task_id], name)
    return _COLLECT[name](session, order)


def receipt_forms(session: Session, actor: Actor, task_ids: Sequence[UUID]) -> list[ReceiptFacts]:
    """Return the returns of service of several tasks as forms still to be filled in, in the order asked for.

    Refuses as `paper_facts` does, for one as for all: a foreign id fails the list.
    """
    return [_form(order) for order in _allowed(session, actor, list(dict.fromkeys(task_ids)), PaperName.RECEIPT)]


def told_now(session: Session, task_id: UUID, name: PaperName) -> list[PaperFacts]:
    """Return what this paper of a task says as of now, in each form it may have been printed in, without the map.

    For who holds a paper and asks by its code: nobody is let in by it, and nothing of it is shown.
    """
    order = order_of(session, task_id)
    if name is PaperName.RECEIPT:
        return [_form(order), replace(_receipt(session, order, drawn=False), sketch=None)]
    return [_COLLECT[name](session, order)]


def _allowed(session: Session, actor: Actor, task_ids: Sequence[UUID], name: PaperName) -> list[Order]:
    require(actor, *PAPERS[name].roles)
    found = find_orders(session, actor, task_ids)
    if len(found) != len(task_ids):
        raise Refused("not_found")
    orders = [found[each] for each in task_ids]
    for order in orders:
        check_paper(name, order.kind)
    return orders


def _heading(order: Order, *newest: datetime | None) -> Heading:
    as_of = max(each for each in (order.created_at, *newest) if each is not None)
    return Heading(
        order.court_code, order.court_name, order.id, order.kind, as_of, case_no=order.case_no, cause=order.cause
    )


def _contact(order: Order) -> Contact:
    known = order.settings
    return Contact(known.address, known.duty_phone, known.complaint_phone)


def _form(order: Order) -> ReceiptFacts:
    return ReceiptFacts(
        _heading(order), order.documents, order.party_name or "", order.address, order.issuer, spot=order.spot
    )


def _receipt(session: Session, order: Order, *, drawn: bool = True) -> ReceiptFacts:
    """The return with what served; the form to be filled in as long as nothing has."""
    tries = tries_of(session, order)
    by = serving(order, tries)
    if by is None:
        return _form(order)
    # An attempt and those it corrects were one visit: what their makers took then stands.
    visit = line_of(by, tries)
    pieces = tuple(_piece(each) for each in _theirs(visit, evidence_of_task(session, order.id)) if each.sealed)
    service = _service(order, by, pieces)
    newest = [by.received_at, *(piece.sealed_at for piece in pieces)]
    return replace(
        _form(order),
        heading=_heading(order, *newest),
        service=service,
        sketch=_sketch(session, order, service) if drawn else None,
    )


def _theirs(tries: Sequence[Try], stored: Sequence[Stored]) -> list[Stored]:
    """Return the pieces that belong to these attempts: named for them by whoever made them, nobody else."""
    makers = {(each.id, each.worker_id) for each in tries}
    return [each for each in stored if (each.attempt_id, each.user_id) in makers]


def _service(order: Order, by: Try, pieces: tuple[Piece, ...]) -> Service:
    said, settings = by.records, order.settings
    alone = not by.by_court and said.officer is None and not settings.retention_requires_court_officer
    return Service(
        attempt_id=by.id,
        outcome=by.outcome,
        at=by.corrected_at,
        served_on=served_on(by.outcome, said, court_day(by.corrected_at)),
        by_court=by.by_court,
        server=by.who,
        unit=by.unit,
        marks=by.marks,
        note=by.note,
        place=said.place,
        receiver=said.receiver,
        relation=said.relation,
        refusal=said.refusal,
        witnesses=said.witnesses,
        officer=said.officer,
        authorisation_no=settings.retention_authorisation_no if alone and said.refusal else None,
        spot=by.spot,
        cell_code=by.cell_code,
        pieces=pieces,
    )


def _piece(stored: Stored) -> Piece:
    return Piece(
        id=stored.id,
        kind=stored.kind,
        sha256=stored.sha256,
        sm3=stored.sm3 or "",
        size=stored.size,
        media_type=stored.media_type,
        at=stored.corrected_at,
        marks=stored.marks,
        sealed_at=stored.sealed_at,
        attempt_id=stored.attempt_id,
        imported=stored.imported,
        is_mock=bool(stored.is_mock),
        late=stored.late,
    )


def _sketch(session: Session, order: Order, service: Service) -> Sketch | None:
    """Draw the cells as they held on the day of the visit: yesterday stays yesterday's."""
    spots = [(each.lon, each.lat) for each in (service.spot, order.spot) if each is not None]
    if not spots:
        return None
    day = court_day(service.at)
    found = surroundings(session, spots, service.cell_code, day, ratio=MAP_MM[0] / MAP_MM[1])
    outlines = tuple(Outline(each.code, each.name, each.rings) for each in found.cells)
    return Sketch(found.lon, found.lat, found.half_width_m, found.half_height_m, day, service.cell_code, outlines)


def _attempts(session: Session, order: Order) -> AttemptsFacts:
    tries = tries_of(session, order)
    pieces = [each.attempt_id for each in _theirs(tries, evidence_of_task(session, order.id))]
    sealed = sealed_attempts(session, order.id)
    visits = tuple(_sealed(each) if each.id in sealed else _visit(each, pieces.count(each.id)) for each in tries)
    counted = [Counted(each.corrected_at, each.outcome) for each in standing(tries)]
    tried = diligence(order.kind, counted, order.settings)
    return AttemptsFacts(_heading(order, *(each.received_at for each in tries)), order.address, visits, tried)


def _visit(each: Try, pieces: int) -> Visit:
    said = each.records
    return Visit(
        attempt_id=each.id,
        outcome=each.outcome,
        at=each.corrected_at,
        captured_at=each.captured_at,
        received_at=each.received_at,
        by_court=each.by_court,
        unit=each.unit,
        marks=each.marks,
        late=each.late,
        done=each.done,
        note=each.note,
        place=said.place,
        received_by=said.receiver.capacity if said.receiver else None,
        refused_by=said.refusal.refused_by if said.refusal else None,
        witnesses=len(said.witnesses),
        learnt=len(said.observations),
        pieces=pieces,
        spot=each.spot,
        cell_code=each.cell_code,
        supersedes=each.supersedes,
    )


def _sealed(each: Try) -> Visit:
    """Show a visit and nothing of it: a complaint about an officer is for the court's inspection alone."""
    bare = replace(each, outcome=SEALED, note="", records=Records())
    return _visit(bare, 0)


def _address_form(session: Session, order: Order) -> AddressFormFacts:
    """The form with what the party told in person; what others said of them is no business of theirs."""
    holding = standing(tries_of(session, order))
    told = [
        (each, learnt)
        for each in holding
        for learnt in each.records.observations
        if learnt.source is Source.SELF and learnt.kind in _ASKED_FOR
    ]
    consent = [each for each in holding if each.outcome == "ESERVICE_CONSENT"]
    newest = [each.received_at for each, _ in told] + [each.received_at for each in consent]
    return AddressFormFacts(
        _heading(order, *newest),
        order.party_name or "",
        order.party_role,
        _contact(order),
        tuple(learnt for _, learnt in told),
        consents=True if consent else None,
    )


def _evidence(session: Session, order: Order) -> EvidenceFacts:
    stored = open_evidence(session, order.id)
    newest = [at for each in stored for at in (each.received_at, each.sealed_at)]
    return EvidenceFacts(_heading(order, *newest), tuple(_piece(each) for each in stored))


def _slip(session: Session, order: Order) -> SlipFacts:
    """The slip says the same whoever prints it: what the court has released to the grid, and nothing of the cause."""
    by = serving(order, tries_of(session, order))
    released = order.release
    heading = _heading(order, by.corrected_at if by else None)
    return SlipFacts(
        replace(heading, cause=None, case_no=order.case_no if "case_no" in released else None),
        order.documents if "documents" in released else (),
        order.party_name if "party_name" in released else None,
        order.unit,
        _contact(order),
        served_at=by.corrected_at if by else None,
        by_court=by.by_court if by else False,
    )


def _bundle_cover(session: Session, order: Order) -> BundleFacts:
    """The cover with the index of the sealed originals, under the names that a bundle gives them."""
    stored = [each for each in open_evidence(session, order.id) if each.sealed]
    items = tuple(
        BundleItem(f"originals/{each.id}", EVIDENCE_KINDS[each.kind].zh, each.size, each.sha256) for each in stored
    )
    return BundleFacts(_heading(order, *(each.sealed_at for each in stored)), items, order.party_name)


_COLLECT: dict[PaperName, Callable[[Session, Order], PaperFacts]] = {
    PaperName.RECEIPT: _receipt,
    PaperName.ATTEMPTS: _attempts,
    PaperName.ADDRESS_FORM: _address_form,
    PaperName.EVIDENCE: _evidence,
    PaperName.SLIP: _slip,
    PaperName.BUNDLE_COVER: _bundle_cover,
}
