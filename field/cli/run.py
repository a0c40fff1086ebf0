"""`gridfield run`: everything on one machine, from an empty folder to a demo that answers."""

from __future__ import annotations

import signal
import time
from collections.abc import Sequence
from types import FrameType
from typing import NoReturn, Protocol

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from field import config
from field.cli import demo
from field.cli.children import Children
from field.cli.cluster import Cluster, database, reachable
from field.cli.errors import CommandError
from field.cli.ports import answers, require_free
from field.cli.storage import require_migrated

READY_WITHIN_S = 60.0
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Account(Protocol):
    """Somebody a newcomer can sign in as."""

    @property
    def login(self) -> str: ...
    @property
    def password(self) -> str: ...
    @property
    def about(self) -> str: ...


@click.command()
def run() -> None:
    """启动全部服务，Ctrl-C 停止 / Start the database, the web server and the workers; Ctrl-C stops them."""
    settings = config.load()
    console = Console(highlight=False)
    require_free(settings.host, settings.port)
    for number in SIGNALS:
        signal.signal(number, _interrupt)
    try:
        if settings.database_url is None and (home := reachable(settings.home)) != settings.home:
            console.print(f"数据库放在 / the database lives in {escape(str(home))}")
        console.print("准备数据库 / preparing the database …")
        with database(settings) as url:
            require_migrated(url, private=settings.database_url is None)
            # Nobody may sign in to real people's data with a password that this prints.
            demo.forbid_in_production(settings, url)
            accounts = () if settings.production else demo.load(settings)
            with Children(lambda line: console.print(escape(line))) as children:
                address = config.local_address(settings.host, settings.port)
                start(children, address)
                console.print(*welcome(address, accounts), sep="\n", soft_wrap=True)
                cluster = Cluster(reachable(settings.home)) if settings.database_url is None else None
                while True:
                    time.sleep(0.3)
                    children.tend(time.monotonic())
                    if cluster is not None and cluster.revive():
                        console.print("数据库曾中断，已重新启动 / the database had died and runs again")
    except KeyboardInterrupt:
        console.print("全部停止 / everything stopped")


USUAL_ADDRESS = "http://127.0.0.1:8080"


def welcome(address: str, accounts: Sequence[Account]) -> list[str | Table]:
    """Return what a newcomer needs next: where it is, who to sign in as, what to try, how to stop."""
    lines: list[str | Table] = [
        "",
        f"[bold]Gridfield[/bold] 已启动 / is running: [bold]{address}/api/v1/docs[/bold]",
    ]
    if accounts:
        table = Table("登录名 / login", "密码 / password", "身份 / who", title="演示账号 / demo accounts")
        for account in accounts:
            table.add_row(escape(account.login), escape(account.password), escape(account.about))
        where = "" if address == USUAL_ADDRESS else f" --url {address}"
        lines += [table, f"接着试 / next, in another terminal: [bold].venv/bin/gridfield demo --walk{where}[/bold]"]
    return [*lines, "停止 / stop: Ctrl-C", ""]


def start(children: Children, address: str, *, patience_s: float = READY_WITHIN_S) -> None:
    """Start the three processes and wait until the web server can serve; CommandError if it never can."""
    web = children.add("serve")
    children.add("deliver")
    children.add("work")
    deadline = time.monotonic() + patience_s
    while not answers(f"{address}/readyz"):
        if web.process is not None and (status := web.process.poll()) is not None:
            raise CommandError(
                f"网站没有启动（退出状态 {status}），原因见上",
                f"the web server did not start (exit status {status})",
            )
        if time.monotonic() > deadline:
            raise CommandError(
                f"网站 {patience_s:.0f} 秒内没有就绪",
                f"the web server was not ready in {patience_s:.0f} s",
            )
        time.sleep(0.1)


def _interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
    # The first signal ends everything in order; further ones must not cut that short.
    for number in SIGNALS:
        signal.signal(number, lambda *_: None)
    raise KeyboardInterrupt
