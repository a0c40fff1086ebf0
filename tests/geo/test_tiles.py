"""Tiles: all that lies in them is drawn, in its place; kept until something in them changes, no moment longer."""

from __future__ import annotations

import gzip
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import shapely
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from geo.drawings import draw_missing, redraw
from geo.models import Cell, Division
from geo.outlines import ALWAYS, Span, joined, spans
from geo.tiles import Canvas, draw, keep, may_keep
from geo.zooms import KEPT_TO, MAX_ZOOM, MIN_ZOOM, WORLD_M, Layer, Square, unit
from tests.builders import make_cell
from tests.geo.mvt import Feature, read

TODAY = date(2026, 6, 10)
LATER = date(2026, 7, 1)
ZOOMS = range(MIN_ZOOM, MAX_ZOOM + 1)
VILLAGES = ("410225001001", "410225001002", "410225002001", "410226001001")
PLACE = sa.text("""
    SELECT ST_X(place), ST_Y(place)
      FROM (SELECT ST_PointOnSurface(geom) AS place FROM geo.drawing
             WHERE code = :code AND (until IS NULL OR until > :day) ORDER BY since LIMIT 1) AS shown
""")


@pytest.fixture
def town(session: Session) -> list[str]:
    """Nine cells in four villages, one of them of a metre only; all drawn."""
    cells = [make_cell(session, number, village=village) for village in VILLAGES for number in (1, 2)]
    tiny = make_cell(session, 903, at=(30, 30))
    session.execute(
        sa.update(Cell).where(Cell.id == tiny.id).values(geom=_multi(shapely.box(115.2, 35.2, 115.20001, 35.20001)))
    )
    draw_missing(session, TODAY)
    return [cell.code for cell in (*cells, tiny)]


def _multi(polygon: Any) -> str:
    return f"SRID=4326;{shapely.multipolygons([polygon]).wkt}"


def _square(session: Session, code: str, z: int, day: date = TODAY) -> Square:
    x, y = session.execute(PLACE, {"code": code, "day": day}).one()
    return _around(x, y, z)


def _around(x: float, y: float, z: int) -> Square:
    side = WORLD_M / (1 << z)
    return Square(z, int((x + WORLD_M / 2) // side), int((WORLD_M / 2 - y) // side))


def _features(session: Session, folder: Path, canvas: Canvas, day: date = TODAY) -> dict[str, Feature]:
    found = read(folder, canvas.square, draw(session, canvas, day).body)
    assert len({each.code for each in found}) == len(found)
    return {each.code: each for each in found}


# What a tile shows.


@pytest.mark.parametrize("z", ZOOMS)
def test_nothing_is_left_out_at_any_zoom(session: Session, town: list[str], tmp_path: Path, z: int) -> None:
    digits = 6 if z <= 7 else 9 if z <= 9 else 12 if z <= 11 else 15
    expected = {code[:digits] for code in town}
    shown: dict[str, Feature] = {}
    for code in expected:
        found = _features(session, tmp_path, Canvas(Layer.CELLS, _square(session, code, z), ""))
        assert code in found, "each is in the tile it stands in, the smallest too"
        shown |= found
    assert set(shown) == expected
    assert all(each.shape.area > 0 for each in shown.values()), "a square if nothing else"
    level = {6: "COUNTY", 9: "TOWNSHIP", 12: "VILLAGE", 15: "CELL"}[digits]
    assert {each.told["level"] for each in shown.values()} == {level}
    if digits < 15:
        assert sum(each.told["cells"] for each in shown.values()) == len(town)
        assert all("kind" not in each.told for each in shown.values())
    else:
        assert {each.told["kind"] for each in shown.values()} == {"GENERAL", "SPECIAL"}


def test_shapes_lie_where_they_are(session: Session, town: list[str], tmp_path: Path) -> None:
    for z in (12, 14, 16):
        square = _square(session, town[0], z)
        found = _features(session, tmp_path, Canvas(Layer.CELLS, square, ""))[town[0]]
        stored = session.execute(
            sa.text("SELECT ST_AsBinary(ST_Transform(geom, 3857)) FROM geo.cell WHERE code = :code"), {"code": town[0]}
        ).scalar_one()
        side = WORLD_M / (1 << z)
        west, north = square.x * side - WORLD_M / 2, WORLD_M / 2 - square.y * side
        frame = shapely.box(west, north - side, west + side, north)  # GDAL cuts off what is beyond the tile
        expected = shapely.intersection(shapely.from_wkb(stored), frame)
        # A pixel of the screen is sixteen units; rounding to whole units moves a corner by less than one.
        assert shapely.hausdorff_distance(found.shape, expected) < 1.5 * unit(z)
        assert found.told["name"] == "第1网格"


def test_neighbours_share_their_border_far_out_too(session: Session, tmp_path: Path) -> None:
    """A crooked border through odd places, at the zooms where shapes are coarse: no gap and no overlap."""
    line = [(114.81, 34.80), (114.8133, 34.8041), (114.8079, 34.8087), (114.81, 34.83)]
    west = shapely.Polygon([(114.7, 34.8), *line, (114.7, 34.83)])
    east = shapely.Polygon([*line, (114.95, 34.83), (114.95, 34.8)])
    for village, shape in (("410225001001", west), ("410225002001", east)):
        cell = make_cell(session, 1, village=village)
        session.execute(sa.update(Cell).where(Cell.id == cell.id).values(geom=_multi(shape)))
    draw_missing(session, TODAY)
    for z in (8, 9, 10, 11):
        square = _around(12780590.7, 4138872.6, z)  # 114.81, 34.81
        one, other = _features(session, tmp_path, Canvas(Layer.CELLS, square, "")).values()
        together = shapely.union(one.shape, other.shape)
        assert together.geom_type == "Polygon" or len(together.geoms) == 1
        assert together.area == pytest.approx(one.shape.area + other.shape.area, rel=1e-9)


def test_divisions_come_with_the_level_above(session: Session, town: list[str], tmp_path: Path) -> None:
    expected = {5: {4, 6}, 8: {6, 9}, 10: {9, 12}, 15: {9, 12}}
    for z, lengths in expected.items():
        found = _features(session, tmp_path, Canvas(Layer.DIVISIONS, _square(session, town[0], z), ""))
        assert {len(code) for code in found} == lengths


def test_a_declared_outline_counts(session: Session, town: list[str], tmp_path: Path) -> None:
    village = VILLAGES[0]
    square = _square(session, village, 11)
    before = _features(session, tmp_path, Canvas(Layer.DIVISIONS, square, ""))[village]
    declared = _multi(shapely.box(114.80, 34.80, 114.90, 34.90))
    session.execute(sa.update(Division).where(Division.code == village).values(geom=declared))
    redraw(session, [village], TODAY)
    after = _features(session, tmp_path, Canvas(Layer.DIVISIONS, _square(session, village, 11), ""))
    assert after[village].shape.area > 2 * before.shape.area
    assert after[village[:9]].shape.area >= 0.9 * after[village].shape.area, "and so does the township of it"


def test_micro_grids_are_shown_from_zoom_14(session: Session, town: list[str], tmp_path: Path) -> None:
    cell = session.scalars(sa.select(Cell).where(Cell.code == town[0])).one()
    shape: Any = _multi(shapely.box(114.8101, 34.8801, 114.8149, 34.8849))
    micro = Cell(code=f"{town[0]}001", name="微网格", kind="MICRO", village_id=cell.village_id, geom=shape)
    micro.valid_from = cell.valid_from
    session.add(micro)
    session.flush()
    redraw(session, [micro.code], TODAY)
    for z in ZOOMS:
        canvas = Canvas(Layer.CELLS, _square(session, micro.code, z), "")
        assert (micro.code in _features(session, tmp_path, canvas)) == (z >= 14)


@pytest.mark.parametrize("area", ["4102", "410225", "410225001", "410225001001"])
def test_an_area_shows_nothing_of_its_neighbours(session: Session, town: list[str], tmp_path: Path, area: str) -> None:
    for z in ZOOMS:
        for layer in (Layer.CELLS, Layer.DIVISIONS):
            shown: set[str] = set()
            for code in town:
                shown |= set(_features(session, tmp_path, Canvas(layer, _square(session, code, z), area)))
            assert shown
            assert all(code.startswith(area) for code in shown), "at no zoom the division around it either"


# How long a kept tile lasts.


def _keep_all(session: Session, town: list[str], area: str = "") -> dict[Canvas, bytes]:
    squares = {_square(session, code, z) for code in town for z in range(MIN_ZOOM, KEPT_TO + 1)}
    kept = {}
    for canvas in (Canvas(layer, square, area) for square in squares for layer in (Layer.CELLS, Layer.DIVISIONS)):
        drawn = draw(session, canvas, TODAY)
        assert may_keep(session)
        keep(session, canvas, drawn)
        kept[canvas] = drawn.body
    return kept


def _still_kept(session: Session) -> set[Canvas]:
    rows = session.execute(sa.text("SELECT layer, z, x, y, area FROM geo.tile"))
    return {Canvas(Layer(row.layer), Square(row.z, row.x, row.y), row.area) for row in rows}


EDITS = {
    "a border moves": "UPDATE geo.cell SET geom = ST_Multi(ST_Envelope(ST_Buffer(geom, 0.004))) WHERE code = :code",
    "a name changes": "UPDATE geo.cell SET name = '新名' WHERE code = :code",
    "a cell goes": "DELETE FROM geo.cell WHERE code = :code",
    "a cell ends later": f"UPDATE geo.cell SET valid_to = '{LATER}' WHERE code = :code",
}


@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_takes_away_what_it_touches_and_nothing_else(session: Session, town: list[str], edit: str) -> None:
    kept = _keep_all(session, town) | _keep_all(session, town, "410225002")
    session.execute(sa.text(EDITS[edit]), {"code": town[0]})
    redraw(session, [town[0]], TODAY)
    still = _still_kept(session)
    for canvas, body in kept.items():
        drawn = draw(session, canvas, TODAY)
        if canvas in still:
            assert drawn.body == body, f"{edit}: what is still kept is what would be drawn now"
    assert {canvas for canvas in kept if canvas.area} <= still, "another township's tiles stay"
    gone = kept.keys() - still
    assert gone, edit
    far = _square(session, town[-1], KEPT_TO)
    assert Canvas(Layer.CELLS, far, "") in still, "the same village, but not near"


def test_an_edit_that_changes_nothing_leaves_every_tile(session: Session, town: list[str]) -> None:
    kept = _keep_all(session, town)
    redraw(session, town, TODAY)
    assert _still_kept(session) == set(kept)


def test_a_tile_ends_on_the_day_something_in_it_does(session: Session, town: list[str], tmp_path: Path) -> None:
    old = session.scalars(sa.select(Cell).where(Cell.code == town[0])).one()
    old.valid_to = LATER
    session.flush()
    new = Cell(code=old.code, name="改名", kind=old.kind, village_id=old.village_id, geom=old.geom, valid_from=LATER)
    session.add(new)
    session.flush()
    redraw(session, [old.code], TODAY)
    near = Canvas(Layer.CELLS, _square(session, old.code, 14), "")
    assert draw(session, near, TODAY).until == LATER
    assert draw(session, near, LATER).until is None
    assert _features(session, tmp_path, near)[old.code].told["name"] == "第1网格"
    assert _features(session, tmp_path, near, LATER)[old.code].told["name"] == "改名"
    # The village is the same after that day, so its tiles do not end.
    assert draw(session, Canvas(Layer.CELLS, _square(session, old.code[:12], 11), ""), TODAY).until is None


def test_a_cell_that_begins_later_is_counted_from_its_day_on(session: Session, town: list[str], tmp_path: Path) -> None:
    coming = make_cell(session, 7, village=VILLAGES[2], since=LATER)
    redraw(session, [coming.code], TODAY)
    canvas = Canvas(Layer.CELLS, _square(session, VILLAGES[2], 11), "")
    assert [draw(session, canvas, day).until for day in (TODAY, LATER - timedelta(days=1), LATER)] == [
        LATER,
        LATER,
        None,
    ]
    counts = [_features(session, tmp_path, canvas, day)[VILLAGES[2]].told["cells"] for day in (TODAY, LATER)]
    assert counts == [2, 3]


def test_no_tile_of_the_map_before_outlives_a_change(committing_sessions: sessionmaker[Session]) -> None:
    """A reader who began before the change keeps no tile after it; one who began during it keeps none at all."""
    with committing_sessions.begin() as session:
        code = make_cell(session, 1).code
        draw_missing(session, TODAY)
        canvas = Canvas(Layer.CELLS, _square(session, code, 14), "")
    with committing_sessions() as reader, committing_sessions() as writer:
        assert may_keep(reader)
        early = draw(reader, canvas, TODAY)
        writer.execute(sa.text("UPDATE geo.cell SET name = '新名'"))
        writer.execute(sa.text("SET LOCAL lock_timeout = '100ms'"))
        with pytest.raises(sa.exc.OperationalError, match="lock timeout"), writer.begin_nested():
            redraw(writer, [code], TODAY)  # waits for the reader, who still may keep
        keep(reader, canvas, early)
        reader.commit()
        redraw(writer, [code], TODAY)
        assert not may_keep(reader), "what is drawn now is about to be old"
        reader.rollback()
        writer.commit()
        assert _still_kept(reader) == set(), "the early tile went with the change"
        assert may_keep(reader)
        assert "新名" in gzip.decompress(draw(reader, canvas, TODAY).body).decode("utf-8", "ignore")


# Outlines.


def _span(outline: Any, since: date = ALWAYS, until: date | None = None, name: str = "", cells: int = 1) -> Span:
    return Span(since, until, name, cells, outline)


def test_parts_that_fit_and_parts_that_do_not_are_joined() -> None:
    whole = shapely.box(0, 0, 200, 200)
    fitting = [shapely.box(0, 0, 100, 200), shapely.box(100, 0, 200, 200)]
    corner_on_a_side = [fitting[0], shapely.box(100, 0, 200, 90), shapely.box(100, 90, 200, 200)]
    overlapping = [shapely.box(0, 0, 150, 200), shapely.box(100, 0, 200, 200)]
    for parts in (fitting, corner_on_a_side, overlapping):
        found = joined(parts)
        assert found.geom_type == "MultiPolygon"
        assert shapely.hausdorff_distance(found, whole) < 0.02
        assert len(found.geoms) == 1
        assert not found.geoms[0].interiors


def test_a_division_changes_on_the_days_its_parts_or_its_name_do() -> None:
    left, right = shapely.box(0, 0, 10, 10), shapely.box(10, 0, 20, 10)
    days = [date(2026, 7, 1), date(2026, 8, 1), date(2026, 9, 1)]
    own = [_span(None, name="甲", until=days[0]), _span(None, since=days[0], name="乙")]
    parts = [_span(left), _span(right, since=days[1], until=days[2]), _span(right, since=days[2])]
    found = spans(own, parts, TODAY)
    assert [(span.since, span.until, span.name, span.cells) for span in found] == [
        (ALWAYS, days[0], "甲", 1),
        (days[0], days[1], "乙", 1),
        (days[1], None, "乙", 2),
    ]
    assert spans(own, [], TODAY) == []
    assert spans(own, [_span(left, until=TODAY)], TODAY) == [], "what has ended is no part"
