"""Which of the file's columns stands for which of ours, as a person writes it down: in flags or in a small file."""

import tomllib
from collections.abc import Iterable
from pathlib import Path

from geo.intake.findings import refusal


def mapping_of(pairs: Iterable[str] = (), file: Path | None = None) -> dict[str, str]:
    """Read pairs such as `code=网格编码`, and the `[columns]` table of a TOML file; a pair goes before the file.

    Raises IntakeRefused `mapping_unreadable`, or `column_given_twice`.
    """
    mapping: dict[str, str] = {}
    for pair in pairs:
        column, equals, heading = (part.strip() for part in pair.partition("="))
        if not (column and equals and heading):
            raise refusal("mapping_unreadable", reason=f"“{pair}”")
        if mapping.setdefault(column, heading) != heading:
            raise refusal("column_given_twice", column=column, one=mapping[column], other=heading)
    return (_from_file(file) if file is not None else {}) | mapping


def _from_file(file: Path) -> dict[str, str]:
    try:
        columns = tomllib.loads(_text(file.read_bytes())).get("columns")
    except OSError as error:
        raise refusal("mapping_unreadable", reason=error.strerror) from error
    except ValueError as error:
        raise refusal("mapping_unreadable", reason=str(error)) from error
    if not isinstance(columns, dict) or not all(isinstance(heading, str) for heading in columns.values()):
        raise refusal("mapping_unreadable", reason="[columns]")
    return columns


def _text(content: bytes) -> str:
    # Editors in China save in UTF-8 with a mark in front, or in GBK.
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("gb18030")
