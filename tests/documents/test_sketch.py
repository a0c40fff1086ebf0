"""The small map: drawn from our own cells, to scale, with a name only where it can be read."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import replace

from field.documents.sketch import HEIGHT_MM, WIDTH_MM, distance_m, draw_sketch
from field.rules.paper_facts import Outline, Spot
from tests.documents.samples import SKETCH

TASK, VISIT = Spot(113.03, 33.25), Spot(113.031, 33.2505, 45.0)
SVG = "{http://www.w3.org/2000/svg}"


def _drawn(*, task: Spot | None = TASK, visit: Spot | None = VISIT) -> ET.Element:
    return ET.fromstring(draw_sketch(SKETCH, task, visit))


def test_cells_with_names_points_scale_and_north() -> None:
    texts = [each.text for each in _drawn().iter(f"{SVG}text")]
    assert texts == ["栖云社区第1网格", "<b>第2网格", "200 米", "北"]
    fills = [each.get("fill") for each in _drawn().iter(f"{SVG}path")]
    assert "#e4e4e4" in fills
    circles = list(_drawn().iter(f"{SVG}circle"))
    # 1,800 metres on 174 mm: the phone was 93 m east and 55 m north of the task, and may be 45 m off.
    assert [round(float(circles[0].get(name, 0)), 1) for name in ("cx", "cy", "r")] == [96.0, 25.6, 4.3]
    assert len(list(_drawn(visit=None).iter(f"{SVG}circle"))) == 0


def test_the_scale_is_true() -> None:
    [bar] = [each for each in _drawn().iter(f"{SVG}path") if "h19.3" in (each.get("d") or "")]
    assert bar is not None
    assert round(200 / (2 * SKETCH.half_width_m) * WIDTH_MM, 1) == 19.3


def test_it_names_nothing_outside() -> None:
    drawn = draw_sketch(SKETCH, TASK, VISIT).decode()
    assert re.findall(r"https?://[^\"]*", drawn) == ["http://www.w3.org/2000/svg"]
    assert "href" not in drawn


def test_names_do_not_lie_on_each_other() -> None:
    same = tuple(Outline(f"{nth:015d}", "一样的名字", SKETCH.outlines[0].rings) for nth in range(5))
    drawn = ET.fromstring(draw_sketch(replace(SKETCH, outlines=same), None, None))
    assert [each.text for each in drawn.iter(f"{SVG}text")].count("一样的名字") == 1


def test_a_cell_of_which_nothing_is_left_is_no_trouble() -> None:
    sliver = Outline("419999100001009", "细条", (((0.0, 0.0), (5.0, 0.0), (0.0, 0.0)),))
    drawn = ET.fromstring(draw_sketch(replace(SKETCH, outlines=(sliver,)), TASK, None))
    assert drawn.get("viewBox") == f"0 0 {WIDTH_MM:g} {HEIGHT_MM:g}"


def test_distances_are_metres() -> None:
    assert round(distance_m(TASK, VISIT)) == 108
    assert distance_m(TASK, TASK) == 0
