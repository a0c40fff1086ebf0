"""What is stored of the map: divisions and cells, each row with the days on which it holds."""

from datetime import date, datetime
from typing import ClassVar, Final

import sqlalchemy as sa
from geoalchemy2 import Geometry, WKBElement
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from geo.codes import LENGTHS, CellKind, Level

_NAMING: Final = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
NAME_LENGTH: Final = 100


class Base(DeclarativeBase):
    """The declarative base of the map; everything lives in PostgreSQL's schema `geo`."""

    metadata = sa.MetaData(schema="geo", naming_convention=_NAMING)
    type_annotation_map: ClassVar = {datetime: sa.DateTime(timezone=True)}


class Revision(Base):
    """One change of the map, taken as a whole: what was brought in, from which day it holds, and what it did.

    `undone_at` is set when it was taken back; its number is never used again.
    """

    __tablename__ = "revision"
    __table_args__ = (sa.CheckConstraint("length(source) BETWEEN 1 AND 200", name="source_length"),)

    id: Mapped[int] = mapped_column(sa.Identity(always=True), primary_key=True)
    effective: Mapped[date]
    made_at: Mapped[datetime] = mapped_column(server_default=sa.func.now())
    # A file's name without its folders, or the verb of a change made by hand.
    source: Mapped[str] = mapped_column(sa.Text)
    sha256: Mapped[str | None] = mapped_column(sa.Text)
    datum: Mapped[str | None] = mapped_column(sa.Text)
    undone_at: Mapped[datetime | None]


class Dated:
    """A row that holds from `valid_from` up to, but not including, `valid_to`; an open end is null.

    `made_by` and `ended_by` are the revisions that began and ended it; null for what was there before any.
    """

    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    made_by: Mapped[int | None] = mapped_column(sa.ForeignKey("geo.revision.id"), index=True)
    ended_by: Mapped[int | None] = mapped_column(sa.ForeignKey("geo.revision.id"), index=True)

    @classmethod
    def valid_on(cls, on: date) -> sa.ColumnElement[bool]:
        """Give the condition that a row holds on that day."""
        return sa.and_(cls.valid_from <= on, sa.or_(cls.valid_to.is_(None), cls.valid_to > on))


def _listed(column: str, values: type[Level] | type[CellKind]) -> str:
    allowed = ", ".join(f"'{value}'" for value in values)
    return f"{column} IN ({allowed})"


def _code_once_at_a_time(table: str) -> ExcludeConstraint:
    return ExcludeConstraint(
        # As a number, because GiST on texts makes an import five times slower; eighteen digits fit.
        (sa.text("(code::bigint)"), "="),
        (sa.text("daterange(valid_from, valid_to)"), "&&"),
        name=f"ex_{table}_code_valid",
        using="gist",
    )


def _days_in_order() -> sa.CheckConstraint:
    # Equal days: a row that was corrected on the day it began, and so never held.
    return sa.CheckConstraint("valid_from <= valid_to", name="days_in_order")


def _prefix_index() -> sa.Index:
    # text_pattern_ops, because LIKE 'prefix%' cannot use a plain index outside the C locale.
    return sa.Index(None, "code", postgresql_ops={"code": "text_pattern_ops"})


class Division(Dated, Base):
    """A province, prefecture, county, township or village, known by the natural prefix of its code."""

    __tablename__ = "division"
    __table_args__ = (
        sa.CheckConstraint(_listed("level", Level), name="level_known"),
        sa.CheckConstraint("code ~ '^[0-9]+$'", name="code_digits"),
        sa.CheckConstraint(
            "length(code) = CASE level"
            + "".join(f" WHEN '{level}' THEN {length}" for level, length in LENGTHS.items())
            + " END",
            name="code_fits_level",
        ),
        sa.CheckConstraint("(level = 'PROVINCE') = (parent_id IS NULL)", name="only_province_without_parent"),
        sa.CheckConstraint(f"length(name) BETWEEN 1 AND {NAME_LENGTH}", name="name_length"),
        _days_in_order(),
        _code_once_at_a_time("division"),
        _prefix_index(),
        sa.CheckConstraint("ST_IsValid(geom)", name="geom_valid"),
        sa.Index(None, "geom", postgresql_using="gist"),
    )

    id: Mapped[int] = mapped_column(sa.Identity(), primary_key=True)
    code: Mapped[str] = mapped_column(sa.Text)
    level: Mapped[str] = mapped_column(sa.Text)
    name: Mapped[str] = mapped_column(sa.Text)
    parent_id: Mapped[int | None] = mapped_column(sa.ForeignKey("geo.division.id"), index=True)
    # The outline as somebody declared it, in WGS-84; most divisions are known by their cells alone.
    geom: Mapped[WKBElement | None] = mapped_column(
        Geometry("MULTIPOLYGON", srid=4326, spatial_index=False), deferred=True
    )

    parent: Mapped["Division | None"] = relationship(remote_side="Division.id")


class Cell(Dated, Base):
    """A grid cell (网格): the area one worker answers for, by its 15-digit code, in WGS-84."""

    __tablename__ = "cell"
    __table_args__ = (
        sa.CheckConstraint(_listed("kind", CellKind), name="kind_known"),
        sa.CheckConstraint(r"code ~ '^[0-9]{15}([0-9]{3})?$'", name="code_digits"),
        # A micro-grid carries its cell's code and three digits more.
        sa.CheckConstraint("(kind = 'MICRO') = (length(code) = 18)", name="code_fits_kind"),
        sa.CheckConstraint(f"length(name) BETWEEN 1 AND {NAME_LENGTH}", name="name_length"),
        sa.CheckConstraint("ST_IsValid(geom)", name="geom_valid"),
        sa.CheckConstraint("area_m2 > 0", name="geom_not_empty"),
        _days_in_order(),
        _code_once_at_a_time("cell"),
        _prefix_index(),
        sa.Index(None, "geom", postgresql_using="gist"),
    )

    id: Mapped[int] = mapped_column(sa.Identity(), primary_key=True)
    code: Mapped[str] = mapped_column(sa.Text)
    name: Mapped[str] = mapped_column(sa.Text)
    kind: Mapped[str] = mapped_column(sa.Text)
    village_id: Mapped[int] = mapped_column(sa.ForeignKey("geo.division.id"), index=True)
    # Deferred: most questions ask whose cell it is, and an outline may weigh more than all the rest.
    geom: Mapped[WKBElement] = mapped_column(Geometry("MULTIPOLYGON", srid=4326, spatial_index=False), deferred=True)
    # Computed by the database, so that no writer can store a centre or an area of another shape.
    centre: Mapped[WKBElement] = mapped_column(
        Geometry("POINT", srid=4326, spatial_index=False),
        sa.Computed("ST_PointOnSurface(geom)", persisted=True),
        deferred=True,
    )
    area_m2: Mapped[float] = mapped_column(sa.Computed("ST_Area(geom::geography)", persisted=True))

    village: Mapped[Division] = relationship()


class Lineage(Base):
    """A cell's row and one that took over from it on the day it ended.

    `kind` says how: REDRAWN or RENAMED under the same code, RECODED, SPLIT (one into several), MERGED (several
    into one), or SHARED where areas went both ways.
    """

    __tablename__ = "lineage"
    __table_args__ = (
        sa.CheckConstraint("kind IN ('REDRAWN', 'RENAMED', 'RECODED', 'SPLIT', 'MERGED', 'SHARED')", name="kind_known"),
    )

    predecessor_id: Mapped[int] = mapped_column(sa.ForeignKey("geo.cell.id"), primary_key=True)
    successor_id: Mapped[int] = mapped_column(sa.ForeignKey("geo.cell.id"), primary_key=True, index=True)
    revision_id: Mapped[int | None] = mapped_column(sa.ForeignKey("geo.revision.id"), index=True)
    kind: Mapped[str] = mapped_column(sa.Text)
