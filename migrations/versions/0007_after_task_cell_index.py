"""Every task is found by its cell: taking a revision back asks of each of its cells whether a task points there.

Half: after. Built beside the writers, so outside a transaction.
"""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.create_index(
            op.f("ix_task_cell_id"),
            "task",
            ["cell_id"],
            schema="field",
            postgresql_concurrently=True,
            if_not_exists=True,
        )


def downgrade() -> None:
    op.drop_index(op.f("ix_task_cell_id"), table_name="task", schema="field")
