"""CSV files as tables of named values, read strictly: everything wrong is noted with its row, nothing is guessed."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeVar

from field.rules.rows import Fault, RowsRefused
from field.rules.texts import clean
from field.schemas.fields import FIRST_YEAR, LAST_YEAR

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)

_DAY = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})")
_SCIENTIFIC = re.compile(r"\d+(\.\d+)?[eE]\+?\d+")


@dataclass(frozen=True)
class Columns:
    """The columns of one kind of file."""

    required: Sequence[str]
    optional: Sequence[str] = ()


def read_rows(raw: bytes, columns: Columns, build: Callable[[Row], T]) -> tuple[list[T], list[Fault]]:
    """Build something of each row; return what was built and the faults of the rows that were not fit for it.

    Raises RowsRefused when the file as a whole cannot be read. Blank rows are passed over.
    """
    records = _records(_decoded(raw))
    header = [name.strip() for name in next(records, (1, []))[1]]
    _check_header(header, columns)
    built, faults = [], []
    for number, values in records:
        if not any(value.strip() for value in values):
            continue
        if len(values) != len(header):
            faults.append(Fault("row_length", number, facts={"found": len(values), "expected": len(header)}))
            continue
        row = Row(number, dict(zip(header, (value.strip() for value in values), strict=True)))
        found = build(row)
        if row.faults:
            faults += row.faults
        else:
            built.append(found)
    return built, faults


def _decoded(raw: bytes) -> str:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise RowsRefused([Fault("file_encoding")]) from None
    if not text.strip():
        raise RowsRefused([Fault("file_empty")])
    return text


def _records(text: str) -> Iterator[tuple[int, list[str]]]:
    """Number records as a spreadsheet does: a line break inside quotes does not begin a new row."""
    reader, number = csv.reader(io.StringIO(text, newline=""), strict=True), 0
    while True:
        number += 1
        try:
            values = next(reader)
        except StopIteration:
            return
        except csv.Error:
            raise RowsRefused([Fault("file_unreadable", number)]) from None
        yield number, values


def _check_header(header: Sequence[str], columns: Columns) -> None:
    allowed = [*columns.required, *columns.optional]
    found = ", ".join(name for name in header if name)[:200]
    faults = [
        Fault("column_missing", 1, facts={"column": name, "found": found})
        for name in columns.required
        if name not in header
    ]
    for place, name in enumerate(header):
        if name not in allowed:
            facts = {"column": name[:40] if clean(name) else "?", "allowed": ", ".join(allowed)}
            faults.append(Fault("column_unknown", 1, facts=facts))
        elif name in header[:place]:
            faults.append(Fault("column_twice", 1, facts={"column": name}))
    if faults:
        raise RowsRefused(faults)


class Row:
    """One row, read value by value; what is wrong is noted, so that a row tells all its faults at once."""

    def __init__(self, number: int, values: Mapping[str, str]) -> None:
        """Hold the values, stripped of blanks at both ends."""
        self.number = number
        self.faults: list[Fault] = []
        self._values = values

    def has(self, column: str) -> bool:
        """Tell whether the file has this column at all."""
        return column in self._values

    def fault(self, column: str, code: str, **facts: object) -> None:
        """Note that something is wrong with a value."""
        self.faults.append(Fault(code, self.number, column, facts))

    def text(self, column: str, longest: int, *, needed: bool = False, lines: bool = False) -> str:
        """Return the value, empty when there is none or it is not fit; line breaks only where `lines` says so."""
        value = self._values.get(column, "")
        if not value:
            if needed:
                self.fault(column, "value_missing")
            return ""
        if len(value) > longest:
            self.fault(column, "text_too_long", longest=longest)
            return ""
        if not clean(value) or (not lines and ("\n" in value or "\t" in value)):
            self.fault(column, "text_unclean")
            return ""
        return value

    def form(self, column: str, pattern: re.Pattern[str], code: str, *, needed: bool = False) -> str:
        """Return a value that fits the pattern as a whole, or empty; note the code when one does not fit."""
        value = self.text(column, 200, needed=needed)
        return value if value and self._fits(column, value, pattern, code) else ""

    def forms(self, column: str, pattern: re.Pattern[str], code: str) -> tuple[str, ...]:
        """Return several values, separated by blanks, `;` or `；`, each once, each fitting the pattern."""
        values = dict.fromkeys(re.split(r"[\s;；]+", self.text(column, 20_000)))
        return tuple(value for value in values if value and self._fits(column, value, pattern, code))

    def choice(self, column: str, choices: type[E], *, needed: bool = True) -> E | None:
        """Return the member of an enumeration that the value names, None for none."""
        value = self.text(column, 200, needed=needed)
        if value in choices.__members__.values():
            return choices(value)
        if value:
            self.fault(column, "choice_unknown", value=value[:40], allowed=", ".join(choices))
        return None

    def day(self, column: str) -> date | None:
        """Return the day: 2026-01-31, or as spreadsheets write it 2026/1/31."""
        value = self.text(column, 40)
        if not value:
            return None
        try:
            found = _DAY.fullmatch(value)
            day = date(int(found[1]), int(found[3]), int(found[4])) if found else None
        except ValueError:
            day = None
        if day is None or not FIRST_YEAR <= day.year <= LAST_YEAR:
            self.fault(column, "day_form", value=value)
            return None
        return day

    def number_of(self, column: str) -> float | None:
        """Return a number, None when there is none; whether it is finite is for its user to judge."""
        value = self.text(column, 40, needed=True)
        try:
            return float(value) if value else None
        except ValueError:
            self.fault(column, "number_form", value=value)
            return None

    def _fits(self, column: str, value: str, pattern: re.Pattern[str], code: str) -> bool:
        if pattern.fullmatch(value):
            return True
        # A spreadsheet shows long digits as 4.10225E+14, and the digits are lost.
        found = "number_mangled" if _SCIENTIFIC.fullmatch(value) else code
        self.fault(column, found, value=value[:40])
        return False
