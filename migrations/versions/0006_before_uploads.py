"""Files of cells that an administrator sent, and what became of them.

Half: before. New tables only.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "upload",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sent_by", sa.BigInteger(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("layer", sa.Text(), nullable=True),
        sa.Column("datum", sa.Text(), nullable=True),
        sa.Column("effective", sa.Date(), nullable=True),
        sa.Column("complete", sa.Boolean(), nullable=False),
        sa.Column("dry_run", sa.Boolean(), nullable=False),
        sa.Column("repair", sa.Boolean(), nullable=False),
        sa.Column("confirmed", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("columns", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("tries", sa.SmallInteger(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("account", postgresql.JSONB(), nullable=True),
        sa.Column("findings", sa.BigInteger(), nullable=False),
        sa.Column("report", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint(
            "state in ('waiting', 'running', 'done', 'refused', 'failed')", name=op.f("ck_upload_state")
        ),
        sa.CheckConstraint("(state in ('waiting', 'running')) = (ended_at is null)", name=op.f("ck_upload_ended")),
        sa.ForeignKeyConstraint(["sent_by"], ["field.user.id"], name=op.f("fk_upload_sent_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_upload")),
        schema="field",
    )
    op.create_index(op.f("ix_upload_sent_by"), "upload", ["sent_by"], schema="field")
    op.create_index(
        "ix_upload_to_do", "upload", ["sent_at"], schema="field", postgresql_where=sa.text("ended_at is null")
    )
    op.create_table(
        "upload_part",
        sa.Column("upload_id", sa.Uuid(), nullable=False),
        sa.Column("nth", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["upload_id"], ["field.upload.id"], name=op.f("fk_upload_part_upload_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("upload_id", "nth", name=op.f("pk_upload_part")),
        schema="field",
    )
    op.create_table(
        "upload_finding",
        sa.Column("upload_id", sa.Uuid(), nullable=False),
        sa.Column("nth", sa.BigInteger(), nullable=False),
        sa.Column("row", sa.BigInteger(), nullable=True),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("cell_code", sa.Text(), nullable=False),
        sa.Column("refuses", sa.Boolean(), nullable=False),
        sa.Column("lon", sa.Float(53), nullable=True),
        sa.Column("lat", sa.Float(53), nullable=True),
        sa.Column("zh", sa.Text(), nullable=False),
        sa.Column("en", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["upload_id"], ["field.upload.id"], name=op.f("fk_upload_finding_upload_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("upload_id", "nth", name=op.f("pk_upload_finding")),
        schema="field",
    )


def downgrade() -> None:
    op.drop_table("upload_finding", schema="field")
    op.drop_table("upload_part", schema="field")
    op.drop_table("upload", schema="field")
