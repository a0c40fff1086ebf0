"""${message}.

Half: before | after (keep one). Before: works with the code already running. After: once the new code runs everywhere.
A lock is waited for at most four seconds: a migration that cannot get one stops; it never queues live writers behind it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
${imports if imports else ""}
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    ${downgrades if downgrades else "pass"}
