"""The attributes of a file: codes, the divisions they lie in, names, and the cells taken over from."""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from geo.codes import CELL_LENGTH, LENGTHS, MICRO_LENGTH, Level, ancestry, kind_of, level_of, natural, normalise
from geo.intake.findings import Finding
from geo.intake.reader import Chunk
from geo.models import NAME_LENGTH

# What a row without a code that could be read is filed under.
UNKNOWN: Final = "UNKNOWN"

_PARENTS: Final = {"village": Level.VILLAGE, "township": Level.TOWNSHIP, "county": Level.COUNTY}
_CELL_LENGTHS: Final = (CELL_LENGTH, MICRO_LENGTH)
# Controls, lone surrogates, line ends, and the format characters that turn a line around. Unassigned and
# private-use characters pass: rare Han characters are among them.
_UNFIT: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_BETWEEN: Final = re.compile(r"[;；,，、\s]+")
_SHOWN: Final = 40


class Attributes:
    """Looks through the attributes chunk by chunk and remembers which division was called what, and where first."""

    def __init__(self) -> None:
        """Know no division yet."""
        self._named: dict[str, tuple[str, int]] = {}
        self._villages: dict[str, None] = {}

    def findings(self, chunk: Chunk) -> Iterator[Finding]:
        """Name every code that is none or lies outside its row's divisions, every unfit or second name."""
        codes = [natural(code) or "" for code in chunk.columns["code"]]
        yield from _bad_codes(chunk, codes)
        yield from _bad_names(chunk, codes, "name", required=True)
        yield from _bad_predecessors(chunk, codes)
        yield from self._named_twice(chunk, codes, chunk.columns["name"], divisions_only=True)
        for column, level in _PARENTS.items():
            yield from _outside(chunk, codes, column, LENGTHS[level])
            if column in chunk.columns:
                yield from _bad_names(chunk, codes, column, required=False)
                names = chunk.columns[column]
                yield from self._named_twice(chunk, codes, names, length=LENGTHS[level])
        self._villages |= dict.fromkeys(code[: LENGTHS[Level.VILLAGE]] for code in codes if code)

    def divisions(self) -> dict[str, str | None]:
        """List all divisions that the rows are or lie in, with the name that the file gives, or None."""
        named: dict[str, str | None] = {division: None for code in self._villages for division in ancestry(code)}
        return named | {code: name for code, (name, _) in self._named.items() if code in named}

    def _named_twice(
        self, chunk: Chunk, codes: list[str], names: list[str], *, length: int = 0, divisions_only: bool = False
    ) -> Iterator[Finding]:
        for row, (code, name) in enumerate(zip(codes, names, strict=True), chunk.first):
            division = code if divisions_only else code[:length]
            if not name or len(division) not in LENGTHS.values() or len(division) < length:
                continue
            other, first = self._named.setdefault(division, (name, row))
            if other != name:
                facts = {"division": division, "name": name, "other": other, "first": first}
                yield Finding("division_named_twice", row, code, facts=facts)


def kind(code: str) -> str:
    """Tell what a natural code stands for: a division's level, a cell's kind, or UNKNOWN for no code."""
    if not code:
        return UNKNOWN
    return str(kind_of(code) if len(code) in _CELL_LENGTHS else level_of(code))


def predecessors(text: str) -> list[str]:
    """Read the codes of the cells that a row takes over from, each once."""
    return list(dict.fromkeys(filter(None, _BETWEEN.split(text))))


def _bad_codes(chunk: Chunk, codes: list[str]) -> Iterator[Finding]:
    for row, (code, given) in enumerate(zip(codes, chunk.columns["code"], strict=True), chunk.first):
        if not code:
            yield Finding("code_bad", row, facts={"value": given[:_SHOWN]})


def _bad_names(chunk: Chunk, codes: list[str], column: str, *, required: bool) -> Iterator[Finding]:
    for row, (code, name) in enumerate(zip(codes, chunk.columns[column], strict=True), chunk.first):
        if not fits(name) or (required and not name):
            yield Finding("name_bad", row, code, facts={"column": column, "limit": NAME_LENGTH})


def fits(name: str) -> bool:
    """Tell whether a name is short enough and holds no control character."""
    # Nearly every name is printable, which is asked at once.
    plain = name.isprintable() or not any(unicodedata.category(char) in _UNFIT for char in name)
    return plain and len(name) <= NAME_LENGTH


def _bad_predecessors(chunk: Chunk, codes: list[str]) -> Iterator[Finding]:
    for row, (code, text) in enumerate(zip(codes, chunk.columns.get("replaces", ()), strict=False), chunk.first):
        wrong = [each for each in predecessors(text) if len(each) not in _CELL_LENGTHS or natural(each) is None]
        if wrong or (text and len(code) not in _CELL_LENGTHS):
            yield Finding("replaces_bad", row, code, facts={"value": (wrong or [text])[0][:_SHOWN]})


def _outside(chunk: Chunk, codes: list[str], column: str, length: int) -> Iterator[Finding]:
    key = f"{column}_code"
    parents = chunk.columns.get(key, [])
    naturals = {parent: normalise(parent) for parent in set(parents)}
    for row, (code, parent) in enumerate(zip(codes, parents, strict=False), chunk.first):
        if parent and code and naturals[parent] != code[:length]:
            yield Finding("code_outside", row, code, facts={"column": key, "value": parent[:_SHOWN]})


def harmless(text: str) -> str:
    """Make a text fit to be stored and shown, however strange it is."""
    short = text[: 2 * NAME_LENGTH]
    return (
        short if short.isprintable() else "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in short)
    )
