"""Division and cell codes: natural prefixes of 2, 4, 6, 9 and 12 digits, and 15 for a cell.

The statistical code (统计用区划代码) has twelve digits and pads a higher division with zeros; the code of a
division is kept without them, so that "lies in" is "starts with". Structure: GB/T 2260 (province 2,
prefecture 2, county 2), GB/T 10114 (township 3), village 3, cell 3.
"""

from enum import StrEnum
from typing import Final


class Level(StrEnum):
    """A level of the division tree, from the province down to the village or community."""

    PROVINCE = "PROVINCE"
    PREFECTURE = "PREFECTURE"
    COUNTY = "COUNTY"
    TOWNSHIP = "TOWNSHIP"
    VILLAGE = "VILLAGE"


class CellKind(StrEnum):
    """What a cell is for: 综合网格 GENERAL, 专属网格 SPECIAL, 微网格 MICRO."""

    GENERAL = "GENERAL"
    SPECIAL = "SPECIAL"
    MICRO = "MICRO"


LENGTHS: Final = {
    Level.PROVINCE: 2,
    Level.PREFECTURE: 4,
    Level.COUNTY: 6,
    Level.TOWNSHIP: 9,
    Level.VILLAGE: 12,
}
CELL_LENGTH: Final = 15
MICRO_LENGTH: Final = 18

_LEVELS: Final = {length: level for level, length in LENGTHS.items()}
# Numbers from 901 are kept for special grids (专属网格): schools, markets, enterprises.
_FIRST_SPECIAL: Final = 901
# Provinces are numbered from 11 to 82.
_FIRST_DIGITS: Final = "12345678"

# GB/T 2260 names above the county: grid files carry county, township and village names, but none of these.
KNOWN_NAMES: Final = {
    "41": "河南省",
    "4101": "郑州市",
    "4102": "开封市",
    "4103": "洛阳市",
    "4104": "平顶山市",
    "4105": "安阳市",
    "4106": "鹤壁市",
    "4107": "新乡市",
    "4108": "焦作市",
    "4109": "濮阳市",
    "4110": "许昌市",
    "4111": "漯河市",
    "4112": "三门峡市",
    "4113": "南阳市",
    "4114": "商丘市",
    "4115": "信阳市",
    "4116": "周口市",
    "4117": "驻马店市",
    "4190": "省直辖县级行政区划",
}


def normalise(code: str) -> str | None:
    """Give a division code as its natural prefix (`410225000000` → `410225`), or None when it is none."""
    if not (code.isascii() and code.isdigit() and len(code) in _LEVELS and code.strip("0")):
        return None
    return next(code[:length] for length in _LEVELS if not code[length:].strip("0"))


def level_of(code: str) -> Level:
    """Tell the level of a natural division code; raises KeyError for any other text."""
    return _LEVELS[len(code)]


def ancestry(code: str) -> list[str]:
    """List the codes of the divisions that a cell or division lies in, itself included, province first."""
    return [code[:length] for length in _LEVELS if length <= len(code)]


def kind_of(code: str) -> CellKind:
    """Tell a cell's kind: 18 digits are a micro-grid, the numbers 901 to 999 of 15 digits special grids."""
    if len(code) == MICRO_LENGTH:
        return CellKind.MICRO
    return CellKind.SPECIAL if int(code[12:]) >= _FIRST_SPECIAL else CellKind.GENERAL


def natural(code: str) -> str | None:
    """Give the natural code of a cell, a micro-grid, or a division from the county down; None for any other text.

    A division may be padded with zeros (`410225000000` → `410225`); a cell's code stands as it is.
    """
    if not (code.isascii() and code.isdigit() and code[0] in _FIRST_DIGITS):
        return None
    if len(code) in (CELL_LENGTH, MICRO_LENGTH):
        return code
    division = normalise(code)
    return division if division is not None and len(division) >= LENGTHS[Level.COUNTY] else None
