"""Terms that run, and what the court has sealed, seized or frozen and until when.

Half: before. The code already running begins no terms.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

ASSET_KINDS = (
    "'VEHICLE', 'MACHINERY', 'STOCK_GOODS', 'LIVESTOCK_CROP', 'HOUSE', 'LAND_USE', 'SHOP_LEASE', 'WAGES', 'RENT', "
    "'RECEIVABLE', 'EQUITY_BUSINESS', 'SUBSIDY', 'OTHER'"
)


def upgrade() -> None:
    _term()
    _seizure()


def _term() -> None:
    op.create_table(
        "term",
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("court_id", sa.BigInteger(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=True),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("referral_id", sa.Uuid(), nullable=True),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("article", sa.Text(), nullable=False),
        sa.Column("made_by", sa.BigInteger(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("met_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("met_by", sa.BigInteger(), nullable=True),
        sa.Column("told", postgresql.ARRAY(sa.BigInteger()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.CheckConstraint("num_nonnulls(task_id, case_id, referral_id) > 0", name=op.f("ck_term_of_something")),
        sa.CheckConstraint("due_on >= starts_on", name=op.f("ck_term_order")),
        sa.ForeignKeyConstraint(["court_id"], ["field.court.id"], name=op.f("fk_term_court_id")),
        sa.ForeignKeyConstraint(["task_id"], ["field.task.id"], name=op.f("fk_term_task_id")),
        sa.ForeignKeyConstraint(["case_id"], ["field.case.id"], name=op.f("fk_term_case_id")),
        sa.ForeignKeyConstraint(["made_by"], ["field.user.id"], name=op.f("fk_term_made_by")),
        sa.ForeignKeyConstraint(["met_by"], ["field.user.id"], name=op.f("fk_term_met_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_term")),
        schema="field",
    )
    running = sa.text("met_at is null")
    op.create_index(
        "uq_term_running", "term", ["task_id", "case_id", "referral_id", "code"], unique=True,
        schema="field", postgresql_where=running, postgresql_nulls_not_distinct=True,
    )  # fmt: skip
    op.create_index("ix_term_due", "term", ["court_id", "due_on"], schema="field", postgresql_where=running)
    op.create_index(op.f("ix_term_task_id"), "term", ["task_id"], schema="field")


def _seizure() -> None:
    op.create_table(
        "seizure",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("court_id", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("asset_kind", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("measure", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("begun_on", sa.Date(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("appraised_fen", sa.BigInteger(), nullable=True),
        sa.Column("prior_rights_fen", sa.BigInteger(), nullable=False),
        sa.Column("lifted_on", sa.Date(), nullable=True),
        sa.Column("renewed_from", sa.Uuid(), nullable=True),
        sa.Column("renewed", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("told", postgresql.ARRAY(sa.BigInteger()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("made_by", sa.BigInteger(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(f"asset_kind in ({ASSET_KINDS})", name=op.f("ck_seizure_asset_kind")),
        sa.CheckConstraint(
            "category in ('DEPOSIT', 'MOVABLE', 'IMMOVABLE', 'OTHER_RIGHT')", name=op.f("ck_seizure_category")
        ),
        sa.CheckConstraint("measure in ('SEAL', 'SEIZE', 'FREEZE')", name=op.f("ck_seizure_measure")),
        sa.CheckConstraint("expires_on > begun_on", name=op.f("ck_seizure_order")),
        sa.CheckConstraint("appraised_fen >= 0 and prior_rights_fen >= 0", name=op.f("ck_seizure_amounts")),
        sa.ForeignKeyConstraint(["court_id"], ["field.court.id"], name=op.f("fk_seizure_court_id")),
        sa.ForeignKeyConstraint(["case_id"], ["field.case.id"], name=op.f("fk_seizure_case_id")),
        sa.ForeignKeyConstraint(["renewed_from"], ["field.seizure.id"], name=op.f("fk_seizure_renewed_from")),
        sa.ForeignKeyConstraint(["made_by"], ["field.user.id"], name=op.f("fk_seizure_made_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seizure")),
        schema="field",
    )
    op.create_index(op.f("ix_seizure_case_id"), "seizure", ["case_id"], schema="field")
    op.create_index(
        "uq_seizure_renewed_from", "seizure", ["renewed_from"], unique=True,
        schema="field", postgresql_where=sa.text("renewed_from is not null"),
    )  # fmt: skip
    op.create_index(
        "ix_seizure_expires", "seizure", ["court_id", "expires_on"],
        schema="field", postgresql_where=sa.text("lifted_on is null and not renewed"),
    )  # fmt: skip


def downgrade() -> None:
    op.drop_table("seizure", schema="field")
    op.drop_table("term", schema="field")
