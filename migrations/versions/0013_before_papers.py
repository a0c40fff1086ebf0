"""Papers that were made, so that whoever holds one can check it.

Half: before. New tables only.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "paper",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("court_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("facts_digest", sa.LargeBinary(), nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("made_by", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("code ~ '^[A-Z2-7]{20}$'", name=op.f("ck_paper_code_form")),
        sa.CheckConstraint("length(digest) = 32 and length(facts_digest) = 32", name=op.f("ck_paper_digest_length")),
        sa.ForeignKeyConstraint(["task_id"], ["field.task.id"], name=op.f("fk_paper_task_id")),
        sa.ForeignKeyConstraint(["court_id"], ["field.court.id"], name=op.f("fk_paper_court_id")),
        sa.ForeignKeyConstraint(["made_by"], ["field.user.id"], name=op.f("fk_paper_made_by")),
        sa.PrimaryKeyConstraint("code", "digest", name=op.f("pk_paper")),
        schema="field",
    )
    op.create_index(op.f("ix_paper_task_id"), "paper", ["task_id"], schema="field")


def downgrade() -> None:
    op.drop_table("paper", schema="field")
