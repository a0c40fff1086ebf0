"""Merkle trees over a stretch of a chain (RFC 9162, 2.1): a short path proves one entry and shows no other.

A leaf is SHA-256(0x00 ‖ entry's hash), a node SHA-256(0x01 ‖ left ‖ right); the left side of an uneven stretch is the
largest power of two below its length. A path is only hashes: a bundle tells nothing of other cases' entries.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence


def root(hashes: Sequence[bytes]) -> bytes:
    """Return the root over at least one entry's hash."""
    return _levels(hashes)[-1][0]


def paths(hashes: Sequence[bytes], wanted: Sequence[int]) -> list[list[bytes]]:
    """Return the path from each wanted position (from 0) to the root, lowest first."""
    levels = _levels(hashes)
    return [_path(levels, index) for index in wanted]


def _path(levels: Sequence[Sequence[bytes]], index: int) -> list[bytes]:
    path = []
    for level in levels[:-1]:
        if (other := index ^ 1) < len(level):  # the last of an uneven level goes up alone
            path.append(level[other])
        index >>= 1
    return path


def _levels(hashes: Sequence[bytes]) -> list[list[bytes]]:
    """Pair neighbours level by level: the same tree as the standard's, which halves from above."""
    sha256 = hashlib.sha256
    level = [sha256(b"\0" + each).digest() for each in hashes]
    levels = [level]
    while len(level) > 1:
        above = [sha256(b"\1" + level[at] + level[at + 1]).digest() for at in range(0, len(level) - 1, 2)]
        level = [*above, level[-1]] if len(level) % 2 else above
        levels.append(level)
    return levels
