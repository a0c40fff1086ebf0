"""The return of service: which of its boxes hold whose signature, and what follows on the sheets behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from field.documents import wording
from field.documents.pictures import Shelf, Shown, shown
from field.documents.sketch import distance_m, draw_sketch
from field.rules.evidence import EVIDENCE_KINDS, EvidenceKind
from field.rules.paper_facts import Piece, ReceiptFacts, Service
from field.rules.records import Capacity

MOST_PHOTOS = 4
MOST_SHEETS = 6
_RECEIPTS = (EvidenceKind.RECEIPT_SIGNED, EvidenceKind.E_RECEIPT)
_SERVERS = (EvidenceKind.SERVER_SIGN, EvidenceKind.COURT_OFFICER_SIGN)
_PHOTOS = (
    EvidenceKind.PHOTO_DOOR,
    EvidenceKind.PHOTO_HANDOVER,
    EvidenceKind.PHOTO_DOC_LEFT,
    EvidenceKind.PHOTO_SCENE,
)
_RECORDINGS = (EvidenceKind.VIDEO_SERVICE, EvidenceKind.AUDIO_CALL)


@dataclass(frozen=True)
class Printed:
    """A picture as the template names it (None: it cannot be shown), with the lines below it."""

    picture: str | None
    caption: list[str]


@dataclass
class Signed:
    """The signatures that fit into the form's own boxes, by the names of their pictures."""

    addressee: str | None = None
    receiver: str | None = None
    server: str | None = None
    witnesses: list[str] = field(default_factory=list)
    on_sheet: bool = False


def show_receipt(facts: ReceiptFacts, shelf: Shelf) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Return what the template needs beside the facts, and the pictures it names."""
    service = facts.service
    if service is None:
        return _nothing_yet(), {}
    photos = [each for each in service.pieces if each.kind in _PHOTOS]
    signs = [each for each in service.pieces if each.kind in (*_RECEIPTS, *_SERVERS, EvidenceKind.WITNESS_SIGN)]
    sheets = [each for each in (*signs[:MOST_SHEETS], *photos[:MOST_PHOTOS]) if each.is_picture and each.sealed_at]
    found = dict(zip((each.id for each in sheets), shown([each.sha256 for each in sheets], shelf), strict=True))
    recordings = sum(each.kind in _RECORDINGS for each in service.pieces)
    own = service.receiver if service.receiver and service.receiver.capacity is Capacity.SELF else None
    signed, scan, others = _signatures(signs[:MOST_SHEETS], found, own=own is not None)
    pictures = {f"e{each.id}": copy.body for each in sheets if (copy := found[each.id])}
    map_lines = None
    if facts.sketch is not None:
        pictures["map"] = draw_sketch(facts.sketch, facts.spot, service.spot)
        map_lines = _about_map(facts, service)
    return {
        "service": service,
        "own": own,
        "signed": signed,
        "scan": scan,
        "sheets": others,
        "remarks": wording.remarks(service, recordings, len(photos)),
        "server": _server(service),
        "assisted": None if service.by_court else f"{wording.by(False)} {service.server}（{service.unit}）",
        "photos": [_printed(each, found) for each in photos[:MOST_PHOTOS]],
        "unseen": max(0, len(photos) - MOST_PHOTOS),
        "map": map_lines,
    }, pictures


def _nothing_yet() -> dict[str, Any]:
    """The form as a clerk hands it over: every box for people open."""
    nothing = dict.fromkeys(("service", "own", "scan", "server", "assisted", "map"))
    return nothing | {"signed": Signed(), "sheets": [], "remarks": [], "photos": [], "unseen": 0}


def _server(service: Service) -> str | None:
    """Name the 送达人: a court officer, or a grid worker by the court's written leave; else the box stays open."""
    if service.officer is not None:
        return f"{service.officer.name}（{service.officer.post}）"
    if service.by_court:
        return service.server
    return f"{service.server}（网格员，经授权）" if service.authorisation_no else None


def _signatures(
    signs: Sequence[Piece], found: dict[Any, Shown | None], *, own: bool
) -> tuple[Signed, Printed | None, list[Printed]]:
    """Put what has the shape of a signature into its box; the signed receipt gets a sheet of its own, others share."""
    signed, scan, others = Signed(), None, []
    for piece in signs:
        picture = found.get(piece.id)
        printed = _printed(piece, found)
        if picture is not None and picture.is_strip:
            _into_box(signed, piece.kind, printed.picture, own=own)
        elif picture is not None and piece.kind in _RECEIPTS and scan is None:
            scan, signed.on_sheet = printed, True
        elif picture is not None:
            others.append(printed)
    return signed, scan, others


def _into_box(signed: Signed, kind: EvidenceKind, picture: str | None, *, own: bool) -> None:
    if kind is EvidenceKind.WITNESS_SIGN and picture:
        signed.witnesses.append(picture)
    elif kind in _SERVERS:
        signed.server = picture
    elif own:
        signed.addressee = picture
    else:
        signed.receiver = picture


def _printed(piece: Piece, found: dict[Any, Shown | None]) -> Printed:
    marks = wording.piece_marks(piece)
    caption = [
        f"{EVIDENCE_KINDS[piece.kind].zh}　{wording.clock(piece.at)}",
        f"SHA-256 {wording.short(piece.sha256)}" + (f"　{'；'.join(marks)}" if marks else ""),
    ]
    return Printed(f"e{piece.id}" if found.get(piece.id) else None, caption)


def _about_map(facts: ReceiptFacts, service: Service) -> list[str]:
    """Say what the map shows, how sure the point is, how far it lies from the task's, and in which datum."""
    assert facts.sketch is not None
    lines = [f"位置示意图：网格依 {wording.day(facts.sketch.day)}有效的边界绘制；十字为任务地点，圆点为到场定位。"]
    if service.spot is not None:
        at = f"到场定位 {service.spot.lon:.6f}, {service.spot.lat:.6f}"
        off = f"，误差约 {service.spot.accuracy_m:.0f} 米" if service.spot.accuracy_m is not None else ""
        far = f"，距任务地点约 {distance_m(service.spot, facts.spot):.0f} 米" if facts.spot else ""
        lines.append(f"{at}{off}{far}。坐标系：WGS-84（与 CGCS2000 之差小于 1 米）。")
    else:
        lines.append("到场时没有定位。坐标系：WGS-84（与 CGCS2000 之差小于 1 米）。")
    return lines
