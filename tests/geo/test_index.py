"""The index says what GEOS and PostGIS say: on borders, corners, overlaps, holes; and so do its files."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from geo.index import Index, IndexFileError
from geo.index.build import tables
from geo.index.grid import MARKS, Grid, crosses_whole
from geo.index.sides import turn, turns
from tests.bench.province import province

Shapes = NDArray[np.object_]
Spots = NDArray[np.float64]

OUTLINE = sa.text("""
    SELECT min(shape.nth)
      FROM unnest(CAST(:x AS float8[]), CAST(:y AS float8[])) WITH ORDINALITY AS spot (x, y, nth)
      LEFT JOIN (SELECT nth, ST_GeomFromWKB(outline) AS geom
                   FROM unnest(CAST(:outlines AS bytea[])) WITH ORDINALITY AS given (outline, nth)) AS shape
        ON ST_Intersects(shape.geom, ST_MakePoint(spot.x, spot.y))
     GROUP BY spot.nth ORDER BY spot.nth
""")


def index(shapes: Any) -> Index:
    """Number the shapes from 1 by their codes, in the order they stand in."""
    shapes = np.array(shapes, dtype=object)
    return Index.build([f"{nth:015}" for nth in range(len(shapes))], shapes, np.arange(1, len(shapes) + 1))


def by_geos(shapes: Any, spots: Spots) -> NDArray[np.int64]:
    """Ask GEOS for the lowest shape that meets each spot."""
    found = np.full(len(spots), len(shapes))
    spot, shape = shapely.STRtree(shapes).query(shapely.points(spots), predicate="intersects")
    np.minimum.at(found, spot, shape)
    return np.where(found < len(shapes), found, -1)


def by_postgis(session: Session, shapes: Shapes, spots: Spots) -> NDArray[np.int64]:
    """Ask PostGIS the same."""
    given = {"x": spots[:, 0].tolist(), "y": spots[:, 1].tolist(), "outlines": shapely.to_wkb(shapes).tolist()}
    return np.array([-1 if nth is None else nth - 1 for (nth,) in session.execute(OUTLINE, given)])


def spots_of(chance: np.random.Generator, shapes: Any, count: int) -> Spots:
    """Choose vertices, places on edges, their nearest neighbours among the doubles, and places anywhere."""
    vertices = shapely.get_coordinates(shapes)
    corners = vertices[chance.integers(0, len(vertices), count)]
    nth = chance.integers(0, len(vertices) - 1, count)
    on_edges = vertices[nth] + chance.random((count, 1)) * (vertices[nth + 1] - vertices[nth])
    middles = (vertices[nth] + vertices[nth + 1]) / 2
    beside = np.nextafter(on_edges, on_edges + chance.choice([-1.0, 1.0], on_edges.shape))
    west, south, east, north = shapely.total_bounds(shapes)
    grown = max(east - west, north - south) / 10
    anywhere = chance.uniform((west - grown, south - grown), (east + grown, north + grown), (count, 2))
    return np.concatenate([corners, on_edges, middles, beside, anywhere])


def blobs(chance: np.random.Generator, count: int, snap: float = 0) -> Shapes:
    """Draw valid shapes that overlap, have holes and parts; `snap` puts all vertices on a raster."""
    made: list[Any] = []
    while len(made) < count:
        centre = chance.uniform((114.0, 34.0), (114.2, 34.2))
        angles = np.sort(chance.uniform(0, 2 * np.pi, chance.integers(3, 12)))
        ring = centre + np.column_stack([np.cos(angles), np.sin(angles)]) * chance.uniform(0.01, 0.06, (len(angles), 1))
        shape = shapely.make_valid(shapely.polygons(ring))
        if made and chance.random() < 0.5:
            shape = chance.choice([shapely.difference, shapely.union, shapely.symmetric_difference])(shape, made[-1])
        if snap:
            shape = shapely.set_precision(shape, snap)
        parts = [part for part in shapely.get_parts(shape) if part.area > 1e-9 and part.geom_type == "Polygon"]
        if parts and shapely.is_valid(whole := shapely.multipolygons(parts)):
            made.append(whole if len(parts) > 1 or chance.random() < 0.5 else parts[0])
    return np.array(made, dtype=object)


def agrees(shapes: Any, spots: Spots) -> Index:
    """Compare the index with GEOS on every spot, many at a time and one by one."""
    made, expected = index(shapes), by_geos(shapes, spots)
    found = made.locate(spots[:, 0], spots[:, 1])
    assert found.tolist() == expected.tolist()
    assert [made.locate_one(x, y) for x, y in spots.tolist()] == expected.tolist()
    return made


@pytest.mark.parametrize("snap", [0, 0.01, 1 / 256])
def test_shapes_over_each_other_with_holes_and_parts(seed: int, snap: float) -> None:
    chance = np.random.default_rng(seed)
    for count in (1, 2, 5, 12, 30):
        shapes = blobs(chance, count, snap)
        agrees(shapes, spots_of(chance, shapes, 200))


def test_a_province_of_shared_borders(seed: int) -> None:
    chance = np.random.default_rng(seed)
    shapes = province(seed, 600).shapes
    made = agrees(shapes, spots_of(chance, shapes, 4000))
    tile = made.tables.tile
    alone = (tile < -1) & (tile > -2 - len(made.tables.edge))
    assert (tile >= 0).mean() > 0.4, "most tiles of the area answer at once"
    assert alone.mean() > 0.05, "and many have a single border"


def test_borders_drawn_with_other_vertices_and_the_same_shape_twice(seed: int) -> None:
    chance = np.random.default_rng(seed)
    west, east = shapely.box(114.0, 34.0, 114.1, 34.1), shapely.box(114.1, 34.0, 114.2, 34.1)
    fine = shapely.segmentize(east, 0.013)
    shapes = np.array([fine, west, east, west, shapely.box(114.02, 34.02, 114.18, 34.3)], dtype=object)
    agrees(shapes, spots_of(chance, shapes, 500))


def test_a_raster_with_every_spot_on_a_border(seed: int) -> None:
    x, y = (each.ravel() for each in np.mgrid[0:12, 0:9])
    shapes = shapely.box(x, y, x + 1, y + 1)[np.random.default_rng(seed).permutation(len(x))]
    spots = np.column_stack([each.ravel() for each in np.mgrid[-0.5:12.6:0.5, -0.5:9.6:0.5]])
    agrees(shapes, spots)


def test_shapes_of_few_vertices_and_great_size(seed: int) -> None:
    chance = np.random.default_rng(seed)
    shapes = shapely.polygons(chance.uniform((110.0, 31.0), (117.0, 36.0), (40, 3, 2)))
    agrees(shapes, spots_of(chance, shapes, 400))


@pytest.mark.parametrize("up", [1, -1])
def test_a_vertex_on_a_tiles_mark_moves_all_marks(up: int) -> None:
    frame = shapely.box(114.0, 34.0, 114.1, 34.1)
    laid = tables(np.array([frame, shapely.polygons([[114.01, 34.01], [114.02, 34.01], [114.01, 34.02]])])).grid
    x, y = laid.marks_x[3], laid.marks_y[2]
    corner = shapely.polygons([[x, y], [x + 0.005, y + up * 0.005], [x - 0.005, y + up * 0.005]])
    around = np.array([[x, y], [x, y + up * 0.004], [x, y - up * 1e-9], [x - 1e-4, y], [114.05, 34.05]])
    made = agrees(np.array([corner, frame]), around)
    assert (laid.mark, made.tables.grid.mark) == MARKS[:2]


@pytest.mark.parametrize(
    ("edge", "whole"),
    [
        ((-1.0, 2.5, 9.0, 2.7), True),
        ((2.5, 9.0, 2.5, -1.0), True),
        ((-1.0, 2.5, 2.5, 2.6), False),  # ends in the tile
        ((-1.0, 2.5, 1.9, 2.5), False),  # ends before it, but its line does not
        ((-1.0, 3.5, 9.0, 3.6), False),  # passes by
        ((3.5, -1.0, 3.5, 9.0), False),
    ],
)
def test_only_an_edge_that_leaves_a_tile_as_its_line_does_divides_it(edge: tuple[float, ...], whole: bool) -> None:
    laid = Grid(west=0.0, south=0.0, across=1.0, up=1.0, columns=5, rows=5, mark=MARKS[0])
    assert crosses_whole(laid, np.array([12]), np.array([edge])).tolist() == [whole]


def test_postgis_agrees_wherever_doubles_suffice(session: Session, seed: int) -> None:
    chance = np.random.default_rng(seed)
    sloping = shapely.polygons(chance.uniform((110.0, 31.0), (117.0, 36.0), (12, 3, 2)))
    unsure = 0
    for shapes in (blobs(chance, 20), blobs(chance, 20, 0.01), province(seed, 60).shapes, sloping):
        spots = spots_of(chance, shapes, 400)
        found, doubts = index(shapes).locate_with_doubts(spots[:, 0], spots[:, 1])
        other = np.flatnonzero(found != by_postgis(session, shapes, spots))
        assert set(other) <= set(doubts.tolist())
        assert len(doubts) < len(spots) / 20
        unsure += len(doubts)
    assert unsure > 0, "on edges of some degrees a place may lie nearer than doubles can say"


def test_what_is_no_place_lies_nowhere() -> None:
    made = index([shapely.box(114, 34, 115, 35)])
    strange = [np.nan, np.inf, -np.inf, 1e300, 114.5]
    found = [made.locate_one(x, y) for x in strange for y in strange]
    pairs = np.array([(x, y) for x in strange for y in strange])
    assert found == made.locate(pairs[:, 0], pairs[:, 1]).tolist() == [-1] * 25
    assert made.locate([], []).tolist() == []
    with pytest.raises(ValueError, match="longitudes"):
        made.locate([114.5, 114.6], [34.5])


def test_no_cells_at_all(tmp_path: Path) -> None:
    made = index([])
    made.save(tmp_path / "none", "x")
    for each in (made, Index.load(tmp_path / "none", "x")):
        assert (each.locate([114.0], [34.0]).tolist(), each.locate_one(0.5, 0.5)) == ([-1], -1)


def test_codes_decide_whatever_the_order() -> None:
    box = shapely.box(114, 34, 115, 35)
    made = Index.build(["300", "100", "200"], np.array([box, box, box]), [7, 8, 9])
    position = made.locate_one(114.5, 34.5)
    assert (made.codes[position], made.ids[position]) == (b"100", 8)


def test_a_file_answers_like_what_it_was_made_from(tmp_path: Path, seed: int) -> None:
    chance = np.random.default_rng(seed)
    shapes = blobs(chance, 20)
    made, spots = index(shapes), spots_of(chance, shapes, 300)
    made.save(tmp_path / "kept", "state 1")
    mapped = Index.load(tmp_path / "kept", "state 1")
    assert mapped.locate(*spots.T).tolist() == made.locate(*spots.T).tolist() == by_geos(shapes, spots).tolist()
    assert [mapped.locate_one(*spot) for spot in spots.tolist()] == made.locate(*spots.T).tolist()
    assert (mapped.codes.tolist(), mapped.ids.tolist()) == (made.codes.tolist(), made.ids.tolist())
    assert [each.name for each in tmp_path.iterdir()] == ["kept"]
    with pytest.raises(ValueError, match="read-only"):
        mapped.tables.tile[0] = 0


def test_a_file_that_is_damaged_or_anothers_is_refused(tmp_path: Path, seed: int) -> None:
    path = tmp_path / "kept"
    index(province(seed, 20).shapes).save(path, "state 1")
    whole = path.read_bytes()
    with pytest.raises(IndexFileError, match="another state"):
        Index.load(path, "state 2")
    for at in np.random.default_rng(seed).integers(0, len(whole), 40).tolist():
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x40]) + whole[at + 1 :])
        with pytest.raises(IndexFileError):
            Index.load(path, "state 1")
    for content in (b"", whole[:20], whole[:-1], whole[: len(whole) // 2], bytes(len(whole)), b"SQLite format 3\0" * 9):
        path.write_bytes(content)
        with pytest.raises(IndexFileError):
            Index.load(path, "state 1")
    with pytest.raises(OSError, match="missing"):
        Index.load(tmp_path / "missing", "state 1")


def test_a_file_that_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    with pytest.raises(OSError, match="taken"):
        index([shapely.box(114, 34, 115, 35)]).save(tmp_path / "taken", "x")
    assert [each.name for each in tmp_path.iterdir()] == ["taken"]


near = st.integers(-3, 3)
wide = st.floats(-1e6, 1e6) | st.floats(110, 117) | st.floats(-1e-200, 1e-200)


@given(st.tuples(wide, wide, wide, wide), st.floats(-1, 2), near, near)
def test_a_side_is_always_the_true_one(ends: tuple[float, ...], along: float, right: int, up: int) -> None:
    ax, ay, bx, by = ends
    px, py = ax + along * (bx - ax), ay + along * (by - ay)
    for _ in range(abs(right)):
        px = float(np.nextafter(px, np.inf * right))
    for _ in range(abs(up)):
        py = float(np.nextafter(py, np.inf * up))
    x, y = Fraction(ax), Fraction(ay)
    true = (Fraction(bx) - x) * (Fraction(py) - y) - (Fraction(by) - y) * (Fraction(px) - x)
    expected = (true > 0) - (true < 0)
    assert turns(*(np.array([each]) for each in (ax, ay, bx, by, px, py)))[0].tolist() == [expected]
    assert np.sign(turn(ax, ay, bx, by, px, py)) == expected
