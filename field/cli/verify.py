"""`gridfield verify`: walk every chain of the ledger, and compare it with the signed heads kept outside."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count, islice
from pathlib import Path

import click
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from field import config
from field.cli.errors import CommandError
from field.cli.progress import Bars
from field.cli.storage import storage
from field.cli.walking import MANY, processes_for, walk_all
from field.config import Settings
from field.ledger.bundle_verifier import check_bundle, conclusion, sentence
from field.ledger.checking import Checked, Trust, conclude, known_chains, stretches
from field.ledger.originals import check_originals, count_originals
from field.vault.objects import ObjectStore
from field.vault.signing import key_id, load_signer, public_pem, trusted_keys
from field.vault.stores import open_store

SHOWN = 20
WHAT = {
    "missing": ("缺少一条记录", "an entry is missing"),
    "unchained": ("与前一条不相连", "does not follow from the entry before"),
    "changed": ("内容被改动", "the entry was changed"),
    "fact changed": ("所记事实事后被改动", "the fact it tells of was changed afterwards"),
    "fact missing": ("所记事实已不在", "the fact it tells of is gone"),
    "details changed": ("明细被改动", "its details were changed"),
    "details gone": (
        "明细被清空，没有删除记录",
        "its details are gone, and no later entry tells that they were erased",
    ),
    "cut off": (
        "自此以后的记录已签名存证而现已不在：链尾被截去，或放回了旧的数据库",
        "from here on entries were signed and are gone: the tail was cut off, or an old copy was put back",
    ),
    "rewritten": ("与签名存证不符：此前的链被重写", "not what was signed: the chain up to here was rewritten"),
    "head missing": ("签名存证已从数据库中消失", "the signed head is gone from the database"),
    "head changed": ("签名存证被改动", "the signed head was changed: its signature does not fit"),
    "head of another key": ("签名存证出自其他密钥", "the signed head is of another key"),
    "original missing": ("封存的原件已不在", "the sealed original is gone"),
    "original changed": ("封存的原件被改动", "the sealed original was changed"),
    "line missing": ("外部存证缺少此行", "the line outside the database is missing"),
    "line changed": ("外部存证与数据库不符", "the line outside the database says something else"),
    "line unreadable": ("外部存证的此行无法读取", "this line outside the database cannot be read"),
}


@click.command()
@click.option("--bundle", type=click.Path(path_type=Path), help="核对证据包 / check an evidence bundle instead")
@click.option("--key", type=click.Path(path_type=Path), help="法院公钥 / with --bundle: the court's public key (PEM)")
@click.option("--anchors", type=click.Path(path_type=Path), help="外部存证 / with --bundle: a log of signed heads")
@click.option("--objects", is_flag=True, help="同时核对证据原件 / also read every sealed original")
@click.option("--public-key", is_flag=True, help="输出公钥 / print the public key (PEM) and its id")
def verify(bundle: Path | None, key: Path | None, anchors: Path | None, objects: bool, public_key: bool) -> None:
    """核对留痕：逐链验证，指出被改动之处 / Check the ledger; exit status 1 names chain and position of each fault."""
    settings = config.load()
    if bundle is not None:
        whole = _bundle(bundle, key, anchors)
    elif public_key:
        public = load_signer(settings.home, settings.ledger_key).public_key
        click.echo(f"{public_pem(public)}{key_id(public)}")
        return
    else:
        whole = _ledger(settings, objects=objects)
    if not whole:
        sys.exit(1)


def _bundle(path: Path, key: Path | None, anchors: Path | None) -> bool:
    try:
        faults, notes = check_bundle(path, key, anchors)
    except (OSError, ValueError) as problem:
        raise CommandError(f"无法读取：{problem}", f"cannot be read: {problem}") from None
    for line in [*map(sentence, faults), *notes]:
        click.echo(line)
    click.echo(conclusion(faults, key is not None))
    return not faults


def _ledger(settings: Settings, *, objects: bool) -> bool:
    signer = load_signer(settings.home, settings.ledger_key)
    trust = Trust(trusted_keys(settings.home, signer), settings.anchor_dir)
    # One snapshot for all chains: what is sealed meanwhile belongs to the next run.
    with (
        _plainly(),
        storage(settings, isolation_level="REPEATABLE READ") as sessions,
        sessions() as session,
        _without_collector(),
        Bars() as bars,
    ):
        store = open_store(settings.evidence_store, settings.s3) if objects else None
        return _walk(session, trust, store, bars)


def _walk(session: Session, trust: Trust, store: ObjectStore | None, bars: Bars) -> bool:
    counted = dict(sorted(known_chains(session, trust.folder).items()))
    whole, total, done = True, sum(counted.values()), 0
    processes = processes_for(total)
    # Long chains in parts, so that no core waits for another's.
    share = max(total, MANY) / (2 * processes)
    parts = {chain: stretches(session, chain, 1 + int(entries / share)) for chain, entries in counted.items()}
    walks = walk_all(session, [part for each in parts.values() for part in each], processes)
    originals, read = count_originals(session) if store else 0, count(1)
    for chain, wanted in parts.items():
        walked = []
        for each in islice(walks, len(wanted)):
            walked.append(each)
            done += each.count
            bars.show("verify", done, max(total, done))
        checked = conclude(session, chain, walked, trust)
        if store is not None:
            told = check_originals(session, chain, store, lambda: bars.show("objects", next(read), originals))
            checked.findings += told
        whole = whole and not checked.findings
        _say(checked)
    if not counted:
        click.echo("留痕还是空的 / the ledger is empty")
    return whole


@contextmanager
def _plainly() -> Iterator[None]:
    """Say that the database failed, and no more: its words may quote names. `plainly` would load all of the map."""
    try:
        yield
    except DBAPIError as problem:
        state = getattr(problem.orig, "sqlstate", None) or type(problem.orig).__name__
        raise CommandError(f"数据库出错（{state}）", f"the database failed ({state})") from None


@contextmanager
def _without_collector() -> Iterator[None]:
    """Rows make no circles: looking for some among them again and again takes a fifth of the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _say(checked: Checked) -> None:
    chain, entries, findings = checked.chain, checked.count, checked.findings
    for finding in findings[:SHOWN]:
        zh, en = WHAT[finding.what]
        unit_zh, unit = ("行", "line") if finding.what == "line unreadable" else ("条", "entry")
        click.echo(f"{chain} 第 {finding.seq} {unit_zh}：{zh} / {chain} {unit} {finding.seq}: {en}")
    if checked.erased:
        click.echo(f"{chain}：依法删除明细 {checked.erased} 条 / details of {checked.erased} entries erased")
    if findings:
        click.echo(f"{chain}：共 {len(findings)} 处异常 / {len(findings)} faults in {entries} entries")
        return
    click.echo(f"{chain}：{entries} 条完好 / {entries} entries intact, signed up to {checked.anchored}, {checked.head}")
