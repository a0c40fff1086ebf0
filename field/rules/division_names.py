"""Which division an address names: villages, townships, counties found in the text; what is unclear stays unclear."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

_ENDINGS: Final = re.compile("(?:社区|街道|[村乡镇县区市省])$")
_LEVELS: Final = (12, 9, 6, 4, 2)
_VILLAGE: Final = 12
# After a name without its ending: 杨桥3组, 杨桥村委会, 陈寨社区, but neither 胜利小区 nor 人民医院.
_AFTER_VILLAGE: Final = re.compile(r"$|[\s\d村社居第一二三四五六七八九十,，、（(]")
_AFTER_TOWNSHIP: Final = re.compile("(?![路街巷道大小中])")
_ROAD: Final = re.compile("[路街巷道]$")
_BEFORE_SHORT: Final = re.compile(r"(?:^|[\s乡镇道区县市场所])$")


@dataclass(frozen=True)
class Reading:
    """The divisions a text may mean. `division` is what all of them lie in: the one itself when there is only one."""

    divisions: tuple[str, ...] = ()

    @property
    def division(self) -> str:
        """The deepest division that is certain; empty when nothing is."""
        first = next(iter(self.divisions), "")
        shared = (first[:length] for length in _LEVELS if length <= len(first))
        return next((code for code in shared if all(each.startswith(code) for each in self.divisions)), "")

    def within(self, area: str) -> str:
        """Return the division that is certain if it lies in the area, else the area."""
        return self.division if self.division.startswith(area) else area


@dataclass(frozen=True)
class _Found:
    start: int
    end: int
    codes: frozenset[str]


class Gazetteer:
    """The names of divisions, to find in texts: the longest first, with their usual endings optional."""

    def __init__(self, named: Iterable[tuple[str, str]]) -> None:
        """Take pairs of a natural code and a name."""
        self.named = tuple(named)
        self._full: dict[str, set[str]] = {}
        self._short: dict[str, set[str]] = {}
        for code, name in self.named:
            self._full.setdefault(name, set()).add(code)
            core = _ENDINGS.sub("", name)
            if len(core) >= 2 and core != name and not _ROAD.search(core):
                self._short.setdefault(core, set()).add(code)
        self._longest = max(map(len, self._full), default=0)

    def read(self, text: str) -> Reading:
        """Return what the text may mean: of several villages of one name those in the township it names, or all."""
        found = self._named_in(re.sub(r"\s+", "", text))
        every = set().union(*(each.codes for each in found))
        if not every:
            return Reading()
        borne_out = {code: sum(_lies_in(code, each.codes) for each in found) for code in every}
        if max(borne_out.values()) < len(found):
            return Reading(tuple(sorted(every)))  # the names contradict each other
        return Reading(tuple(sorted(code for code, times in borne_out.items() if times == len(found))))

    def _named_in(self, text: str) -> list[_Found]:
        every = sorted(self._matches(text), key=lambda each: (each.start - each.end, each.start))
        kept: list[_Found] = []
        for each in every:
            if all(each.end <= other.start or other.end <= each.start for other in kept):
                kept.append(each)
        return kept

    def _matches(self, text: str) -> Iterable[_Found]:
        for start in range(len(text)):
            for end in range(start + 2, min(start + self._longest, len(text)) + 1):
                name = text[start:end]
                codes = set(self._full.get(name, ())) if self._stands(name, text, start) else set()
                codes |= {code for code in self._short.get(name, ()) if _may_end(code, text, end)}
                if codes:
                    yield _Found(start, end, frozenset(codes))

    def _stands(self, name: str, text: str, start: int) -> bool:
        """A name as short as 一村 is part of many others: it must follow the name of a township, or nothing."""
        return len(name) > 2 or bool(_BEFORE_SHORT.search(text[:start]))


def _may_end(code: str, text: str, end: int) -> bool:
    after = _AFTER_VILLAGE if len(code) == _VILLAGE else _AFTER_TOWNSHIP
    return bool(after.match(text, end))


def _lies_in(code: str, codes: frozenset[str]) -> bool:
    return any(code.startswith(each) for each in codes)
