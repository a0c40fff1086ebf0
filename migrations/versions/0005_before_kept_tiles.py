"""Map tiles as they were last drawn, and the shapes they are drawn from.

Half: before. New tables only; the shapes of the map that is there already are drawn by the new code.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "drawing",
        sa.Column("digits", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("code", sa.Text(collation="C"), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("cells", sa.Integer(), nullable=False),
        sa.Column("geom", Geometry("MULTIPOLYGON", srid=3857, spatial_index=False), nullable=False),
        sa.PrimaryKeyConstraint("digits", "code", "since", name=op.f("pk_drawing")),
        schema="geo",
    )
    op.create_index(
        op.f("ix_drawing_digits_geom"), "drawing", ["digits", "geom"], schema="geo", postgresql_using="gist"
    )
    op.create_table(
        "tile",
        sa.Column("z", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("x", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("y", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("layer", sa.Text(collation="C"), nullable=False),
        sa.Column("area", sa.Text(collation="C"), nullable=False),
        sa.Column("audience", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("etag", sa.Text(), nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("stamp", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("z", "x", "y", "layer", "area", "audience", name=op.f("pk_tile")),
        schema="geo",
    )
    # Bodies are gzipped already: trying to press them again would cost time at each writing and reading.
    op.execute("alter table geo.tile alter column body set storage external")


def downgrade() -> None:
    op.drop_table("tile", schema="geo")
    op.drop_table("drawing", schema="geo")
