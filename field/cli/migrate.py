"""`gridfield migrate`: bring the database to what this code expects."""

from __future__ import annotations

import click

from field import config
from field.cli.cluster import database
from field.cli.plainly import plainly
from field.cli.storage import revision
from field.cli.upgrade import upgrade


@click.command()
def migrate() -> None:
    """升级数据库结构 / Apply the missing migrations."""
    with plainly("migrate"), database(config.load()) as url:
        before = revision(url)
        if before.behind:
            upgrade(url)
        after = revision(url)
    if before == after:
        click.echo(f"数据库结构已是 {after.stored}，无需升级 / already at {after.stored}")
    else:
        click.echo(f"数据库结构：{before.stored or '空'} → {after.stored} / migrated to {after.stored}")
