"""The sentences for what concerns a file as a whole, Chinese and English."""

from typing import Final

FILE_TEXTS: Final[dict[str, tuple[str, str]]] = {
    "file_missing": ("找不到文件 {path}。", "There is no file {path}."),
    "file_empty": ("文件是空的（0 字节）。", "The file is empty (0 bytes)."),
    "file_format_unknown": (
        "不是 GeoPackage、Shapefile、GeoJSON、FlatGeobuf 或 KML 文件（或其 zip）。",
        "This is no GeoPackage, Shapefile, GeoJSON, FlatGeobuf or KML file, nor a zipped one.",
    ),
    "file_unreadable": ("文件读不出来：{reason}", "The file cannot be read: {reason}"),
    "file_too_large": (
        "压缩包解开后超过 {limit_mb} MB，没有打开。",
        "Unpacked, the archive is larger than {limit_mb} MB; it was not opened.",
    ),
    "shape_too_large": (
        "有一个图形大得读不进内存（{where}）；每个图形最多 {limit} 个顶点。",
        "One shape is too large to be read into memory ({where}); at most {limit} vertices are taken.",
    ),
    "file_encoding": (
        "属性表的文字不合声明的编码，也不是 UTF-8 或 GBK；请更正 .cpg。",
        "The attributes fit neither their declared encoding nor UTF-8 nor GBK; correct the .cpg.",
    ),
    "archive_locked": ("压缩包有密码。", "The archive is locked with a password."),
    "file_cut_short": (
        "文件不完整：应有 {total} 行，只读到 {rows} 行。",
        "The file is cut short: {rows} of {total} rows could be read.",
    ),
    "archive_without_layer": (
        "压缩包里没有可读的地图文件（.gpkg、.shp、.geojson、.fgb、.kml）。",
        "The archive holds no map file that is read (.gpkg, .shp, .geojson, .fgb, .kml).",
    ),
    "archive_nested": (
        "压缩包里还是压缩包；请先解开外层。",
        "The archive holds only another archive; unpack the outer one first.",
    ),
    "archive_of_too_many": (
        "压缩包里有 {count} 个文件，最多 {limit} 个；没有打开。",
        "The archive has {count} members, at most {limit} are taken; it was not opened.",
    ),
    "archive_suspicious": (
        "压缩包里的文件解开后是压缩时的 {ratio} 倍，不像地图数据；没有打开。",
        "Unpacked, a member grows {ratio} times, which map data does not; it was not opened.",
    ),
    "layer_missing": ("没有图层 {layer}；有：{layers}。", "There is no layer {layer}; there are: {layers}."),
    "layer_ambiguous": (
        "文件有几个图层，请指定一个：{layers}。",
        "The file has several layers; name one of: {layers}.",
    ),
    "layer_empty": ("图层里没有要素。", "The layer has no features."),
    "column_missing": (
        "缺少字段 {column}；文件里有：{found}。请用 --column code=文件里的字段名 指明。",
        "The column {column} is missing; the file has: {found}. Tell it by --column code=NAME.",
    ),
    "column_unknown": (
        "没有名为 {column} 的字段可供对应；有：{known}。",
        "There is no column {column} to give a heading to; there are: {known}.",
    ),
    "column_twice": (
        "文件的字段 {column} 不能既是 {one} 又是 {other}。",
        "The file's column {column} cannot be both {one} and {other}.",
    ),
    "column_ambiguous": (
        "{column} 可能是这几个字段：{found}；请用 --column {column}=… 指明。",
        "{column} may be any of these: {found}; say which with --column {column}=…",
    ),
    "column_cut": (
        "字段名“{column}”被截短，可能是 {one} 或 {other}；请用 --column 指明。",
        "The heading “{column}” is cut short and may be {one} or {other}; say which with --column.",
    ),
    "column_given_twice": (
        "{column} 给了两个字段：{one} 和 {other}。",
        "{column} was given two headings: {one} and {other}.",
    ),
    "mapping_unreadable": (
        '字段对应读不出来：{reason}；应为 code=网格编码，或 TOML 文件，[columns] 表中每行一个 code = "网格编码"。',
        (
            "The columns cannot be told: {reason}; code=heading is needed, or a TOML file with lines "
            'code = "heading" in its table [columns].'
        ),
    ),
    "datum_unknown": (
        "没有这种坐标：{datum}；有：{allowed}。",
        "There is no datum {datum}; there are: {allowed}.",
    ),
    "crs_undeclared": (
        "文件没有声明坐标系；请用 --datum 指明 WGS84、CGCS2000、GCJ02 或 BD09。",
        "The file declares no coordinate system; give --datum WGS84, CGCS2000, GCJ02 or BD09.",
    ),
    "crs_undeclared_metres": (
        "文件没有声明坐标系，坐标（{x} {y}）不是经纬度；像是 {looks}：请核实后用 --datum EPSG:… 指明，或补上 .prj。",
        (
            "The file declares no coordinate system, and {x} {y} are no degrees; they look like {looks}: "
            "make sure and say so with --datum EPSG:…, or add the .prj."
        ),
    ),
    "crs_contradicted": (
        "文件声明 {crs}，坐标（{x} {y}）却不合；像是 {looks}：请核实后用 --datum EPSG:… 指明，或更正 .prj。",
        (
            "The file declares {crs}, but {x} {y} cannot be that; they look like {looks}: "
            "make sure and say so with --datum EPSG:…, or correct the .prj."
        ),
    ),
    "crs_unreadable": (
        "坐标系声明读不懂：{crs}。请更正 .prj，或用 --datum 指明。",
        "The coordinate system cannot be made out: {crs}; correct the .prj, or say it with --datum.",
    ),
    "crs_unsupported": (
        "坐标系是 {crs}，没有已知精度的公开转换；请先用当地参数转换为 EPSG:4490 或 EPSG:4326。",
        (
            "The coordinate system is {crs}, from which no way of known accuracy is public; "
            "convert the file to EPSG:4490 or EPSG:4326 with local parameters first."
        ),
    ),
}
