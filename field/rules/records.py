"""What an attempt records beside its outcome: who received, who witnessed, who refused, what was promised or seen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class PlaceKind(StrEnum):
    """What sort of place an attempt was made at."""

    RESIDENCE = "RESIDENCE"
    WORKPLACE = "WORKPLACE"
    ORG_PREMISES = "ORG_PREMISES"
    ELSEWHERE = "ELSEWHERE"


class Capacity(StrEnum):
    """In what capacity somebody receives or refuses; the last seven may never receive (CPL art. 88)."""

    SELF = "SELF"
    COHABITING_ADULT = "COHABITING_ADULT"
    LEGAL_REP = "LEGAL_REP"
    PRINCIPAL = "PRINCIPAL"
    ORG_RECEIVER = "ORG_RECEIVER"
    AGENT = "AGENT"
    DESIGNEE = "DESIGNEE"
    GUARDIAN = "GUARDIAN"
    NEIGHBOUR = "NEIGHBOUR"
    LANDLORD = "LANDLORD"
    PROPERTY_GUARD = "PROPERTY_GUARD"
    MINOR_CHILD = "MINOR_CHILD"
    VILLAGE_CADRE = "VILLAGE_CADRE"
    OPPOSING_PARTY = "OPPOSING_PARTY"
    OTHER = "OTHER"


class SignKind(StrEnum):
    """How a receiver signed."""

    SIGNATURE = "SIGNATURE"
    SEAL = "SEAL"
    FINGERPRINT = "FINGERPRINT"
    E_SIGNATURE = "E_SIGNATURE"


@dataclass(frozen=True)
class Receiver:
    """Who took the papers; of an identity paper only its type, its last four characters and who looked are kept."""

    capacity: Capacity
    name: str
    sign_kind: SignKind
    signed_on: date
    post: str | None = None
    unit: str | None = None
    reason: str | None = None
    authorisation: str | None = None
    also_designee: bool = False
    id_type: str | None = None
    id_last4: str | None = None
    id_seen_by: str | None = None


@dataclass(frozen=True)
class Relation:
    """What ties the receiver (or refuser) to the addressee, as they state it."""

    kind: str
    adult: bool
    cohabiting: bool
    opposing_party: bool


class WitnessCapacity(StrEnum):
    """What makes somebody a witness of a retention (JI art. 130(2))."""

    COMMITTEE_STAFF = "COMMITTEE_STAFF"
    EMPLOYER_STAFF = "EMPLOYER_STAFF"
    OTHER = "OTHER"


@dataclass(frozen=True)
class Witness:
    """Who was there; one who would not sign says why, or the server notes it."""

    name: str
    capacity: WitnessCapacity
    unit: str
    signed: bool
    reason_unsigned: str | None = None


@dataclass(frozen=True)
class Refusal:
    """Who would not take the papers, why and when; `left_at` says where the papers were left.

    `also_designee`: an agent who refuses is also named to the court as receiver (JI art. 132).
    """

    refused_by: Capacity
    reason: str
    at: datetime
    opposing_party: bool = False
    left_at: str | None = None
    also_designee: bool = False


@dataclass(frozen=True)
class Officer:
    """The court officer who was there, or whose visit it was."""

    name: str
    post: str


class ObservationKind(StrEnum):
    """What a worker learnt, for the court to promote or not."""

    ADDRESS = "ADDRESS"
    WORKPLACE = "WORKPLACE"
    PHONE = "PHONE"
    RETURN_DATE = "RETURN_DATE"
    WHEREABOUTS = "WHEREABOUTS"


class Source(StrEnum):
    """From whom something is known: a role, never a name."""

    SELF = "SELF"
    FAMILY = "FAMILY"
    NEIGHBOUR = "NEIGHBOUR"
    COMMITTEE = "COMMITTEE"
    EMPLOYER = "EMPLOYER"
    PUBLIC_SIGN = "PUBLIC_SIGN"
    OTHER = "OTHER"


@dataclass(frozen=True)
class Observation:
    """One thing learnt, from what sort of source and how sure (1 sure, 2 likely, 3 hearsay)."""

    kind: ObservationKind
    value: str
    source: Source
    confidence: int = 2
    on: date | None = None


class AssetKind(StrEnum):
    """What sort of thing a lead points to."""

    VEHICLE = "VEHICLE"
    MACHINERY = "MACHINERY"
    STOCK_GOODS = "STOCK_GOODS"
    LIVESTOCK_CROP = "LIVESTOCK_CROP"
    HOUSE = "HOUSE"
    LAND_USE = "LAND_USE"
    SHOP_LEASE = "SHOP_LEASE"
    WAGES = "WAGES"
    RENT = "RENT"
    RECEIVABLE = "RECEIVABLE"
    EQUITY_BUSINESS = "EQUITY_BUSINESS"
    SUBSIDY = "SUBSIDY"
    OTHER = "OTHER"


class ApparentHolder(StrEnum):
    """Whose it seems to be; unclear is the easiest answer."""

    DEBTOR = "DEBTOR"
    THIRD_PARTY = "THIRD_PARTY"
    CO_OWNED = "CO_OWNED"
    UNCLEAR = "UNCLEAR"


class HolderKind(StrEnum):
    """What sort of holder."""

    INDIVIDUAL = "INDIVIDUAL"
    ENTERPRISE_LEGAL_PERSON = "ENTERPRISE_LEGAL_PERSON"
    OTHER_ORG = "OTHER_ORG"
    COLLECTIVE = "COLLECTIVE"
    UNCLEAR = "UNCLEAR"


class Basis(StrEnum):
    """How it is known whose it is (查封规定 art. 2)."""

    POSSESSION_SEEN = "POSSESSION_SEEN"
    REGISTRATION_STATED = "REGISTRATION_STATED"
    PUBLIC_SIGN = "PUBLIC_SIGN"
    SAID_BY_DEBTOR = "SAID_BY_DEBTOR"
    SAID_BY_OTHERS = "SAID_BY_OTHERS"
    THIRD_PARTY_WRITTEN_CONFIRMATION = "THIRD_PARTY_WRITTEN_CONFIRMATION"


class ExemptHint(StrEnum):
    """Why a thing may be beyond enforcement (查封规定 arts. 3–4)."""

    HOUSEHOLD_NECESSITIES = "HOUSEHOLD_NECESSITIES"
    MINIMUM_LIVING_COST = "MINIMUM_LIVING_COST"
    SCHOOLING = "SCHOOLING"
    DISABILITY_MEDICAL = "DISABILITY_MEDICAL"
    MEDALS = "MEDALS"
    UNPUBLISHED_WORK = "UNPUBLISHED_WORK"
    ONLY_DWELLING = "ONLY_DWELLING"


class Encumbrance(StrEnum):
    """What else may rest on a thing."""

    LEASED = "LEASED"
    MORTGAGED = "MORTGAGED"
    SEALED_ALREADY = "SEALED_ALREADY"
    CO_OWNER = "CO_OWNER"
    NONE_KNOWN = "NONE_KNOWN"


class Legality(StrEnum):
    """What the court makes of a thing's origin; a worker never sees or sets it."""

    NOT_ASSESSED = "NOT_ASSESSED"
    LAWFUL = "LAWFUL"
    POSSIBLE_ILLEGAL_PROCEEDS = "POSSIBLE_ILLEGAL_PROCEEDS"


@dataclass(frozen=True)
class Lead:
    """A thing seen from public space: never its value, never touched."""

    asset_kind: AssetKind
    description: str
    apparent_holder: ApparentHolder = ApparentHolder.UNCLEAR
    holder_kind: HolderKind = HolderKind.UNCLEAR
    basis: Basis | None = None
    exempt_hints: tuple[ExemptHint, ...] = ()
    encumbrance: Encumbrance = Encumbrance.NONE_KNOWN


@dataclass(frozen=True)
class Undertaking:
    """A promise to pay or perform: a date, an amount in fen where there is one, and by whom; of no legal effect."""

    on: date
    by: str
    amount_fen: int | None = None


class RefusalIndicator(StrEnum):
    """Signs of refusing to comply, never a verdict (法释〔2024〕13号 art. 3; Criminal Law art. 313)."""

    HIDES_ASSETS = "HIDES_ASSETS"
    TRANSFERS_ASSETS = "TRANSFERS_ASSETS"
    GIVES_AWAY_OR_UNDERSELLS = "GIVES_AWAY_OR_UNDERSELLS"
    WAIVES_CLAIMS = "WAIVES_CLAIMS"
    SHAM_SETTLEMENT_OR_TRANSFER = "SHAM_SETTLEMENT_OR_TRANSFER"
    OVERPAYS_OR_GUARANTEES = "OVERPAYS_OR_GUARANTEES"
    FORGES_OR_HIDES_EVIDENCE = "FORGES_OR_HIDES_EVIDENCE"
    FALSE_OR_NO_PROPERTY_REPORT = "FALSE_OR_NO_PROPERTY_REPORT"
    BREACHES_CONSUMPTION_ORDER = "BREACHES_CONSUMPTION_ORDER"
    WILL_NOT_HAND_OVER_OR_VACATE = "WILL_NOT_HAND_OVER_OR_VACATE"
    BLOCKS_OFFICERS = "BLOCKS_OFFICERS"
    DAMAGES_CASE_MATERIAL = "DAMAGES_CASE_MATERIAL"


class RecusalReason(StrEnum):
    """Why somebody steps back: a category only."""

    RELATIVE = "RELATIVE"
    FRIEND_OR_NEIGHBOUR = "FRIEND_OR_NEIGHBOUR"
    BUSINESS = "BUSINESS"
    DISPUTE = "DISPUTE"
    OTHER = "OTHER"


@dataclass(frozen=True)
class Records:
    """Everything an attempt says beside its outcome, its note and its point."""

    place: PlaceKind | None = None
    receiver: Receiver | None = None
    relation: Relation | None = None
    witnesses: tuple[Witness, ...] = ()
    refusal: Refusal | None = None
    officer: Officer | None = None
    observations: tuple[Observation, ...] = ()
    lead: Lead | None = None
    undertaking: Undertaking | None = None
    indicators: tuple[RefusalIndicator, ...] = ()
    recusal: RecusalReason | None = None
