"""What an attempt records beside its outcome, each in a table of its own; nothing here is ever changed or deleted.

A trigger refuses it, but for what the court later says of an observation (its promotion) and of a lead (its legality).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields
from datetime import date, datetime
from enum import Enum
from typing import Any, cast
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    ForeignKey,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    false,
    func,
    insert,
)
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, Session, mapped_column

from field.models.base import Base, one_of
from field.models.task import Attempt
from field.models.user import User
from field.rules import records as said
from field.rules.records import (
    ApparentHolder,
    AssetKind,
    Capacity,
    Legality,
    ObservationKind,
    PlaceKind,
    RecusalReason,
    RefusalIndicator,
    SignKind,
    Source,
    WitnessCapacity,
)


class Receiver(Base):
    """Who took the papers; of an identity paper only its type, last four characters and who looked (PIPL art. 6)."""

    __tablename__ = "receiver"
    __table_args__ = (
        CheckConstraint(one_of("capacity", Capacity), name="capacity"),
        CheckConstraint(one_of("sign_kind", SignKind), name="sign_kind"),
        CheckConstraint("length(id_last4) = 4", name="id_last4"),
    )

    attempt_id: Mapped[UUID] = mapped_column(ForeignKey(Attempt.id), primary_key=True)
    capacity: Mapped[str]
    name: Mapped[str]
    sign_kind: Mapped[str]
    signed_on: Mapped[date]
    post: Mapped[str | None]
    unit: Mapped[str | None]
    reason: Mapped[str | None]
    authorisation: Mapped[str | None]
    also_designee: Mapped[bool] = mapped_column(Boolean)
    id_type: Mapped[str | None]
    id_last4: Mapped[str | None]
    id_seen_by: Mapped[str | None]


class Relation(Base):
    """What ties the receiver (or who refused) to the addressee, as they stated it."""

    __tablename__ = "relation"

    attempt_id: Mapped[UUID] = mapped_column(ForeignKey(Attempt.id), primary_key=True)
    kind: Mapped[str]
    adult: Mapped[bool] = mapped_column(Boolean)
    cohabiting: Mapped[bool] = mapped_column(Boolean)
    opposing_party: Mapped[bool] = mapped_column(Boolean)


class Witness(Base):
    """One who was there when papers were left, in the order the report named them."""

    __tablename__ = "witness"
    __table_args__ = (CheckConstraint(one_of("capacity", WitnessCapacity), name="capacity"),)

    attempt_id: Mapped[UUID] = mapped_column(ForeignKey(Attempt.id), primary_key=True)
    nth: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    name: Mapped[str]
    capacity: Mapped[str]
    unit: Mapped[str]
    signed: Mapped[bool] = mapped_column(Boolean)
    reason_unsigned: Mapped[str | None]


class Refusal(Base):
    """Who would not take the papers, why and when, and where the papers were left."""

    __tablename__ = "refusal"
    __table_args__ = (CheckConstraint(one_of("refused_by", Capacity), name="refused_by"),)

    attempt_id: Mapped[UUID] = mapped_column(ForeignKey(Attempt.id), primary_key=True)
    refused_by: Mapped[str]
    reason: Mapped[str]
    at: Mapped[datetime]
    opposing_party: Mapped[bool] = mapped_column(Boolean)
    left_at: Mapped[str | None]
    also_designee: Mapped[bool] = mapped_column(Boolean)


class Officer(Base):
    """The court officer who was there, or whose visit it was."""

    __tablename__ = "officer"

    attempt_id: Mapped[UUID] = mapped_column(ForeignKey(Attempt.id), primary_key=True)
    name: Mapped[str]
    post: Mapped[str]


class Observation(Base):
    """One thing learnt. The court promotes it or not: `verdict` is its decision, empty while nobody has decided."""

    __tablename__ = "observation"
    __table_args__ = (
        CheckConstraint(one_of("kind", ObservationKind), name="kind"),
        CheckConstraint(one_of("source", Source), name="source"),
        CheckConstraint("confidence between 1 and 3", name="confidence"),
        UniqueConstraint("attempt_id", "nth"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.gen_random_uuid())
    attempt_id: Mapped[UUID] = mapped_column(ForeignKey(Attempt.id))
    nth: Mapped[int] = mapped_column(SmallInteger)
    kind: Mapped[str]
    value: Mapped[str]
    source: Mapped[str]
    confidence: Mapped[int] = mapped_column(SmallInteger)
    on_day: Mapped[date | None]
    promoted_by: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    promoted_at: Mapped[datetime | None]
    verdict: Mapped[str | None]


class Lead(Base):
    """A thing seen from public space. `legality` is the court's alone; no lead of a task earns a bounty.

    Source: 法释〔2017〕8号 art. 24(3).
    """

    __tablename__ = "lead"
    __table_args__ = (
        CheckConstraint(one_of("asset_kind", AssetKind), name="asset_kind"),
        CheckConstraint(one_of("apparent_holder", ApparentHolder), name="apparent_holder"),
        CheckConstraint(one_of("legality", Legality), name="legality"),
        CheckConstraint("not bounty_eligible", name="no_bounty"),
    )

    attempt_id: Mapped[UUID] = mapped_column(ForeignKey(Attempt.id), primary_key=True)
    asset_kind: Mapped[str]
    description: Mapped[str]
    apparent_holder: Mapped[str]
    holder_kind: Mapped[str]
    basis: Mapped[str | None]
    exempt_hints: Mapped[list[str]] = mapped_column(ARRAY(Text))
    encumbrance: Mapped[str]
    legality: Mapped[str] = mapped_column(server_default="NOT_ASSESSED")
    legality_by: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    legality_at: Mapped[datetime | None]
    bounty_eligible: Mapped[bool] = mapped_column(Boolean, server_default=false())


class Undertaking(Base):
    """A promise to pay or perform, of no legal effect (CPL art. 241 asks for both sides' agreement)."""

    __tablename__ = "undertaking"
    __table_args__ = (CheckConstraint("amount_fen > 0", name="amount_fen"),)

    attempt_id: Mapped[UUID] = mapped_column(ForeignKey(Attempt.id), primary_key=True)
    on_day: Mapped[date]
    by_whom: Mapped[str]
    amount_fen: Mapped[int | None] = mapped_column(BigInteger)


_Turn = Callable[[Any], Any]
_PARTS: dict[str, tuple[type[Base], type[Any], dict[str, _Turn]]] = {
    "receiver": (
        Receiver,
        said.Receiver,
        {"capacity": Capacity, "sign_kind": SignKind, "signed_on": date.fromisoformat},
    ),
    "relation": (Relation, said.Relation, {}),
    "witnesses": (Witness, said.Witness, {"capacity": WitnessCapacity}),
    "refusal": (Refusal, said.Refusal, {"refused_by": Capacity, "at": datetime.fromisoformat}),
    "officer": (Officer, said.Officer, {}),
    "observations": (
        Observation,
        said.Observation,
        {"kind": ObservationKind, "source": Source, "on": date.fromisoformat},
    ),
    "lead": (
        Lead,
        said.Lead,
        {
            "asset_kind": AssetKind,
            "apparent_holder": ApparentHolder,
            "holder_kind": said.HolderKind,
            "basis": said.Basis,
            "exempt_hints": lambda hints: tuple(map(said.ExemptHint, hints)),
            "encumbrance": said.Encumbrance,
        },
    ),
    "undertaking": (Undertaking, said.Undertaking, {"on": date.fromisoformat}),
}
"""Each member of an attempt's records: its table, what it is called in the rules, and what JSON turns into."""
_MANY = frozenset({"witnesses", "observations"})
_COLUMN = {"on": "on_day", "by": "by_whom"}
"""Members whose names SQL keeps for itself."""


def _table(name: str) -> Table:
    return cast(Table, _PARTS[name][0].__table__)


def write_records(session: Session, attempt_id: UUID, records: said.Records) -> None:
    """Add the rows of what an attempt says; its place, indicators and recusal stand in its own row already."""
    for name in _PARTS:
        part = getattr(records, name)
        if part:
            rows = [_row(attempt_id, each) for each in (part if name in _MANY else (part,))]
            numbered = [row | {"nth": nth} for nth, row in enumerate(rows)] if name in _MANY else rows
            session.execute(insert(_table(name)), numbered)


def _row(attempt_id: UUID, part: Any) -> dict[str, Any]:
    values = {_COLUMN.get(each.name, each.name): _stored(getattr(part, each.name)) for each in fields(part)}
    return {"attempt_id": attempt_id, **values}


def _stored(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_stored(each) for each in value]
    return value.value if isinstance(value, Enum) else value


def _asked(name: str) -> str:
    nth, table = "nth" if name in _MANY else "0", _table(name).name
    return f"select attempt_id, '{name}', {nth}, to_jsonb(r) from field.{table} r where attempt_id = any({_IDS})"  # noqa: S608


_IDS = "cast(:ids as uuid[])"
_OWN = f"""select id, 'attempt' as part, 0 as nth,
  jsonb_build_object('place', place, 'recusal', recusal, 'indicators', indicators) from field.attempt
where id = any({_IDS}) and (place is not null or recusal is not null or indicators <> '{{}}')"""  # noqa: S608 - ours
_READ = sql(" union all ".join([_OWN, *map(_asked, _PARTS)]) + " order by 1, 2, 3")


def read_records(session: Session, attempt_ids: Iterable[UUID]) -> dict[UUID, said.Records]:
    """Return what each of these attempts says, by one statement; one that says nothing has empty records."""
    members: dict[UUID, dict[str, Any]] = {attempt_id: {} for attempt_id in attempt_ids}
    for attempt_id, name, _, row in session.execute(_READ, {"ids": list(members)}) if members else ():
        if name == "attempt":
            members[attempt_id] |= _own(row)
        elif name in _MANY:
            members[attempt_id][name] = (*members[attempt_id].get(name, ()), _part(name, row))
        else:
            members[attempt_id][name] = _part(name, row)
    return {attempt_id: said.Records(**told) for attempt_id, told in members.items()}


def _own(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "place": PlaceKind(row["place"]) if row["place"] else None,
        "recusal": RecusalReason(row["recusal"]) if row["recusal"] else None,
        "indicators": tuple(map(RefusalIndicator, row["indicators"])),
    }


def _part(name: str, row: dict[str, Any]) -> Any:
    _, kind, turns = _PARTS[name]
    return kind(**dict(_members(kind, turns, row)))


def _members(kind: type[Any], turns: dict[str, _Turn], row: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for each in fields(kind):
        value = row[_COLUMN.get(each.name, each.name)]
        yield each.name, turns[each.name](value) if each.name in turns and value is not None else value
