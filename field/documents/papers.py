"""Papers as PDF, from facts alone: no session, no clock, no network; the same facts are the same bytes.

Each carries a code made from what it says. Whoever holds the paper can ask the court about the code, and compare.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime
from io import BytesIO
from typing import Any
from uuid import UUID

import segno

from field.documents import wording
from field.documents.pictures import Shelf
from field.documents.press import Sheet, edition, fill, typeset
from field.documents.receipts import show_receipt
from field.ledger.canonical import canonical
from field.ledger.entry import canonical_time
from field.rules.evidence import EVIDENCE_KINDS
from field.rules.paper_facts import (
    AddressFormFacts,
    AttemptsFacts,
    BundleFacts,
    EvidenceFacts,
    PaperFacts,
    ReceiptFacts,
    SlipFacts,
    Visit,
)
from field.rules.papers import PAPERS
from field.rules.records import ObservationKind
from field.rules.tasks import TaskKind
from field.usecases.record_papers import NewPaper
from field.vault.paper_codes import in_groups, paper_code

_KINDS = {
    TaskKind.SERVE: "协助送达", TaskKind.LOCATE: "查找当事人", TaskKind.ASSET: "协查财产线索",
    TaskKind.REMIND: "督促履行义务", TaskKind.PETITION: "化解涉执行信访",
}  # fmt: skip
_Shown = tuple[dict[str, Any], dict[str, bytes]]


@dataclass(frozen=True)
class Desk:
    """What printing needs beside the facts: the key of the codes, the address to check at, and the pictures."""

    key: bytes
    base: str
    shelf: Shelf


@dataclass(frozen=True)
class Made:
    """One paper in a file: what it is and the code it carries."""

    facts: PaperFacts
    code: str
    facts_digest: bytes
    template: str


@dataclass(frozen=True)
class File:
    """A PDF, its SHA-256, and the papers in it."""

    pdf: bytes
    digest: bytes
    papers: tuple[Made, ...]

    def orders(self) -> list[NewPaper]:
        """Return the orders to write these papers down."""
        return [
            NewPaper(
                each.code, self.digest, each.facts.heading.task_id, each.facts.name, each.facts_digest, each.template
            )
            for each in self.papers
        ]


def print_papers(wanted: Sequence[PaperFacts], desk: Desk) -> File:
    """Print papers into one file, each with pages numbered by itself; refuses `busy` (503) if the press is."""
    made = [_made(facts, desk.key) for facts in wanted]
    sheets = [_sheet(each, desk) for each in made]
    codes = hashlib.sha256("".join(each.code for each in made).encode()).digest()
    pdf = typeset(sheets, identifier=codes[:16])
    return File(pdf, hashlib.sha256(pdf).digest(), tuple(made))


def print_paper(facts: PaperFacts, desk: Desk) -> File:
    """Print one paper."""
    return print_papers([facts], desk)


def facts_digest(facts: PaperFacts) -> bytes:
    """Return the SHA-256 of what a paper says, as canonical JSON; another digest is another paper."""
    return hashlib.sha256(canonical({"paper": facts.name.value, "says": _plain(facts)})).digest()


def _made(facts: PaperFacts, key: bytes) -> Made:
    digest, template, heading = facts_digest(facts), edition(), facts.heading
    code = paper_code(key, heading.court_code, str(heading.task_id), facts.name.value, digest.hex(), template)
    return Made(facts, code, digest, template)


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        bound = [each for each in fields(value) if each.metadata.get("bound", True)]
        return {each.name: _plain(getattr(value, each.name)) for each in bound}
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if isinstance(value, datetime):
        return canonical_time(value)
    return str(value) if isinstance(value, UUID | date) else value


def _sheet(made: Made, desk: Desk) -> Sheet:
    facts = made.facts
    shown, pictures = _show(facts, desk.shelf)
    address = f"{desk.base}/check/{made.code}"
    html = fill(
        facts.name.value,
        facts=facts,
        heading=facts.heading,
        title=PAPERS[facts.name].zh,
        as_of=canonical_time(facts.heading.as_of.replace(microsecond=0)).replace(".000000", ""),
        code=in_groups(made.code),
        address=address,
        say=wording,
        **shown,
    )
    return Sheet(html, {"qr": _qr(address), **pictures})


def _qr(address: str) -> bytes:
    drawn = BytesIO()
    segno.make(address, error="m", micro=False).save(
        drawn, kind="svg", border=2, xmldecl=False, svgclass=None, lineclass=None
    )
    return drawn.getvalue()


def _show(facts: PaperFacts, shelf: Shelf) -> _Shown:
    """Return what a template needs beside the facts, and the pictures it names."""
    match facts:
        case ReceiptFacts():
            return show_receipt(facts, shelf)
        case AttemptsFacts():
            numbers = {each.attempt_id: nth for nth, each in enumerate(facts.visits, 1)}
            return {"numbers": numbers, "lines": [_recorded(each) for each in facts.visits]}, {}
        case AddressFormFacts():
            return {"known": _known(facts)}, {}
        case EvidenceFacts():
            return {"names": EVIDENCE_KINDS}, {}
        case BundleFacts():
            return {"kind": _KINDS[facts.heading.task_kind]}, {}
        case SlipFacts():
            return {}, {}


def _known(facts: AddressFormFacts) -> dict[str, str]:
    """Return what the party told last of each thing the form asks for."""
    told = {each.kind: each.value for each in facts.told}
    wanted = {
        "address": ObservationKind.ADDRESS,
        "phone": ObservationKind.PHONE,
        "workplace": ObservationKind.WORKPLACE,
    }
    return {name: told.get(kind, "") for name, kind in wanted.items()}


def _recorded(visit: Visit) -> list[str]:
    """Say what a visit recorded, line by line."""
    lines = [f"地点：{wording.PLACES[visit.place]}"] if visit.place else []
    if visit.received_by:
        lines.append(f"收件人：{wording.CAPACITIES[visit.received_by]}")
    if visit.refused_by:
        lines.append(f"拒收人：{wording.CAPACITIES[visit.refused_by]}")
    counts = ((visit.witnesses, "见证人 {} 名"), (visit.learnt, "新线索 {} 条"), (visit.pieces, "证据 {} 件"))
    lines += ["　".join(text.format(count) for count, text in counts if count)] if any(c for c, _ in counts) else []
    if visit.spot:
        off = f"，误差约 {visit.spot.accuracy_m:.0f} 米" if visit.spot.accuracy_m is not None else ""
        lines.append(f"定位：{visit.spot.lon:.5f}, {visit.spot.lat:.5f}（WGS-84{off}）")
    return [*lines, visit.note] if visit.note else lines
