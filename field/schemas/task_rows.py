"""Tasks as rows of a CSV file."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from uuid import UUID, uuid4

from field.models import PartyRole
from field.rules.case_numbers import normalise
from field.rules.documents import LONGEST_TITLE, DocType, ServedDocument, check_documents
from field.rules.refusals import Refused
from field.rules.rows import Fault
from field.rules.tasks import TaskKind
from field.schemas.csv_rows import Columns, Row, read_rows
from field.usecases.create_case import NewParty
from field.usecases.import_tasks import TaskRow
from geo.points import HENAN, Datum, Envelope, GeoError, Point, point

COLUMNS = Columns(
    required=("id", "kind", "case_no", "court_code", "lon", "lat", "datum", "address"),
    optional=("party_name", "party_role", "due_on", "priority", "instructions", "documents"),
)

_UUID = re.compile(r"[0-9a-fA-F]{8}(-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}")
_COURT = re.compile(r"[a-z0-9_-]{2,32}")
_PRIORITY = re.compile(r"[123]")
_DOCUMENT = re.compile(
    rf"(?P<title>[^*×:：]{{1,{LONGEST_TITLE}}}?)\s*([*×]\s*(?P<copies>\d{{1,2}}))?\s*[:：]\s*(?P<type>[A-Z_]+)",
    re.ASCII,
)
_PLACEHOLDER = Point(0.0, 0.0, 0.0, 0.0, Datum.WGS84)
"""Stands in a row that is refused anyway."""


def read_tasks(raw: bytes, envelope: Envelope = HENAN) -> tuple[list[TaskRow], list[Fault]]:
    """Read the rows of a file, points turned into WGS-84; raises RowsRefused when it is not such a file at all."""
    tasks, faults = read_rows(raw, COLUMNS, partial(_task, envelope))
    return tasks, [*faults, *_twice(tasks)]


def _task(envelope: Envelope, row: Row) -> TaskRow:
    kind = row.choice("kind", TaskKind)
    id_ = row.form("id", _UUID, "id_form", needed=True)
    return TaskRow(
        row=row.number,
        id=UUID(id_) if id_ else uuid4(),
        kind=kind or TaskKind.SERVE,
        case_no=_case_no(row),
        court_code=row.form("court_code", _COURT, "court_form", needed=True),
        party=_party(row),
        point=_point(row, envelope),
        address=row.text("address", 200, needed=True),
        due_on=row.day("due_on"),
        priority=int(row.form("priority", _PRIORITY, "priority_form") or 2),
        instructions=row.text("instructions", 2000, lines=True),
        documents=_documents(row, kind),
    )


def _documents(row: Row, kind: TaskKind | None) -> tuple[ServedDocument, ...]:
    """Return the papers that a row names as `title*copies:TYPE`, several separated by semicolons."""
    named = [each.strip() for each in re.split("[;；]", row.text("documents", 4000))]
    documents = [_document(row, each) for each in named if each]
    found = tuple(each for each in documents if each)
    try:
        check_documents(kind or TaskKind.SERVE, found)
    except Refused as refusal:
        row.fault("documents", refusal.code)
    return found


def _document(row: Row, value: str) -> ServedDocument | None:
    form = _DOCUMENT.fullmatch(value)
    copies = int(form["copies"] or 1) if form else 0
    if form is None or not copies or form["type"] not in DocType.__members__:
        row.fault("documents", "documents_form", value=value[:40])
        return None
    return ServedDocument(form["title"].strip(), copies, DocType(form["type"]))


def _case_no(row: Row) -> str:
    value = row.text("case_no", 60, needed=True)
    try:
        return normalise(value) if value else ""
    except Refused as refusal:
        row.fault("case_no", refusal.code)
        return ""


def _party(row: Row) -> NewParty | None:
    name = row.text("party_name", 100)
    role = row.choice("party_role", PartyRole, needed=False)
    if name and role:
        return NewParty(name, role)
    if name or role:
        row.fault("party_name", "party_incomplete")
    return None


def _point(row: Row, envelope: Envelope) -> Point | None:
    """Return the point; none where both columns are empty: then the address alone says where."""
    if not row.text("lon", 40) and not row.text("lat", 40):
        row.choice("datum", Datum, needed=False)
        return None
    lon, lat = row.number_of("lon"), row.number_of("lat")
    datum = row.choice("datum", Datum)
    if datum is None or lon is None or lat is None:
        return _PLACEHOLDER
    try:
        return point(lon, lat, datum, envelope=envelope)
    except GeoError as refusal:
        row.fault("lon, lat", refusal.code)
        return _PLACEHOLDER


def _twice(tasks: Sequence[TaskRow]) -> list[Fault]:
    first: dict[UUID, int] = {}
    return [
        Fault("value_twice", task.row, "id", {"first": first[task.id]})
        for task in tasks
        if first.setdefault(task.id, task.row) != task.row
    ]
