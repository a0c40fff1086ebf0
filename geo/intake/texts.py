"""The sentences of the findings, Chinese and English; `NOTES` are worth saying, but no reason to refuse."""

from typing import Final

TEXTS: Final[dict[str, tuple[str, str]]] = {
    # The file as a whole.
    "file_missing": ("找不到文件 {path}。", "There is no file {path}."),
    "file_empty": ("文件是空的（0 字节）。", "The file is empty (0 bytes)."),
    "file_format_unknown": (
        "不是 GeoPackage、Shapefile（或其 zip）或 GeoJSON 文件。",
        "This is no GeoPackage, Shapefile (or zipped one) or GeoJSON file.",
    ),
    "file_unreadable": ("文件读不出来：{reason}", "The file cannot be read: {reason}"),
    "file_too_large": (
        "压缩包解开后超过 {limit_mb} MB，没有打开。",
        "Unpacked, the archive is larger than {limit_mb} MB; it was not opened.",
    ),
    "file_encoding": (
        "属性表的文字不合声明的编码，也不是 UTF-8 或 GBK；请更正 .cpg。",
        "The attributes fit neither their declared encoding nor UTF-8 nor GBK; correct the .cpg.",
    ),
    "archive_locked": ("压缩包有密码。", "The archive is locked with a password."),
    "archive_without_shapefile": ("压缩包里没有 .shp 文件。", "There is no .shp file in the archive."),
    "layer_missing": ("没有图层 {layer}；有：{layers}。", "There is no layer {layer}; there are: {layers}."),
    "layer_ambiguous": (
        "文件有几个图层，请指定一个：{layers}。",
        "The file has several layers; name one of: {layers}.",
    ),
    "layer_empty": ("图层里没有要素。", "The layer has no features."),
    "column_missing": (
        "缺少字段 {column}；有：{found}。",
        "The column {column} is missing; there are: {found}.",
    ),
    "datum_unknown": (
        "没有这种坐标：{datum}；有：{allowed}。",
        "There is no datum {datum}; there are: {allowed}.",
    ),
    "crs_undeclared": (
        "文件没有声明坐标系；请用 --datum 指明 WGS84、CGCS2000、GCJ02 或 BD09。",
        "The file declares no coordinate system; give --datum WGS84, CGCS2000, GCJ02 or BD09.",
    ),
    "crs_unsupported": (
        "坐标系是 {crs}；请先转换为 EPSG:4490 或 EPSG:4326。",
        "The coordinate system is {crs}; convert the file to EPSG:4490 or EPSG:4326 first.",
    ),
    # One row.
    "code_bad": (
        "“{value}”不是网格编码：应为 15 位数字，前 6 位是县区代码。",
        "“{value}” is no cell code: 15 digits are needed, the first six those of a county.",
    ),
    "code_duplicate": ("编码与第 {first} 行重复。", "The code is the same as in row {first}."),
    "code_outside": (
        "编码不属于本行的 {column} {value}。",
        "The code does not lie in this row's {column} {value}.",
    ),
    "division_named_twice": (
        "{division} 在第 {first} 行叫“{other}”，在这里叫“{name}”。",
        "{division} is called “{other}” in row {first} and “{name}” here.",
    ),
    "name_bad": (
        "{column}：应为 1 至 {limit} 个字，不含控制字符。",
        "{column}: 1 to {limit} characters are needed, none of them a control character.",
    ),
    "shape_missing": ("没有图形。", "There is no shape."),
    "shape_unreadable": (
        "图形读不出来：环未闭合、点数不足或含曲线。",
        "The shape cannot be read: a ring is not closed or has too few points, or there are curves.",
    ),
    "shape_not_polygon": ("图形是 {kind}，应为面。", "The shape is a {kind}; a polygon is needed."),
    "shape_3d": (
        "图形带高程或测量值；请导出为二维。",
        "The shape carries heights or measures; export it in two dimensions.",
    ),
    "shape_too_detailed": (
        "图形有 {vertices} 个顶点，最多 {limit} 个。",
        "The shape has {vertices} vertices; at most {limit} are taken.",
    ),
    "shape_outside_area": ("图形超出本省范围。", "The shape lies outside the province."),
    "axes_swapped": ("经纬度颠倒。", "Longitude and latitude are swapped."),
    "shape_invalid": ("边界不成立：{reason}。", "The outline is not valid: {reason}."),
    "shape_too_small": ("面积不足 1 平方米。", "The shape is smaller than a square metre."),
    "effective_too_early": (
        "{effective} 太早：库中此编码的记录自 {since} 起。",
        "{effective} is too early: what is stored under this code holds from {since}.",
    ),
    "effective_past": (
        "{effective} 已经过去；今天是 {today}，从今天或以后的一天起。",
        "{effective} has passed; today is {today}: let it hold from today or a day to come.",
    ),
    # A change made by hand.
    "cell_unknown": ("这一天没有网格 {other}。", "There is no cell {other} on that day."),
    "code_taken": ("{other} 已经是一个网格的编码。", "{other} is another cell's code already."),
    "cells_apart": (
        "{codes}：至少要两个相邻的网格才能合并。",
        "{codes}: to merge, two cells or more that lie side by side are needed.",
    ),
    # Several rows together, and with what is stored.
    "cells_overlap": (
        "与 {other} 重叠 {area_m2} 平方米。",
        "It overlaps {other} by {area_m2} square metres.",
    ),
    "same_shape": ("图形与 {other} 相同。", "The shape is the same as that of {other}."),
    "special_inside": (
        "专属网格 {special} 完全在综合网格 {general} 之内；请从后者中挖去。",
        "The special cell {special} lies wholly inside the general cell {general}; cut it out of that one.",
    ),
    "outside_parent": (
        "超出 {parent} 的边界 {area_m2} 平方米（占 {percent}%）。",
        "It reaches {area_m2} square metres ({percent} %) outside {parent}.",
    ),
    "micro_orphan": (
        "微网格所属的网格 {cell} 不在库中，也不在文件中。",
        "The cell {cell} of this micro-cell is neither stored nor in the file.",
    ),
    "orphan": (
        "所属区划 {division} 不在库中，也不在文件中，而本县同级区划有边界。",
        "Its division {division} is neither stored nor in the file, though the county has outlines of that level.",
    ),
    "replaces_unknown": (
        "所替代的 {replaced} 在生效日不在库中。",
        "{replaced}, which it replaces, is not stored on the first day.",
    ),
    "looks_shifted": (
        "看来是未声明的 {name}：按 {taken} 处理时整体偏 {metres} 米；请加 --datum {datum}。",
        "This looks like undeclared {name}: taken as {taken} it is off by {metres} m; give --datum {datum}.",
    ),
    # The report and the repair.
    "report_ending": ("报告文件名应以 .gpkg 结尾：{path}", "The report's name has to end in .gpkg: {path}"),
    "report_unwritable": ("报告写不进 {path}：{reason}", "The report cannot be written to {path}: {reason}"),
    "report_foreign": (
        "{path} 已存在，而且不是报告；没有覆盖。",
        "{path} exists and is no report; it was not overwritten.",
    ),
    "repair_unknown": (
        "没有为 {value} 提出修复；请按报告中的编码填写。",
        "No repair is proposed for {value}; take the codes from the report.",
    ),
    # Worth saying, but no reason to refuse.
    "datum_overrides": (
        "文件声明 {declared}，按要求作为 {datum} 处理。",
        "The file declares {declared}; it was taken as {datum}, as asked.",
    ),
    "reader_warned": ("读取时提示：{text}", "While reading: {text}"),
    "sliver_overlap": (
        "与 {other} 有细条重叠，{area_m2} 平方米。",
        "A thin strip of {area_m2} square metres overlaps {other}.",
    ),
    "gap_in_village": (
        "村（社区）内有 {area_m2} 平方米没有网格。",
        "{area_m2} square metres inside this village lie in no cell.",
    ),
    "gap_in_township": (
        "乡镇（街道）内有 {area_m2} 平方米没有网格。",
        "{area_m2} square metres inside this township lie in no cell.",
    ),
    "sliver_gap": (
        "网格之间有 {pieces} 处细缝，共 {area_m2} 平方米。",
        "{pieces} thin gaps between cells, {area_m2} square metres together.",
    ),
    "hole_in_cell": (
        "网格中有洞，{area_m2} 平方米不属于任何网格。",
        "The cell has a hole; {area_m2} square metres in it lie in no cell.",
    ),
    "sliver_cell": ("平均宽度只有 {width_m} 米。", "It is only {width_m} m wide on average."),
    "tiny_part": ("有一块只有 {area_m2} 平方米。", "One of its parts has only {area_m2} square metres."),
    "spike": ("边界上有尖刺。", "The outline has a spike."),
    "beyond_parent": (
        "略超出 {parent} 的边界：{area_m2} 平方米（占 {percent}%）。",
        "It reaches a little outside {parent}: {area_m2} square metres ({percent} %).",
    ),
    "repair_proposed": (
        "可修复（{because}）：面积 {was_m2} → {now_m2} 平方米；确认请列出此编码。",
        "Can be repaired ({because}): {was_m2} → {now_m2} square metres; list this code to confirm.",
    ),
    "repaired": (
        "已按确认修复（{because}）：面积 {was_m2} → {now_m2} 平方米。",
        "Repaired as confirmed ({because}): {was_m2} → {now_m2} square metres.",
    ),
    # The cells as they are stored.
    "stored_invalid": ("库中边界不成立：{reason}。", "The stored outline is not valid: {reason}."),
    "stored_overlap": (
        "与 {other} 重叠 {area_m2} 平方米。",
        "It overlaps {other} by {area_m2} square metres.",
    ),
    "stored_outside_division": (
        "编码不属于所在村（社区）{village}。",
        "The code does not lie in its village {village}.",
    ),
}

NOTES: Final = frozenset(
    {
        "datum_overrides",
        "reader_warned",
        "sliver_overlap",
        "gap_in_village",
        "gap_in_township",
        "sliver_gap",
        "hole_in_cell",
        "sliver_cell",
        "tiny_part",
        "spike",
        "beyond_parent",
        "repair_proposed",
        "repaired",
    }
)

# GEOS names the fault in English.
REASONS_ZH: Final = {
    "Self-intersection": "边界自相交",
    "Ring Self-intersection": "环自相交",
    "Hole lies outside shell": "洞在外环之外",
    "Holes are nested": "洞套洞",
    "Nested holes": "洞套洞",
    "Interior is disconnected": "内部不连通",
    "Nested shells": "面套面",
    "Duplicate Rings": "环重复",
    "Too few points in geometry component": "点数不足",
    "Invalid Coordinate": "坐标不是有效数字",
}
