# house: one file on purpose: it is copied into every bundle and runs alone on another machine
"""Check an evidence bundle on any machine: `python3 verify.py BUNDLE.zip [--key FILE] [--anchors FILE]`.

Needs Python 3.9 or newer and the package `cryptography`, and nothing of the product that made the bundle. METHOD.md,
beside it, says how to do the same by hand. Exit status 0: whole; 1: changed, each place named; 2: wrong use.
"""

from __future__ import annotations

import argparse
import hashlib
import hmac
import json
import math
import re
import struct
import sys
import zlib
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

MANIFEST, SIGNATURE, KEY = "manifest.json", "manifest.sig", "public_key.pem"
ENTRIES, PROOFS, FACTS = "ledger/entries.jsonl", "ledger/chain.jsonl", "facts.json"
FORMAT = "gridfield-bundle/1"
SEALED, PAPER, MADE, ERASED = "evidence.sealed", "paper.made", "bundle.made", "entry.erased"
WHAT = {
    "unreadable": ("无法读取", "cannot be read"),
    "not a bundle": ("不是证据包", "is not an evidence bundle"),
    "header": ("压缩包文件头被改动", "its header in the zip was changed"),
    "directory": ("压缩包目录被改动", "the zip's directory was changed"),
    "appended": ("压缩包后附有多余字节", "bytes were added after the end of the zip"),
    "name": ("文件名不允许", "its name is not allowed"),
    "twice": ("文件名重复", "its name occurs twice"),
    "extra": ("清单中没有此文件", "it is not in the manifest"),
    "missing": ("清单中的文件不在包内", "it is in the manifest and not in the bundle"),
    "renamed": ("文件被改名", "the file was renamed"),
    "order": ("文件次序被改动", "the order of the files was changed"),
    "changed": ("内容被改动", "its content was changed"),
    "signature": ("签名不符", "the signature does not fit"),
    "other key": ("由其他密钥签名", "signed by another key"),
    "not the head's key": ("签名密钥不是最新链头的密钥", "not signed by the key that signed the newest head"),
    "entry": ("留痕被改动", "the entry was changed"),
    "details": ("明细被改动", "its details were changed"),
    "details gone": (
        "明细被清空，清单未列为不予提供，也没有删除记录",
        "its details are gone: the manifest does not tell them withheld, and no entry tells them erased",
    ),
    "other task": ("不是本任务的留痕", "the entry is not of this task"),
    "incomplete": (
        "此前的留痕少于制作时所记的条数",
        "there are fewer entries before it than it counted when the bundle was made",
    ),
    "unmade": ("没有本包的制作记录", "no entry says how many entries there were when the bundle was made"),
    "unchained": ("与前一条不相连", "does not follow from the entry before"),
    "unproved": ("未列入已签名的链", "is not in a signed stretch of the chain"),
    "not anchored": ("尚未签名存证", "is not yet under a signed head"),
    "fact": ("所记事实与留痕不符", "the fact is not what the entry says"),
    "no fact": ("缺少所记事实", "the fact it tells of is missing"),
    "original": ("原件与封存时的哈希不符", "the original is not what was sealed"),
    "no original": ("缺少封存的原件", "the sealed original is missing"),
    "unsealed": ("没有该原件的封存记录", "no entry says that this original was sealed"),
    "paper": ("文书与制作记录不符", "the paper is not what was made"),
    "no paper": ("没有该文书的制作记录", "no entry says that this paper was made"),
    "not in log": ("外部存证中没有此签名", "this signed head is not in the log kept elsewhere"),
    "fork": ("外部存证与包内签名不同", "the log kept elsewhere has another head at this place"),
    "old copy": ("外部存证中有更新的签名：此包是旧的副本", "the log kept elsewhere goes on: this is an old copy"),
}


class Fault(NamedTuple):
    """One place where a bundle is not what it was: the file, the entry's number where there is one, and what."""

    file: str
    entry: int | None
    what: str


class Verdict(NamedTuple):
    """What was found, and what a reader should know of a bundle that is whole."""

    faults: list[Fault]
    notes: list[str]


class Member(NamedTuple):
    """A file in the zip, stored as it is: where its header begins, its size and its CRC-32."""

    name: str
    offset: int
    size: int
    crc: int


# ---- canonical JSON (RFC 8785) -------------------------------------------------------------------------------------


def canonical(value: Any) -> bytes:
    """Return the canonical form of JSON data; ValueError for what has none."""
    return _written(value).encode()


def _written(value: Any) -> str:
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: key.encode("utf-16-be"))
        return "{" + ",".join(f"{_written(key)}:{_written(value[key])}" for key in keys) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_written, value)) + "]"
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, int) and not -(2**53) < value < 2**53:
        raise ValueError("a whole number beyond 2^53 has no canonical form")
    return json.dumps(value, ensure_ascii=False)


def _number(value: float) -> str:
    """Write a number as ECMAScript does."""
    if not math.isfinite(value):
        raise ValueError("not a number of JSON")
    sign, parts, exponent = Decimal(repr(value)).as_tuple()
    digits = "".join(map(str, parts)).rstrip("0")
    if not digits:
        return "0"
    point = len(parts) + int(exponent)
    if len(digits) <= point <= 21:
        text = digits + "0" * (point - len(digits))
    elif 0 < point <= 21:
        text = digits[:point] + "." + digits[point:]
    elif -6 < point <= 0:
        text = "0." + "0" * -point + digits
    else:
        text = digits[0] + ("." + digits[1:] if digits[1:] else "") + f"e{point - 1:+d}"
    return "-" + text if sign else text


# ---- the zip: files stored one after the other, every other byte of it follows from names, sizes and CRCs -----------

_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*(/[A-Za-z0-9_-][A-Za-z0-9_.-]*)*")
_DATE, _MODE, _FAR, _MANY = 0x21, 0o100644 << 16, 0xFFFFFFFF, 0xFFFF  # 1980-01-01, a plain file


def local_header(name: str, size: int, crc: int) -> bytes:
    """Return the bytes before a file's content."""
    return _LOCAL.pack(b"PK\3\4", 20, 0, 0, 0, _DATE, crc, size, size, len(name), 0) + name.encode("ascii")


def directory(members: list[Member], at: int) -> bytes:
    """Return the bytes after the last file, which begin at this place."""
    listed = b"".join(map(_listed, members))
    count, end = len(members), b""
    if at >= _FAR or count >= _MANY:
        far = struct.pack("<4sQ2H2I4Q", b"PK\6\6", 44, 0x32D, 45, 0, 0, count, count, len(listed), at)
        end = far + struct.pack("<4sIQI", b"PK\6\7", 0, at + len(listed), 1)
    short = min(count, _MANY)
    return listed + end + struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, short, short, len(listed), min(at, _FAR), 0)


def _listed(member: Member) -> bytes:
    name, far = member.name.encode("ascii"), member.offset >= _FAR
    more = struct.pack("<2HQ", 1, 8, member.offset) if far else b""
    need, offset = (45, _FAR) if far else (20, member.offset)
    sizes = (member.crc, member.size, member.size)
    head = (b"PK\1\2", 0x300 + need, need, 0, 0, 0, _DATE, *sizes, len(name), len(more), 0, 0, 0, _MODE, offset)
    return _CENTRAL.pack(*head) + name + more


def _walk(file: BinaryIO) -> list[Member]:
    """Return the members as their own headers tell them, from the first byte on."""
    found: list[Member] = []
    at = 0
    while True:
        file.seek(at)
        head = file.read(_LOCAL.size)
        if len(head) < _LOCAL.size or head[:4] != b"PK\3\4":
            return found
        _, _, _, _, _, _, crc, size, _, length, _ = _LOCAL.unpack(head)
        found.append(Member(file.read(length).decode("latin-1"), at, size, crc))
        at += _LOCAL.size + length + size


def _index(file: BinaryIO, end: int) -> list[Member]:
    """Return the members as the directory at the end tells them."""
    file.seek(max(0, end - 22))
    last = file.read(22)
    if len(last) < 22 or last[:4] != b"PK\5\6":
        return []
    length = int(struct.unpack("<I", last[12:16])[0])
    far = 76 if last[16:20] == b"\xff" * 4 or last[10:12] == b"\xff" * 2 else 0
    file.seek(max(0, end - 22 - far - length))
    listed, found, at = file.read(length), [], 0
    while at + _CENTRAL.size <= len(listed):
        fields = _CENTRAL.unpack_from(listed, at)
        crc, size, long, more, offset = fields[7], fields[8], fields[10], fields[11], fields[16]
        at += _CENTRAL.size
        name, extra = listed[at : at + long].decode("latin-1"), listed[at + long : at + long + more]
        found.append(Member(name, struct.unpack("<Q", extra[4:12])[0] if len(extra) == 12 else offset, size, crc))
        at += long + more
    return found


# ---- the files against the signed manifest --------------------------------------------------------------------------


class Bundle:
    """A bundle as it is read: its members, where each file's content begins, and its manifest if that can be read."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.end = file.seek(0, 2)
        self.faults: list[Fault] = []
        self.members, self.manifest = self._choose(_walk(file), _index(file, self.end))
        self.at = {member.name: self._content(member) for member in reversed(self.members)}
        self.size = {member.name: member.size for member in reversed(self.members)}

    @property
    def expected(self) -> list[str]:
        """Return the names that the manifest tells, in order."""
        return _names(self.manifest)

    def read(self, name: str) -> bytes:
        """Return a file's bytes; none where there is no such file."""
        return b"".join(self.blocks(name))

    def blocks(self, name: str) -> Iterator[bytes]:
        """Yield a file's bytes piece by piece."""
        at, left = self.at.get(name, 0), self.size.get(name, 0)
        self.file.seek(at)
        while left > 0 and (block := self.file.read(min(left, 1 << 20))):
            left -= len(block)
            yield block

    def _choose(self, *told: list[Member]) -> tuple[list[Member], dict[str, Any] | None]:
        """Headers and directory tell the members twice; whoever agrees with the manifest is believed."""
        read = [(members, self._manifest(members)) for members in told]
        for members, manifest in read:
            if manifest is not None and [member.name for member in members] == _names(manifest):
                return members, manifest
        return next((pair for pair in read if pair[1] is not None), (max(told, key=len), None))

    def _manifest(self, members: list[Member]) -> dict[str, Any] | None:
        for member in members:
            if member.name == MANIFEST:
                self.file.seek(self._content(member))
                try:
                    manifest = json.loads(self.file.read(member.size))
                    return manifest if manifest["format"] == FORMAT and all(map(_is_told, manifest["files"])) else None
                except _BROKEN:
                    return None
        return None

    @staticmethod
    def _content(member: Member) -> int:
        return member.offset + _LOCAL.size + len(member.name)


_BROKEN = (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError, OverflowError)
"""What reading something written by others may raise."""


def _is_told(each: dict[str, Any]) -> bool:
    """Tell whether the manifest says of a file what it should."""
    size, texts = each["size"], (each["name"], each["sha256"])
    return type(size) is int and 0 <= size < 2**40 and all(isinstance(text, str) for text in texts)


def _names(manifest: dict[str, Any] | None) -> list[str]:
    return [*(str(each["name"]) for each in manifest["files"]), MANIFEST, SIGNATURE] if manifest else []


def check_files(bundle: Bundle, signed: bool) -> Iterator[Fault]:
    """Compare names, order, bytes and the zip's own bytes with the manifest; `signed`: its signature fits."""
    names = [member.name for member in bundle.members]
    yield from (Fault(name, None, "name") for name in names if not _NAME.fullmatch(name))
    yield from (Fault(name, None, "twice") for name in sorted({name for name in names if names.count(name) > 1}))
    if bundle.manifest is None:
        yield Fault(MANIFEST, None, "unreadable")
        return
    told = {each["name"]: each for each in bundle.manifest["files"]}
    if names == bundle.expected:
        # From here on sizes come from the manifest, so that every byte of the file has one meaning.
        bundle.at, at = {}, 0
        for name in names:
            bundle.at[name] = at + _LOCAL.size + len(name)
            bundle.size[name] = told[name]["size"] if name in told else bundle.size[name]
            at = bundle.at[name] + bundle.size[name]
    else:
        yield from _misnamed(bundle, names, told)
    found = {name: _digests(bundle, name) for name in dict.fromkeys(names)}
    changed = {name for name in told if name in found and not _fits(found[name], told[name])}
    yield from (Fault(name, None, "changed") for name in bundle.expected if name in changed)
    if names == bundle.expected:
        # What is changed is named by its content: of its header, the CRC alone is then taken as it stands.
        yield from _check_layout(bundle, found, changed if signed else {*changed, MANIFEST, SIGNATURE})


def _misnamed(bundle: Bundle, names: list[str], told: dict[str, Any]) -> Iterator[Fault]:
    extra = [name for name in dict.fromkeys(names) if name not in bundle.expected]
    hashes = {_digests(bundle, name)["sha256"]: name for name in extra}
    missing = [name for name in bundle.expected if name not in names]
    renamed = {name: hashes[told[name]["sha256"]] for name in missing if told.get(name, {}).get("sha256") in hashes}
    yield from (Fault(name, None, "renamed" if name in renamed.values() else "extra") for name in extra)
    yield from (Fault(name, None, "missing") for name in missing if name not in renamed)
    if not extra and not missing and len(names) == len(set(names)):
        yield Fault(MANIFEST, None, "order")


def _digests(bundle: Bundle, name: str) -> dict[str, Any]:
    sums = {"sha256": hashlib.sha256()}
    if "sm3" in hashlib.algorithms_available:
        sums["sm3"] = hashlib.new("sm3")
    crc = size = 0
    for block in bundle.blocks(name):
        crc, size = zlib.crc32(block, crc), size + len(block)
        for each in sums.values():
            each.update(block)
    return {"size": size, "crc": crc, **{each: value.hexdigest() for each, value in sums.items()}}


def _fits(found: dict[str, Any], told: dict[str, Any]) -> bool:
    return all(found.get(each, told.get(each)) == told.get(each) for each in ("size", "sha256", "sm3"))


def _check_layout(bundle: Bundle, found: dict[str, Any], changed: set[str]) -> Iterator[Fault]:
    """Compare every byte that is no file's with what follows from the files."""
    members, at = [], 0
    for told in bundle.members:
        crc = told.crc if told.name in changed else found[told.name]["crc"]
        header = local_header(told.name, bundle.size[told.name], crc)
        bundle.file.seek(at)
        if bundle.file.read(len(header)) != header:
            yield Fault(told.name, None, "header")
        members.append(Member(told.name, at, bundle.size[told.name], crc))
        at = bundle.at[told.name] + bundle.size[told.name]
    bundle.file.seek(at)
    rest, due = bundle.file.read(), directory(members, at)
    if rest != due:
        yield Fault("zip", None, "appended" if rest.startswith(due) else "directory")


# ---- signatures -----------------------------------------------------------------------------------------------------


def read_keys(pem: bytes) -> dict[str, Ed25519PublicKey]:
    """Return the public keys of a PEM file by key id: the first 16 hex digits of the raw key's SHA-256."""
    keys = {}
    for part in re.findall(rb"-----BEGIN PUBLIC KEY-----.*?-----END PUBLIC KEY-----", pem, re.DOTALL):
        key = serialization.load_pem_public_key(part)
        if not isinstance(key, Ed25519PublicKey):
            raise ValueError("only Ed25519 keys are known")
        raw = key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        keys[hashlib.sha256(raw).hexdigest()[:16]] = key
    return keys


def check_signature(told: dict[str, Any], message: bytes, keys: dict[str, Ed25519PublicKey]) -> str | None:
    """Return what is wrong with a signature, None if nothing is: `told` names algorithm, key and signature."""
    key = keys.get(told["key_id"])
    if key is None:
        return "other key"
    signature = bytes.fromhex(told["signature"])
    if told["algorithm"] != "Ed25519" or signature.hex() != told["signature"]:
        return "signature"
    try:
        key.verify(signature, message)
    except InvalidSignature:
        return "signature"
    return None


def check_manifest(bundle: Bundle, pinned: dict[str, Ed25519PublicKey] | None) -> Iterator[Fault]:
    """Check that the manifest is signed: by the key given, else by the one in the bundle."""
    try:
        raw = bundle.read(SIGNATURE)
        told = json.loads(raw)
        if canonical(told) + b"\n" != raw:
            yield Fault(SIGNATURE, None, "changed")
            return
        keys = pinned if pinned is not None else read_keys(bundle.read(KEY))
        wrong = check_signature(told, bundle.read(MANIFEST), keys)
    except _BROKEN:
        wrong = "unreadable"
    if wrong:
        yield Fault(SIGNATURE if wrong != "signature" else MANIFEST, None, wrong)


def anchor_form(line: dict[str, Any]) -> bytes:
    """Return what is signed of a signed head: its canonical JSON without the signature."""
    return canonical({name: value for name, value in line.items() if name != "signature"})


# ---- the ledger -----------------------------------------------------------------------------------------------------


def root_of(leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes:
    """Return the root that a Merkle path leads to (RFC 9162, 2.1.3.2); ValueError where path and size do not fit."""
    left, right, found = index, size - 1, hashlib.sha256(b"\0" + leaf).digest()
    for other in path:
        if right == 0:
            raise ValueError("the path is too long")
        if left & 1 or left == right:
            found = hashlib.sha256(b"\1" + other + found).digest()
            while left and not left & 1:
                left, right = left >> 1, right >> 1
        else:
            found = hashlib.sha256(b"\1" + found + other).digest()
        left, right = left >> 1, right >> 1
    if right:
        raise ValueError("the path is too short")
    return found


class Ledger:
    """The entries of a bundle with what proves them, as far as they can be read."""

    def __init__(self, bundle: Bundle) -> None:
        self.faults: list[Fault] = []
        self.entries = self._lines(bundle, ENTRIES)
        proofs = self._lines(bundle, PROOFS)
        self.anchors = {line["seq"]: line for line in proofs if "merkle_root" in line}
        self.paths = {line["seq"]: line for line in proofs if "path" in line}
        self.withheld = self.erased = 0

    @property
    def newest(self) -> dict[str, Any]:
        """Return the newest signed head; nothing where there is none."""
        return self.anchors.get(max(self.anchors, default=0), {})

    def _lines(self, bundle: Bundle, name: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for number, line in enumerate(bundle.read(name).splitlines(), 1):
            try:
                value = json.loads(line)
                seq = value["entry"]["seq"] if name == ENTRIES else value["seq"]
                if canonical(value) != line or type(seq) is not int:
                    raise ValueError("a line is canonical JSON")
                found.append(value)
            except _BROKEN:
                self.faults.append(Fault(name, number, "unreadable"))
        return found

    def check(self, manifest: dict[str, Any], chain: str, keys: dict[str, Ed25519PublicKey]) -> Iterator[Fault]:
        """Check every signed head, entry and proof."""
        yield from self.faults
        for seq, anchor in self.anchors.items():
            if wrong := _guarded("unreadable", _anchor_fault, anchor, keys):
                yield Fault(PROOFS, seq, wrong)
        before: dict[str, Any] = {}
        for line in self.entries:
            seq = line["entry"]["seq"]
            yield from (Fault(ENTRIES, seq, what) for what in self._entry(line, before, chain))
            if wrong := _guarded("unproved", self._unproved, line):
                yield Fault(PROOFS, seq, wrong)
            before = line
        if manifest:
            yield from self._of_task(f"task:{manifest.get('task')}")
        yield from self._emptied(manifest.get("withheld"))
        yield from self._count()

    def _of_task(self, task: str) -> Iterator[Fault]:
        """A bundle is of one task: an entry of another has no place in it."""
        for line in self.entries:
            if line["entry"].get("object") != task:
                yield Fault(ENTRIES, line["entry"]["seq"], "other task")

    def _emptied(self, told: Any) -> Iterator[Fault]:
        """Details may be missing where the signed manifest says so, or where a later entry tells of their erasing."""
        withheld = {seq for seq in told if type(seq) is int} if isinstance(told, list) else set()
        erased: dict[int, int] = {}
        for line in self.entries:
            details = line.get("details")
            if line["entry"].get("action") == ERASED and isinstance(details, dict) and type(details.get("seq")) is int:
                erased[details["seq"]] = max(line["entry"]["seq"], erased.get(details["seq"], 0))
        for line in self.entries:
            seq = line["entry"]["seq"]
            if not _is_emptied(line):
                continue
            if seq in withheld:
                self.withheld += 1
            elif erased.get(seq, 0) > seq:
                self.erased += 1
            else:
                yield Fault(ENTRIES, seq, "details gone")

    def _count(self) -> Iterator[Fault]:
        """The newest making counted the task's entries before it: none of those may be left out."""
        seqs = [line["entry"]["seq"] for line in self.entries]
        made = [line for line in self.entries if line["entry"].get("action") == MADE]
        last = max(made, key=_seq, default=None)
        details = last.get("details") if last else None
        if last is None or not isinstance(details, dict) or type(details.get("entries")) is not int:
            yield Fault(ENTRIES, None, "unmade")
        elif len({seq for seq in seqs if seq < _seq(last)}) < details["entries"]:
            yield Fault(ENTRIES, _seq(last), "incomplete")

    def _entry(self, line: dict[str, Any], before: dict[str, Any], chain: str) -> Iterator[str]:
        entry = line["entry"]
        if _guarded("entry", _changed, line, chain):
            yield "entry"
        if before and (before["entry"]["seq"] >= entry["seq"]):
            yield "unchained"
        if before and before["entry"]["seq"] == entry["seq"] - 1 and before.get("hash") != line.get("prev"):
            yield "unchained"
        if not _is_emptied(line) and _guarded("details", _uncommitted, line):
            yield "details"

    def _unproved(self, line: dict[str, Any]) -> str | None:
        seq = line["entry"]["seq"]
        if seq > max(self.anchors, default=0):
            return "not anchored"
        proof = self.paths[seq]
        anchor = self.anchors[proof["anchor"]]
        size, index = anchor["seq"] - anchor["from_seq"] + 1, seq - anchor["from_seq"]
        path = [bytes.fromhex(each) for each in proof["path"]]
        fits = 0 <= index < size and anchor["chain"] == line["entry"]["chain"]
        root = root_of(bytes.fromhex(line["hash"]), index, size, path).hex()
        return None if fits and root == anchor["merkle_root"] else "unproved"


def _seq(line: dict[str, Any]) -> int:
    return int(line["entry"]["seq"])


def _is_emptied(line: dict[str, Any]) -> bool:
    return line.get("salt") is None and line.get("details") is None


def _guarded(otherwise: str, look: Callable[..., str | None], *things: Any) -> str | None:
    """Return what a look finds, or this where what it looks at has another form than it should."""
    try:
        return look(*things)
    except _BROKEN:
        return otherwise


def _anchor_fault(anchor: dict[str, Any], keys: dict[str, Ed25519PublicKey]) -> str | None:
    return check_signature(anchor, anchor_form(anchor), keys)


def _changed(line: dict[str, Any], chain: str) -> str | None:
    found = hashlib.sha256(bytes.fromhex(line["prev"]) + canonical(line["entry"])).hexdigest()
    return None if found == line["hash"] and line["entry"]["chain"] == chain else "entry"


def _uncommitted(line: dict[str, Any]) -> str | None:
    found = hmac.new(bytes.fromhex(line["salt"]), canonical(line["details"]), hashlib.sha256).hexdigest()
    return None if found == line["entry"]["commit"] else "details"


# ---- what the entries tell of ---------------------------------------------------------------------------------------


def check_facts(bundle: Bundle, ledger: Ledger) -> Iterator[Fault]:
    """Digest every fact again, and compare originals and papers with what the entries say of them."""
    try:
        forms = {each["entry"]: each["form"] for each in json.loads(bundle.read(FACTS))["facts"]}
    except _BROKEN:
        yield Fault(FACTS, None, "unreadable")
        return
    told = [
        (line["entry"]["seq"], line["entry"].get("action"), line["details"])
        for line in ledger.entries
        if isinstance(line.get("details"), dict)
    ]
    papers: dict[str, set[str]] = {}
    for seq, action, details in told:
        if "fact" in details and (wrong := _guarded("fact", _unfit, forms.get(seq), details)):
            yield Fault(FACTS, seq, wrong)
        if action == SEALED:
            yield from _original(bundle, seq, details)
        elif action == PAPER:
            papers.setdefault(f"papers/{details.get('paper')}.pdf", set()).add(str(details.get("sha256")))
    for name in bundle.at:
        if name.startswith("papers/"):
            yield from _paper(bundle, name, papers.get(name, set()))
    sealed = {f"originals/{details.get('evidence')}" for _, action, details in told if action == SEALED}
    originals = [name for name in bundle.at if name.startswith("originals/")]
    yield from (Fault(name, None, "unsealed") for name in originals if name.rpartition(".")[0] not in sealed)


def _unfit(form: Any, details: dict[str, Any]) -> str | None:
    if form is None:
        return "no fact"
    return None if hashlib.sha256(canonical(form)).hexdigest() == details["fact"] else "fact"


def _original(bundle: Bundle, seq: int, details: dict[str, Any]) -> Iterator[Fault]:
    """The bytes sealed under an id are in the one file of that name."""
    stem = f"originals/{details.get('evidence')}."
    names = [name for name in bundle.at if name.startswith(stem)]
    told = details.get("sha256")
    yield from (Fault(name, seq, "original") for name in names if _digests(bundle, name)["sha256"] != told)
    if len(names) != 1:
        yield Fault(stem + "*", seq, "no original" if not names else "twice")


def _paper(bundle: Bundle, name: str, told: set[str]) -> Iterator[Fault]:
    if not told:
        yield Fault(name, None, "no paper")
    elif _digests(bundle, name)["sha256"] not in told:
        yield Fault(name, None, "paper")


def check_log(ledger: Ledger, chain: str, log: bytes) -> Iterator[Fault]:
    """Compare the signed heads with the log kept outside the database (one JSON line for each head)."""
    kept: dict[int, Any] = {}
    for line in log.splitlines():
        try:
            told = json.loads(line)
            if told["chain"] == chain:
                kept.setdefault(told["seq"], told)
        except _BROKEN:
            continue  # a line cut short by a crash stands whole after it
    for seq, anchor in ledger.anchors.items():
        if seq not in kept:
            yield Fault(PROOFS, seq, "not in log")
        elif kept[seq] != anchor:
            yield Fault(PROOFS, seq, "fork")
    if max(kept, default=0) > max(ledger.anchors, default=0):
        yield Fault(PROOFS, max(kept), "old copy")


def check_bundle(path: Path, key: Path | None = None, anchors: Path | None = None) -> Verdict:
    """Check a bundle whole; `key`: the court's public key, got another way; `anchors`: its log of signed heads."""
    pinned = read_keys(key.read_bytes()) if key else None
    with path.open("rb") as file:
        bundle = Bundle(file)
        if not bundle.members:
            return Verdict([Fault("zip", None, "not a bundle")], [])
        signing = list(check_manifest(bundle, pinned))
        faults = [*check_files(bundle, signed=not signing), *signing]
        manifest = bundle.manifest or {}
        ledger = Ledger(bundle)
        try:
            keys = read_keys(bundle.read(KEY))
        except _BROKEN:
            keys = {}
        chain = str(manifest.get("chain", ledger.entries[0]["entry"].get("chain") if ledger.entries else ""))
        faults += check_signer(bundle, ledger)
        faults += ledger.check(manifest, chain, keys)
        faults += check_facts(bundle, ledger)
        faults += check_log(ledger, chain, anchors.read_bytes()) if anchors else []
        return Verdict(list(dict.fromkeys(faults)), _notes(manifest, ledger, keys, key is not None))


def check_signer(bundle: Bundle, ledger: Ledger) -> Iterator[Fault]:
    """The manifest is signed by the key of the newest head: any other key in the bundle may be anybody's."""
    try:
        told = json.loads(bundle.read(SIGNATURE))["key_id"]
    except _BROKEN:
        return  # the signature itself has been named
    if told != ledger.newest.get("key_id"):
        yield Fault(SIGNATURE, None, "not the head's key")


def _notes(manifest: dict[str, Any], ledger: Ledger, keys: dict[str, Any], pinned: bool) -> list[str]:
    newest = ledger.newest
    notes = [
        f"任务 / task: {manifest.get('task')}",
        f"留痕 / entries: {len(ledger.entries)}",
        f"签名链头 / signed head: {newest.get('chain')} {newest.get('seq')}, {newest.get('at')}",
    ]
    if ledger.withheld:
        notes.append(f"依法不予提供明细 / details withheld: {ledger.withheld}")
    if ledger.erased:
        notes.append(f"已依法删除明细 / details erased: {ledger.erased}")
    if not pinned:
        known = next((each for each in keys if each == newest.get("key_id")), "-")
        notes.append(f"请核对法院公布的密钥编号 / compare the key id with the one the court publishes: {known}")
    if "sm3" not in hashlib.algorithms_available:
        notes.append("本机无 SM3，只核对了 SHA-256 / no SM3 here: only SHA-256 was checked")
    return notes


def sentence(fault: Fault) -> str:
    """Tell a fault in Chinese and English."""
    zh, en = WHAT[fault.what]
    where = (
        "" if fault.entry is None else f" 第 {fault.entry} 条",
        "" if fault.entry is None else f" entry {fault.entry}",
    )
    name = fault.file.encode("unicode_escape").decode()
    return f"{name}{where[0]}：{zh} / {name}{where[1]}: {en}"


def conclusion(faults: list[Fault], pinned: bool) -> str:
    """Return the last line: what the check came to, and no more than it proves."""
    if faults:
        return f"共 {len(faults)} 处异常 / {len(faults)} faults"
    if pinned:
        return "证据包完好 / the bundle is whole"
    return (
        "证据包自身前后一致；由谁制作尚未证明，须用 --key 给出另行取得的法院公钥 / the bundle is whole in itself; "
        "who made it is proved only with --key, the court's public key got another way"
    )


def main(arguments: list[str] | None = None) -> int:
    """Check the bundle that the command line names, and say what was found."""
    parser = argparse.ArgumentParser(description="核对证据包 / Check an evidence bundle")
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--key", type=Path, help="法院公钥 / the court's public key (PEM), got another way")
    parser.add_argument("--anchors", type=Path, help="外部存证 / the court's log of signed heads (JSON lines)")
    asked = parser.parse_args(arguments)
    try:
        faults, notes = check_bundle(asked.bundle, asked.key, asked.anchors)
    except (OSError, ValueError) as problem:
        sys.stderr.write(f"无法读取 / cannot be read: {problem}\n")
        return 2
    lines = [*map(sentence, faults), *notes]
    lines.append(conclusion(faults, asked.key is not None))
    sys.stdout.write("\n".join(lines) + "\n")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
