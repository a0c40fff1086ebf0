"""The verifier that goes with every bundle: it runs alone, and nothing that is put before it makes it fall over."""

from __future__ import annotations

import ast
import hashlib
import json
import random
import shutil
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from sqlalchemy import text
from sqlalchemy.orm import Session

from field.ledger import bundle_verifier
from field.ledger.bundle_verifier import Member, canonical, check_bundle, directory, local_header, sentence
from field.ledger.record import Entry, record
from field.vault.signing import Ed25519Signer, key_id, public_pem
from tests.ledger.lived import CHAIN, SIGNER, Lived, live, write_key
from tests.ledger.test_canonical import DATA

SOURCE = Path(bundle_verifier.__file__)


@pytest.fixture
def lived(session: Session, tmp_path: Path) -> Lived:
    """Two tasks of a court."""
    return live(session, tmp_path, 2)


def files_of(bundle: bytes) -> dict[str, bytes]:
    """Unpack a bundle with Python's own means."""
    with zipfile.ZipFile(BytesIO(bundle)) as file:
        assert file.testzip() is None
        return {name: file.read(name) for name in file.namelist()}


def pack(files: list[tuple[str, bytes]]) -> bytes:
    """Pack files as bundles are packed."""
    packed, members = b"", []
    for name, content in files:
        member = Member(name, len(packed), len(content), zlib.crc32(content))
        packed += local_header(name, member.size, member.crc) + content
        members.append(member)
    return packed + directory(members, len(packed))


def resign(files: dict[str, bytes], signer: Ed25519Signer) -> bytes:
    """Make everything fit again after a change, as somebody would who has a key: the manifest, and its signature."""
    manifest = json.loads(files["manifest.json"])
    for each in manifest["files"]:
        content = files[each["name"]]
        each |= {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        each["sm3"] = hashlib.new("sm3", content).hexdigest()
    told = json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True).encode() + b"\n"
    public = signer.public_key
    signature = {"algorithm": "Ed25519", "key_id": key_id(public), "signature": signer.sign(told).hex()}
    signed = {**files, "manifest.json": told, "manifest.sig": _json(signature) + b"\n"}
    return pack(list(signed.items()))


def verdict(lived: Lived, bundle: bytes, **options: Any) -> list[tuple[str, int | None, str]]:
    """Check a bundle's bytes against the court's key."""
    path = lived.folder / "checked.zip"
    path.write_bytes(bundle)
    faults = check_bundle(path, **{"key": write_key(lived.folder)} | options).faults
    return [(fault.file, fault.entry, fault.what) for fault in faults]


@given(DATA)
def test_its_canonical_json_is_the_standards(data: dict[str, Any]) -> None:
    assert canonical(data) == rfc8785.dumps(data)


def test_it_needs_the_standard_library_and_cryptography_alone_and_an_old_python() -> None:
    tree = ast.parse(SOURCE.read_text(), feature_version=(3, 9))
    modules = [each.module for each in ast.walk(tree) if isinstance(each, ast.ImportFrom)]
    modules += [alias.name for each in ast.walk(tree) if isinstance(each, ast.Import) for alias in each.names]
    rooms = {str(name).split(".")[0] for name in modules}
    assert rooms - {"cryptography"} <= sys.stdlib_module_names


def test_a_whole_bundle_is_whole_on_another_machine(lived: Lived) -> None:
    """Run the copy inside the bundle, in an empty folder, without the product on the path."""
    bundle = lived.bundle(lived.tasks[0])
    files, away = files_of(bundle), lived.folder / "away"
    away.mkdir()
    (away / "verify.py").write_bytes(files["verify.py"])
    (away / "bundle.zip").write_bytes(bundle)
    shutil.copy(write_key(lived.folder), away / "court.pem")
    shutil.copy(lived.log, away / "log.jsonl")
    asked = ["verify.py", "bundle.zip", "--key", "court.pem", "--anchors", "log.jsonl"]
    done = subprocess.run([sys.executable, "-I", *asked], cwd=away, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == "证据包完好 / the bundle is whole"
    assert f"task: {lived.tasks[0]}" in done.stdout


def test_what_is_in_a_bundle(lived: Lived) -> None:
    """Papers, originals as they were taken, every entry of the task and none of another."""
    files = files_of(lived.bundle(lived.tasks[0]))
    [original] = [name for name in files if name.startswith("originals/")]
    piece = original.removeprefix("originals/").removesuffix(".jpg")
    assert files[original] == {str(each): path for each, path in lived.photos.items()}[piece].read_bytes()
    entries = [json.loads(line) for line in files["ledger/entries.jsonl"].splitlines()]
    assert {each["entry"]["object"] for each in entries} == {f"task:{lived.tasks[0]}"}
    assert [each["entry"]["action"] for each in entries][-2:] == ["paper.made", "bundle.made"]
    assert str(lived.tasks[1]).encode() not in b"".join(files.values())
    assert "敲门无人应答" in files["facts.json"].decode()


def test_the_same_things_are_the_same_bytes_in_any_zip_program(lived: Lived) -> None:
    bundle = lived.bundle(lived.tasks[0])
    with zipfile.ZipFile(BytesIO(bundle)) as file:
        assert {each.date_time for each in file.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert {each.compress_type for each in file.infolist()} == {zipfile.ZIP_STORED}
    assert pack(list(files_of(bundle).items())) == bundle


REPACKED: dict[str, tuple[Callable[[list[tuple[str, bytes]]], list[tuple[str, bytes]]], tuple[str, str]]] = {
    "put in": (lambda files: [("more.txt", b"x"), *files], ("more.txt", "extra")),
    "taken out": (lambda files: files[1:], ("METHOD.md", "missing")),
    "twice": (lambda files: [files[1], *files], ("facts.json", "twice")),
    "renamed": (lambda files: [("method.md", files[0][1]), *files[1:]], ("method.md", "renamed")),
    "another order": (lambda files: [files[1], files[0], *files[2:]], ("manifest.json", "order")),
    "a way out": (lambda files: [("../METHOD.md", files[0][1]), *files[1:]], ("../METHOD.md", "name")),
    "an absolute way": (lambda files: [("/METHOD.md", files[0][1]), *files[1:]], ("/METHOD.md", "name")),
    "a drive": (lambda files: [("C:x", files[0][1]), *files[1:]], ("C:x", "name")),
    "no manifest": (lambda files: files[:-2], ("manifest.json", "unreadable")),
    "no signature": (lambda files: files[:-1], ("manifest.sig", "unreadable")),
}


@pytest.mark.parametrize("kind", REPACKED)
def test_files_put_in_taken_out_or_moved(lived: Lived, kind: str) -> None:
    repack, (name, what) = REPACKED[kind]
    found = verdict(lived, pack(repack(list(files_of(lived.bundle(lived.tasks[0])).items()))))
    assert (name, None, what) in found


def test_bytes_after_the_end_and_before_the_beginning(lived: Lived) -> None:
    bundle = lived.bundle(lived.tasks[0])
    assert verdict(lived, bundle + b"x") == [("zip", None, "appended")]
    assert verdict(lived, b"x" + bundle) != []
    assert verdict(lived, bundle[:-1]) == [("zip", None, "directory")]
    assert verdict(lived, b"") == [("zip", None, "not a bundle")]
    assert verdict(lived, b"x" * 100) == [("zip", None, "not a bundle")]


def test_a_bomb_is_refused_unopened(lived: Lived) -> None:
    """What a bundle says it holds is bytes that are there: a compressed file has no place in it."""
    bomb = BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in files_of(lived.bundle(lived.tasks[0])).items():
            file.writestr(name, content if name != "METHOD.md" else bytes(50_000_000))
    assert ("manifest.json", None, "unreadable") in verdict(lived, bomb.getvalue())


def test_a_bundle_signed_by_another_key(lived: Lived) -> None:
    """Whoever rewrites a bundle and signs it with a key of their own is found by the court's key, got another way."""
    files, other = files_of(lived.bundle(lived.tasks[0])), Ed25519Signer(bytes(32))
    files["facts.json"] = files["facts.json"].replace("敲门无人应答".encode(), "本人在家签收".encode())
    files["public_key.pem"] = public_pem(other.public_key).encode()
    found = verdict(lived, resign(files, other))
    assert ("manifest.sig", None, "other key") in found
    assert [what for name, entry, what in found if name == "facts.json" and entry] == ["fact"]


def _json_line(nth: int, change: Callable[[dict[str, Any]], Any]) -> Callable[[bytes], bytes]:
    def changed(content: bytes) -> bytes:
        lines = content.splitlines()
        line = json.loads(lines[nth])
        change(line)
        lines[nth] = canonical(line)
        return b"\n".join(lines) + b"\n"

    return changed


INSIDE: dict[str, tuple[str, Callable[[bytes], bytes], str]] = {
    "who": ("ledger/entries.jsonl", _json_line(0, lambda line: line["entry"].update(actor="user:9")), "entry"),
    "what": ("ledger/entries.jsonl", _json_line(0, lambda line: line["details"].update(state="open")), "details"),
    "before": ("ledger/entries.jsonl", _json_line(1, lambda line: line.update(prev="00" * 32)), "entry"),
    "a path": (
        "ledger/chain.jsonl",
        _json_line(-1, lambda line: line.update(path=["00" * 32, *line["path"][1:]])),
        "unproved",
    ),
    "a head": ("ledger/chain.jsonl", _json_line(0, lambda line: line.update(seq=line["seq"] + 1)), "signature"),
    "a line": ("ledger/entries.jsonl", lambda content: content.replace(b'"seq":1,', b'"seq":1 ,'), "unreadable"),
    "a paper": ("papers/attempts.pdf", lambda content: content + b"x", "paper"),
}


@pytest.mark.parametrize("kind", INSIDE)
def test_a_change_by_somebody_with_the_very_key(lived: Lived, kind: str) -> None:
    """Even if the manifest is made to fit, the ledger does not: the entries are under heads signed before."""
    files = files_of(lived.bundle(lived.tasks[0]))
    name, change, what = INSIDE[kind]
    files[name] = change(files[name])
    assert what in {found for file, _, found in verdict(lived, resign(files, SIGNER)) if file == name}


def test_a_key_put_into_the_bundle_may_not_sign_it(lived: Lived) -> None:
    """Without the court's key: the manifest is the newest head's key's, and no other key's id is shown."""
    files, other = files_of(lived.bundle(lived.tasks[0])), Ed25519Signer(bytes(32))
    files["public_key.pem"] += public_pem(other.public_key).encode()
    assert verdict(lived, resign(files, SIGNER), key=None) == []
    notes = check_bundle(lived.folder / "checked.zip").notes
    assert key_id(SIGNER.public_key) in "".join(notes)
    assert key_id(other.public_key) not in "".join(notes)
    assert verdict(lived, resign(files, other), key=None) == [("manifest.sig", None, "not the head's key")]


def test_without_the_courts_key_the_last_line_says_what_is_not_proved(
    lived: Lived, capsys: pytest.CaptureFixture[str]
) -> None:
    path = lived.folder / "b.zip"
    path.write_bytes(lived.bundle(lived.tasks[0]))
    assert bundle_verifier.main([str(path)]) == 0
    last = capsys.readouterr().out.splitlines()[-1]
    assert "自身前后一致；由谁制作尚未证明" in last
    assert "whole in itself; who made it is proved only with --key" in last


def _told(files: dict[str, bytes], **more: Any) -> dict[str, bytes]:
    """Put what else there is into the manifest: its list of files as it is now, and these words."""
    manifest = json.loads(files["manifest.json"]) | more
    signed = {"manifest.json", "manifest.sig"}
    names = sorted(files.keys() - signed)
    manifest["files"] = [{"name": name} for name in names]
    return {name: files[name] for name in names} | {"manifest.json": _json(manifest), "manifest.sig": b""}


def test_an_original_that_nobody_sealed(lived: Lived) -> None:
    files = files_of(lived.bundle(lived.tasks[0]))
    files["originals/00000000-0000-4000-8000-000000000000.jpg"] = b"made up"
    found = verdict(lived, resign(_told(files), SIGNER))
    assert found == [("originals/00000000-0000-4000-8000-000000000000.jpg", None, "unsealed")]


def test_a_bundle_of_another_tasks_entries(lived: Lived) -> None:
    files = files_of(lived.bundle(lived.tasks[0]))
    count = len(files["ledger/entries.jsonl"].splitlines())
    found = verdict(lived, resign(_told(files, task=str(lived.tasks[1])), SIGNER))
    assert [what for _, _, what in found] == ["other task"] * count


def test_an_entry_left_out(lived: Lived) -> None:
    """Even by somebody with the very key: the making counted what there was."""
    files = files_of(lived.bundle(lived.tasks[0]))
    lines = files["ledger/entries.jsonl"].splitlines(keepends=True)
    made = json.loads(lines[-1])["entry"]["seq"]
    nth = next(at for at, line in enumerate(lines) if json.loads(line)["entry"]["action"] == "task.return")
    files["ledger/entries.jsonl"] = b"".join(lines[:nth] + lines[nth + 1 :])
    assert verdict(lived, resign(files, SIGNER)) == [("ledger/entries.jsonl", made, "incomplete")]
    files["ledger/entries.jsonl"] = b"".join(lines[:-1])
    assert verdict(lived, resign(files, SIGNER)) == [("ledger/entries.jsonl", None, "unmade")]


def _empty(lived: Lived) -> int:
    """Empty an entry's details behind the product's back; return its number."""
    erase = "update field.ledger_entry set salt = null, details = null where object = :task and action = 'task.return'"
    told = {"task": f"task:{lived.tasks[0]}"}
    return int(lived.session.execute(text(erase + " returning seq"), told).scalar_one())


def test_emptied_details_are_a_fault_unless_the_signed_manifest_withholds_them(lived: Lived) -> None:
    seq = _empty(lived)
    bundle = lived.bundle(lived.tasks[0])
    assert verdict(lived, bundle) == [("ledger/entries.jsonl", seq, "details gone")]
    assert verdict(lived, resign(_told(files_of(bundle), withheld=[seq]), SIGNER)) == []
    assert "依法不予提供明细 / details withheld: 1" in check_bundle(lived.folder / "checked.zip").notes


def test_erased_details_are_told_and_no_fault(lived: Lived) -> None:
    """A later entry of the task names the one that was emptied."""
    seq = _empty(lived)
    record(lived.session, Entry(CHAIN, "user:1", "entry.erased", f"task:{lived.tasks[0]}", 1, {"seq": seq}))
    assert verdict(lived, lived.bundle(lived.tasks[0])) == []
    assert "已依法删除明细 / details erased: 1" in check_bundle(lived.folder / "checked.zip").notes


def test_an_old_bundle_and_a_log_that_says_something_else(lived: Lived) -> None:
    bundle = lived.bundle(lived.tasks[0])
    assert verdict(lived, bundle, anchors=lived.log) == []
    lived.grow()
    last = max(json.loads(line)["seq"] for line in lived.log.read_bytes().splitlines())
    assert verdict(lived, bundle, anchors=lived.log) == [("ledger/chain.jsonl", last, "old copy")]
    empty = lived.folder / "empty.jsonl"
    empty.write_bytes(b"")
    assert {what for _, _, what in verdict(lived, bundle, anchors=empty)} == {"not in log"}
    lines = lived.log.read_bytes().replace(b'"hash":"', b'"hash":"0')
    empty.write_bytes(lines)
    assert {what for _, _, what in verdict(lived, bundle, anchors=empty)} == {"fork", "old copy"}


def test_entries_that_no_head_covers_are_named(lived: Lived) -> None:
    """As when the chain does not hold together and nothing more is signed."""
    files = files_of(lived.bundle(lived.tasks[0]))
    newest = max(json.loads(line)["seq"] for line in files["ledger/chain.jsonl"].splitlines() if b"merkle" in line)
    kept = [line for line in files["ledger/chain.jsonl"].splitlines() if json.loads(line)["seq"] <= newest - 2]
    files["ledger/chain.jsonl"] = b"\n".join(kept) + b"\n"
    found = verdict(lived, resign(files, SIGNER))
    assert [(file, entry) for file, entry, what in found if what == "not anchored"] == [
        ("ledger/chain.jsonl", newest - 1),
        ("ledger/chain.jsonl", newest),
    ]


def test_nothing_put_before_it_makes_it_fall_over(lived: Lived, rng: random.Random) -> None:
    """Files of any JSON under a manifest that fits: every one is answered with where the fault is."""
    whole = files_of(lived.bundle(lived.tasks[0]))
    for _ in range(300):
        files = dict(whole)
        name = rng.choice(["facts.json", "ledger/entries.jsonl", "ledger/chain.jsonl"])
        lines = files[name].splitlines() if name.endswith("l") else [files[name]]
        nth = rng.randrange(len(lines))
        lines[nth] = _json(_spoilt(json.loads(lines[nth]), rng))
        files[name] = b"\n".join(lines) + b"\n"
        verdict(lived, resign(files, SIGNER))
    for _ in range(100):
        manifest = _spoilt(json.loads(whole["manifest.json"]), rng)
        assert verdict(lived, pack(list({**whole, "manifest.json": _json(manifest)}.items())))
        signature = _spoilt(json.loads(whole["manifest.sig"]), rng)
        verdict(lived, pack(list({**whole, "manifest.sig": _json(signature) + b"\n"}.items())))


def _json(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def _spoilt(value: Any, rng: random.Random) -> Any:
    """Put something else somewhere into JSON."""
    if isinstance(value, dict) and value and rng.random() < 0.85:
        key = rng.choice(list(value))
        return {**value, key: _spoilt(value[key], rng)}
    if isinstance(value, list) and value and rng.random() < 0.85:
        at = rng.randrange(len(value))
        return [*value[:at], _spoilt(value[at], rng), *value[at + 1 :]]
    return rng.choice([None, True, -1, 0, 2**60, 1.5, "", "zz", "00", [], {}, [[]], {"seq": 1}, "é" * 3])


def test_how_it_speaks(lived: Lived, capsys: pytest.CaptureFixture[str]) -> None:
    """Chinese and English, and an exit status."""
    path = lived.folder / "b.zip"
    path.write_bytes(lived.bundle(lived.tasks[0]) + b"x")
    assert bundle_verifier.main([str(path)]) == 1
    said = capsys.readouterr().out
    assert "zip：压缩包后附有多余字节 / zip: bytes were added after the end of the zip" in said
    assert f"the court publishes: {key_id(SIGNER.public_key)}" in said
    assert bundle_verifier.main([str(lived.folder / "none.zip")]) == 2
    assert CHAIN in said
    assert {sentence(bundle_verifier.Fault("f", 1, what)) for what in bundle_verifier.WHAT}


def test_a_bundle_beyond_four_gigabytes_has_a_directory_that_programs_read(tmp_path: Path) -> None:
    """The file has a hole in it: nothing of that size is written."""
    path, size = tmp_path / "large.zip", 3 * 2**30
    members, at = [], 0
    with path.open("wb") as file:
        for name in ("a.bin", "b.bin", "c.txt"):
            length = size if name != "c.txt" else 1
            members.append(Member(name, at, length, 0))
            file.seek(at)
            file.write(local_header(name, length, 0))
            at += 30 + len(name) + length
        file.seek(at)
        file.write(directory(members, at))
    with zipfile.ZipFile(path) as read:
        assert [(each.filename, each.file_size) for each in read.infolist()] == [
            ("a.bin", size), ("b.bin", size), ("c.txt", 1),
        ]  # fmt: skip
        assert read.infolist()[2].header_offset == members[2].offset
    with path.open("rb") as whole:
        assert [each.name for each in bundle_verifier.Bundle(whole).members] == ["a.bin", "b.bin", "c.txt"]
