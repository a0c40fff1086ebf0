"""The address book: what was found where, and who confirmed it; tasks that come with an address and no point.

Half: before. The code already running gives every task a point and reads no book.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# The book learns from the tasks that are there, a thousand at a time, once `gridfield work` runs.
KNOWN_TASKS = """
insert into field.address_backlog (task_ids)
select array_agg(id order by created_at) from (
  select id, created_at, row_number() over (order by created_at, id) / 1000 as lot
  from field.task where cell_id is not null and sent_at is not null
) sent group by lot order by lot
"""
POINT = ("geom", "lon", "lat", "raw_lon", "raw_lat", "datum")
POINT_WHOLE = "num_nonnulls(geom, lon, lat, raw_lon, raw_lat, datum) in (0, 6)"


def upgrade() -> None:
    # Trusted extensions since PostgreSQL 13: whoever may create things in the database may add them.
    op.execute("create extension if not exists pg_trgm")
    op.execute("create extension if not exists btree_gin")
    op.create_table(
        "address",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("court_id", sa.BigInteger(), nullable=False),
        sa.Column("division_code", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("normal", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("lon", sa.Float(53), nullable=False),
        sa.Column("lat", sa.Float(53), nullable=False),
        sa.Column("raw_lon", sa.Float(53), nullable=False),
        sa.Column("raw_lat", sa.Float(53), nullable=False),
        sa.Column("datum", sa.Text(), nullable=False),
        sa.Column("accuracy_m", sa.Float(53), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("confirmed_by", sa.BigInteger(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("source in ('given', 'court', 'coordinator', 'visit')", name=op.f("ck_address_source")),
        sa.CheckConstraint("datum in ('WGS84', 'GCJ02', 'BD09', 'CGCS2000')", name=op.f("ck_address_datum")),
        sa.ForeignKeyConstraint(["court_id"], ["field.court.id"], name=op.f("fk_address_court_id")),
        sa.ForeignKeyConstraint(["confirmed_by"], ["field.user.id"], name=op.f("fk_address_confirmed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_address")),
        schema="field",
    )
    codes = {"division_code": "text_pattern_ops"}
    op.create_index("ix_address_in_division", "address", ["division_code"], schema="field", postgresql_ops=codes)
    op.create_index(
        "ix_address_words", "address", ["court_id", "words"],
        schema="field", postgresql_using="gin", postgresql_ops={"words": "gin_trgm_ops"},
    )  # fmt: skip
    op.create_table(
        "address_backlog",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("task_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_address_backlog")),
        schema="field",
    )
    op.execute(KNOWN_TASKS)
    op.add_column("task", sa.Column("address_id", sa.Uuid(), nullable=True), schema="field")
    op.add_column("task", sa.Column("located_by", sa.BigInteger(), nullable=True), schema="field")
    for column, table in (("address_id", "address"), ("located_by", "user")):
        op.create_foreign_key(
            op.f(f"fk_task_{column}"), "task", table, [column], ["id"], source_schema="field", referent_schema="field"
        )
    op.create_index(
        "ix_task_at_address", "task", ["address_id"],
        schema="field", postgresql_where=sa.text("address_id is not null"),
    )  # fmt: skip
    for name in POINT:
        op.alter_column("task", name, nullable=True, schema="field")
    op.create_check_constraint(op.f("ck_task_point_whole"), "task", POINT_WHOLE, schema="field")


def downgrade() -> None:
    op.drop_constraint(op.f("ck_task_point_whole"), "task", schema="field")
    for name in POINT:
        op.alter_column("task", name, nullable=False, schema="field")
    op.drop_column("task", "located_by", schema="field")
    op.drop_column("task", "address_id", schema="field")
    op.drop_table("address_backlog", schema="field")
    op.drop_table("address", schema="field")
