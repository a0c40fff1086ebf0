"""CSV files written as dictionaries of what differs from a sound row."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from field.rules.rows import Fault, RowsRefused

PERSON = {
    "login": "w1",
    "display_name": "甲某",
    "role": "worker",
    "court_code": "",
    "division_code": "410225001001",
    "cell_codes": "410225001001001",
    "phone": "19900001234",
    "on_duty_from": "2026-01-01",
}
TASK = {
    "id": "a1685287-4d21-428b-b534-f830b47746e8",
    "kind": "LOCATE",
    "case_no": "（2099）豫0225执1号",
    "court_code": "yu0225",
    "party_name": "甲某",
    "party_role": "debtor",
    "lon": "114.805",
    "lat": "34.815",
    "datum": "WGS84",
    "address": "某村2号",
    "due_on": "",
    "priority": "1",
    "instructions": "",
}


def csv_file(sound: Mapping[str, str], *rows: Mapping[str, str]) -> bytes:
    """Return a file with one row for each mapping of what differs; a column of the first row only is a new one."""
    columns = [*sound, *(name for name in rows[0] if name not in sound)] if rows else list(sound)
    lines = [columns, *([{**sound, **row}.get(name, "") for name in columns] for row in rows)]
    return "".join(",".join(_quoted(value) for value in line) + "\r\n" for line in lines).encode()


def _quoted(value: str) -> str:
    return '"' + value.replace('"', '""') + '"' if set(value) & set(',"\n\r') else value


def faults(
    read: Callable[[bytes], tuple[Sequence[Any], list[Fault]]], raw: bytes
) -> list[tuple[int | None, str | None, str]]:
    """Return (row, column, code) of everything wrong with the file, whether it was read or refused as a whole."""
    try:
        _, found = read(raw)
    except RowsRefused as refused:
        found = list(refused.faults)
    for fault in found:
        assert fault.line(), "every fault can be said"
    return [(fault.row, fault.column, fault.code) for fault in found]
