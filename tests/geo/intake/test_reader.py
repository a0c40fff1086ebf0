"""What a file may look like and still be understood."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from geo.intake import encoding, prepare
from geo.intake.reader import COLUMNS, read
from tests.geo.draw import attributes, code, square, write, zipped
from tests.geo.intake.faulty import GOOD, by_hand


def test_columns_are_found_in_any_case_and_beside_others(tmp_path: Path) -> None:
    columns = {"OBJECTID": ["7"], "Code": [code(1)], "NAME": ["甲"]}
    table = read(write(tmp_path / "cells.gpkg", [square(0)], columns))
    assert table.columns == {"code": [code(1)], "name": ["甲"]}


def test_a_shapefile_cuts_the_names_of_its_columns(tmp_path: Path) -> None:
    table = read(write(tmp_path / "cells.shp", [square(0)]))
    assert set(table.columns) == set(COLUMNS)
    assert table.columns["village_code"] == ["410225001001"]


@pytest.mark.parametrize("ending", [".gpkg", ".shp", ".geojson"])
@pytest.mark.parametrize("kind", [np.int64, np.float64])
def test_codes_may_be_numbers(tmp_path: Path, ending: str, kind: Any) -> None:
    columns = {"code": kind([int(code(1)), int(code(2))]), "name": ["甲", "乙"]}
    table = read(write(tmp_path / f"cells{ending}", [square(0), square(1)], columns))
    assert table.columns["code"] == [code(1), code(2)]


def test_a_missing_number_is_an_empty_text(tmp_path: Path) -> None:
    properties: list[dict[str, Any]] = [{"code": int(code(1)), "name": "甲"}, {"code": None, "name": None}]
    table = read(by_hand(tmp_path / "cells.geojson", GOOD, GOOD, properties=properties))
    assert table.columns == {"code": [code(1), ""], "name": ["甲", ""]}


def test_blanks_around_texts_are_no_part_of_them(tmp_path: Path) -> None:
    table = read(write(tmp_path / "cells.gpkg", [square(0)], {"code": [f" {code(1)}"], "name": ["甲 "]}))
    assert table.columns == {"code": [code(1)], "name": ["甲"]}


def test_one_of_several_layers_may_be_named(tmp_path: Path) -> None:
    write(tmp_path / "cells.gpkg", [square(0)], layer="old")
    path = write(tmp_path / "cells.gpkg", [square(0), square(1)], layer="new", append=True)
    assert len(read(path, "new").shapes) == 2


@pytest.mark.parametrize("layer", [None, "新网格"])
def test_a_zipped_shapefile_may_lie_in_a_folder(tmp_path: Path, layer: str | None) -> None:
    path = zipped(write(tmp_path / "新网格.shp", [square(0)]), "报送/2026年/")
    assert read(path, layer).columns["name"] == ["第1网格"]


def test_an_archive_may_point_anywhere_and_reach_nothing(tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    path = zipped(write(inner / "cells.shp", [square(0)]), "../../")
    assert len(read(path).shapes) == 1
    assert [each.name for each in tmp_path.iterdir()] == ["inner"]


@pytest.mark.parametrize("declared", ["GBK", "gb18030", "CP936", "936\n"])
def test_a_declared_encoding_is_used(tmp_path: Path, declared: str) -> None:
    path = write(tmp_path / "cells.shp", [square(0)], encoding="GBK")
    path.with_suffix(".cpg").write_text(declared)
    assert read(path).columns["village"] == ["柳园村"]


@pytest.mark.parametrize("declared", ["OEM", "nonsense", "rot13", "", "\0", "编码"])
@pytest.mark.parametrize("real", ["GBK", "UTF-8"])
def test_a_declaration_that_says_nothing_is_guessed_around(tmp_path: Path, declared: str, real: str) -> None:
    path = write(tmp_path / "cells.shp", [square(0)], encoding=real)
    path.with_suffix(".cpg").rename(path.with_suffix(".CPG")).write_text(declared)
    assert read(path).columns["village"] == ["柳园村"]


def test_rare_characters_outlive_gbk(tmp_path: Path) -> None:
    name = "𠮷㛃村"
    path = write(tmp_path / "cells.shp", [square(0)], attributes(1, village=name), encoding="GB18030")
    path.with_suffix(".cpg").unlink()
    assert read(path).columns["village"] == [name]


def test_all_texts_must_fit_one_encoding() -> None:
    utf8, gbk = ("河南".encode(each).decode(encoding.RAW) for each in ("utf-8", "gbk"))
    assert encoding.decode([utf8, "a"], ("utf-8", "gb18030")) == ["河南", "a"]
    assert encoding.decode(["a", gbk], ("utf-8", "gb18030")) == ["a", "河南"]
    assert encoding.decode([utf8, gbk], ("utf-8",)) is None


def test_what_gdal_warns_of_is_passed_on(tmp_path: Path) -> None:
    [note] = prepare(by_hand(tmp_path / "cells.geojson", GOOD, GOOD, id=7)).notes
    assert note.code == "reader_warned"
    assert "id = 7" in note.line("en")
