"""The review queue, and how photos look.

Half: before. New tables; the index on attempts is built beside the writers, so outside a transaction.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_WHY = (
    "same_bytes", "near_same", "far", "clock_skewed", "clock_untrusted", "burst", "mock_location", "imported",
    "undecodable",
)  # fmt: skip


def _listed(values: tuple[str, ...]) -> str:
    return ", ".join(f"'{value}'" for value in values)


def upgrade() -> None:
    op.create_table(
        "review",
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("court_id", sa.BigInteger(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("evidence_id", sa.Uuid(), nullable=True),
        sa.Column("attempt_id", sa.Uuid(), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("facts", postgresql.JSONB(), nullable=False),
        sa.Column("state", sa.Text(), server_default="open", nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("looked_by", sa.BigInteger(), nullable=True),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("verdict_note", sa.Text(), nullable=True),
        sa.CheckConstraint(f"why in ({_listed(_WHY)})", name=op.f("ck_review_why")),
        sa.CheckConstraint("state in ('open', 'looked')", name=op.f("ck_review_state")),
        sa.CheckConstraint("num_nonnulls(evidence_id, attempt_id) >= 1", name=op.f("ck_review_about_something")),
        sa.CheckConstraint(
            "num_nonnulls(looked_by, looked_at, verdict_note) = case state when 'looked' then 3 else 0 end",
            name=op.f("ck_review_looked_whole"),
        ),
        sa.ForeignKeyConstraint(["court_id"], ["field.court.id"], name=op.f("fk_review_court_id")),
        sa.ForeignKeyConstraint(["task_id"], ["field.task.id"], name=op.f("fk_review_task_id")),
        sa.ForeignKeyConstraint(["evidence_id"], ["field.evidence.id"], name=op.f("fk_review_evidence_id")),
        sa.ForeignKeyConstraint(["looked_by"], ["field.user.id"], name=op.f("fk_review_looked_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review")),
        schema="field",
    )
    _index("uq_review_evidence", "review", ["evidence_id", "why"], "evidence_id is not null", unique=True)
    _index("uq_review_attempt", "review", ["attempt_id", "why"], "evidence_id is null", unique=True)
    op.create_index(op.f("ix_review_attempt_id_why"), "review", ["attempt_id", "why"], schema="field")
    op.create_index("ix_review_queue", "review", ["court_id", "at", "id"], schema="field")
    _index("ix_review_open", "review", ["court_id", "at", "id"], "state = 'open'")
    op.create_index(op.f("ix_review_task_id"), "review", ["task_id"], schema="field")
    op.create_table(
        "picture",
        sa.Column("evidence_id", sa.Uuid(), nullable=False),
        sa.Column("court_id", sa.BigInteger(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("attempt_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), server_default="waiting", nullable=False),
        sa.Column("look", sa.BigInteger(), nullable=True),
        sa.Column("finer", sa.LargeBinary(), nullable=True),
        sa.Column("band0", sa.Integer(), nullable=True),
        sa.Column("band1", sa.Integer(), nullable=True),
        sa.Column("band2", sa.Integer(), nullable=True),
        sa.Column("band3", sa.Integer(), nullable=True),
        sa.CheckConstraint("state in ('waiting', 'looked', 'undecodable')", name=op.f("ck_picture_state")),
        sa.CheckConstraint(
            "num_nonnulls(look, finer, band0, band1, band2, band3) in (0, 6)", name=op.f("ck_picture_look_whole")
        ),
        sa.ForeignKeyConstraint(["court_id"], ["field.court.id"], name=op.f("fk_picture_court_id")),
        sa.ForeignKeyConstraint(["task_id"], ["field.task.id"], name=op.f("fk_picture_task_id")),
        sa.ForeignKeyConstraint(["evidence_id"], ["field.evidence.id"], name=op.f("fk_picture_evidence_id")),
        sa.ForeignKeyConstraint(["user_id"], ["field.user.id"], name=op.f("fk_picture_user_id")),
        sa.PrimaryKeyConstraint("evidence_id", name=op.f("pk_picture")),
        schema="field",
    )
    _index("ix_picture_waiting", "picture", ["received_at"], "state = 'waiting'")
    for nth in range(4):
        _index(f"ix_picture_band{nth}", "picture", ["court_id", f"band{nth}"], "look is not null")
    _index("ix_picture_of_user", "picture", ["user_id", "received_at"], "look is not null")
    op.create_index(op.f("ix_picture_sha256"), "picture", ["sha256"], schema="field")
    with op.get_context().autocommit_block():
        op.create_index(
            "ix_attempt_of_phone",
            "attempt",
            ["installation_id", "corrected_at"],
            schema="field",
            postgresql_concurrently=True,
            if_not_exists=True,
        )


def _index(name: str, table: str, columns: list[str], where: str, *, unique: bool = False) -> None:
    op.create_index(name, table, columns, schema="field", unique=unique, postgresql_where=sa.text(where))


def downgrade() -> None:
    op.drop_index("ix_attempt_of_phone", table_name="attempt", schema="field")
    op.drop_table("picture", schema="field")
    op.drop_table("review", schema="field")
