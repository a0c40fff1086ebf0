"""Bad files, each filed under the one code it has to be refused with."""

from __future__ import annotations

import json
import shutil
import sqlite3
import struct
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from geo.intake.shapes import MAX_VERTICES
from tests.geo.draw import VILLAGE, attributes, code, placemarks, square, write, zipped

# Makes a bad file in a folder; a pair adds what has to be said of it.
Make = Callable[[Path], Path | tuple[Path, dict[str, Any]]]

FAULTY: list[tuple[str, Make]] = []


def fault(code: str) -> Callable[[Make], Make]:
    """File a way to make a bad file under the code it must be refused with."""

    def file_under(make: Make) -> Make:
        FAULTY.append((code, make))
        return make

    return file_under


def put(path: Path, content: bytes) -> Path:
    """Write bytes and give the path back."""
    path.write_bytes(content)
    return path


def by_hand(path: Path, *geometries: Any, properties: Sequence[dict[str, Any]] | None = None, **members: Any) -> Path:
    """Write GeoJSON by hand, for what no proper program writes; the members go into every feature."""
    properties = properties or [{"code": code(n), "name": f"第{n}网格"} for n in range(1, len(geometries) + 1)]
    features = [
        {"type": "Feature", "properties": own, "geometry": geometry, **members}
        for own, geometry in zip(properties, geometries, strict=True)
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


def ring(*corners: Sequence[float]) -> dict[str, Any]:
    """Make a GeoJSON polygon of one ring."""
    return {"type": "Polygon", "coordinates": [corners]}


OTHER_VILLAGE = "410225001002"
GOOD = ring((114.8, 34.8), (114.81, 34.8), (114.81, 34.81), (114.8, 34.8))


def repacked(folder: Path, change: Callable[[zipfile.ZipInfo], None]) -> Path:
    """Pack a good Shapefile and change what the archive says of its members."""
    target = zipped(write(folder / "cells.shp", [square(0)]))
    with zipfile.ZipFile(target, "a") as archive:
        for member in archive.infolist():
            change(member)
        archive.comment = b"changed"  # makes it write its directory again
    return target


# The file as a whole.


@fault("file_missing")
def no_such_file(folder: Path) -> Path:
    return folder / "none.gpkg"


@fault("file_missing")
def a_folder(folder: Path) -> Path:
    return folder


@fault("file_empty")
def nothing_in_it(folder: Path) -> Path:
    return put(folder / "cells.gpkg", b"")


@fault("file_format_unknown")
def a_table_of_texts(folder: Path) -> Path:
    return put(folder / "cells.geojson", b"code,name\n410225001001001,a\n")


@fault("file_format_unknown")
def a_list_of_other_files(folder: Path) -> Path:
    """GDAL would open what this names: any file of the machine."""
    other = write(folder / "other.gpkg", [square(0)])
    source = f"<SrcDataSource>{other}</SrcDataSource>"
    layer = f'<OGRVRTLayer name="other">{source}</OGRVRTLayer>'
    return put(folder / "cells.geojson", f"<OGRVRTDataSource>{layer}</OGRVRTDataSource>".encode())


@fault("file_format_unknown")
def a_plain_sqlite_database(folder: Path) -> Path:
    with sqlite3.connect(folder / "cells.gpkg") as database:
        database.execute("create table cells (code text)")
    return folder / "cells.gpkg"


@fault("file_format_unknown")
def json_of_another_make(folder: Path) -> Path:
    esri = {"geometryType": "esriGeometryPolygon", "fields": [], "features": [], "spatialReference": {"wkid": 4490}}
    return put(folder / "cells.json", json.dumps(esri).encode())


@fault("file_format_unknown")
def an_archive_with_something_else_named_shp(folder: Path) -> Path:
    return zipped(put(folder / "cells.shp", b"hello"))


@fault("file_unreadable")
def a_name_that_no_file_can_have(folder: Path) -> Path:
    return folder / ("x" * 300)


@fault("file_unreadable")
def half_a_geopackage(folder: Path) -> Path:
    whole = write(folder / "whole.gpkg", [square(n) for n in range(50)]).read_bytes()
    return put(folder / "cells.gpkg", whole[: len(whole) // 2])


@fault("file_unreadable")
def half_a_geojson(folder: Path) -> Path:
    return put(folder / "cells.geojson", b'{"type": "FeatureCollection", "features": [{"type": "Fea')


@fault("file_unreadable")
def half_an_archive(folder: Path) -> Path:
    return put(folder / "cells.zip", b"PK\x03\x04" + bytes(100))


@fault("file_unreadable")
def a_shapefile_without_its_index(folder: Path) -> Path:
    path = write(folder / "cells.shp", [square(0)])
    path.with_suffix(".shx").unlink()
    return path


@fault("file_cut_short")
def a_table_that_ends_too_early(folder: Path) -> Path:
    path = write(folder / "cells.shp", [square(n) for n in range(50)])
    table = path.with_suffix(".dbf")
    return put(table, table.read_bytes()[: table.stat().st_size // 2]).with_suffix(".shp")


@fault("file_unreadable")
def half_a_flatgeobuf(folder: Path) -> Path:
    whole = write(folder / "whole.fgb", [square(n) for n in range(50)], geometry_type="Polygon").read_bytes()
    return put(folder / "cells.fgb", whole[: len(whole) * 2 // 3])


@fault("file_unreadable")
def half_a_kml(folder: Path) -> Path:
    whole = placemarks(folder / "whole.kml", [square(n) for n in range(50)]).read_bytes()
    return put(folder / "cells.kml", whole[: len(whole) // 2])


@fault("file_format_unknown")
def kml_with_a_document_type(folder: Path) -> Path:
    """Entities of entities of entities would fill the memory."""
    head, mark, rest = placemarks(folder / "whole.kml", [square(0)]).read_text().partition("?>")
    return put(folder / "cells.kml", f'{head}{mark}<!DOCTYPE kml [<!ENTITY a "aaaa">]>{rest}'.encode())


@fault("file_format_unknown")
def json_that_names_a_command(folder: Path) -> Path:
    command = {"type": "gdal_streamed_alg", "command_line": "gdal vector read /etc/passwd ! write x"}
    return put(folder / "cells.geojson", json.dumps(command).encode())


@fault("file_unreadable")
def a_command_that_calls_itself_features(folder: Path) -> Path:
    other = write(folder / "other.gpkg", [square(0)])
    line = f"gdal vector pipeline ! read {other} ! write --of=stream streamed_dataset"
    command = {"type": "gdal_streamed_alg", "command_line": line, "x": "FeatureBox"}
    return put(folder / "cells.geojson", json.dumps(command).encode())


@fault("file_too_large")
def a_bomb(folder: Path) -> Path:
    def swell(member: zipfile.ZipInfo) -> None:
        member.file_size = 1_500_000_000

    return repacked(folder, swell)


@fault("archive_locked")
def a_locked_archive(folder: Path) -> Path:
    def lock(member: zipfile.ZipInfo) -> None:
        member.flag_bits |= 1

    return repacked(folder, lock)


@fault("archive_of_too_many")
def an_archive_of_very_many_files(folder: Path) -> Path:
    with zipfile.ZipFile(folder / "cells.zip", "w") as archive:
        for nth in range(2_001):
            archive.writestr(f"{nth}.txt", "")
    return folder / "cells.zip"


@fault("archive_suspicious")
def a_bomb_of_blanks(folder: Path) -> Path:
    whole = write(folder / "cells.geojson", [square(0)]).read_bytes()
    with zipfile.ZipFile(folder / "cells.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("cells.geojson", whole + b" " * 40_000_000)
    return folder / "cells.zip"


@fault("archive_nested")
def an_archive_in_an_archive(folder: Path) -> Path:
    inner = zipped(write(folder / "cells.shp", [square(0)]))
    with zipfile.ZipFile(folder / "outer.zip", "w") as archive:
        archive.write(inner, "cells.zip")
    return folder / "outer.zip"


@fault("file_unreadable")
def an_archive_that_promises_less_than_it_holds(folder: Path) -> Path:
    def shrink(member: zipfile.ZipInfo) -> None:
        member.file_size //= 2

    return repacked(folder, shrink)


@fault("archive_without_layer")
def an_archive_without_members(folder: Path) -> Path:
    with zipfile.ZipFile(folder / "cells.zip", "w"):
        pass
    return folder / "cells.zip"


@fault("archive_without_layer")
def an_archive_of_something_else(folder: Path) -> Path:
    with zipfile.ZipFile(folder / "cells.zip", "w") as archive:
        archive.writestr("readme.txt", "nothing here")
    return folder / "cells.zip"


@fault("file_encoding")
def attributes_in_no_known_encoding(folder: Path) -> Path:
    path = write(folder / "cells.shp", [square(0)], encoding="GBK")
    path.with_suffix(".cpg").unlink()
    table = path.with_suffix(".dbf")
    put(table, table.read_bytes().replace("网".encode("gbk"), b"\xff\xff"))
    return path


@fault("file_encoding")
def attributes_in_another_encoding_than_declared(folder: Path) -> Path:
    path = write(folder / "cells.shp", [square(0)], encoding="GBK")
    path.with_suffix(".cpg").write_text("UTF-8")
    return path


@fault("file_encoding")
def geojson_in_gbk(folder: Path) -> Path:
    path = write(folder / "cells.geojson", [square(0)])
    return put(path, path.read_text().encode("gbk"))


@fault("layer_missing")
def a_layer_that_is_not_there(folder: Path) -> tuple[Path, dict[str, str]]:
    return write(folder / "cells.gpkg", [square(0)]), {"layer": "grids"}


@fault("layer_missing")
def a_shapefile_that_is_not_in_the_archive(folder: Path) -> tuple[Path, dict[str, str]]:
    return zipped(write(folder / "cells.shp", [square(0)])), {"layer": "grids"}


@fault("layer_missing")
def a_folder_that_is_not_in_the_kml(folder: Path) -> tuple[Path, dict[str, str]]:
    return placemarks(folder / "cells.kml", [square(0)]), {"layer": "grids"}


@fault("layer_empty")
def kml_without_placemarks(folder: Path) -> Path:
    return placemarks(folder / "cells.kml", [])


@fault("layer_ambiguous")
def two_layers(folder: Path) -> Path:
    write(folder / "cells.gpkg", [square(0)], layer="old")
    return write(folder / "cells.gpkg", [square(0)], layer="new", append=True)


@fault("layer_ambiguous")
def two_shapefiles_in_one_archive(folder: Path) -> Path:
    target = zipped(write(folder / "cells.shp", [square(0)]))
    with zipfile.ZipFile(target, "a") as archive:
        archive.write(folder / "cells.shp", "more.shp")
    return target


@fault("layer_empty")
def no_features(folder: Path) -> Path:
    return by_hand(folder / "cells.geojson")


@fault("layer_empty")
def no_layers_at_all(folder: Path) -> Path:
    path = write(folder / "cells.gpkg", [square(0)])
    with sqlite3.connect(path) as database:
        for table in ("gpkg_geometry_columns", "gpkg_contents"):
            database.execute(f"delete from {table}")
    return path


@fault("column_missing")
def no_codes(folder: Path) -> Path:
    return write(folder / "cells.gpkg", [square(0)], {"name": ["甲"], "grid_no": ["1"]})


@fault("column_missing")
def a_shapefile_without_its_attributes(folder: Path) -> Path:
    path = write(folder / "cells.shp", [square(0)])
    path.with_suffix(".dbf").unlink()
    return path


@fault("column_missing")
def a_heading_that_is_not_there(folder: Path) -> tuple[Path, dict[str, Any]]:
    return write(folder / "cells.gpkg", [square(0)]), {"mapping": {"code": "网格编码"}}


@fault("column_unknown")
def a_column_that_nobody_asks_for(folder: Path) -> tuple[Path, dict[str, Any]]:
    return write(folder / "cells.gpkg", [square(0)]), {"mapping": {"kode": "code"}}


@fault("column_twice")
def one_heading_for_two_columns(folder: Path) -> tuple[Path, dict[str, Any]]:
    return write(folder / "cells.gpkg", [square(0)]), {"mapping": {"code": "code", "name": "CODE"}}


@fault("column_ambiguous")
def two_headings_for_one_column(folder: Path) -> Path:
    return write(folder / "cells.gpkg", [square(0)], {"编码": [code(1)], "代码": [code(2)], "name": ["甲"]})


@fault("column_cut")
def a_heading_cut_so_short_that_it_may_be_two(folder: Path) -> Path:
    columns = {"code": [code(1)], "name": ["甲"], "村（社区）代码": [VILLAGE]}
    path = folder / "cells.shp"
    write(path, [square(0)], {key[:5]: values for key, values in columns.items()}, encoding="GBK")
    return path


# The coordinates.


def without_prj(folder: Path) -> Path:
    """Write a Shapefile in metres of zone 39 that does not say so."""
    path = write(folder / "cells.shp", [shapely.box(39_300_000, 3_852_000, 39_301_000, 3_853_000)])
    path.with_suffix(".prj").unlink()
    return path


@fault("crs_undeclared_metres")
def metres_without_a_word(folder: Path) -> Path:
    return without_prj(folder)


@fault("crs_undeclared_metres")
def metres_that_are_called_wgs84(folder: Path) -> tuple[Path, dict[str, str]]:
    return without_prj(folder), {"datum": "WGS84"}


@fault("crs_contradicted")
def metres_that_declare_degrees(folder: Path) -> Path:
    return write(folder / "cells.gpkg", [shapely.box(39_300_000, 3_852_000, 39_301_000, 3_853_000)])


@fault("crs_contradicted")
def degrees_that_declare_metres(folder: Path) -> Path:
    return write(folder / "cells.gpkg", [square(0)], crs="EPSG:4527")


@fault("crs_contradicted")
def another_zone_than_declared(folder: Path) -> Path:
    return write(folder / "cells.gpkg", [shapely.box(38_573_000, 3_852_000, 38_574_000, 3_853_000)], crs="EPSG:4547")


@fault("crs_unreadable")
def half_a_prj(folder: Path) -> Path:
    path = write(folder / "cells.shp", [square(0)])
    put(path.with_suffix(".prj"), path.with_suffix(".prj").read_bytes()[:50])
    return path


@fault("crs_unreadable")
def a_code_that_does_not_exist(folder: Path) -> tuple[Path, dict[str, str]]:
    return write(folder / "cells.gpkg", [square(0)]), {"datum": "EPSG:99999"}


@fault("crs_unsupported")
def xian_1980_in_metres(folder: Path) -> Path:
    return write(folder / "cells.gpkg", [shapely.box(573_000, 3_852_000, 574_000, 3_853_000)], crs="EPSG:2383")


@fault("crs_undeclared")
def no_prj(folder: Path) -> Path:
    path = write(folder / "cells.shp", [square(0)])
    path.with_suffix(".prj").unlink()
    return path


@fault("crs_undeclared")
def an_undefined_reference(folder: Path) -> Path:
    path = write(folder / "cells.gpkg", [square(0)])
    with sqlite3.connect(path) as database:
        for table in ("gpkg_geometry_columns", "gpkg_contents"):
            database.execute(f"update {table} set srs_id = 0")
    return path


@fault("crs_unsupported")
def beijing_1954(folder: Path) -> Path:
    return write(folder / "cells.gpkg", [square(0)], crs="EPSG:4214")


@fault("crs_unsupported")
def metres_from_the_centre_of_the_earth(folder: Path) -> Path:
    return write(folder / "cells.gpkg", [square(0)], crs="EPSG:4479")


@fault("datum_unknown")
def a_datum_that_does_not_exist(folder: Path) -> tuple[Path, dict[str, str]]:
    return write(folder / "cells.gpkg", [square(0)]), {"datum": "GCJ-02"}


# The rows: in each file the second one is the faulty one.


def second(folder: Path, **columns: Any) -> Path:
    """Write two good shapes whose attributes are partly given."""
    return write(folder / "cells.gpkg", [square(0), square(1)], attributes(2, **columns))


@fault("code_bad")
def a_digit_too_few(folder: Path) -> Path:
    return second(folder, code=[code(1), code(2)[:-1]])


@fault("code_bad")
def a_prefecture(folder: Path) -> Path:
    return second(folder, code=[code(1), "410200"])


@fault("code_bad")
def eighteen_digits_in_a_float(folder: Path) -> Path:
    """Three digits of the code are lost already."""
    return second(folder, code=np.array([float(code(1)), float(f"{code(2)}001")]))


@fault("code_bad")
def full_width_digits(folder: Path) -> Path:
    return second(folder, code=[code(1), "４１０２２５００１００１００２"])


@fault("code_bad")
def no_code(folder: Path) -> Path:
    return second(folder, code=[code(1), ""])


@fault("code_bad")
def a_code_of_no_province(folder: Path) -> Path:
    return second(folder, code=[code(1), "0" * 15])


@fault("code_duplicate_shapes")
def the_same_code_for_two_shapes(folder: Path) -> Path:
    return second(folder, code=[code(1), code(1)])


@fault("code_duplicate")
def the_same_row_twice(folder: Path) -> Path:
    return write(folder / "cells.gpkg", [square(0), square(0).reverse()], attributes(2, code=[code(1)] * 2))


@fault("code_duplicate_shapes")
def a_county_twice_once_padded(folder: Path) -> Path:
    columns = {"code": ["410225", "410225000000"], "name": ["兰考县"] * 2}
    return write(folder / "cells.gpkg", [square(0), square(1)], columns)


@fault("replaces_bad")
def a_predecessor_that_is_no_cell(folder: Path) -> Path:
    return second(folder, replaces=["", f"{code(7)};{VILLAGE}"])


@fault("replaces_bad")
def a_village_with_predecessors(folder: Path) -> Path:
    columns = {"code": [code(1), VILLAGE], "name": ["甲", "柳园村"], "replaces": ["", code(7)]}
    return write(folder / "cells.gpkg", [square(0), square(1)], columns)


@fault("code_outside")
def a_code_outside_its_village(folder: Path) -> Path:
    return second(folder, village_code=[VILLAGE, OTHER_VILLAGE])


@fault("code_outside")
def a_village_outside_its_township(folder: Path) -> Path:
    return second(folder, township_code=["410225001000", "410225002000"])


@fault("code_outside")
def a_township_outside_its_county(folder: Path) -> Path:
    return second(folder, county_code=["410225000000", "410221000000"])


@fault("code_outside")
def a_village_code_that_is_none(folder: Path) -> Path:
    return second(folder, village_code=[VILLAGE, "柳园"])


@fault("division_named_twice")
def two_names_for_one_village(folder: Path) -> Path:
    return second(folder, village=["柳园村", "柳园社区"])


@fault("name_bad")
def no_name(folder: Path) -> Path:
    return second(folder, name=["甲", " "])


@fault("name_bad")
def a_name_without_end(folder: Path) -> Path:
    return second(folder, name=["甲", "长" * 101])


@fault("name_bad")
def a_name_that_turns_the_line_around(folder: Path) -> Path:
    return second(folder, name=["甲", "甲\u202e乙"])


@fault("name_bad")
def a_village_with_a_line_end(folder: Path) -> Path:
    villages = [VILLAGE, OTHER_VILLAGE]
    return second(
        folder, code=[code(1, each) for each in villages], village_code=villages, village=["柳园村", "杨\n桥"]
    )


@fault("shape_missing")
def no_shape(folder: Path) -> Path:
    return by_hand(folder / "cells.geojson", GOOD, None)


@fault("shape_missing")
def an_empty_shape(folder: Path) -> Path:
    return write(folder / "cells.gpkg", [square(0), shapely.Polygon()])


@fault("shape_missing")
def words_for_numbers(folder: Path) -> Path:
    return by_hand(folder / "cells.geojson", GOOD, ring(("a", "b"), (1, 2), (3, 4)))  # type: ignore[arg-type]


@fault("shape_unreadable")
def a_ring_that_is_not_closed(folder: Path) -> Path:
    return by_hand(folder / "cells.geojson", GOOD, ring((114.8, 34.8), (114.81, 34.8), (114.81, 34.81), (114.8, 34.81)))


@fault("shape_unreadable")
def an_open_ring_in_kml(folder: Path) -> Path:
    path = placemarks(folder / "whole.kml", [square(0), square(1)])
    kml = path.read_text()
    cut = kml.rindex(" 114")
    return put(folder / "cells.kml", (kml[:cut] + kml[kml.index("<", cut) :]).encode())


@fault("shape_missing")
def a_placemark_without_a_shape(folder: Path) -> Path:
    kml = placemarks(folder / "whole.kml", [square(0), square(1)]).read_text()
    start = kml.rindex("<Polygon>")
    return put(folder / "cells.kml", (kml[:start] + kml[kml.index("</Placemark>", start) :]).encode())


@fault("shape_curved")
def arcs(folder: Path) -> Path:
    points = [(114.81, 34.8), (114.815, 34.805), (114.82, 34.8), (114.815, 34.795), (114.81, 34.8)]
    arc = struct.pack("<bII", 1, 8, len(points)) + b"".join(struct.pack("<dd", *point) for point in points)
    return with_blob(write(folder / "cells.gpkg", [square(0), square(1)]), struct.pack("<bII", 1, 10, 1) + arc)


@fault("shape_curved")
def arcs_in_a_collection(folder: Path) -> Path:
    arc = struct.pack("<bII", 1, 8, 3) + struct.pack("<6d", 114.81, 34.8, 114.815, 34.805, 114.82, 34.8)
    return with_blob(write(folder / "cells.gpkg", [square(0), square(1)]), struct.pack("<bII", 1, 7, 1) + arc)


@fault("shape_unreadable")
def bytes_that_are_no_shape(folder: Path) -> Path:
    return with_blob(write(folder / "cells.gpkg", [square(0), square(1)]), struct.pack("<bII", 1, 3, 1) + b"\xff" * 8)


def with_blob(path: Path, blob: bytes) -> Path:
    """Put other bytes in place of the second shape of a GeoPackage."""
    with sqlite3.connect(path) as database:
        for (trigger,) in database.execute("select name from sqlite_master where type = 'trigger'").fetchall():
            database.execute(f'drop trigger "{trigger}"')
        header = b"GP\x00\x01" + struct.pack("<i", 4490)
        database.execute("update cells set geom = ? where fid = 2", (header + blob,))
    return path


@fault("shape_not_polygon")
def a_point(folder: Path) -> Path:
    return write(folder / "cells.gpkg", [square(0), shapely.Point(114.8, 34.8)])


@fault("shape_not_polygon")
def a_line(folder: Path) -> Path:
    return write(folder / "cells.gpkg", [square(0), square(1).exterior])


@fault("shape_not_polygon")
def a_collection(folder: Path) -> Path:
    return write(folder / "cells.gpkg", [square(0), shapely.GeometryCollection([square(1)])])


@fault("shape_3d")
def heights(folder: Path) -> Path:
    return write(folder / "cells.gpkg", [square(0), shapely.force_3d(square(1), 60.0)])


@fault("shape_3d")
def heights_in_geojson(folder: Path) -> Path:
    corners = [(x, y, 60.0) for x, y in GOOD["coordinates"][0]]
    return by_hand(folder / "cells.geojson", GOOD, ring(*corners))


@fault("shape_3d")
def measures(folder: Path) -> Path:
    ring_m = [(114.81, 34.8, 5.0), (114.82, 34.8, 6.0), (114.82, 34.81, 7.0), (114.81, 34.8, 5.0)]
    flat = b"".join(struct.pack("<ddd", *vertex) for vertex in ring_m)
    blob = struct.pack("<bIII", 1, 2003, 1, len(ring_m)) + flat
    return with_blob(write(folder / "cells.gpkg", [square(0), square(1)]), blob)


@fault("shape_too_detailed")
def two_million_vertices(folder: Path) -> Path:
    turn = np.linspace(0, 2 * np.pi, 2_000_000, endpoint=False)
    shore = shapely.Polygon(np.column_stack([114.9 + 0.01 * np.cos(turn), 34.9 + 0.01 * np.sin(turn)]))
    return write(folder / "cells.gpkg", [square(0), shore])


@fault("shape_too_detailed")
def more_vertices_than_any_cell_has(folder: Path) -> Path:
    shore = shapely.Point(114.9, 34.9).buffer(0.01, quad_segs=MAX_VERTICES // 4 + 1)
    return write(folder / "cells.gpkg", [square(0), shore])


@fault("axes_swapped")
def latitude_first(folder: Path) -> Path:
    return write(folder / "cells.gpkg", [square(0), shapely.transform(square(1), lambda xy: xy[:, ::-1])])


@fault("shape_outside_area")
def beijing(folder: Path) -> Path:
    return write(folder / "cells.gpkg", [square(0), shapely.box(116.3, 39.8, 116.4, 39.9)])


@fault("shape_outside_area")
def metres(folder: Path) -> Path:
    return write(folder / "cells.gpkg", [square(0), shapely.box(481000, 3852000, 482000, 3853000)])


@fault("axes_swapped")
def northing_first(folder: Path) -> Path:
    metres = [shapely.box(38_573_000, 3_852_000, 38_574_000, 3_853_000)] * 2
    metres[1] = shapely.box(3_852_000, 38_575_000, 3_853_000, 38_576_000)
    return write(folder / "cells.gpkg", metres, crs="EPSG:4526")


@fault("shape_not_finite")
def infinity(folder: Path) -> Path:
    return by_hand(folder / "cells.geojson", GOOD, ring((114.8, 34.8), (1e400, 34.8), (114.81, 34.81), (114.8, 34.8)))


@fault("shape_invalid")
def a_bow_tie(folder: Path) -> Path:
    tie = shapely.Polygon([(114.8, 34.8), (114.81, 34.81), (114.81, 34.8), (114.8, 34.81)])
    return write(folder / "cells.gpkg", [square(0), tie])


@fault("shape_invalid")
def a_hole_outside(folder: Path) -> Path:
    holed = shapely.Polygon(square(1).exterior, [square(5).exterior])
    return write(folder / "cells.gpkg", [square(0), holed])


@fault("shape_invalid")
def parts_that_overlap(folder: Path) -> Path:
    parts = shapely.MultiPolygon([square(1), shapely.box(114.815, 34.805, 114.825, 34.815)])
    return write(folder / "cells.gpkg", [square(0), parts])


@fault("shape_not_finite")
def a_number_that_is_none(folder: Path) -> Path:
    with np.errstate(invalid="ignore"):
        strange = shapely.Polygon([(114.8, 34.8), (114.81, np.nan), (114.81, 34.81), (114.8, 34.8)])
    return write(folder / "cells.gpkg", [square(0), strange])


@fault("shape_invalid")
def a_bow_tie_in_bd09(folder: Path) -> tuple[Path, dict[str, str]]:
    shutil.move(a_bow_tie(folder), folder / "shifted.gpkg")  # type: ignore[arg-type]
    return folder / "shifted.gpkg", {"datum": "BD09"}


@fault("shape_too_small")
def a_speck(folder: Path) -> Path:
    return write(folder / "cells.gpkg", [square(0), shapely.box(114.8, 34.8, 114.800001, 34.800001)])
