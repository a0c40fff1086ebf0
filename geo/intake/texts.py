"""The sentences of the findings, Chinese and English; `NOTES` are worth saying, but no reason to refuse."""

from typing import Final

from geo.intake.file_texts import FILE_TEXTS
from geo.intake.map_texts import MAP_NOTES, MAP_TEXTS

TEXTS: Final[dict[str, tuple[str, str]]] = (
    FILE_TEXTS
    | {
        # One row.
        "code_bad": (
            "“{value}”不是编码：网格 15 位数字，微网格 18 位，区划 6、9 或 12 位，前 6 位是县区代码。",
            (
                "“{value}” is no code: a cell has 15 digits, a micro-grid 18, a division 6, 9 or 12; "
                "the first six are those of a county."
            ),
        ),
        "code_duplicate": (
            "编码和图形都与第 {first} 行重复。",
            "Code and shape are the same as in row {first}.",
        ),
        "code_duplicate_shapes": (
            "编码与第 {first} 行相同，图形却不同。",
            "The code is the same as in row {first}, but the shape is another one.",
        ),
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
        "replaces_bad": (
            "“{value}”不是前身网格的编码：只有网格可有前身，每个 15 或 18 位数字，以分号隔开。",
            "“{value}” is no code of a cell taken over from: only cells have such, of 15 or 18 digits, with ; between.",
        ),
        "shape_missing": ("没有图形。", "There is no shape."),
        "shape_unreadable": (
            "图形读不出来：环未闭合或点数不足。",
            "The shape cannot be read: a ring is not closed or has too few points.",
        ),
        "shape_curved": (
            "图形含圆弧；请先转换为折线（线性化）。",
            "The shape has arcs; turn them into straight lines first (segmentise).",
        ),
        "shape_not_finite": (
            "坐标中有不是数字或无穷大的值。",
            "Among the coordinates are values that are no numbers, or infinite.",
        ),
        "shape_not_polygon": ("图形是 {kind}，应为面。", "The shape is a {kind}; a polygon is needed."),
        "shape_3d": (
            "图形带有不为零的高程或测量值；请导出为二维。",
            "The shape carries heights or measures other than zero; export it in two dimensions.",
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
        "micro_left": (
            "网格 {parent} 终止，这个微网格还在；请把它的后继写进文件（replaces）。",
            "Its cell {parent} ends and this micro-grid does not: bring its successor along (replaces).",
        ),
        "change_planned": (
            "此网格 {day} 起已安排变更（第 {revision} 次修订）；请先 gridfield cells undo {revision}，或改从那天起。",
            "Its change from {day} is planned (revision {revision}): undo that one first, or let this hold from then.",
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
        # Worth saying, but no reason to refuse.
        "datum_overrides": (
            "文件声明 {declared}，按要求作为 {datum} 处理。",
            "The file declares {declared}; it was taken as {datum}, as asked.",
        ),
        "crs_transformed": (
            "由 {crs} 转换，精度约 {accuracy_m} 米（{way}）。",
            "Turned from {crs}, accurate to about {accuracy_m} m ({way}).",
        ),
        "heights_dropped": (
            "{count} 行的高程全为零，已略去。",
            "The heights of {count} rows are all zero and were left out.",
        ),
        "columns_read": ("字段读作：{columns}。", "Columns were read as: {columns}."),
        "columns_passed": ("未采用的字段：{columns}。", "Columns that were not used: {columns}."),
        "reader_warned": ("读取时提示：{text}", "While reading: {text}"),
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
    | MAP_TEXTS
)

NOTES: Final = (
    frozenset(
        {
            "columns_passed",
            "columns_read",
            "crs_transformed",
            "datum_overrides",
            "heights_dropped",
            "reader_warned",
        }
    )
    | MAP_NOTES
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
