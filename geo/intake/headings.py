"""Which column of a file is which of ours: as the person says, by our own name, or by the usual Chinese headings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from geo.intake.findings import Finding, refusal

# KML gives every placemark a name, which is worth less than a column.
PLACEMARK: Final = "placemark name"

# By column: headings of one rank stand for the same thing, a lower rank is looked at when a higher one is absent.
_HEADINGS: Final[dict[str, tuple[tuple[str, ...], ...]]] = {
    "code": (
        ("code",),
        ("网格编码", "网格代码", "网格编号", "微网格编码", "微网格代码"),
        ("编码", "代码"),
        ("区划代码", "区划编码", "行政区划代码", "统计用区划代码"),
    ),
    "name": (("name",), ("网格名称", "微网格名称"), ("名称",), ("区划名称", "行政区划名称"), (PLACEMARK,)),
    "village_code": (("village_code",), ("村社区代码", "村社区编码", "村代码", "村编码", "社区代码", "社区编码")),
    "village": (
        ("village",),
        ("村社区名称", "村名称", "社区名称", "村名"),
        ("村社区", "所属村社区", "所属社区", "所属村"),
    ),
    "township_code": (
        ("township_code",),
        ("乡镇街道代码", "乡镇街道编码", "乡镇代码", "乡镇编码", "街道代码", "街道编码"),
    ),
    "township": (
        ("township",),
        ("乡镇街道名称", "乡镇名称", "街道名称"),
        ("乡镇街道", "所属乡镇街道", "所属乡镇", "乡镇", "街道"),
    ),
    "county_code": (("county_code",), ("县区代码", "县区编码", "区县代码", "区县编码", "县代码", "县编码")),
    "county": (("county",), ("县区名称", "区县名称", "县名称"), ("县区", "区县", "所属县区", "所属区县")),
    "replaces": (("replaces",), ("原网格编码", "原网格代码", "原编码", "原代码", "前身编码")),
}
COLUMNS: Final = tuple(_HEADINGS)
_REQUIRED: Final = ("code", "name")
_IGNORED: Final = str.maketrans("", "", "（）()[]【】〔〕/／、_- \t\u3000")
# The bytes that a Shapefile has for the name of a column.
CUT: Final = 10


@dataclass(frozen=True)
class Field:
    """A column of a file: how the file calls it, how a person reads that, and whether it may be cut short."""

    key: str
    heading: str
    cut: bool = False


def matched(fields: Sequence[Field], mapping: Mapping[str, str]) -> tuple[dict[str, str], tuple[Finding, ...]]:
    """Find the file's key of each of our columns, and say which heading was read as what where it is not plain.

    Raises IntakeRefused `column_unknown`, `column_twice`, `column_missing` or `column_ambiguous`.
    """
    chosen = _asked(fields, mapping)
    taken = {field.key for field in chosen.values()}
    free = [field for field in fields if field.key not in taken]
    passed: list[str] = []
    for column in COLUMNS:
        if column not in chosen:
            found = _ranked(column, free)
            passed += [field.heading for rank in found[1:] for field in rank if field.heading != PLACEMARK]
            if found:
                chosen[column] = _single(column, found[0])
    _unshared(chosen)
    if missing := [column for column in _REQUIRED if column not in chosen]:
        raise refusal("column_missing", column=", ".join(missing), found=_listed(fields))
    return {column: field.key for column, field in chosen.items()}, _notes(chosen, passed)


def _asked(fields: Sequence[Field], mapping: Mapping[str, str]) -> dict[str, Field]:
    chosen: dict[str, Field] = {}
    for column, heading in mapping.items():
        if column not in COLUMNS:
            raise refusal("column_unknown", column=column, known=", ".join(COLUMNS))
        field = next((field for same in (_exactly, _nearly) for field in fields if same(field, heading)), None)
        if field is None:
            raise refusal("column_missing", column=heading, found=_listed(fields))
        for other, known in chosen.items():
            if known.key == field.key:
                raise refusal("column_twice", column=field.heading, one=other, other=column)
        chosen[column] = field
    return chosen


def _exactly(field: Field, heading: str) -> bool:
    return field.heading == heading


def _nearly(field: Field, heading: str) -> bool:
    return _is(field, _plain(heading))


def _plain(heading: str) -> str:
    return heading.strip().casefold().translate(_IGNORED)


def _is(field: Field, plain: str) -> bool:
    own = _plain(field.heading)
    return own == plain or (field.cut and bool(own) and plain.startswith(own))


def _ranked(column: str, free: Sequence[Field]) -> list[list[Field]]:
    ranks = [
        [field for field in free if any(_is(field, _plain(heading)) for heading in rank)] for rank in _HEADINGS[column]
    ]
    seen: set[str] = set()
    found = []
    for rank in ranks:
        new = [field for field in rank if field.key not in seen]
        seen |= {field.key for field in new}
        found += [new] if new else []
    return found


def _single(column: str, candidates: Sequence[Field]) -> Field:
    if len(candidates) > 1:
        raise refusal("column_ambiguous", column=column, found=_listed(candidates))
    return candidates[0]


def _unshared(chosen: Mapping[str, Field]) -> None:
    """Refuse a heading that was cut so short that it may be either of two columns."""
    first: dict[str, str] = {}
    for column, field in chosen.items():
        if first.setdefault(field.key, column) != column:
            raise refusal("column_cut", column=field.heading, one=first[field.key], other=column)


def _listed(fields: Sequence[Field]) -> str:
    return ", ".join(field.heading for field in fields if field.heading != PLACEMARK)


def _notes(chosen: Mapping[str, Field], passed: Sequence[str]) -> tuple[Finding, ...]:
    read = [f"{field.heading} → {column}" for column, field in chosen.items() if not _is(field, _plain(column))]
    notes = [Finding("columns_read", facts={"columns": ", ".join(read)})] if read else []
    if passed:
        notes.append(Finding("columns_passed", facts={"columns": ", ".join(dict.fromkeys(passed))}))
    return tuple(notes)
