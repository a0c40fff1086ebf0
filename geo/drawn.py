"""What is stored of drawings: outlines for maps, and the tiles drawn from them."""

from datetime import date, datetime

import sqlalchemy as sa
from geoalchemy2 import Geometry, WKBElement
from sqlalchemy.orm import Mapped, mapped_column

from geo.models import Base


class Drawing(Base):
    """A cell's or division's outline in EPSG:3857, from a day (year 1: from before today) until before another.

    `digits` is the length of the code and tells the level; `cells` is how many cells lie in it, micro-grids aside.
    """

    __tablename__ = "drawing"
    __table_args__ = (sa.Index(None, "digits", "geom", postgresql_using="gist"),)

    digits: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    # In the C locale, so that "starts with" is a range of the key.
    code: Mapped[str] = mapped_column(sa.Text(collation="C"), primary_key=True)
    since: Mapped[date] = mapped_column(primary_key=True)
    until: Mapped[date | None]
    name: Mapped[str] = mapped_column(sa.Text)
    kind: Mapped[str | None] = mapped_column(sa.Text)
    cells: Mapped[int]
    geom: Mapped[WKBElement] = mapped_column(Geometry("MULTIPOLYGON", srid=3857, spatial_index=False), deferred=True)


class Tile(Base):
    """A tile as it was drawn for the readers of an area: gzipped MVT, good until before a day or until taken away.

    `audience` tells whose figures it shows (0: everybody's), `stamp` how far those had come.
    """

    __tablename__ = "tile"

    z: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    x: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    y: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    layer: Mapped[str] = mapped_column(sa.Text(collation="C"), primary_key=True)
    area: Mapped[str] = mapped_column(sa.Text(collation="C"), primary_key=True)
    audience: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    etag: Mapped[str] = mapped_column(sa.Text)
    drawn_at: Mapped[datetime] = mapped_column(server_default=sa.func.now())
    until: Mapped[date | None]
    stamp: Mapped[int] = mapped_column(sa.BigInteger)
    body: Mapped[bytes]
