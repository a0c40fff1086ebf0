"""What each paper says, as plain data: whoever has these facts and a template has the paper, byte by byte."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from field.rules.diligence import Diligence
from field.rules.documents import ServedDocument
from field.rules.evidence import EvidenceKind
from field.rules.papers import PaperName
from field.rules.records import Capacity, Observation, Officer, PlaceKind, Receiver, Refusal, Relation, Witness
from field.rules.tasks import TaskKind

MAP_MM = (174.0, 62.0)
"""Width and height of the small map."""
UNBOUND = {"bound": False}
"""Marks what is drawn on a paper but no part of what it says: a border of the map, mended later, corrects no paper."""


@dataclass(frozen=True)
class Heading:
    """What stands on every paper: whose it is, which case and task it belongs to; `as_of` is its newest fact's time."""

    court_code: str
    court_name: str
    task_id: UUID
    task_kind: TaskKind
    as_of: datetime
    case_no: str | None = None
    cause: str | None = None


@dataclass(frozen=True)
class Contact:
    """How the court is reached, as far as it has said so."""

    address: str | None = None
    duty_phone: str | None = None
    complaint_phone: str | None = None


@dataclass(frozen=True)
class Piece:
    """One piece of evidence with its digests (hex); `at` is when it was taken by the server's reckoning."""

    id: UUID
    kind: EvidenceKind
    sha256: str
    sm3: str
    size: int
    media_type: str
    at: datetime
    marks: tuple[str, ...] = ()
    sealed_at: datetime | None = None
    attempt_id: UUID | None = None
    imported: bool = False
    is_mock: bool = False
    late: bool = False

    @property
    def is_picture(self) -> bool:
        """Tell whether it can be shown on paper."""
        return self.media_type in ("image/jpeg", "image/png", "image/webp")


@dataclass(frozen=True)
class Spot:
    """A point in WGS-84 and how many metres it may be off."""

    lon: float
    lat: float
    accuracy_m: float | None = None


@dataclass(frozen=True)
class Outline:
    """A cell's rings as they are drawn: points in metres east and north of the map's middle."""

    code: str
    name: str
    rings: tuple[tuple[tuple[float, float], ...], ...]


@dataclass(frozen=True)
class Sketch:
    """A small map of our own cells as they held on a day: its middle, half its width and height in metres."""

    lon: float
    lat: float
    half_width_m: float
    half_height_m: float
    day: date
    cell_code: str | None
    outlines: tuple[Outline, ...]


@dataclass(frozen=True)
class Service:
    """The visit that served: its outcome's code, who received or refused, who was there, what proves it.

    `served_on` is the day of service in law. `server` is who made the visit and `unit` where they belong; a court
    officer's visit is `by_court`.
    """

    attempt_id: UUID
    outcome: str
    at: datetime
    by_court: bool
    server: str
    unit: str
    marks: tuple[str, ...] = ()
    note: str = ""
    place: PlaceKind | None = None
    receiver: Receiver | None = None
    relation: Relation | None = None
    refusal: Refusal | None = None
    witnesses: tuple[Witness, ...] = ()
    officer: Officer | None = None
    authorisation_no: str | None = None
    spot: Spot | None = None
    cell_code: str | None = None
    pieces: tuple[Piece, ...] = ()
    served_on: date | None = None


@dataclass(frozen=True)
class ReceiptFacts:
    """The return of service (送达回证); without a service it is the form to be filled in by hand."""

    heading: Heading
    documents: tuple[ServedDocument, ...]
    addressee: str
    address: str
    issuer: str
    service: Service | None = None
    spot: Spot | None = None
    sketch: Sketch | None = field(default=None, metadata=UNBOUND)

    name = PaperName.RECEIPT


@dataclass(frozen=True)
class Visit:
    """One line of the log: who was there by role, its outcome's code, what was recorded, what it corrects."""

    attempt_id: UUID
    outcome: str
    at: datetime
    captured_at: datetime
    received_at: datetime
    by_court: bool
    unit: str
    marks: tuple[str, ...] = ()
    late: bool = False
    done: bool = False
    note: str = ""
    place: PlaceKind | None = None
    received_by: Capacity | None = None
    refused_by: Capacity | None = None
    witnesses: int = 0
    learnt: int = 0
    pieces: int = 0
    spot: Spot | None = None
    cell_code: str | None = None
    supersedes: UUID | None = None


@dataclass(frozen=True)
class AttemptsFacts:
    """The log of attempts (现场办理记录)."""

    heading: Heading
    address: str
    visits: tuple[Visit, ...]
    diligence: Diligence

    name = PaperName.ATTEMPTS


@dataclass(frozen=True)
class AddressFormFacts:
    """The address confirmation (送达地址确认书): blank, or with what the party has told already."""

    heading: Heading
    addressee: str
    role: str | None
    contact: Contact
    told: tuple[Observation, ...] = ()
    consents: bool | None = None

    name = PaperName.ADDRESS_FORM


@dataclass(frozen=True)
class EvidenceFacts:
    """The list of evidence (证据清单)."""

    heading: Heading
    pieces: tuple[Piece, ...]

    name = PaperName.EVIDENCE


@dataclass(frozen=True)
class SlipFacts:
    """The party's slip (送达告知单): never an amount; what the court has not released to the grid is left out."""

    heading: Heading
    documents: tuple[ServedDocument, ...]
    addressee: str | None
    unit: str
    contact: Contact
    served_at: datetime | None = None
    by_court: bool = False

    name = PaperName.SLIP


@dataclass(frozen=True)
class BundleItem:
    """One file of the bundle: its path in it, what it is, its size and SHA-256 (hex)."""

    path: str
    title: str
    size: int
    sha256: str


@dataclass(frozen=True)
class BundleFacts:
    """The cover of a bundle (卷宗封面及目录) with its index."""

    heading: Heading
    items: tuple[BundleItem, ...]
    addressee: str | None = None

    name = PaperName.BUNDLE_COVER


PaperFacts = ReceiptFacts | AttemptsFacts | AddressFormFacts | EvidenceFacts | SlipFacts | BundleFacts
