"""A well-formed request for every operation, about a thing in any relation to those at home."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from math import asinh, pi, radians, tan
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select, update
from werkzeug.test import TestResponse

from field.models import FollowUp, Observation, Party, Review, User
from field.rules.calendar import court_day
from field.rules.people import Role
from field.rules.records import AssetKind, Lead, Records
from field.rules.referrals import ReferralKind
from field.rules.seizures import AssetCategory, Measure
from field.rules.tasks import MoveName, TaskState
from field.rules.terms import TermCode
from field.usecases.keeping_terms import NewTerm, begin_terms
from field.usecases.seize import Seize, seize
from field.vault.passwords import hash_first
from geo.models import Cell, Revision
from notifications.devices import register
from tests.builders import actor_of, make_person, make_upload, middle
from tests.files import SIZE, declaration, make_evidence, photo
from tests.following import back_on, follow_attempt, make_attempt, make_referral_row, promised
from tests.http.caller import Person
from tests.http.world import Relation, World, batch

FIRST, NEW = "abcdef-abcdef-abcdef", "a password of my own"
NO_CELL = "410225001001999"


@dataclass(frozen=True)
class Ask:
    """A request but for who sends it."""

    method: str
    path: str
    body: Any = None
    version: int | None = None
    query: dict[str, Any] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)

    def send(self, world: World, person: Person | None) -> TestResponse:
        """Send it as this person."""
        return world.send(
            self.method, person, self.path, self.body, version=self.version, query_string=self.query, **self.options
        )


Recipe = Callable[[World, Relation], Ask]
ASKS: dict[str, Recipe] = {}
"""Recipes by operation as the OpenAPI document names it, with a variant after `#` where one is not enough."""


def ask(name: str) -> Callable[[Recipe], Recipe]:
    """Write down the recipe for an operation."""

    def keep(recipe: Recipe) -> Recipe:
        ASKS[name] = recipe
        return recipe

    return keep


def _plain(method: str, path: str, **options: Any) -> None:
    ASKS[f"{method} {path}"] = lambda _world, _relation: Ask(method, path, **options)


_plain("POST", "/auth/token", body={"login": "no.such.person", "password": FIRST})
_plain("POST", "/auth/refresh", body={"refresh_token": "x" * 43})
_plain("POST", "/auth/logout", body={})
_plain("GET", "/me")
_plain("GET", "/tasks")
_plain("GET", "/worklist")
_plain("GET", "/kinds")
_plain("GET", "/cells")
_plain("GET", "/ledger/heads")


@ask("POST /auth/password")
def _(world: World, relation: Relation) -> Ask:
    world.session.execute(update(User).values(password_hash=hash_first(FIRST)))
    return Ask("POST", "/auth/password", {"current": FIRST, "new": NEW})


@ask("POST /cases")
def _(world: World, relation: Relation) -> Ask:
    return Ask("POST", "/cases", {"case_no": f"（2099）豫0225执恢{uuid4().int % 10**8 + 1}号"})


def _case_id(world: World, relation: Relation) -> UUID:
    known = {Relation.OWN: world.case.id, Relation.FOREIGN: world.other_case.id}
    return known.get(relation) or uuid4()


@ask("GET /cases/{case_id}")
def _(world: World, relation: Relation) -> Ask:
    return Ask("GET", f"/cases/{_case_id(world, relation)}")


@ask("POST /tasks")
def _(world: World, relation: Relation) -> Ask:
    return Ask("POST", "/tasks", world.order(case_id=str(_case_id(world, relation))))


@ask("POST /tasks#party")
def _(world: World, relation: Relation) -> Ask:
    party = world.session.scalar(select(Party.id).where(Party.case_id == _case_id(world, relation)))
    return Ask("POST", "/tasks", world.order(party_id=str(party or uuid4())))


def _task_id(world: World, relation: Relation, state: TaskState = TaskState.ASSIGNED) -> UUID:
    if relation is Relation.NOBODY:
        return uuid4()
    task_id: UUID = world.task(relation, state).id
    return task_id


@ask("GET /tasks/{task_id}")
def _(world: World, relation: Relation) -> Ask:
    return Ask("GET", f"/tasks/{_task_id(world, relation)}")


@ask("GET /tasks/{task_id}/attempts")
def _(world: World, relation: Relation) -> Ask:
    return Ask("GET", f"/tasks/{_task_id(world, relation)}/attempts")


@ask("GET /tasks/{task_id}/bundle")
def _(world: World, relation: Relation) -> Ask:
    return Ask("GET", f"/tasks/{_task_id(world, relation)}/bundle")


def _visit(**members: Any) -> dict[str, Any]:
    at = "2026-06-10T12:00:00+08:00"
    return {"client_id": str(uuid4()), "outcome": "DOC_DEFECT", "note": "少一份", "visited_at": at} | members


@ask("POST /tasks/{task_id}/attempts")
def _(world: World, relation: Relation) -> Ask:
    return Ask("POST", f"/tasks/{_task_id(world, relation)}/attempts", _visit())


@ask("POST /tasks/{task_id}/attempts#supersedes")
def _(world: World, relation: Relation) -> Ask:
    """Correct an attempt of the task, of another court's task, or none that there is."""
    task, corrected = world.task(Relation.OWN), uuid4()
    if relation is not Relation.NOBODY:
        about = task if relation is Relation.OWN else world.task(relation)
        corrected = make_attempt(world.session, about, world.worker, "NOT_HOME")
    return Ask("POST", f"/tasks/{task.id}/attempts", _visit(supersedes=str(corrected)))


@ask("GET /tasks/{task_id}/timeline")
def _(world: World, relation: Relation) -> Ask:
    return Ask("GET", f"/tasks/{_task_id(world, relation)}/timeline")


STANDS = {
    MoveName.SEND: TaskState.DRAFT,
    MoveName.PLACE: TaskState.UNPLACED,
    MoveName.ACCEPT: TaskState.ASSIGNED,
    MoveName.DECLINE: TaskState.ASSIGNED,
    MoveName.START: TaskState.ACCEPTED,
    MoveName.CLOSE: TaskState.REPORTED,
    MoveName.RETURN: TaskState.REPORTED,
    MoveName.TAKE_BACK: TaskState.IN_PROGRESS,
    MoveName.WITHDRAW: TaskState.ASSIGNED,
}


def _cell(world: World, relation: Relation) -> Cell:
    if relation is Relation.FOREIGN:
        return world.far_cell
    return world.next_cell if relation is Relation.OTHER_AREA else world.cell


def _move(move: MoveName) -> Recipe:
    def recipe(world: World, relation: Relation) -> Ask:
        body: dict[str, Any] = {"move": move.value}
        if move is MoveName.PLACE:
            body["cell_code"] = _cell(world, relation).code
        elif move is MoveName.DECLINE:
            body["reason_code"] = "AWAY"
        elif move in (MoveName.RETURN, MoveName.TAKE_BACK, MoveName.WITHDRAW):
            body["reason"] = "因故"
        return Ask("POST", f"/tasks/{_task_id(world, relation, STANDS[move])}/transitions", body, version=1)

    return recipe


ASKS |= {f"POST /tasks/{{task_id}}/transitions#{move.value}": _move(move) for move in MoveName}
ASSIGN = "PUT /tasks/{task_id}/assignment"


@ask(ASSIGN)
def _(world: World, relation: Relation) -> Ask:
    worker = world.next_worker if relation is Relation.OTHER_AREA else world.colleague
    return Ask("PUT", f"/tasks/{_task_id(world, relation)}/assignment", {"worker": worker.login}, version=1)


@ask(f"{ASSIGN}#worker")
def _(world: World, relation: Relation) -> Ask:
    known = {Relation.OWN: world.colleague.login, Relation.OTHER_AREA: world.next_worker.login}
    body = {"worker": known.get(relation, "no.such.worker")}
    return Ask("PUT", f"/tasks/{_task_id(world, Relation.OWN)}/assignment", body, version=1)


@ask(f"{ASSIGN}#cell")
def _(world: World, relation: Relation) -> Ask:
    code = NO_CELL if relation is Relation.NOBODY else _cell(world, relation).code
    path = f"/tasks/{_task_id(world, Relation.OWN, TaskState.UNPLACED)}/assignment"
    return Ask("PUT", path, {"worker": world.worker.login, "cell_code": code}, version=1)


@ask("POST /tasks/{task_id}/claim")
def _(world: World, relation: Relation) -> Ask:
    return Ask("POST", f"/tasks/{_task_id(world, relation, TaskState.OPEN)}/claim", version=1)


@ask("GET /tasks/available")
def _(world: World, relation: Relation) -> Ask:
    return Ask("GET", "/tasks/available", query=world.point())


@ask("POST /reports")
def _(world: World, relation: Relation) -> Ask:
    return Ask("POST", "/reports", batch(world.attempt(_task_id(world, relation))))


def _installation(world: World, relation: Relation) -> UUID:
    found = uuid4()
    if relation is not Relation.NOBODY:
        owner = world.worker if relation is Relation.OWN else world.next_worker
        register(world.session, owner.id, found, "log", "none", None, world.app.extensions["gridfield"].cipher)
    return found


@ask("PUT /devices/{installation_id}")
def _(world: World, relation: Relation) -> Ask:
    return Ask("PUT", f"/devices/{_installation(world, relation)}", {"channel": "log"})


@ask("DELETE /devices/{installation_id}")
def _(world: World, relation: Relation) -> Ask:
    return Ask("DELETE", f"/devices/{_installation(world, relation)}")


@ask("GET /ledger")
def _(world: World, relation: Relation) -> Ask:
    chains = {Relation.OWN: world.court.code, Relation.FOREIGN: world.other_court.code}
    return Ask("GET", "/ledger", query={"chain": chains.get(relation, "yu9999")})


@ask("GET /cells/{code}")
def _(world: World, relation: Relation) -> Ask:
    return Ask("GET", f"/cells/{NO_CELL if relation is Relation.NOBODY else _cell(world, relation).code}")


_plain("GET", "/revisions")


def _revision(world: World, relation: Relation) -> int:
    """Bring a cell that stands in this relation into the map by a revision; `nobody` gets a number that none has."""
    if relation is Relation.NOBODY:
        return 2**31 - 1
    made = Revision(effective=date(2026, 1, 1), source="cells.gpkg")
    world.session.add(made)
    world.session.flush()
    cell_id = _cell(world, relation).id
    world.session.execute(update(Cell).where(Cell.id == cell_id).values(made_by=made.id))
    return made.id


@ask("GET /revisions/{revision_id}")
def _(world: World, relation: Relation) -> Ask:
    return Ask("GET", f"/revisions/{_revision(world, relation)}")


@ask("POST /revisions/{revision_id}/undo")
def _(world: World, relation: Relation) -> Ask:
    number = _revision(world, relation)
    # Of a revision whose cells are in use nothing can be undone.
    world.session.execute(update(Cell).where(Cell.made_by == number).values(made_by=None))
    return Ask("POST", f"/revisions/{number}/undo")


@ask("GET /cells/locate")
def _(world: World, relation: Relation) -> Ask:
    nowhere = {"lon": 112.0, "lat": 33.0, "datum": "WGS84"}
    here = nowhere if relation is Relation.NOBODY else world.point(_cell(world, relation))
    return Ask("GET", "/cells/locate", query=here)


def _coverage(path: str) -> Recipe:
    def recipe(world: World, relation: Relation) -> Ask:
        division = "410225009" if relation is Relation.NOBODY else _cell(world, relation).code[:9]
        return Ask("GET", path, query={"division": division})

    return recipe


def _tile(layer: str) -> Recipe:
    """Ask for the tile around the middle of a cell, so near that it shows no other; `nobody` is far from every cell."""

    def recipe(world: World, relation: Relation) -> Ask:
        lon, lat = (116.0, 33.0) if relation is Relation.NOBODY else middle(world.session, _cell(world, relation))
        x, y = (lon + 180) / 360, (1 - asinh(tan(radians(lat))) / pi) / 2
        return Ask("GET", f"/tiles/{layer}/16/{int(x * 2**16)}/{int(y * 2**16)}.mvt")

    return recipe


ASKS["GET /tiles/{layer}/{z}/{x}/{y}.mvt"] = _tile("cells")
ASKS["GET /tiles/{layer}/{z}/{x}/{y}.mvt#coverage"] = _tile("coverage")
ASKS |= {
    f"GET {path}": _coverage(path)
    for path in ("/coverage", "/coverage/cells", "/coverage/gaps", "/coverage/history", "/coverage/export")
}


def _oversight(name: str) -> Recipe:
    """Ask for a report of the division in that relation; `nobody` is a report that does not exist."""

    def recipe(world: World, relation: Relation) -> Ask:
        asked = "nonsense" if relation is Relation.NOBODY else name
        division = "410225009" if relation is Relation.NOBODY else _cell(world, relation).code[:9]
        days = {"from": "2026-06-01", "to": "2026-06-07" if name == "superior" else "2026-06-30"}
        query = {**days, "format": "xlsx", "division": division}
        return Ask("GET", f"/oversight/{asked}", query=query)

    return recipe


ASKS["GET /oversight/{name}"] = _oversight("superior")
ASKS["GET /oversight/{name}#governance"] = _oversight("governance")


def _court(world: World, relation: Relation) -> str:
    return {Relation.OWN: world.court.code, Relation.FOREIGN: world.other_court.code}.get(relation, "yu9999")


@ask("GET /courts/{code}")
def _(world: World, relation: Relation) -> Ask:
    return Ask("GET", f"/courts/{_court(world, relation)}")


@ask("PUT /courts/{code}")
def _(world: World, relation: Relation) -> Ask:
    body = {"name": "某人民法院", "division_code": "410225"}
    return Ask("PUT", f"/courts/{_court(world, relation)}", body, version=1)


@ask("PUT /courts/{code}/settings")
def _(world: World, relation: Relation) -> Ask:
    return Ask("PUT", f"/courts/{_court(world, relation)}/settings", {"duty_phone": "0371-00000000"}, version=1)


def _login(world: World, relation: Relation) -> str:
    return {Relation.OWN: world.worker.login, Relation.FOREIGN: world.next_worker.login}.get(relation, "no.such.person")


@ask("GET /people/{login}")
def _(world: World, relation: Relation) -> Ask:
    return Ask("GET", f"/people/{_login(world, relation)}")


@ask("PATCH /people/{login}")
def _(world: World, relation: Relation) -> Ask:
    return Ask("PATCH", f"/people/{_login(world, relation)}", {"display_name": "某某"}, version=1)


@ask("GET /cells/export")
def _(world: World, relation: Relation) -> Ask:
    division = "410225009" if relation is Relation.NOBODY else _cell(world, relation).code[:9]
    return Ask("GET", "/cells/export", query={"division": division, "format": "geojson"})


_plain("POST", "/cells/imports", body={"type": "FeatureCollection", "features": []})


def _upload(path: str) -> Recipe:
    def recipe(world: World, relation: Relation) -> Ask:
        upload_id = uuid4()
        if relation is not Relation.NOBODY:
            own = relation is Relation.OWN
            sender = world.home[Role.ADMINISTRATOR] if own else make_person(world.session, Role.ADMINISTRATOR)
            make_upload(world.session, sender, upload_id)
        return Ask("GET", path.replace("{upload_id}", str(upload_id)))

    return recipe


ASKS |= {
    f"GET {path}": _upload(path) for path in ("/cells/imports/{upload_id}", "/cells/imports/{upload_id}/report.gpkg")
}


@ask("GET /addresses")
def _(world: World, relation: Relation) -> Ask:
    return Ask("GET", "/addresses", query={"text": "某村1号"})


@ask("GET /tasks/{task_id}/candidates")
def _(world: World, relation: Relation) -> Ask:
    return Ask("GET", f"/tasks/{_task_id(world, relation, TaskState.UNPLACED)}/candidates")


def _document(name: str) -> Recipe:
    return lambda world, relation: Ask("GET", f"/tasks/{_task_id(world, relation)}/documents/{name}.pdf")


ASKS |= {
    "GET /tasks/{task_id}/documents/{name}.pdf": _document("receipt"),
    "GET /tasks/{task_id}/documents/{name}.pdf#slip": _document("slip"),
}


@ask("GET /documents/receipts.pdf")
def _(world: World, relation: Relation) -> Ask:
    both = [str(_task_id(world, Relation.OWN)), str(_task_id(world, relation))]
    return Ask("GET", "/documents/receipts.pdf", query={"task": both})


@ask("GET /papers/{code}")
def _(world: World, relation: Relation) -> Ask:
    return Ask("GET", "/papers/AAAAA-BBBBB-CCCCC-DDDDD")


_plain("GET", "/follow-ups")
_plain("GET", "/referrals")


@ask("POST /follow-ups/{follow_up_id}/decision")
def _(world: World, relation: Relation) -> Ask:
    found: UUID = uuid4()
    if relation is not Relation.NOBODY:
        task = world.task(relation)
        holder = world.session.get_one(User, task.worker_id)
        follow_attempt(world.session, task, holder, "PROMISE_TO_PAY", promised(date(2099, 1, 1)))
        found = world.session.scalars(select(FollowUp.id).where(FollowUp.task_id == task.id)).one()
    return Ask("POST", f"/follow-ups/{found}/decision", {"decision": "KEPT"}, version=1)


def _referral(kind: ReferralKind, **members: Any) -> Recipe:
    def recipe(world: World, relation: Relation) -> Ask:
        body = {"id": str(uuid4()), "kind": kind.value, "task_id": str(_task_id(world, relation)), "facts": "所见事实"}
        return Ask("POST", "/referrals", body | members)

    return recipe


LEANED = {"who": "某局某人", "happened_at": "2026-06-10T12:00:00+08:00"}
ASKS |= {
    "POST /referrals#incident": _referral(ReferralKind.INCIDENT),
    "POST /referrals#interference": _referral(ReferralKind.INTERFERENCE, **LEANED),
    "POST /referrals#assistance": _referral(ReferralKind.SOCIAL_ASSISTANCE),
    "POST /referrals#aid": _referral(ReferralKind.JUDICIAL_AID),
}


@ask("POST /referrals#case")
def _(world: World, relation: Relation) -> Ask:
    body = {"id": str(uuid4()), "kind": "COURT_NOTE", "case_id": str(_case_id(world, relation)), "facts": "所见事实"}
    return Ask("POST", "/referrals", body)


KINDS = {
    "aid": ReferralKind.JUDICIAL_AID,
    "assistance": ReferralKind.SOCIAL_ASSISTANCE,
    "refusal": ReferralKind.REFUSAL_EVIDENCE,
    "interference": ReferralKind.INTERFERENCE,
    "complaint": ReferralKind.COMPLAINT,
}


def _referral_id(world: World, relation: Relation, kind: ReferralKind) -> UUID:
    """Make a referral that an outcome proposed, or that the holder of its task made: a record of interference."""
    if relation is Relation.NOBODY:
        return uuid4()
    task = world.task(relation)
    by_hand = kind is ReferralKind.INTERFERENCE
    maker = world.session.get_one(User, task.worker_id) if by_hand else None
    return make_referral_row(world.session, task, kind, maker)


def _read(kind: ReferralKind) -> Recipe:
    return lambda world, relation: Ask("GET", f"/referrals/{_referral_id(world, relation, kind)}")


def _decide(kind: ReferralKind) -> Recipe:
    def recipe(world: World, relation: Relation) -> Ask:
        path = f"/referrals/{_referral_id(world, relation, kind)}/decision"
        return Ask("POST", path, {"decision": "REFER"}, version=1)

    return recipe


ASKS |= {f"GET /referrals/{{referral_id}}#{name}": _read(kind) for name, kind in KINDS.items()}
ASKS |= {
    f"POST /referrals/{{referral_id}}/decision#{name}": _decide(kind)
    for name, kind in KINDS.items()
    if kind is not ReferralKind.REFUSAL_EVIDENCE
}


@ask("GET /tasks/{task_id}/observations")
def _(world: World, relation: Relation) -> Ask:
    return Ask("GET", f"/tasks/{_task_id(world, relation)}/observations")


@ask("POST /observations/{observation_id}/promotion")
def _(world: World, relation: Relation) -> Ask:
    found: UUID = uuid4()
    if relation is not Relation.NOBODY:
        task = world.task(relation)
        holder = world.session.get_one(User, task.worker_id)
        attempt_id = make_attempt(world.session, task, holder, "AWAY_KNOWN", back_on(date(2099, 1, 1)))
        query = select(Observation.id).where(Observation.attempt_id == attempt_id)
        found = world.session.scalars(query).one()
    return Ask("POST", f"/observations/{found}/promotion", {"verdict": "PROMOTED"})


@ask("GET /tasks/{task_id}/leads")
def _(world: World, relation: Relation) -> Ask:
    return Ask("GET", f"/tasks/{_task_id(world, relation)}/leads")


@ask("PUT /tasks/{task_id}/leads/{attempt_id}/legality")
def _(world: World, relation: Relation) -> Ask:
    task_id, attempt_id = uuid4(), uuid4()
    if relation is not Relation.NOBODY:
        task = world.task(relation)
        holder = world.session.get_one(User, task.worker_id)
        lead = Lead(AssetKind.VEHICLE, "院内一辆货车")
        task_id, attempt_id = task.id, make_attempt(world.session, task, holder, "LEAD_SPECIFIC", Records(lead=lead))
    return Ask("PUT", f"/tasks/{task_id}/leads/{attempt_id}/legality", {"legality": "LAWFUL"})


@ask("POST /evidence")
def _(world: World, relation: Relation) -> Ask:
    return Ask("POST", "/evidence", declaration(_task_id(world, relation), photo()))


def _piece(path: str, method: str = "GET", **options: Any) -> Recipe:
    """Return the recipe for a piece that whoever holds the task has declared and sent, sealed if it is to be read."""

    def recipe(world: World, relation: Relation) -> Ask:
        missing = relation is Relation.NOBODY
        piece = uuid4() if missing else make_evidence(world, world.task(relation), sealed=path.endswith("content"))
        return Ask(method, path.format(evidence_id=piece), options=options)

    return recipe


_TUS = {"Tus-Resumable": "1.0.0", "Upload-Offset": str(SIZE)}
_EVIDENCE = "/evidence/{evidence_id}"
ASKS[f"GET {_EVIDENCE}"] = _piece(_EVIDENCE)
ASKS[f"GET {_EVIDENCE}/content"] = _piece(f"{_EVIDENCE}/content")
ASKS[f"POST {_EVIDENCE}/seal"] = _piece(f"{_EVIDENCE}/seal", "POST")
ASKS[f"DELETE {_EVIDENCE}/upload"] = _piece(f"{_EVIDENCE}/upload", "DELETE", headers=_TUS)
ASKS[f"PATCH {_EVIDENCE}/upload"] = _piece(
    f"{_EVIDENCE}/upload", "PATCH", headers=_TUS, data=b"", content_type="application/offset+octet-stream"
)


@ask("GET /tasks/{task_id}/evidence")
def _(world: World, relation: Relation) -> Ask:
    return Ask("GET", f"/tasks/{_task_id(world, relation)}/evidence")


def _copy(size: str) -> Recipe:
    """Ask for a smaller copy of a picture that was sealed."""

    def recipe(world: World, relation: Relation) -> Ask:
        missing = relation is Relation.NOBODY
        piece = uuid4() if missing else make_evidence(world, world.task(relation), sealed=True)
        return Ask("GET", f"/evidence/{piece}/{size}")

    return recipe


ASKS |= {f"GET {_EVIDENCE}/{size}": _copy(size) for size in ("thumbnail", "copy")}
_plain("GET", "/reviews")


@ask("POST /reviews/{review_id}/look")
def _(world: World, relation: Relation) -> Ask:
    review_id = uuid4()
    if relation is not Relation.NOBODY:
        task = world.task(relation)
        about = {"court_id": task.court_id, "task_id": task.id, "attempt_id": uuid4(), "at": task.created_at}
        world.session.add(Review(id=review_id, why="far", facts={"metres": 900, "limit_m": 500}, **about))
        world.session.flush()
    return Ask("POST", f"/reviews/{review_id}/look", {"note": "已核对"})


_plain("GET", "/desk")
_plain("GET", "/terms")


@ask("GET /tasks/{task_id}/terms")
def _(world: World, relation: Relation) -> Ask:
    return Ask("GET", f"/tasks/{_task_id(world, relation)}/terms")


@ask("POST /terms/{term_id}/met")
def _(world: World, relation: Relation) -> Ask:
    found: UUID = uuid4()
    if relation is not Relation.NOBODY:
        task = world.task(relation)
        asked = NewTerm(TermCode.COURT_VISIT, task.court_id, datetime.now(UTC), task_id=task.id)
        [found] = begin_terms(world.session, asked)
    return Ask("POST", f"/terms/{found}/met", version=1)


def _seizures(world: World, relation: Relation) -> str:
    return f"/cases/{_case_id(world, relation)}/seizures"


SEALED = {
    "asset_kind": "VEHICLE",
    "category": "MOVABLE",
    "measure": "SEAL",
    "description": "小型货车一辆",
    "begun_on": "2026-06-01",
}
ASKS |= {
    "GET /cases/{case_id}/seizures": lambda world, relation: Ask("GET", _seizures(world, relation)),
    "POST /cases/{case_id}/seizures": lambda world, relation: Ask("POST", _seizures(world, relation), SEALED),
}


def _ended(how: str) -> Recipe:
    """Ask for the end of a measure in a case of the home court, or of the other one."""

    def recipe(world: World, relation: Relation) -> Ask:
        found: UUID = uuid4()
        if relation is not Relation.NOBODY:
            own = relation is Relation.OWN
            clerk = actor_of(world.session, world.clerk if own else world.away[Role.DISPATCHER])
            case_id, now = _case_id(world, relation), datetime.now(UTC)
            order = Seize(
                case_id, AssetKind.VEHICLE, AssetCategory.MOVABLE, Measure.SEAL, "小型货车一辆", court_day(now)
            )
            found = seize(world.session, clerk, order, now)
        return Ask("POST", f"{_seizures(world, relation)}/{found}/{how}", {}, version=1)

    return recipe


ASKS |= {f"POST /cases/{{case_id}}/seizures/{{seizure_id}}/{how}": _ended(how) for how in ("renew", "lift")}
