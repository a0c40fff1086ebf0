"""What an entry says of the fact beside it: a digest, so that a fact changed later no longer fits its entry.

The digest stands among the entry's details and is bound by its commitment; the fact's words never enter the ledger.
A fact's form is what is digested: plain JSON, which a bundle carries so that anybody can digest it again.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    Column,
    ColumnElement,
    Date,
    DateTime,
    LargeBinary,
    Table,
    Text,
    Uuid,
    any_,
    cast,
    func,
    literal,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from field.ledger.canonical import canonical
from field.ledger.entry import canonical_time
from field.ledger.verify import Finding, Sealed, read_sealed
from field.models.records import read_records
from field.models.tables import ATTEMPT, EVIDENCE, EVIDENCE_OBJECT, REFERRAL, REMARK, REVIEW, TASK, TASK_DOCUMENT
from field.rules.plain_records import plain_records
from field.rules.records import Records

Form = dict[str, Any]
NOTHING_SAID = Records()

ATTEMPT_FIELDS = (
    *("task_id", "worker_id", "outcome", "note", "done", "raw_lon", "raw_lat", "datum", "accuracy_m", "fence"),
    *("device_seq", "installation_id", "captured_at", "captured_mono_ms", "boot_id", "sent_at", "received_at"),
    *("corrected_at", "marks", "late"),
)
PLACE_FIELDS = ("raw_lon", "raw_lat", "datum", "accuracy_m")
TASK_FIELDS = (
    *("case_id", "party_id", "kind", *PLACE_FIELDS, "address", "due_on", "priority"),
    *("instructions", "release"),
)


REFERRAL_FIELDS = (
    *("court_id", "task_id", "attempt_id", "case_id", "kind", "facts", "who", "happened_at", "indicators", "urgent"),
    *("made_by", "made_at"),
)
DOCUMENT_FIELDS = ("title", "copies", "doc_type")
EVIDENCE_FIELDS = (
    *("task_id", "attempt_id", "user_id", "kind", "sha256", "sm3", "size", "media_type", "fence", "captured_at"),
    *("captured_mono_ms", "boot_id", "sent_at", "sent_mono_ms", "received_at", "corrected_at", "marks", *PLACE_FIELDS),
    *("provider", "is_mock", "installation_id", "app_version", "imported", "late"),
)
OBJECT_FIELDS = ("sm3", "size", "media_type")


def attempt_form(row: Mapping[str, Any], records: Records = NOTHING_SAID) -> Form:
    """Return an attempt as it was sent and taken in; what later becomes of its wish to hand in is no part of it.

    What it says beside its outcome is part of it where it says anything: an attempt from before there were such records
    keeps its form.
    """
    more: Form = {} if records == NOTHING_SAID else {"records": plain_records(records)}
    if row["by_court"]:
        more["by_court"] = True
    if row["supersedes"] is not None:
        more["supersedes"] = str(row["supersedes"])
    return _form(row, ATTEMPT_FIELDS) | more


def task_form(row: Mapping[str, Any]) -> Form:
    """Return what the court asked for: without a point, where somebody said afterwards where the address is."""
    later = row.get("located_by") is not None
    form = _form({**row, **dict.fromkeys(PLACE_FIELDS)} if later else row, TASK_FIELDS)
    # Without papers the form is the one that orders had before they named papers.
    return form | {"documents": documents} if (documents := row.get("documents")) else form


def place_form(row: Mapping[str, Any]) -> Form:
    """Return the point that a person confirmed for a task's address."""
    return _form(row, PLACE_FIELDS)


def evidence_form(row: Mapping[str, Any], found: Mapping[str, Any] | None = None) -> Form:
    """Return a piece of evidence as it was declared; once sealed, with when, and with what was `found` in its bytes."""
    form = _form(row, EVIDENCE_FIELDS)
    if found is None:
        return form
    seen = {f"found_{name}": value for name, value in _form(found, OBJECT_FIELDS).items()}
    return form | _form(row, ("sealed_at",)) | seen


def remark_form(text: str) -> Form:
    """Return what a person wrote with a move."""
    return {"text": text}


def referral_form(row: Mapping[str, Any]) -> Form:
    """Return a referral as it was made; what was decided on it is no part of it."""
    return _form(row, REFERRAL_FIELDS) | {"evidence_ids": [str(each) for each in row["evidence_ids"]]}


def digest(form: Form) -> str:
    """Return the SHA-256 of a form's canonical JSON, as entries hold it under `fact`."""
    return hashlib.sha256(canonical(form)).hexdigest()


def attempt_digest(row: Mapping[str, Any], records: Records = NOTHING_SAID) -> str:
    """Digest an attempt with its records."""
    return digest(attempt_form(row, records))


def task_digest(row: Mapping[str, Any]) -> str:
    """Digest what the court asked for."""
    return digest(task_form(row))


def place_digest(row: Mapping[str, Any]) -> str:
    """Digest the point that a person confirmed."""
    return digest(place_form(row))


def evidence_digest(row: Mapping[str, Any], found: Mapping[str, Any] | None = None) -> str:
    """Digest a piece of evidence, as declared or as sealed."""
    return digest(evidence_form(row, found))


def remark_digest(text: str) -> str:
    """Digest what a person wrote with a move."""
    return digest(remark_form(text))


def _form(row: Mapping[str, Any], names: Iterable[str]) -> Form:
    return {name: plain(value) if (plain := _PLAIN.get(type(value := row[name]))) else value for name in names}


_PLAIN: dict[type, Callable[[Any], str]] = {datetime: canonical_time, UUID: str, date: str, bytes: bytes.hex}


_IS_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}").fullmatch


class Told(NamedTuple):
    """What an entry says of a fact: the object and its version, and the details that hold the digest."""

    object: str
    version: int
    details: dict[str, Any]

    @property
    def task_id(self) -> str:
        """Return the task the entry is about."""
        return self.object.removeprefix("task:")


@dataclass(frozen=True)
class FactKind:
    """A kind of fact: the detail that marks its entries, what names one fact, and how facts are read as forms."""

    mark: str
    key: Callable[[Told], Hashable]
    read: Callable[[Session, Sequence[Told]], Mapping[Any, Form]]


def _rows(session: Session, table: Table, key: str, ids: Iterable[str], *names: str) -> Iterator[Mapping[str, Any]]:
    """Read the named columns of the rows whose column `key` is among the ids; ids and times come as forms have them."""
    wanted = any_(cast(literal(_sound(ids), ARRAY(Text)), ARRAY(Uuid())))
    told = tuple(dict.fromkeys((key, *names)))
    query = select(*(_as_text(table.c[name]) for name in told)).where(table.c[key] == wanted)
    return (dict(zip(told, row, strict=True)) for row in session.execute(query))


def _sound(ids: Iterable[Any]) -> list[str]:
    """Return each id once, without what is none: an entry that was tampered with may name anything."""
    return list({each for each in map(str, ids) if _IS_ID(each)})


def _as_text(column: Column[Any]) -> ColumnElement[Any]:
    """Let the database write what Python would take long to read and to write again."""
    if isinstance(column.type, DateTime):
        return func.to_char(func.timezone("UTC", column), 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
    if isinstance(column.type, LargeBinary):
        return func.encode(column, "hex")
    return cast(column, Text) if isinstance(column.type, Uuid | Date) else column


def _attempts(session: Session, told: Sequence[Told]) -> dict[str, Form]:
    ids = [each.details["attempt"] for each in told]
    records = {str(attempt_id): said for attempt_id, said in read_records(session, map(UUID, _sound(ids))).items()}
    rows = _rows(session, ATTEMPT, "id", ids, *ATTEMPT_FIELDS, "by_court", "supersedes")
    return {row["id"]: attempt_form(row, records[row["id"]]) for row in rows}


def _tasks(session: Session, told: Sequence[Told]) -> dict[str, Form]:
    ids = {each.task_id for each in told}
    documents: dict[UUID, list[tuple[int, Form]]] = {}
    for row in _rows(session, TASK_DOCUMENT, "task_id", ids, "nth", *DOCUMENT_FIELDS):
        documents.setdefault(row["task_id"], []).append((row["nth"], _form(row, DOCUMENT_FIELDS)))
    rows = _rows(session, TASK, "id", ids, *TASK_FIELDS, "located_by")
    return {
        row["id"]: task_form({**row, "documents": [form for _, form in sorted(documents.get(row["id"], []))]})
        for row in rows
    }


def _places(session: Session, told: Sequence[Told]) -> dict[str, Form]:
    rows = _rows(session, TASK, "id", (each.task_id for each in told), *PLACE_FIELDS, "located_by")
    return {row["id"]: place_form(row) for row in rows if row["located_by"] is not None}


def _remarks(session: Session, told: Sequence[Told]) -> dict[tuple[str, int], Form]:
    rows = _rows(session, REMARK, "task_id", (each.task_id for each in told), "version", "text")
    return {(row["task_id"], row["version"]): remark_form(row["text"]) for row in rows}


def _evidence(session: Session, told: Sequence[Told]) -> dict[tuple[str, bool], Form]:
    ids = [each.details["evidence"] for each in told]
    rows = list(_rows(session, EVIDENCE, "id", ids, *EVIDENCE_FIELDS, "sealed_at", "object_sha256"))
    wanted = any_(literal([bytes.fromhex(row["object_sha256"] or "") for row in rows], ARRAY(LargeBinary)))
    columns = (EVIDENCE_OBJECT.c[name] for name in ("sha256", *OBJECT_FIELDS))
    objects = session.execute(select(*columns).where(EVIDENCE_OBJECT.c.sha256 == wanted)).mappings()
    found = {row["sha256"].hex(): dict(row) for row in objects}
    forms = {(row["id"], False): evidence_form(row) for row in rows}
    sealed = [row for row in rows if row["object_sha256"] in found]
    return forms | {(row["id"], True): evidence_form(row, found[row["object_sha256"]]) for row in sealed}


def _reviews(session: Session, told: Sequence[Told]) -> dict[str, Form]:
    rows = _rows(session, REVIEW, "id", (each.details["review"] for each in told), "verdict_note")
    return {row["id"]: remark_form(row["verdict_note"]) for row in rows if row["verdict_note"] is not None}


def _referrals(session: Session, told: Sequence[Told]) -> dict[str, Form]:
    ids = (each.details["referral"] for each in told)
    rows = _rows(session, REFERRAL, "id", ids, *REFERRAL_FIELDS, "evidence_ids")
    return {row["id"]: referral_form(row) for row in rows}


KINDS = (
    FactKind("referral", lambda told: str(told.details["referral"]), _referrals),
    FactKind("review", lambda told: str(told.details["review"]), _reviews),
    FactKind("evidence", lambda told: (str(told.details["evidence"]), "sm3" in told.details), _evidence),
    FactKind("attempt", lambda told: str(told.details["attempt"]), _attempts),
    FactKind("kind", lambda told: told.task_id, _tasks),
    FactKind("placed_by", lambda told: told.task_id, _places),
)
_REMARK = FactKind("", lambda told: (told.task_id, told.version), _remarks)
"""A remark is what an entry tells of that has no other mark."""


def held_forms(session: Session, told: Sequence[Told]) -> list[Form | None]:
    """Return the form of each fact as it is now, None where it is gone; every entry told has a `fact`."""
    by_kind: dict[str, list[Told]] = {}
    kinds = [next((kind for kind in KINDS if kind.mark in each.details), _REMARK) for each in told]
    for kind, each in zip(kinds, told, strict=True):
        by_kind.setdefault(kind.mark, []).append(each)
    read = {kind.mark: kind.read(session, by_kind[kind.mark]) for kind in (*KINDS, _REMARK) if kind.mark in by_kind}
    return [read[kind.mark].get(kind.key(each)) for kind, each in zip(kinds, told, strict=True)]


def verify_facts(session: Session, chain: str, after: int = 0, upto: int = 2**62) -> Iterator[Finding]:
    """Compare the facts of these entries of a chain with what the entries said of them; yield what differs."""
    for batch in read_sealed(session, chain, after, upto):
        yield from compare_facts(session, chain, batch)


def compare_facts(session: Session, chain: str, entries: Iterable[Sealed]) -> Iterator[Finding]:
    """Compare the facts of these entries with what they said of them; yield what differs."""
    telling = [
        (each.seq, Told(each.object, each.version, each.details))
        for each in entries
        if isinstance(each.details, dict) and "fact" in each.details
    ]
    held = held_forms(session, [told for _, told in telling])
    for (seq, told), form in zip(telling, held, strict=True):
        if form is None or not _fits(form, told.details["fact"]):
            yield Finding(chain, seq, "fact missing" if form is None else "fact changed")


def _fits(form: Form, fact: Any) -> bool:
    try:
        return bool(digest(form) == fact)
    except ValueError:
        return False  # a number that no entry could have told of
