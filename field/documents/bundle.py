"""The evidence bundle: one zip that a court expert can check on any machine, by hand or with the verifier inside."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import IO, Any

from field.ledger import bundle_verifier
from field.ledger.bundle_verifier import (
    ENTRIES,
    FACTS,
    FORMAT,
    KEY,
    MANIFEST,
    PROOFS,
    SIGNATURE,
    Member,
    directory,
    local_header,
)
from field.ledger.canonical import canonical
from field.ledger.entry import canonical_time
from field.queries.bundles import Proven
from field.vault.digests import new_sm3
from field.vault.signing import Signer, key_id, public_pem

Blocks = Callable[[], Iterator[bytes]]
"""Gives a file's bytes, piece by piece; raises FileNotFoundError where there are none."""
METHOD = Path(__file__).with_name("METHOD.md")
VERIFIER = Path(bundle_verifier.__file__)
_SUFFIXES = {
    "image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "video/mp4": "mp4", "video/webm": "webm",
    "application/pdf": "pdf",
}  # fmt: skip


@dataclass(frozen=True)
class Seal:
    """Who signs, the raw public keys that a reader may need, and when the bundle is made."""

    signer: Signer
    public_keys: list[bytes]
    at: datetime


def write_bundle(
    file: IO[bytes], proven: Proven, papers: Mapping[str, bytes], original: Callable[[str], Iterator[bytes]], seal: Seal
) -> None:
    """Write the bundle: files by name, then the manifest and its signature; the same things are the same bytes.

    `original` gives the sealed bytes of a SHA-256 (hex). One that is gone is left out, and the verifier says so.
    """
    contents: dict[str, Blocks] = {
        **{f"papers/{name}.pdf": _all(pdf) for name, pdf in papers.items()},
        **{
            f"originals/{each.id}.{_SUFFIXES.get(each.media_type, 'bin')}": partial(original, each.sha256)
            for each in proven.originals
        },
        **{name: _all(text) for name, text in _texts(proven, seal).items()},
    }
    written, told = [], []
    for name in sorted(contents):
        if (found := _write(file, name, contents[name])) is not None:
            written.append(found[0])
            told.append(found[1])
    head = max(proven.heads, key=lambda each: each.seq, default=None)
    manifest = {
        "format": FORMAT,
        "task": str(proven.task_id),
        "chain": proven.chain,
        "made_at": canonical_time(seal.at),
        "head": {"seq": head.seq, "hash": head.hash.hex(), "at": canonical_time(head.at)} if head else None,
        "withheld": proven.withheld,
        "files": told,
    }
    text = _shown(manifest)
    for name, content in ((MANIFEST, text), (SIGNATURE, _signature(text, seal.signer))):
        if (found := _write(file, name, _all(content))) is not None:
            written.append(found[0])
    file.write(directory(written, file.tell()))


def _texts(proven: Proven, seal: Seal) -> dict[str, bytes]:
    heads = b"".join(head.line() for head in sorted(proven.heads, key=lambda each: each.seq))
    return {
        ENTRIES: b"".join(canonical(line) + b"\n" for line in proven.entries),
        PROOFS: heads + b"".join(canonical(line) + b"\n" for line in proven.paths),
        FACTS: _shown({"task": str(proven.task_id), "facts": proven.facts}),
        KEY: "".join(map(public_pem, seal.public_keys)).encode(),
        "METHOD.md": METHOD.read_bytes(),
        "verify.py": VERIFIER.read_bytes(),
    }


def _signature(manifest: bytes, signer: Signer) -> bytes:
    told = {
        "algorithm": signer.algorithm,
        "key_id": key_id(signer.public_key),
        "signature": signer.sign(manifest).hex(),
    }
    return canonical(told) + b"\n"


def _shown(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True).encode() + b"\n"


def _all(content: bytes) -> Blocks:
    return lambda: iter((content,))


def _write(file: IO[bytes], name: str, blocks: Blocks) -> tuple[Member, dict[str, Any]] | None:
    """Write one file, its header last, when its size is known; return it as a member and as the manifest tells it."""
    try:
        source = blocks()
    except FileNotFoundError:
        return None
    at, size, crc = file.tell(), 0, 0
    sums = hashlib.sha256(), new_sm3()
    file.write(local_header(name, 0, 0))
    for block in source:
        size, crc = size + len(block), zlib.crc32(block, crc)
        for each in sums:
            each.update(block)
        file.write(block)
    end = file.tell()
    file.seek(at)
    file.write(local_header(name, size, crc))
    file.seek(end)
    told = {"name": name, "size": size, "sha256": sums[0].hexdigest(), "sm3": sums[1].digest().hex()}
    return Member(name, at, size, crc), told
