"""The map's history: revisions, lineage, declared outlines of divisions; where an attempt was made.

Half: before. Every new column may be empty, so the code already running goes on as it is.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

KNOWN_REDRAWINGS = """
insert into geo.lineage (predecessor_id, successor_id, kind)
select old.id, new.id, 'REDRAWN'
  from geo.cell as old join geo.cell as new on new.code = old.code and new.valid_from = old.valid_to
"""


def upgrade() -> None:
    op.create_table(
        "revision",
        sa.Column("id", sa.Integer(), sa.Identity(always=True), nullable=False),
        sa.Column("effective", sa.Date(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=True),
        sa.Column("datum", sa.Text(), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("length(source) BETWEEN 1 AND 200", name=op.f("ck_revision_source_length")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revision")),
        schema="geo",
    )
    for table in ("division", "cell"):
        for column in ("made_by", "ended_by"):
            op.add_column(table, sa.Column(column, sa.Integer(), nullable=True), schema="geo")
            op.create_foreign_key(
                op.f(f"fk_{table}_{column}"), table, "revision", [column], ["id"],
                source_schema="geo", referent_schema="geo",
            )  # fmt: skip
            op.create_index(op.f(f"ix_{table}_{column}"), table, [column], schema="geo")
        _days_in_order(table, "valid_from <= valid_to")
        _code_once_at_a_time(table, "(code::bigint)")
    _outlines()
    _lineage()
    op.add_column("attempt", sa.Column("cell_id", sa.Integer(), nullable=True), schema="field")
    op.create_foreign_key(
        op.f("fk_attempt_cell_id"), "attempt", "cell", ["cell_id"], ["id"], source_schema="field", referent_schema="geo"
    )
    op.create_index(op.f("ix_attempt_cell_id"), "attempt", ["cell_id"], schema="field")
    op.add_column("duty", sa.Column("follows_id", sa.BigInteger(), nullable=True), schema="field")
    op.create_foreign_key(
        op.f("fk_duty_follows_id"), "duty", "duty", ["follows_id"], ["id"],
        source_schema="field", referent_schema="field", ondelete="SET NULL",
    )  # fmt: skip
    op.create_index(op.f("ix_duty_follows_id"), "duty", ["follows_id"], schema="field")


def _days_in_order(table: str, condition: str) -> None:
    op.drop_constraint(op.f(f"ck_{table}_days_in_order"), table, schema="geo")
    op.create_check_constraint(op.f(f"ck_{table}_days_in_order"), table, condition, schema="geo")


def _code_once_at_a_time(table: str, code: str) -> None:
    op.drop_constraint(f"ex_{table}_code_valid", table, schema="geo")
    op.execute(
        f"alter table geo.{table} add constraint ex_{table}_code_valid "
        f"exclude using gist ({code} with =, daterange(valid_from, valid_to) with &&)"
    )


def _outlines() -> None:
    shape = Geometry("MULTIPOLYGON", srid=4326, spatial_index=False)
    op.add_column("division", sa.Column("geom", shape, nullable=True), schema="geo")
    op.create_check_constraint(op.f("ck_division_geom_valid"), "division", "ST_IsValid(geom)", schema="geo")
    op.create_index(op.f("ix_division_geom"), "division", ["geom"], schema="geo", postgresql_using="gist")


def _lineage() -> None:
    op.create_table(
        "lineage",
        sa.Column("predecessor_id", sa.Integer(), nullable=False),
        sa.Column("successor_id", sa.Integer(), nullable=False),
        sa.Column("revision_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('REDRAWN', 'RENAMED', 'RECODED', 'SPLIT', 'MERGED', 'SHARED')",
            name=op.f("ck_lineage_kind_known"),
        ),
        sa.ForeignKeyConstraint(["predecessor_id"], ["geo.cell.id"], name=op.f("fk_lineage_predecessor_id")),
        sa.ForeignKeyConstraint(["successor_id"], ["geo.cell.id"], name=op.f("fk_lineage_successor_id")),
        sa.ForeignKeyConstraint(["revision_id"], ["geo.revision.id"], name=op.f("fk_lineage_revision_id")),
        sa.PrimaryKeyConstraint("predecessor_id", "successor_id", name=op.f("pk_lineage")),
        schema="geo",
    )
    op.create_index(op.f("ix_lineage_successor_id"), "lineage", ["successor_id"], schema="geo")
    op.create_index(op.f("ix_lineage_revision_id"), "lineage", ["revision_id"], schema="geo")
    op.execute(KNOWN_REDRAWINGS)


def downgrade() -> None:
    op.drop_column("duty", "follows_id", schema="field")
    op.drop_column("attempt", "cell_id", schema="field")
    op.drop_table("lineage", schema="geo")
    # Rows that never held cannot be told in the older structure; nothing that counts points at them.
    op.execute("delete from geo.cell where valid_from = valid_to")
    op.execute("delete from geo.division where valid_from = valid_to")
    op.drop_column("division", "geom", schema="geo")
    for table in ("division", "cell"):
        _days_in_order(table, "valid_from < valid_to")
        _code_once_at_a_time(table, "code")
        op.drop_column(table, "ended_by", schema="geo")
        op.drop_column(table, "made_by", schema="geo")
    op.drop_table("revision", schema="geo")
