"""What an order holds more: the papers to serve, the case's procedure and claim; and what each court decides for itself.

Half: before. Old orders have no papers, and a court without settings has the careful defaults.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

DOC_TYPES = (
    "'JUDGMENT', 'RULING', 'MEDIATION_PAPER', 'SUMMONS', 'ENFORCEMENT_NOTICE', 'PROPERTY_REPORT_ORDER', "
    "'CONSUMPTION_RESTRICTION_ORDER', 'ASSISTANCE_NOTICE', 'DISHONESTY_DECISION', 'AUCTION_NOTICE', "
    "'ADDRESS_CONFIRMATION', 'OTHER'"
)


def upgrade() -> None:
    op.create_table(
        "task_document",
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("nth", sa.SmallInteger(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("copies", sa.SmallInteger(), nullable=False),
        sa.Column("doc_type", sa.Text(), nullable=False),
        sa.CheckConstraint("nth between 1 and 20", name=op.f("ck_task_document_nth")),
        sa.CheckConstraint("copies between 1 and 99", name=op.f("ck_task_document_copies")),
        sa.CheckConstraint(f"doc_type in ({DOC_TYPES})", name=op.f("ck_task_document_doc_type")),
        sa.ForeignKeyConstraint(["task_id"], ["field.task.id"], name=op.f("fk_task_document_task_id")),
        sa.PrimaryKeyConstraint("task_id", "nth", name=op.f("pk_task_document")),
        schema="field",
    )
    op.add_column("case", sa.Column("procedure", sa.Text(), server_default="ORDINARY", nullable=False), schema="field")
    for column in ("claim_fen", "costs_fen"):
        op.add_column("case", sa.Column(column, sa.BigInteger(), nullable=True), schema="field")
    checks = {"procedure": "procedure in ('ORDINARY', 'SUMMARY')", "amounts": "claim_fen >= 0 and costs_fen >= 0"}
    for name, check in checks.items():
        op.create_check_constraint(op.f(f"ck_case_{name}"), "case", check, schema="field")
    op.add_column(
        "court",
        sa.Column("settings", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        schema="field",
    )


def downgrade() -> None:
    op.drop_column("court", "settings", schema="field")
    op.drop_constraint(op.f("ck_case_amounts"), "case", schema="field")
    op.drop_constraint(op.f("ck_case_procedure"), "case", schema="field")
    for column in ("costs_fen", "claim_fen", "procedure"):
        op.drop_column("case", column, schema="field")
    op.drop_table("task_document", schema="field")
