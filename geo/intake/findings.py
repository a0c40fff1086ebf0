"""What is said about a file of cells or about the cells stored: a stable code, row, place and facts."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from geo.intake.texts import NOTES, REASONS_ZH, TEXTS
from geo.points import GeoError

Language = Literal["zh", "en"]
Place = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found: in which row (from 1) and cell, where (lon, lat in the file's own datum), and what.

    `shape` is the area in question as WKB in WGS-84 where it is not the row's own: what overlaps, what is not covered.
    """

    code: str
    row: int | None = None
    cell_code: str = ""
    place: Place | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    shape: bytes | None = field(default=None, compare=False, repr=False)

    @property
    def refuses(self) -> bool:
        """Whether the file is refused for this, or the finding is only worth saying."""
        return self.code not in NOTES

    def text(self, language: Language) -> str:
        """Say in a sentence what was found, without row and place."""
        chinese, english = TEXTS[self.code]
        if language == "en":
            return _printable(english.format(**self.facts))
        reason = self.facts.get("reason", "")
        return _printable(chinese.format(**{**self.facts, "reason": REASONS_ZH.get(reason, reason)}))

    def line(self, language: Language) -> str:
        """Say it with row, cell code and place in front, as a terminal or a report shows it."""
        words = ("第 {} 行", "位于 {:.7f} {:.7f}") if language == "zh" else ("row {}", "at {:.7f} {:.7f}")
        where = [
            words[0].format(self.row) if self.row else "",
            _printable(self.cell_code),
            words[1].format(*self.place) if self.place else "",
        ]
        head = ("，" if language == "zh" else ", ").join(filter(None, where))
        colon = "：" if language == "zh" else ": "
        return f"{head}{colon}{self.text(language)}" if head else self.text(language)


def _printable(text: str) -> str:
    """Take out what a file could send to a terminal besides letters."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)


class IntakeRefused(GeoError):
    """A file of cells that is not taken, with everything that was found wrong in it, row by row."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__("cells_refused", count=len(findings))
        self.findings = tuple(sorted(findings, key=lambda finding: finding.row or 0))


def refusal(code: str, **facts: object) -> IntakeRefused:
    """Make the refusal of a file for one reason that concerns it as a whole."""
    return IntakeRefused([Finding(code, facts=facts)])
