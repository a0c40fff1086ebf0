"""`gridfield demo`: a made-up township to try everything on, and a walk through it."""

from __future__ import annotations

import sys

import click
from rich.console import Console
from rich.table import Table
from sqlalchemy import NullPool, exists, func, select
from sqlalchemy.orm import Session

from field import config
from field.cli.cluster import database
from field.cli.demo.load import Holding, Loaded, fill, holding, start_over
from field.cli.demo.people import ACCOUNTS, COURT, DemoAccount
from field.cli.demo.walk import walk
from field.cli.errors import CommandError
from field.cli.operator import now
from field.cli.plainly import plainly
from field.cli.progress import Bars
from field.cli.storage import committed, require_migrated, storage
from field.config import Settings
from field.models import Court
from field.models.engine import make_engine
from field.vault.stores import open_store

__all__ = ["DemoAccount", "demo", "forbid_in_production", "load"]

SEED = 1


@click.command()
@click.option("--seed", type=int, help="另一个镇 / another township")
@click.option("--fresh", is_flag=True, help="清空演示数据重来 / throw the demo away and load it anew")
@click.option("--walk", "walking", is_flag=True, help="在运行中的服务上走一遍全流程 / play the whole story over HTTP")
@click.option("--url", help="服务地址 / where the server is (default: as the settings say)")
def demo(seed: int | None, fresh: bool, walking: bool, url: str | None) -> None:
    """演示镇：虚构的数据与全流程 / A made-up township, and a walk through the whole story."""
    settings = config.load()
    if settings.production:
        raise CommandError("正式环境不装演示数据", "GRIDFIELD_ENV=production: no demo here")
    if walking and (fresh or seed is not None):
        raise click.UsageError("--walk 不装入数据，请单独使用 / --walk loads nothing: use it alone")
    if walking:
        sys.exit(0 if walk(url or config.local_address(settings.host, settings.port), Console(highlight=False)) else 1)
    if fresh:
        _clear(settings)
    click.echo(_outcome(_load(settings, SEED if seed is None else seed), asked_for_another=seed is not None))
    _tell_accounts()


def load(settings: Settings) -> tuple[DemoAccount, ...]:
    """Load the demo if the database is empty; return who can sign in, nobody where other data lives."""
    return () if _load(settings, SEED) is Holding.OTHERS else ACCOUNTS


def _load(settings: Settings, seed: int) -> Loaded | Holding:
    """Fill an empty database, in one transaction; return what was loaded, or what is there instead."""
    with plainly("demo"), storage(settings) as sessions:

        def work(session: Session) -> Loaded | Holding:
            # Two who load at the same moment would each find the database empty.
            session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended("demo", 0))))
            found = holding(session)
            if found is not Holding.NOTHING:
                return found
            with Bars() as bars:
                return fill(session, seed, now(), bars.show, open_store(settings.evidence_store, settings.s3))

        return committed(sessions, work)


def _clear(settings: Settings) -> None:
    with plainly("demo"), database(settings) as url:
        require_migrated(url, private=settings.database_url is None)
        with storage(settings) as sessions, sessions() as session:
            if holding(session) is Holding.OTHERS:
                raise _not_ours()
        start_over(url)


def _not_ours() -> CommandError:
    return CommandError(
        "数据库里有演示以外的数据，未作任何改动", "the database holds more than the demo; nothing was changed"
    )


def _outcome(done: Loaded | Holding, *, asked_for_another: bool) -> str:
    """Say in one line what was loaded; CommandError when something else is there."""
    if done is Holding.OTHERS:
        raise _not_ours()
    if isinstance(done, Holding):
        if asked_for_another:
            raise CommandError(
                "已有一个演示镇，换一个请加 --fresh", "a township is there already; --fresh makes another"
            )
        return "演示镇已在，未作改动；重来请加 --fresh / the township is there, nothing changed; --fresh starts over"
    return (
        f"演示镇：{done.cells} 个网格，{done.people} 人，{done.cases} 件案件，{done.tasks} 项任务"
        f" / the demo: {done.cells} cells, {done.people} people, {done.cases} cases, {done.tasks} tasks"
    )


def _tell_accounts() -> None:
    table = Table("登录名 / login", "密码 / password", "身份 / who", title="演示账号 / demo accounts")
    for account in ACCOUNTS:
        table.add_row(account.login, account.password, account.about)
    Console(highlight=False).print(table)


def forbid_in_production(settings: Settings, url: str) -> None:
    """Refuse to serve real people from a database whose demo accounts' passwords stand in every README."""
    if not settings.production:
        return
    engine = make_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        held = connection.scalar(select(exists().where(Court.code == COURT)))
    if held:
        raise CommandError(
            "此数据库含有演示账号（密码公开），正式环境请换一个 GRIDFIELD_HOME 或数据库",
            "this database holds the demo, whose passwords are public: use another GRIDFIELD_HOME or database",
        )
