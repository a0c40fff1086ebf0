"""What a file may look like and still be understood."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from geo.intake import IntakeRefused, Source, encoding
from geo.intake.headings import COLUMNS
from geo.intake.reader import opened
from tests.geo.draw import VILLAGE, attributes, code, placemarks, square, write, zipped
from tests.geo.intake.faulty import GOOD, by_hand


def columns_of(path: Path, **asked: Any) -> dict[str, list[str]]:
    """Read a file and put the chunks of each column together."""
    with opened(Source(path, **asked)) as layer:
        chunks = list(layer.chunks)
    return {column: [text for chunk in chunks for text in chunk.columns[column]] for column in chunks[0].columns}


def notes_of(path: Path, **asked: Any) -> list[str]:
    """Read a file and say what was noted."""
    with opened(Source(path, **asked)) as layer:
        assert list(layer.chunks)
    return [note.line("en") for note in layer.notes]


def test_columns_are_found_in_any_case_and_beside_others(tmp_path: Path) -> None:
    columns = {"OBJECTID": ["7"], "Code": [code(1)], "NAME": ["甲"]}
    assert columns_of(write(tmp_path / "cells.gpkg", [square(0)], columns)) == {"code": [code(1)], "name": ["甲"]}


def test_a_shapefile_cuts_the_names_of_its_columns(tmp_path: Path) -> None:
    columns = columns_of(write(tmp_path / "cells.shp", [square(0)], attributes(1, replaces=code(7))))
    assert set(columns) == set(COLUMNS)
    assert columns["village_code"] == ["410225001001"]


@pytest.mark.parametrize("ending", [".gpkg", ".shp"])
@pytest.mark.parametrize("known", [True, False])
def test_chinese_headings_are_known(tmp_path: Path, ending: str, known: bool) -> None:
    columns = {"网格编码": [code(1)], "网格名称": ["甲"], "村社区": ["柳园村"], "面积": ["7"]}
    path = write(tmp_path / f"cells{ending}", [square(0)], columns, encoding="GBK" if ending == ".shp" else None)
    if ending == ".shp" and not known:
        path.with_suffix(".cpg").unlink()
    assert columns_of(path) == {"code": [code(1)], "name": ["甲"], "village": ["柳园村"]}
    assert notes_of(path) == ["Columns were read as: 网格编码 → code, 网格名称 → name, 村社区 → village."]


def test_our_own_heading_goes_before_a_chinese_one_and_that_is_said(tmp_path: Path) -> None:
    path = write(tmp_path / "cells.gpkg", [square(0)], {"code": [code(1)], "name": ["甲"], "网格名称": ["乙"]})
    assert columns_of(path)["name"] == ["甲"]
    assert notes_of(path) == ["Columns that were not used: 网格名称."]


@pytest.mark.parametrize("heading", ["BH", "bh"])
def test_a_person_may_say_which_column_is_which(tmp_path: Path, heading: str) -> None:
    columns = {"BH": [code(1)], "MC": ["甲"], "name": ["乙"], "code": ["x"]}
    path = write(tmp_path / "cells.gpkg", [square(0)], columns)
    taken = columns_of(path, mapping={"code": heading, "name": "MC"})
    assert taken == {"code": [code(1)], "name": ["甲"]}


def test_a_column_that_stands_for_one_thing_does_not_stand_for_its_own(tmp_path: Path) -> None:
    columns = {"village_code": [VILLAGE], "village": ["柳园村"]}
    path = write(tmp_path / "villages.gpkg", [square(0)], columns)
    taken = columns_of(path, mapping={"code": "village_code", "name": "village"})
    assert taken == {"code": [VILLAGE], "name": ["柳园村"]}


@pytest.mark.parametrize("ending", [".gpkg", ".shp", ".geojson"])
@pytest.mark.parametrize("kind", [np.int64, np.float64])
def test_codes_may_be_numbers(tmp_path: Path, ending: str, kind: Any) -> None:
    columns = {"code": kind([int(code(1)), int(code(2))]), "name": ["甲", "乙"]}
    path = write(tmp_path / f"cells{ending}", [square(0), square(1)], columns)
    assert columns_of(path)["code"] == [code(1), code(2)]


def test_a_missing_number_is_an_empty_text(tmp_path: Path) -> None:
    properties: list[dict[str, Any]] = [{"code": int(code(1)), "name": "甲"}, {"code": None, "name": None}]
    taken = columns_of(by_hand(tmp_path / "cells.geojson", GOOD, GOOD, properties=properties))
    assert taken == {"code": [code(1), ""], "name": ["甲", ""]}


def test_blanks_around_texts_are_no_part_of_them(tmp_path: Path) -> None:
    path = write(tmp_path / "cells.gpkg", [square(0)], {"code": [f" {code(1)}"], "name": ["甲 "]})
    assert columns_of(path) == {"code": [code(1)], "name": ["甲"]}


def test_one_of_several_layers_may_be_named(tmp_path: Path) -> None:
    write(tmp_path / "cells.gpkg", [square(0)], layer="old")
    path = write(tmp_path / "cells.gpkg", [square(0), square(1)], layer="new", append=True)
    assert len(columns_of(path, layer="new")["code"]) == 2


@pytest.mark.parametrize("ending", [".gpkg", ".shp", ".geojson", ".fgb", ".kml", ".zip"])
@pytest.mark.parametrize("name", ["网格 2026.zip!x", "cells.shp", "a.gpkg"])
def test_a_file_is_known_by_its_bytes_and_not_by_its_name(tmp_path: Path, ending: str, name: str) -> None:
    (tmp_path / "made").mkdir()
    made = tmp_path / "made" / f"cells{ending}"
    if ending == ".zip":
        made = zipped(write(made.with_suffix(".gpkg"), [square(0)]))
    elif ending == ".kml":
        placemarks(made, [square(0)])
    else:
        write(made, [square(0)], geometry_type="Polygon")
    if ending == ".shp":
        for part in made.parent.iterdir():
            shutil.copy(part, tmp_path / f"网格{part.suffix.upper()}")
        path = tmp_path / "网格.SHP"
    else:
        path = Path(shutil.copy(made, tmp_path / name))
    assert columns_of(path)["village"] == ["柳园村"]


@pytest.mark.parametrize("layer", [None, "新网格"])
def test_a_zipped_shapefile_may_lie_in_a_folder(tmp_path: Path, layer: str | None) -> None:
    path = zipped(write(tmp_path / "新网格.shp", [square(0)]), "报送/2026年/")
    assert columns_of(path, layer=layer)["name"] == ["第1网格"]


@pytest.mark.parametrize("layer", ["新网格", "旧网格"])
def test_one_of_several_files_in_an_archive_may_be_named(tmp_path: Path, layer: str) -> None:
    path = zipped(write(tmp_path / "新网格.shp", [square(0)]))
    other = write(tmp_path / "旧网格.geojson", [square(0), square(1)])
    with zipfile.ZipFile(path, "a") as archive:
        archive.write(other, other.name)
        archive.writestr("说明.docx", b"PK\x03\x04 an office document")
    assert len(columns_of(path, layer=layer)["code"]) == (1 if layer == "新网格" else 2)


def test_names_in_an_archive_may_be_in_gbk_without_saying_so(tmp_path: Path) -> None:
    path = zipped(write(tmp_path / "cells.shp", [square(0)]))
    named = path.read_bytes().replace(b"cells.", "网格a".encode("gbk") + b".")
    path.write_bytes(named)
    assert columns_of(path, layer="网格a")["name"] == ["第1网格"]
    with pytest.raises(IntakeRefused) as refused:
        columns_of(path, layer="grids")
    assert "网格a" in refused.value.findings[0].line("zh")


def test_an_archive_may_point_anywhere_and_reach_nothing(tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    path = zipped(write(inner / "cells.shp", [square(0)]), "../../")
    assert len(columns_of(path)["code"]) == 1
    assert [each.name for each in tmp_path.iterdir()] == ["inner"]


@pytest.mark.parametrize("declared", ["GBK", "gb18030", "CP936", "936\n"])
def test_a_declared_encoding_is_used(tmp_path: Path, declared: str) -> None:
    path = write(tmp_path / "cells.shp", [square(0)], encoding="GBK")
    path.with_suffix(".cpg").write_text(declared)
    assert columns_of(path)["village"] == ["柳园村"]


@pytest.mark.parametrize("declared", ["OEM", "nonsense", "rot13", "", "\0", "编码"])
@pytest.mark.parametrize("real", ["GBK", "UTF-8"])
def test_a_declaration_that_says_nothing_is_guessed_around(tmp_path: Path, declared: str, real: str) -> None:
    path = write(tmp_path / "cells.shp", [square(0)], encoding=real)
    path.with_suffix(".cpg").rename(path.with_suffix(".CPG")).write_text(declared)
    assert columns_of(path)["village"] == ["柳园村"]


def test_rare_characters_outlive_gbk(tmp_path: Path) -> None:
    name = "𠮷㛃村"
    path = write(tmp_path / "cells.shp", [square(0)], attributes(1, village=name), encoding="GB18030")
    path.with_suffix(".cpg").unlink()
    assert columns_of(path)["village"] == [name]


def test_one_encoding_must_fit_the_whole_file(tmp_path: Path) -> None:
    count = 9_000
    names = ["a"] * count
    names[-1] = "第一网格"
    columns = {"code": [code(1)] * count, "name": names}
    path = write(tmp_path / "cells.shp", [square(0)] * count, columns, encoding="GBK")
    path.with_suffix(".cpg").unlink()
    assert columns_of(path)["name"][-1] == "第一网格"


def test_a_text_cut_off_in_a_character_fits_no_encoding() -> None:
    utf8, gbk = ("河南".encode(each).decode(encoding.RAW) for each in ("utf-8", "gbk"))
    assert (encoding.decoded(utf8, "utf-8"), encoding.decoded(gbk, "gb18030")) == ("河南", "河南")
    assert encoding.unfit(["a", utf8, gbk], "utf-8") == 2
    assert encoding.decoded(gbk[:3], "gb18030") is None
    assert encoding.heading(gbk[:3], "gb18030", longest=3) == "河"
    assert encoding.heading(gbk[:3], "gb18030", longest=10) is None


@pytest.mark.parametrize("declared", ["UTF-8", "utf-16", "GBK", "gb2312"])
def test_kml_may_be_in_any_encoding_it_declares(tmp_path: Path, declared: str) -> None:
    text = placemarks(tmp_path / "whole.kml", [square(0)]).read_text()
    path = tmp_path / "cells.kml"
    path.write_bytes(text.replace("UTF-8", declared, 1).encode("utf-8-sig" if declared == "UTF-8" else declared))
    if declared == "utf-16":
        with pytest.raises(IntakeRefused):
            columns_of(path)
    else:
        assert columns_of(path)["village"] == ["柳园村"]


def test_a_folder_of_kml_is_a_layer(tmp_path: Path) -> None:
    text = placemarks(tmp_path / "whole.kml", [square(0), square(1)]).read_text()
    split = text.replace("</Placemark><Placemark>", "</Placemark></Folder><Folder><name>地标</name><Placemark>")
    (tmp_path / "cells.kml").write_text(split)
    assert columns_of(tmp_path / "cells.kml", layer="地标")["code"] == [code(2)]
    assert columns_of(tmp_path / "cells.kml")["code"] == [code(1), code(2)]


def test_a_placemark_s_own_name_is_taken_when_there_is_no_other(tmp_path: Path) -> None:
    path = placemarks(tmp_path / "cells.kml", [square(0)], {"网格编码": [code(1)]})
    assert columns_of(path) == {"code": [code(1)], "name": ["0"]}


def test_what_gdal_warns_of_is_passed_on(tmp_path: Path) -> None:
    [note] = notes_of(by_hand(tmp_path / "cells.geojson", GOOD, GOOD, id=7))
    assert "id = 7" in note
