"""The attributes of a file: cell codes, the divisions they lie in, and names."""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from geo.codes import CELL_LENGTH, LENGTHS, Level, ancestry, normalise
from geo.intake.findings import Finding
from geo.intake.reader import Table
from geo.models import NAME_LENGTH

# Provinces are numbered from 11 to 82.
_CODE: Final = re.compile(rf"[1-8][0-9]{{{CELL_LENGTH - 1}}}")
_PARENTS: Final = {"village": Level.VILLAGE, "township": Level.TOWNSHIP, "county": Level.COUNTY}
# Controls, lone surrogates, line ends, and the format characters that turn a line around. Unassigned and
# private-use characters pass: rare Han characters are among them.
_UNFIT: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def findings(table: Table) -> Iterator[Finding]:
    """Name every code that is none, comes twice or lies outside its row's divisions, and every unfit name."""
    yield from _bad_codes(table.columns["code"])
    yield from _bad_names(table, "name", required=True)
    for column, level in _PARENTS.items():
        yield from _outside(table, f"{column}_code", LENGTHS[level])
        yield from _bad_names(table, column, required=False)
        yield from _renamed(table, column, LENGTHS[level])


def divisions(table: Table) -> dict[str, str | None]:
    """List all divisions that the cells lie in, with the name that the file gives, or None."""
    codes = table.columns["code"]
    named: dict[str, str | None] = {
        division: None for village in dict.fromkeys(code[:12] for code in codes) for division in ancestry(village)
    }
    for column, level in _PARENTS.items():
        for code, name in zip(codes, table.columns.get(column, []), strict=False):
            if name:
                named[code[: LENGTHS[level]]] = name
    return named


def _bad_codes(codes: list[str]) -> Iterator[Finding]:
    first: dict[str, int] = {}
    for row, code in enumerate(codes, 1):
        if not _CODE.fullmatch(code):
            yield Finding("code_bad", row, facts={"value": code[: 2 * CELL_LENGTH]})
        elif first.setdefault(code, row) != row:
            yield Finding("code_duplicate", row, code, facts={"first": first[code]})


def _bad_names(table: Table, column: str, *, required: bool) -> Iterator[Finding]:
    for row, (code, name) in enumerate(_with_codes(table, column), 1):
        fits = len(name) <= NAME_LENGTH and not any(unicodedata.category(char) in _UNFIT for char in name)
        if not fits or (required and not name):
            yield Finding("name_bad", row, code, facts={"column": column, "limit": NAME_LENGTH})


def _outside(table: Table, column: str, length: int) -> Iterator[Finding]:
    for row, (code, parent) in enumerate(_with_codes(table, column), 1):
        if parent and _CODE.fullmatch(code) and normalise(parent) != code[:length]:
            yield Finding("code_outside", row, code, facts={"column": column, "value": parent[:20]})


def _renamed(table: Table, column: str, length: int) -> Iterator[Finding]:
    first: dict[str, tuple[str, int]] = {}
    for row, (code, name) in enumerate(_with_codes(table, column), 1):
        if not name:
            continue
        other, first_row = first.setdefault(code[:length], (name, row))
        if other != name:
            facts = {"division": code[:length], "name": name, "other": other, "first": first_row}
            yield Finding("division_named_twice", row, code, facts=facts)


def _with_codes(table: Table, column: str) -> Iterator[tuple[str, str]]:
    if column in table.columns:
        yield from zip(table.columns["code"], table.columns[column], strict=True)
