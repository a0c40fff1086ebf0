"""The lines outside the database: one file for each chain, only ever appended to, best kept by another owner."""

from __future__ import annotations

import fcntl
import json
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from field.ledger.anchors import SignedHead

_TAIL = 1 << 16
_PLAIN_NAME = re.compile(r"[a-z0-9_-]{1,64}")


def log_path(folder: Path, chain: str) -> Path:
    """Return the file of a chain's lines; a chain of another kind of name is named by its bytes."""
    return folder / f"{chain if _PLAIN_NAME.fullmatch(chain) else 'x' + chain.encode().hex()}.jsonl"


def last_line(folder: Path, chain: str) -> int:
    """Return the number of the newest whole line of a chain, 0 where there is none."""
    path = log_path(folder, chain)
    if not path.exists():
        return 0
    with path.open("rb") as file:
        return _newest(file.fileno())


def append_lines(folder: Path, heads: Iterable[SignedHead]) -> int:
    """Append the lines of one chain's heads that its file does not have yet, durably; return how many.

    A line that a crash cut short is ended, and stands whole after it: it is then the beginning of the next line.
    """
    waiting = list(heads)
    if not waiting:
        return 0
    path = log_path(folder, waiting[0].chain)
    folder.mkdir(parents=True, exist_ok=True)
    file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)  # of two processes on one machine the second finds the lines there
        newest = _newest(file)
        lines = [head.line() for head in waiting if head.seq > newest]
        size = os.fstat(file).st_size
        torn = size and os.pread(file, 1, size - 1) != b"\n"
        _write(file, (b"\n" if torn and lines else b"") + b"".join(lines))
        os.fsync(file)
        return len(lines)
    finally:
        os.close(file)


def _write(file: int, left: bytes) -> None:
    while left:
        left = left[os.write(file, left) :]


def _newest(file: int) -> int:
    """Return the number in the last whole line that can be read, among the file's last lines."""
    size = os.fstat(file).st_size
    tail = os.pread(file, _TAIL, max(0, size - _TAIL))
    for line in reversed(tail.split(b"\n")[:-1]):  # what follows the last end of a line is torn
        try:
            return int(json.loads(line)["seq"])
        except (ValueError, KeyError, TypeError):
            continue
    return 0


@dataclass(frozen=True)
class Log:
    """A chain's lines as they are: by number, those that differ at one number, and where one cannot be read."""

    lines: dict[int, bytes] = field(default_factory=dict)
    forked: list[int] = field(default_factory=list)
    unreadable: list[int] = field(default_factory=list)


def read_log(folder: Path, chain: str) -> Log:
    """Read all lines of a chain; a torn line that the next one repeats whole is no fault."""
    path, log = log_path(folder, chain), Log()
    lines = path.read_bytes().split(b"\n") if path.exists() else []
    whole = lines[:-1]
    for nth, line in enumerate(whole, 1):
        told = _read(line, chain)
        if told is None:
            torn = nth < len(whole) and whole[nth].startswith(line) and len(line) < len(whole[nth])
            if not torn:
                log.unreadable.append(nth)
        elif log.lines.setdefault(told, line + b"\n") != line + b"\n":
            log.forked.append(told)
    return log


def logged_chains(folder: Path) -> list[str]:
    """Return the chains that have lines, even where the database knows nothing of them."""
    found = []
    for path in sorted(folder.glob("*.jsonl")) if folder.is_dir() else []:
        with path.open("rb") as file:
            try:
                found.append(str(json.loads(file.readline())["chain"]))
            except (ValueError, KeyError, TypeError):
                found.append(path.stem)
    return found


def _read(line: bytes, chain: str) -> int | None:
    try:
        told: dict[str, Any] = json.loads(line)
        return int(told["seq"]) if told["chain"] == chain and "signature" in told else None
    except (ValueError, KeyError, TypeError):
        return None
