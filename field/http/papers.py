"""Papers over HTTP: printed for the court, and checked by whoever holds one."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, request
from marshmallow import RAISE
from sqlalchemy.orm import Session

from field.documents.checking import Checked, check_paper_code
from field.documents.papers import Desk, File, print_papers
from field.documents.pictures import Shelf
from field.http.auth import actor
from field.http.door import Door
from field.http.services import now, services
from field.http.transaction import transaction
from field.queries.papers import paper_facts, receipt_forms
from field.rules.paper_facts import PaperFacts
from field.rules.papers import PaperName
from field.rules.refusals import REFUSALS, Refused
from field.schemas.papers import PDF, PaperOut, ReceiptsQuery
from field.usecases.guessing import count_from_place
from field.usecases.record_papers import record_papers
from field.vault.copies import Copies
from field.vault.objects import ObjectStore, StoreDown
from field.vault.paper_codes import read_code
from field.vault.pictures import Size

blp = Door("papers", __name__, url_prefix="/api/v1", description="文书 / papers")
check = Blueprint("check", __name__, url_prefix="/check")

_NAMES = ", ".join(PaperName)
_GUESSES = "/check"
"""What wrong codes are counted under, by address alone: no login begins with a stroke."""
_CONTENT = {PDF: {"schema": {"type": "string", "format": "binary"}}}
_DOCUMENT = {"200": {"description": "PDF", "content": _CONTENT}}
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'self'"


@blp.route(f"/tasks/<uuid:task_id>/documents/<any({_NAMES}):name>.pdf", methods=["GET"])
@blp.response(200, content_type=PDF)
@blp.doc(responses=_DOCUMENT)
def get_document(task_id: UUID, name: str) -> Response:
    """打印文书 / A paper of a task as PDF: all for its court, for its worker the slip; same records, same bytes."""
    return _printed(_facts(task_id, PaperName(name)), f"{name}-{task_id}")


@blp.route("/documents/receipts.pdf", methods=["GET"])
@blp.arguments(ReceiptsQuery, location="query", unknown=RAISE)
@blp.response(200, content_type=PDF)
@blp.doc(responses=_DOCUMENT)
def get_receipts(asked: dict[str, Any]) -> Response:
    """批量打印空白送达回证 / Returns of service to be filled in, of up to 50 tasks in one file, in the order asked."""
    return _printed(_forms(asked["task"]), "receipts")


@blp.route("/papers/<string(minlength=20, maxlength=40):code>", methods=["GET"])
@blp.response(200, PaperOut)
@blp.doc(security=[])
def get_paper(code: str) -> Checked:
    """核验文书 / Check a paper by the code printed on it; no sign-in, no personal data."""
    if found := _checked(code):
        return found
    raise Refused("not_found")


@check.get("")
@check.get("/<code>")
def get_check(code: str = "") -> Response:
    """核验文书（网页）/ The same as a page for people, where the code of the paper leads."""
    code = code or request.args.get("code", "")
    try:
        found = _checked(code) if code else None
    except Refused as refused:
        return _page("crowded", None, REFUSALS[refused.code].status)
    if found is None:
        return _page("unknown", bool(code), 404 if code else 200)
    return _page("paper", found, 200)


def _printed(facts: Sequence[PaperFacts], name: str) -> Response:
    """Print between two transactions: no connection waits for the press, and none is open while originals are read."""
    file = print_papers(facts, desk())
    _keep(file)
    headers = {"Content-Disposition": f"inline; filename={name}.pdf", "ETag": f'"{file.digest.hex()}"'}
    return Response(file.pdf, headers=headers, content_type=PDF)


def desk() -> Desk:
    """Return what printing needs of the running app; its pictures are read by threads that know no request."""
    here = services()
    shelf = Shelf(partial(_original, here.objects), partial(_copy, here.copies))
    return Desk(here.paper_key, here.base_url, shelf)


def _original(objects: ObjectStore, sha256: str) -> bytes | None:
    try:
        return objects.get(bytes.fromhex(sha256))
    except FileNotFoundError:
        return None
    except StoreDown:
        raise Refused("busy") from None


def _copy(copies: Copies, sha256: str) -> bytes | None:
    try:
        return copies.get(bytes.fromhex(sha256), Size.COPY)
    except StoreDown:
        raise Refused("busy") from None


@transaction
def _facts(session: Session, task_id: UUID, name: PaperName) -> list[PaperFacts]:
    return [paper_facts(session, actor(session), task_id, name)]


@transaction
def _forms(session: Session, task_ids: Sequence[UUID]) -> Sequence[PaperFacts]:
    return receipt_forms(session, actor(session), task_ids)


@transaction
def _keep(session: Session, file: File) -> None:
    record_papers(session, actor(session), file.orders(), now())


def _checked(text: str) -> Checked | None:
    """Return what is known of a code; a well-formed one that is nobody's is counted, as wrong passwords are."""
    code = read_code(text)
    if code is None:
        return None
    if (found := _known(code)) is None:
        _count_miss()
    return found


@transaction
def _known(session: Session, code: str) -> Checked | None:
    try:
        return check_paper_code(session, code)
    except Refused:
        return None


@transaction
def _count_miss(session: Session) -> None:
    count_from_place(session, _GUESSES, request.remote_addr or "", now())


def _page(name: str, shown: Any, status: int) -> Response:
    base = services().public_url or request.root_url.rstrip("/")
    body = services().draw(f"check/{name}", shown, base)
    headers = {"Content-Security-Policy": _POLICY, "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"}
    return Response(body, status, headers=headers, content_type="text/html; charset=utf-8")
