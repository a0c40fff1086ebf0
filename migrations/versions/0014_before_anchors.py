"""Signed heads of the ledger's chains.

Half: before. One new table; a trigger lets rows be added and nothing else.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

GUARD = """
create function field.guard_anchor() returns trigger language plpgsql as $$
begin
  raise exception 'anchors are only added' using errcode = 'integrity_constraint_violation';
end $$;
create trigger guard_anchor before update or delete on field.anchor
  for each row execute function field.guard_anchor();
create trigger guard_anchor_whole before truncate on field.anchor
  for each statement execute function field.guard_anchor();
"""


def upgrade() -> None:
    op.create_table(
        "anchor",
        sa.Column("chain", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("from_seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("merkle_root", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("algorithm", sa.Text(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("from_seq between 1 and seq", name=op.f("ck_anchor_stretch")),
        sa.PrimaryKeyConstraint("chain", "seq", name=op.f("pk_anchor")),
        sa.UniqueConstraint("chain", "from_seq", name=op.f("uq_anchor_chain_from_seq")),
        schema="field",
    )
    op.execute(GUARD)


def downgrade() -> None:
    op.drop_table("anchor", schema="field")
    op.execute("drop function field.guard_anchor()")
