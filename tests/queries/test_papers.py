"""What papers say is what the records hold: of whoever may have them, as it stands, and nothing that is not theirs."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from field.documents.papers import facts_digest
from field.models import Court, Evidence, EvidenceObject, Task, TaskDocument, User
from field.queries.papers import paper_facts, receipt_forms, told_now
from field.rules.documents import DocType
from field.rules.evidence import EvidenceKind
from field.rules.paper_facts import (
    AddressFormFacts,
    AttemptsFacts,
    BundleFacts,
    EvidenceFacts,
    ReceiptFacts,
    SlipFacts,
)
from field.rules.papers import PaperName
from field.rules.people import Actor, Role
from field.rules.records import (
    Capacity,
    Observation,
    ObservationKind,
    PlaceKind,
    Receiver,
    Records,
    Refusal,
    SignKind,
    Source,
    Witness,
    WitnessCapacity,
)
from field.rules.refusals import Refused
from field.rules.tasks import TaskKind, TaskState
from geo.models import Cell
from tests.builders import NOON, actor_of, make_case, make_cell, make_court, make_duty, make_person, make_task, middle
from tests.following import make_attempt

RECEIVER = Receiver(Capacity.SELF, "甲某", SignKind.SIGNATURE, date(2026, 6, 10))
SIGNED = Records(place=PlaceKind.RESIDENCE, receiver=RECEIVER)


class Scene:
    """A court, a cell with its worker, and a task to serve two papers that the worker has handed in."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.court: Court = make_court(session)
        self.cell: Cell = make_cell(session, 1)
        self.worker: User = make_person(session)
        make_duty(session, self.worker, self.cell)
        self.clerk: Actor = actor_of(session, make_person(session, Role.DISPATCHER, court=self.court))
        case = make_case(session, self.court)
        party = session.execute(text("select id from field.party where case_id = :id"), {"id": case.id}).scalar_one()
        self.case_no = case.case_no
        self.task: Task = make_task(
            session,
            self.court,
            self.cell,
            state=TaskState.REPORTED,
            worker=self.worker,
            case=case,
            party_id=party,
            release=["case_no", "party_name", "documents"],
        )
        for nth, title in enumerate(("执行通知书", "传票"), 1):
            session.add(
                TaskDocument(task_id=self.task.id, nth=nth, title=title, copies=nth, doc_type=DocType.OTHER.value)
            )
        session.flush()

    def attempt(self, outcome: str = "SERVED_SELF", records: Records = SIGNED, **columns: Any) -> UUID:
        """Write down an attempt by the worker, handed in unless told otherwise."""
        lon, lat = middle(self.session, self.cell)
        seen: dict[str, Any] = {"lon": lon, "lat": lat, "raw_lon": lon, "raw_lat": lat, "datum": "WGS84"}
        handed_in = {"done": True, "intent": "applied", "place": records.place, "cell_id": self.cell.id}
        options = {"accuracy_m": 8.0, **seen, **handed_in, **columns}
        return make_attempt(self.session, self.task, self.worker, outcome, records, **options)

    def evidence(self, attempt_id: UUID, kind: EvidenceKind, *, sealed: bool = True, **columns: Any) -> UUID:
        """Write down a piece of an attempt."""
        body, piece = uuid4().bytes, uuid4()
        digest = hashlib.sha256(body).digest()
        if sealed:
            self.session.execute(
                insert(EvidenceObject), {"sha256": digest, "sm3": digest, "size": 16, "media_type": "image/jpeg"}
            )
        values = {
            "id": piece, "court_id": self.court.id, "task_id": self.task.id, "attempt_id": attempt_id,
            "user_id": self.worker.id, "kind": kind.value, "sha256": digest, "size": 16, "media_type": "image/jpeg",
            "captured_at": NOON, "sent_at": NOON, "received_at": NOON, "corrected_at": NOON, "marks": ["estimated"],
            "imported": True, "is_mock": True, "late": False, "fingerprint": b"",
            "state": "sealed" if sealed else "expected", "sealed_at": NOON if sealed else None,
            "object_sha256": digest if sealed else None,
        } | columns  # fmt: skip
        self.session.execute(insert(Evidence), values)
        return piece

    def facts(self, name: PaperName, who: Actor | None = None) -> Any:
        """Collect a paper's facts for the clerk, or somebody else."""
        self.session.flush()
        return paper_facts(self.session, who or self.clerk, self.task.id, name)

    def settle(self, **settings: Any) -> None:
        """Let the court decide something for itself."""
        self.court.settings = settings
        self.session.flush()


@pytest.fixture
def scene(session: Session) -> Scene:
    return Scene(session)


def _receipt(scene: Scene) -> ReceiptFacts:
    found = scene.facts(PaperName.RECEIPT)
    assert isinstance(found, ReceiptFacts)
    return found


def test_a_return_of_service_has_it_all(scene: Scene) -> None:
    attempt = scene.attempt(marks=["clock_skewed"], note="门口交付")
    photo = scene.evidence(attempt, EvidenceKind.PHOTO_HANDOVER)
    scene.evidence(uuid4(), EvidenceKind.PHOTO_DOOR)
    found = _receipt(scene)
    assert (found.heading.court_name, found.heading.case_no) == (scene.court.name, scene.case_no)
    assert (found.heading.cause, found.addressee, found.address) == ("买卖合同纠纷", "甲某", "某村1号")
    assert [(each.title, each.copies) for each in found.documents] == [("执行通知书", 1), ("传票", 2)]
    service = found.service
    assert service is not None
    assert (service.outcome, service.at, service.by_court) == ("SERVED_SELF", NOON, False)
    assert (service.server, service.unit) == (scene.worker.display_name, "区划410225001区划410225001001第1网格")
    assert (service.receiver, service.place, service.marks) == (RECEIVER, PlaceKind.RESIDENCE, ("clock_skewed",))
    [piece] = service.pieces
    assert (piece.id, piece.imported, piece.is_mock, piece.marks) == (photo, True, True, ("estimated",))
    assert piece.sm3 == piece.sha256
    assert found.sketch is not None
    assert (found.sketch.day, found.sketch.cell_code) == (date(2026, 6, 10), scene.cell.code)
    assert [each.code for each in found.sketch.outlines] == [scene.cell.code]


@pytest.mark.parametrize(
    ("state", "columns"),
    [
        (TaskState.REPORTED, {"intent": "held"}),
        (TaskState.REPORTED, {"intent": "rejected"}),
        (TaskState.REPORTED, {"intent": "none"}),
        (TaskState.REPORTED, {"outcome": "NOT_HOME"}),
        (TaskState.REPORTED, {"outcome": "REFUSED_PENDING_COURT"}),
        (TaskState.RETURNED, {}),
        (TaskState.IN_PROGRESS, {}),
        (TaskState.WITHDRAWN, {}),
    ],
)
def test_what_has_not_served_leaves_the_form_open(scene: Scene, state: TaskState, columns: dict[str, Any]) -> None:
    scene.attempt(**columns)
    scene.task.state = state.value
    found = _receipt(scene)
    assert (found.service, found.sketch) == (None, None)
    assert found == receipt_forms(scene.session, scene.clerk, [scene.task.id])[0]


def test_a_correction_stands_in_the_place_of_what_it_corrects(scene: Scene) -> None:
    first = scene.attempt()
    assert _receipt(scene).service is not None
    second = scene.attempt(
        "SERVED_COHABITANT", received_at=NOON + timedelta(hours=1), supersedes=first, note="改正收件人"
    )
    service = _receipt(scene).service
    assert service is not None
    assert (service.attempt_id, service.outcome) == (second, "SERVED_COHABITANT")
    scene.attempt("NOT_HOME", Records(), received_at=NOON + timedelta(hours=2), supersedes=second)
    assert _receipt(scene).service is None


@pytest.mark.parametrize("state", [TaskState.REPORTED, TaskState.CLOSED])
@pytest.mark.parametrize(
    "columns",
    [
        {"intent": "none", "done": False},
        {"intent": "held"},
        {"intent": "rejected"},
        {"intent": "none", "done": False, "late": True},
    ],
)
def test_what_was_handed_in_gives_way_only_to_what_was_handed_in(
    scene: Scene, state: TaskState, columns: dict[str, Any]
) -> None:
    """A served task was closed; its worker then says that nobody was home, and hands nothing in."""
    first = scene.attempt()
    scene.evidence(first, EvidenceKind.PHOTO_HANDOVER)
    scene.task.state = state.value
    before = _receipt(scene)
    visits = scene.facts(PaperName.ATTEMPTS).diligence
    later = NOON + timedelta(days=1)
    second = scene.attempt("NOT_HOME", Records(), supersedes=first, corrected_at=later, received_at=later, **columns)
    scene.evidence(second, EvidenceKind.PHOTO_DOOR)
    # A correction of the correction takes no one's place either.
    scene.attempt("NO_ACCESS", Records(), supersedes=second, corrected_at=later, received_at=later, **columns)
    assert _receipt(scene) == before
    assert before.service is not None
    assert before.service.attempt_id == first
    assert facts_digest(before) in {facts_digest(each) for each in told_now(scene.session, scene.task.id, before.name)}
    assert scene.facts(PaperName.ATTEMPTS).diligence == visits


def test_a_correction_stands_for_the_whole_line_behind_it(scene: Scene) -> None:
    """The one between waited for its evidence in vain: the first result is corrected all the same."""
    first = scene.attempt(corrected_at=NOON + timedelta(hours=9), received_at=NOON + timedelta(hours=9))
    second = scene.attempt("SERVED_AGENT", supersedes=first, intent="rejected")
    third = scene.attempt("NOT_HOME", Records(), supersedes=second)
    assert _receipt(scene).service is None
    assert [each.supersedes for each in scene.facts(PaperName.ATTEMPTS).visits if each.attempt_id == third] == [second]
    assert scene.facts(PaperName.ATTEMPTS).diligence.visits == 1


def test_what_a_late_correction_says_is_not_on_the_address_form(scene: Scene) -> None:
    told = Observation(ObservationKind.ADDRESS, "某村2号", Source.SELF)
    other = Observation(ObservationKind.ADDRESS, "某村3号", Source.SELF)
    first = scene.attempt("ADDRESS_CONFIRMED", Records(observations=(told,)))
    scene.attempt(
        "ADDRESS_CONFIRMED", Records(observations=(other,)), supersedes=first, intent="rejected", late=True
    )  # fmt: skip
    assert scene.facts(PaperName.ADDRESS_FORM).told == (told,)


def test_a_return_shows_what_its_makers_sealed_and_nobody_elses(scene: Scene) -> None:
    first = scene.attempt()
    mine = scene.evidence(first, EvidenceKind.PHOTO_DOOR)
    second = scene.attempt(supersedes=first, received_at=NOON + timedelta(hours=1))
    photo = scene.evidence(second, EvidenceKind.PHOTO_HANDOVER)
    before = _receipt(scene)
    stranger = make_person(scene.session)
    scene.evidence(first, EvidenceKind.RECEIPT_SIGNED, user_id=stranger.id)
    scene.evidence(second, EvidenceKind.SERVER_SIGN, sealed=False)
    assert before.service is not None
    assert {each.id for each in before.service.pieces} == {mine, photo}
    assert _receipt(scene) == before
    assert [each.pieces for each in scene.facts(PaperName.ATTEMPTS).visits] in ([1, 2], [2, 1])


def test_the_day_of_service_is_that_on_the_receipt(scene: Scene) -> None:
    scene.attempt(corrected_at=NOON + timedelta(days=2))
    service = _receipt(scene).service
    assert service is not None
    assert service.served_on == RECEIVER.signed_on


def test_the_courts_leave_is_named_only_where_a_grid_worker_needed_it(scene: Scene) -> None:
    left = Records(
        place=PlaceKind.RESIDENCE,
        refusal=Refusal(Capacity.SELF, "不认可", NOON, left_at="门内"),
        witnesses=(Witness("乙某", WitnessCapacity.COMMITTEE_STAFF, "某村委会", signed=True),),
    )
    attempt = scene.attempt("RETAINED_WITNESSED", left)

    def told() -> str | None:
        service = _receipt(scene).service
        assert service is not None
        return service.authorisation_no

    assert told() is None
    scene.settle(retention_requires_court_officer=False, retention_authorisation_no="（2099）授1号")
    assert told() == "（2099）授1号"
    scene.session.execute(text("alter table field.attempt disable trigger user"))
    scene.session.execute(text("update field.attempt set by_court = true where id = :id"), {"id": attempt})
    assert told() is None


def test_the_log_tells_every_visit_by_role(scene: Scene) -> None:
    first = scene.attempt("NOT_HOME", Records(), corrected_at=NOON - timedelta(days=2), intent="none", done=False)
    second = scene.attempt("NO_ACCESS", Records(), supersedes=first, intent="none")
    scene.evidence(second, EvidenceKind.PHOTO_SCENE)
    found = scene.facts(PaperName.ATTEMPTS)
    assert isinstance(found, AttemptsFacts)
    assert [(each.outcome, each.pieces, each.done) for each in found.visits] == [
        ("NOT_HOME", 0, False),
        ("NO_ACCESS", 1, True),
    ]
    assert found.visits[1].supersedes == first
    assert scene.worker.display_name not in repr(found)
    assert (found.diligence.visits, found.diligence.days, found.diligence.enough) == (1, 1, False)


def test_the_address_form_repeats_only_what_the_party_told_in_person(scene: Scene) -> None:
    told = Observation(ObservationKind.ADDRESS, "某村2号", Source.SELF)
    hearsay = Observation(ObservationKind.PHONE, "19900001234", Source.NEIGHBOUR)
    elsewhere = Observation(ObservationKind.WHEREABOUTS, "外地", Source.SELF)
    first = scene.attempt("ADDRESS_CONFIRMED", Records(observations=(told, hearsay, elsewhere)))
    found = scene.facts(PaperName.ADDRESS_FORM)
    assert isinstance(found, AddressFormFacts)
    assert (found.told, found.consents, found.role) == ((told,), None, "debtor")
    scene.attempt("ESERVICE_CONSENT", Records(), supersedes=first)
    assert (scene.facts(PaperName.ADDRESS_FORM).told, scene.facts(PaperName.ADDRESS_FORM).consents) == ((), True)


def test_the_list_of_evidence_holds_what_is_still_to_come(scene: Scene) -> None:
    attempt = scene.attempt()
    scene.evidence(attempt, EvidenceKind.PHOTO_DOOR)
    scene.evidence(attempt, EvidenceKind.PHOTO_SCENE, sealed=False, corrected_at=NOON + timedelta(hours=1))
    found = scene.facts(PaperName.EVIDENCE)
    assert isinstance(found, EvidenceFacts)
    assert [(each.kind, each.sm3 != "", each.sealed_at) for each in found.pieces] == [
        (EvidenceKind.PHOTO_DOOR, True, NOON),
        (EvidenceKind.PHOTO_SCENE, False, None),
    ]
    cover = scene.facts(PaperName.BUNDLE_COVER)
    assert isinstance(cover, BundleFacts)
    assert [each.title for each in cover.items] == ["门牌照片"]


def test_the_slip_says_only_what_the_court_released_and_the_same_to_both(scene: Scene) -> None:
    scene.settle(duty_phone="0000-0000001", complaint_phone="0000-0000002", address="某路1号")
    worker = actor_of(scene.session, scene.worker)
    found = scene.facts(PaperName.SLIP)
    assert isinstance(found, SlipFacts)
    assert found == scene.facts(PaperName.SLIP, worker)
    assert (found.heading.case_no, found.addressee, len(found.documents)) == (scene.case_no, "甲某", 2)
    assert (found.served_at, found.unit) == (None, "区划410225001区划410225001001第1网格")
    assert (found.contact.duty_phone, found.contact.complaint_phone) == ("0000-0000001", "0000-0000002")
    scene.task.release = []
    bare = scene.facts(PaperName.SLIP)
    assert (bare.heading.case_no, bare.heading.cause, bare.addressee, bare.documents) == (None, None, None, ())
    scene.attempt()
    assert scene.facts(PaperName.SLIP).served_at == NOON


def test_a_worker_gets_the_slip_of_what_they_hold_and_nothing_else(scene: Scene) -> None:
    worker = actor_of(scene.session, scene.worker)
    for name in set(PaperName) - {PaperName.SLIP}:
        with pytest.raises(Refused, match="role_may_not"):
            scene.facts(name, worker)
    colleague = actor_of(scene.session, make_person(scene.session))
    with pytest.raises(Refused, match="not_found"):
        scene.facts(PaperName.SLIP, colleague)
    scene.task.state = TaskState.CLOSED.value
    with pytest.raises(Refused, match="not_found"):
        scene.facts(PaperName.SLIP, worker)


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.ADMINISTRATOR])
def test_others_get_none(scene: Scene, role: Role) -> None:
    who = actor_of(scene.session, make_person(scene.session, role))
    for name in PaperName:
        with pytest.raises(Refused, match="role_may_not"):
            scene.facts(name, who)


def test_another_courts_task_is_not_there_alone_or_among_others(scene: Scene) -> None:
    other = make_court(scene.session, "yu0105", division_code="410105")
    clerk = actor_of(scene.session, make_person(scene.session, Role.DISPATCHER, court=other))
    for name in PaperName:
        with pytest.raises(Refused, match="not_found"):
            scene.facts(name, clerk)
    foreign = make_task(scene.session, other, scene.cell)
    with pytest.raises(Refused, match="not_found"):
        receipt_forms(scene.session, scene.clerk, [scene.task.id, foreign.id])


def test_a_kind_without_that_paper_refuses_it(scene: Scene) -> None:
    scene.task.kind = TaskKind.REMIND.value
    with pytest.raises(Refused, match="paper_not_of_kind"):
        scene.facts(PaperName.RECEIPT)


def test_forms_come_in_the_order_asked_for_and_once(scene: Scene) -> None:
    tasks = [make_task(scene.session, scene.court, scene.cell, address=f"某村{nth}号").id for nth in (2, 3, 4)]
    found = receipt_forms(scene.session, scene.clerk, [tasks[2], tasks[0], tasks[2], tasks[1]])
    assert [each.address for each in found] == ["某村4号", "某村2号", "某村3号"]


def test_the_same_records_say_the_same_and_each_change_says_otherwise(scene: Scene) -> None:
    scene.attempt()
    before = {name: facts_digest(scene.facts(name)) for name in PaperName}
    assert {name: facts_digest(scene.facts(name)) for name in PaperName} == before
    for name in PaperName:
        assert before[name] in {facts_digest(each) for each in told_now(scene.session, scene.task.id, name)}
    form = facts_digest(receipt_forms(scene.session, scene.clerk, [scene.task.id])[0])
    scene.task.address = "某村9号"
    scene.session.flush()
    now = {facts_digest(each) for each in told_now(scene.session, scene.task.id, PaperName.RECEIPT)}
    assert not {before[PaperName.RECEIPT], form} & now


def test_a_border_mended_later_corrects_no_paper(scene: Scene) -> None:
    scene.attempt()
    before = _receipt(scene)
    make_cell(scene.session, 2, at=(2, 49))
    after = _receipt(scene)
    assert before.sketch is not None
    assert facts_digest(after) == facts_digest(replace(before, sketch=None))


def test_a_task_that_nobody_has_placed_has_a_form_too(scene: Scene) -> None:
    unplaced = make_task(
        scene.session, scene.court, None, state=TaskState.UNPLACED, geom=None, lon=None, lat=None, raw_lon=None,
        raw_lat=None, datum=None,
    )  # fmt: skip
    [found] = receipt_forms(scene.session, scene.clerk, [unplaced.id])
    assert (found.spot, found.addressee) == (None, "")
    slip = paper_facts(scene.session, scene.clerk, unplaced.id, PaperName.SLIP)
    assert isinstance(slip, SlipFacts)
    assert slip.unit == ""
