"""The sentences of what is found in several rows together, in the report and the repair, Chinese and English."""

from typing import Final

MAP_TEXTS: Final[dict[str, tuple[str, str]]] = {
    # Several rows together, and with what is stored.
    "cells_overlap": (
        "与 {other} 重叠 {area_m2} 平方米。",
        "It overlaps {other} by {area_m2} square metres.",
    ),
    "overlaps_too_many": (
        "本县重叠太多，列出 {count} 处后不再查找。",
        "There are too many overlaps in this county; after {count} no more were looked for.",
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
        "可以修复，面积 {was_m2} → {now_m2} 平方米（{because}）；采用请加 --confirm {code}。",
        "It can be repaired, {was_m2} → {now_m2} square metres ({because}); to take it, add --confirm {code}.",
    ),
    "repaired": (
        "已按确认修复（{because}）：面积 {was_m2} → {now_m2} 平方米。",
        "Repaired as confirmed ({because}): {was_m2} → {now_m2} square metres.",
    ),
}

MAP_NOTES: Final = frozenset(
    {
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
