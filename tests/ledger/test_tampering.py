"""Five hundred changes made behind the product's back, by whoever owns the database, the files or a bundle: all found.

And each at its place: the chain's entry, the signed head, the line, or the file in the bundle.
"""

from __future__ import annotations

import random
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from field.ledger.bundle_verifier import check_bundle
from field.ledger.originals import check_originals
from tests.ledger.lived import CHAIN, Lived, live, unguard, write_key

ROUNDS = {"entries": 130, "facts": 90, "heads": 50, "lines": 40, "originals": 40, "bundle": 130, "tail": 20}
FLIP = "set_byte({0}, {1}, get_byte({0}, {1}) # {2})"
BYTES = {"prev": 32, "hash": 32, "commit": 32, "salt": 16}
WORDS = ("actor", "action", "object")
CHANGES = {
    "version": "version + 1",
    "at": "at + interval '1 microsecond'",
    "details": "jsonb_set(details, '{x}', '1')",
}


@pytest.fixture
def lived(session: Session, tmp_path: Path) -> Lived:
    """Four tasks that have been through a lot, in three signed stretches, with every guard switched off."""
    lived = live(session, tmp_path, 2)
    for _ in range(2):
        lived.grow()
    unguard(session)
    assert lived.check().findings == []
    return lived


def test_five_hundred_changes_are_found_at_their_place(lived: Lived, rng: random.Random) -> None:
    tamperings: dict[str, Callable[[Lived, random.Random], bool]] = {
        "entries": _entry,
        "facts": _fact,
        "heads": _head,
        "lines": _line,
        "originals": _original,
        "tail": _tail,
    }
    found = Counter({name: sum(tamper(lived, rng) for _ in range(ROUNDS[name])) for name, tamper in tamperings.items()})
    found["bundle"] = sum(_bundles(lived, rng))
    print({name: f"{found[name]} of {count}" for name, count in ROUNDS.items()})
    assert sum(ROUNDS.values()) == 500
    assert dict(found) == ROUNDS
    assert lived.check().findings == [], "each change was undone"


def _seen(lived: Lived, statement: str, *, rows: int | None = 1) -> set[tuple[int, str]]:
    """Make a change, look, and undo it; return what was named."""
    with lived.session.begin_nested() as change:
        done: Any = lived.session.execute(text(statement))
        assert rows is None or done.rowcount == rows, statement
        findings = {(each.seq, each.what) for each in lived.check().findings}
        change.rollback()
    return findings


def _count(lived: Lived) -> int:
    return lived.check().count


def _entry(lived: Lived, rng: random.Random) -> bool:
    seq, column = rng.randint(1, _count(lived)), rng.choice([*BYTES, *WORDS, *CHANGES, "gone"])
    where = f"where chain = '{CHAIN}' and seq = {seq}"
    if column == "gone":
        seen = _seen(lived, f"delete from field.ledger_entry {where}")
    else:
        seen = _seen(lived, f"update field.ledger_entry set {column} = {_changed(column, rng)} {where}")
    # A changed link shows where it is, and one place on; a deleted last entry is a tail cut off.
    return any(at == seq for at, _ in seen)


def _changed(column: str, rng: random.Random) -> str:
    if column in BYTES:
        return FLIP.format(column, rng.randrange(BYTES[column]), 1 << rng.randrange(8))
    return f"{column} || 'x'" if column in WORDS else CHANGES[column]


FACTS = {
    "attempt": ["note = note || 'x'", "outcome = 'MOVED_AWAY'", "raw_lon = raw_lon + 1e-7", "fence = fence + 1",
                "captured_at = captured_at + interval '1 microsecond'", "marks = '{late}'", "late = not late",
                "received_at = received_at - interval '1 second'", "indicators = '{HIDES_ASSETS}'"],
    "evidence": ["sha256 = sha256 # null", "kind = 'PHOTO_SCENE'", "is_mock = not is_mock", "late = not late",
                 "captured_at = captured_at + interval '1 microsecond'", "raw_lat = raw_lat + 1e-7", "size = size + 1",
                 "media_type = 'image/png'", "imported = not imported", "sealed_at = sealed_at + interval '1 hour'"],
    "task": ["address = address || 'x'", "due_on = due_on + 1", "instructions = ''", "priority = 4 - priority + 1",
             "release = '{}'", "raw_lat = raw_lat + 1e-7"],
    "remark": ["text = text || 'x'"],
}  # fmt: skip


def _fact(lived: Lived, rng: random.Random) -> bool:
    table = rng.choice(list(FACTS))
    change, task_id = rng.choice(FACTS[table]), rng.choice(lived.tasks)
    change = change.replace("sha256 # null", "set_byte(sha256, 3, get_byte(sha256, 3) # 1)")
    change = change.replace("4 - priority + 1", "case priority when 1 then 2 else 1 end")
    key = "id" if table == "task" else "task_id"
    with lived.session.begin_nested() as loosened:
        lived.session.execute(text("alter table field.evidence drop constraint ck_evidence_as_declared"))
        seen = _seen(lived, f"update field.{table} set {change} where {key} = '{task_id}'", rows=None)
        loosened.rollback()
    mine = {
        seq
        for seq, details in lived.session.execute(
            text(f"select seq, details from field.ledger_entry where object = 'task:{task_id}' and details ? 'fact'")
        )
    }
    return bool(seen) and {at for at, _ in seen} <= mine and {what for _, what in seen} <= {"fact changed"}


def _head(lived: Lived, rng: random.Random) -> bool:
    heads = lived.session.execute(text("select seq, from_seq from field.anchor order by seq")).all()
    seq, begins = rng.choice(heads)
    column = rng.choice(["hash", "merkle_root", "signature", "public_key", "key_id", "algorithm", "at", "gone"])
    where = f"where seq = {seq}"
    if column == "gone":
        return bool({at for at, _ in _seen(lived, f"delete from field.anchor {where}")} & {seq, begins})
    changed = {"key_id": "key_id || 'x'", "algorithm": "'SM2'", "at": "at + interval '1 second'"}.get(column)
    changed = changed or FLIP.format(column, rng.randrange(32), 1 << rng.randrange(8))
    return any(at == seq for at, _ in _seen(lived, f"update field.anchor set {column} = {changed} {where}"))


def _line(lived: Lived, rng: random.Random) -> bool:
    whole = lived.log.read_bytes()
    lines = whole.splitlines(keepends=True)
    nth, kind = rng.randrange(len(lines)), rng.choice(["byte", "gone", "twice"])
    seq = [head for (head,) in lived.session.execute(text("select seq from field.anchor order by seq"))][nth]
    if kind == "byte":
        at = sum(map(len, lines[:nth])) + rng.randrange(len(lines[nth]))
        lived.log.write_bytes(_flipped(whole, at, rng))
    elif kind == "gone":
        lived.log.write_bytes(b"".join(line for other, line in enumerate(lines) if other != nth))
    else:  # another line for the same head, beside the true one
        lived.log.write_bytes(whole + lines[nth].replace(b'"hash":"', b'"hash":"0'))
    _age(lived)
    named = {(each.seq, each.what) for each in lived.check().findings}
    lived.log.write_bytes(whole)
    return any(at == seq or (what == "line unreadable" and at == nth + 1) for at, what in named)


def _age(lived: Lived) -> None:
    """A line may follow its row by a minute."""
    lived.session.execute(text("update field.anchor set written_at = written_at - interval '1 hour'"))


def _flipped(whole: bytes, at: int, rng: random.Random) -> bytes:
    return whole[:at] + bytes((whole[at] ^ (1 << rng.randrange(8)),)) + whole[at + 1 :]


def _original(lived: Lived, rng: random.Random) -> bool:
    piece, path = rng.choice(list(lived.photos.items()))
    whole, gone = path.read_bytes(), rng.random() < 0.2
    if gone:
        path.unlink()
    else:
        path.write_bytes(rng.choice((_flipped(whole, rng.randrange(len(whole)), rng), whole + b"x", whole[:-1])))
    found = list(check_originals(lived.session, CHAIN, lived.store, lambda: None))
    path.write_bytes(whole)
    sealed = f"select seq from field.ledger_entry where action = 'evidence.sealed' and details->>'evidence' = '{piece}'"
    due = lived.session.scalars(text(sealed)).one()
    return [(each.seq, each.what) for each in found] == [(due, "original missing" if gone else "original changed")]


def _tail(lived: Lived, rng: random.Random) -> bool:
    """The newest entries go, with their facts, and with the signed heads over them: an old copy is put back."""
    left, heads_too = rng.randrange(0, _count(lived)), rng.random() < 0.5
    statement = f"delete from field.ledger_entry where seq > {left}"
    with lived.session.begin_nested() as change:
        if heads_too:
            lived.session.execute(text(f"delete from field.anchor where seq > {left}"))
        seen = _seen(lived, statement, rows=None)
        change.rollback()
    return (left + 1, "cut off") in seen


def _bundles(lived: Lived, rng: random.Random) -> Iterator[bool]:
    """A byte anywhere; a file taken out, put in, renamed, twice; bytes after the end; another key; an old bundle."""
    task_id: UUID = lived.tasks[0]
    whole, path, key = lived.bundle(task_id), lived.folder / "bundle.zip", write_key(lived.folder)
    path.write_bytes(whole)
    assert check_bundle(path, key, lived.log).faults == []
    places = _places(path)
    for _ in range(ROUNDS["bundle"]):
        at = rng.randrange(len(whole)) if rng.random() < 0.5 else rng.choice(_dark(places, len(whole)))
        path.write_bytes(_flipped(whole, at, rng))
        named = {fault.file for fault in check_bundle(path, key).faults}
        due = next((name for name, begin, end in places if begin <= at < end), "zip")
        signed = {"manifest.json", "manifest.sig"}
        yield due in named or (due in signed and bool(named & signed))


def _places(path: Path) -> list[tuple[str, int, int]]:
    with zipfile.ZipFile(path) as file:
        return [
            (each.filename, each.header_offset, each.header_offset + 30 + len(each.filename) + each.file_size)
            for each in file.infolist()
        ]


def _dark(places: list[tuple[str, int, int]], size: int) -> list[int]:
    """Bytes that are no file's content: headers, names, the directory."""
    headers = [at for name, begin, _ in places for at in range(begin, begin + 30 + len(name))]
    return headers + list(range(places[-1][2], size))
