"""Merkle trees as the standard defines them: by halves from above, whatever the length."""

from __future__ import annotations

import hashlib
import random

import pytest

from field.ledger import merkle
from field.ledger.bundle_verifier import root_of


def by_the_book(leaves: list[bytes]) -> bytes:
    """Compute the root as RFC 9162, 2.1.1 writes it."""
    if len(leaves) == 1:
        return hashlib.sha256(b"\0" + leaves[0]).digest()
    left = 1
    while left * 2 < len(leaves):
        left *= 2
    return hashlib.sha256(b"\1" + by_the_book(leaves[:left]) + by_the_book(leaves[left:])).digest()


@pytest.mark.parametrize("length", [1, 2, 3, 4, 5, 7, 8, 9, 31, 33, 100, 1000])
def test_every_entry_has_a_path_to_the_root_and_to_no_other_place(length: int, rng: random.Random) -> None:
    hashes = [rng.randbytes(32) for _ in range(length)]
    root = merkle.root(hashes)
    assert root == by_the_book(hashes)
    wanted = sorted(rng.sample(range(length), min(length, 20)))
    for index, path in zip(wanted, merkle.paths(hashes, wanted), strict=True):
        assert len(path) <= (length - 1).bit_length()
        assert root_of(hashes[index], index, length, path) == root
        assert not _leads(root, hashes[index], (index + 1) % length, length, path) or length == 1
        assert not _leads(root, rng.randbytes(32), index, length, path)
        assert not _leads(root, hashes[index], index, length, [*path, bytes(32)])
        assert not path or not _leads(root, hashes[index], index, length, path[:-1])


def _leads(root: bytes, leaf: bytes, index: int, size: int, path: list[bytes]) -> bool:
    try:
        return root_of(leaf, index, size, path) == root
    except ValueError:
        return False
