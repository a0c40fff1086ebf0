"""`gridfield tasks import`: tasks with their cases and parties, placed and given."""

from __future__ import annotations

import gc
from pathlib import Path

import click

from field import config
from field.cli.operator import OPERATOR, now
from field.cli.plainly import plainly, read_file
from field.cli.progress import Bars
from field.cli.storage import committed, storage
from field.schemas.task_rows import read_tasks
from field.usecases.import_tasks import ImportTasks, TasksImported, import_tasks
from geo.atlas import Atlas
from geo.points import Envelope

NAMED = 20
"""How many rows the account names at most."""


@click.group()
def tasks() -> None:
    """任务 / Tasks: import them."""


@tasks.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--as", "login", help="以此调度员的名义，否则用法院的导入账号 / in the name of this dispatcher")
@click.option("--dry-run", is_flag=True, help="试运行，不改动 / a trial: nothing is changed")
def import_(file: Path, login: str | None, dry_run: bool) -> None:
    """从 CSV 导入任务，定位网格并派给网格员 / Import tasks from a CSV file: placed and given, all or nothing."""
    settings = config.load()
    # A hundred thousand rows that are all needed: looking for garbage among them again and again costs a tenth.
    gc.disable()
    with plainly(file), storage(settings) as sessions:
        rows, faults = read_tasks(read_file(file), Envelope(*settings.envelope))
        order = ImportTasks(rows, faults, login)
        atlas = Atlas(settings.home / "atlas")
        with Bars() as bars:
            done = committed(
                sessions,
                lambda session: import_tasks(
                    session,
                    OPERATOR,
                    order,
                    now(),
                    settings.open_task_limit,
                    lambda count: bars.show("place", count, len(rows)),
                    atlas,
                ),
                dry_run=dry_run,
            )
    click.echo(_account(done, dry_run=dry_run))
    if done.address_only:
        click.echo(_address_only(done.address_only))


def _address_only(rows: tuple[int, ...]) -> str:
    """Name the rows that gave no point, as many as a person reads."""
    named = ", ".join(map(str, rows[:NAMED])) + (" …" if len(rows) > NAMED else "")
    return (
        f"只有地址、没有坐标的 {len(rows)} 件（第 {named} 行）：请在候选地址中确认 / "
        f"{len(rows)} with an address and no point (rows {named}): confirm a candidate for each"
    )


def _account(done: TasksImported, *, dry_run: bool) -> str:
    total = done.new + done.known
    zh = (
        f"{total} 件任务：新增 {done.new}，已有 {done.known}；"
        f"定位 {done.placed}，派出 {done.given}，待派 {done.open}，未定位 {done.unplaced}"
    )
    en = (
        f"{total} tasks: {done.new} new, {done.known} known; "
        f"{done.placed} placed, {done.given} given, {done.open} open, {done.unplaced} unplaced"
    )
    return f"试运行，未改动：{zh} / dry run, nothing changed: {en}" if dry_run else f"{zh} / {en}"
