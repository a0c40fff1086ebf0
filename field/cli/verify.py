"""`gridfield verify`: walk every chain of the ledger."""

from __future__ import annotations

import sys

import click

from field import config
from field.cli.plainly import plainly
from field.cli.progress import Bars
from field.cli.storage import storage
from field.ledger.facts import verify_facts
from field.ledger.verify import Finding, chains, heads, verify_chain

SHOWN = 20
WHAT = {
    "missing": ("缺少一条记录", "an entry is missing"),
    "unchained": ("与前一条不相连", "does not follow from the entry before"),
    "changed": ("内容被改动", "the entry was changed"),
    "fact changed": ("所记事实事后被改动", "the fact it tells of was changed afterwards"),
    "fact missing": ("所记事实已不在", "the fact it tells of is gone"),
    "details changed": ("明细被改动", "its details were changed"),
}


@click.command()
def verify() -> None:
    """核对留痕：逐链验证，指出被改动之处 / Check the ledger; exit status 1 names chain and position of each fault."""
    broken = False
    # One snapshot for all chains: what is sealed meanwhile belongs to the next run.
    with (
        plainly("verify"),
        storage(config.load(), isolation_level="REPEATABLE READ") as sessions,
        sessions() as session,
    ):
        counted, newest = chains(session), {head.chain: head.hash.hex() for head in heads(session)}
        total, done = sum(count for _, count in counted), 0
        with Bars() as bars:
            for chain, count in counted:
                findings = [*verify_chain(session, chain), *verify_facts(session, chain)]
                done += count
                bars.show("verify", done, total)
                broken = broken or bool(findings)
                _say(chain, count, newest[chain], findings)
    if not counted:
        click.echo("留痕还是空的 / the ledger is empty")
    if broken:
        sys.exit(1)


def _say(chain: str, count: int, head: str, findings: list[Finding]) -> None:
    if not findings:
        click.echo(f"{chain}：{count} 条完好 / {count} entries intact, {head}")
        return
    for finding in findings[:SHOWN]:
        zh, en = WHAT[finding.what]
        click.echo(f"{chain} 第 {finding.seq} 条：{zh} / {chain} entry {finding.seq}: {en}")
    click.echo(f"{chain}：共 {len(findings)} 处异常 / {len(findings)} faults in {count} entries")
