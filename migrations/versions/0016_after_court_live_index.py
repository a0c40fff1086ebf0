"""A court's desk asks for its live tasks by their last day, whatever it has closed over the years.

Half: after. Built beside the writers, so outside a transaction.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

LIVE = "state in ('accepted', 'assigned', 'claimed', 'in_progress', 'open', 'reported', 'returned', 'unplaced')"


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.create_index(
            "ix_task_live_of_court",
            "task",
            ["court_id", "due_on"],
            schema="field",
            postgresql_where=sa.text(LIVE),
            postgresql_concurrently=True,
            if_not_exists=True,
        )


def downgrade() -> None:
    op.drop_index("ix_task_live_of_court", table_name="task", schema="field")
