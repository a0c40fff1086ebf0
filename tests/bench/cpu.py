"""CPU time of a process and everything it started, read from /proc: steadier than rates on a busy machine."""

from __future__ import annotations

import os
from collections import defaultdict
from contextlib import suppress
from pathlib import Path

TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")


def cpu_seconds(root: int) -> float:
    """Return the CPU seconds, user and system, spent so far by a process, its descendants and those it has reaped."""
    return sum(_ticks(fields) for fields in _family(root)) / TICKS_A_SECOND


def _family(root: int) -> list[list[str]]:
    """Return the fields of /proc/PID/stat, from the state on, for the root and all its descendants."""
    stats: dict[int, list[str]] = {}
    children: dict[int, list[int]] = defaultdict(list)
    for each in Path("/proc").glob("[0-9]*/stat"):
        with suppress(FileNotFoundError, ProcessLookupError):  # it ended meanwhile; its parent has its time
            # The name in brackets may hold spaces and brackets itself.
            fields = each.read_text().rpartition(")")[2].split()
            stats[int(each.parent.name)] = fields
            children[int(fields[1])].append(int(each.parent.name))
    found, waiting = [], [root]
    while waiting:
        pid = waiting.pop()
        waiting += children[pid]
        if pid in stats:
            found.append(stats[pid])
    return found


def _ticks(fields: list[str]) -> int:
    utime, stime, reaped_utime, reaped_stime = fields[11:15]
    return int(utime) + int(stime) + int(reaped_utime) + int(reaped_stime)
