"""Changes of the map from the command line: merge, re-code, rename, list revisions, take one back; and what to say."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

import click
from sqlalchemy.orm import Session

from field import config
from field.cli.operator import OPERATOR, now
from field.cli.plainly import SHOWN, finding_line, plainly
from field.cli.storage import committed, storage
from field.queries.effects import Effect
from field.rules.calendar import court_day
from field.usecases.merge_cells import MergeCells, merge_cells
from field.usecases.recode_cell import RecodeCell, recode_cell
from field.usecases.redraw_map import MapRedrawn, RedrawMap
from field.usecases.rename_cell import RenameCell, rename_cell
from field.usecases.undo_revision import undo_revision
from geo.revisions import revisions as stored_revisions

_EFFECTIVE = click.option(
    "--effective", type=click.DateTime(["%Y-%m-%d"]), help="生效日 / first day it holds (default: today)"
)
_DRY_RUN = click.option("--dry-run", is_flag=True, help="试运行，不改动 / a trial: nothing is changed")
SOURCES = {"merge": "合并 / merge", "recode": "变更编码 / recode", "rename": "变更名称 / rename"}
Change = Callable[[Session, RedrawMap], MapRedrawn]


@click.command()
@click.argument("codes", nargs=-1, required=True)
@click.option("--into", required=True, metavar="CODE", help="合并后的编码 / code of the merged cell")
@click.option("--name", help="合并后的名称（默认第一个的）/ its name (default: the first one's)")
@_EFFECTIVE
@_DRY_RUN
def merge(codes: tuple[str, ...], into: str, name: str | None, effective: datetime | None, dry_run: bool) -> None:
    """合并相邻网格 / Merge cells that lie side by side; all their workers answer for the whole."""
    _change(
        into,
        effective,
        lambda session, when: merge_cells(session, OPERATOR, MergeCells(codes, into, name, when), now()),
        dry_run=dry_run,
    )


@click.command()
@click.argument("code")
@click.argument("to")
@_EFFECTIVE
@_DRY_RUN
def recode(code: str, to: str, effective: datetime | None, dry_run: bool) -> None:
    """变更编码 / Give a cell another code."""
    _change(
        code,
        effective,
        lambda session, when: recode_cell(session, OPERATOR, RecodeCell(code, to, when), now()),
        dry_run=dry_run,
    )


@click.command()
@click.argument("code")
@click.argument("name")
@_EFFECTIVE
@_DRY_RUN
def rename(code: str, name: str, effective: datetime | None, dry_run: bool) -> None:
    """变更名称 / Give a cell another name."""
    _change(
        code,
        effective,
        lambda session, when: rename_cell(session, OPERATOR, RenameCell(code, name, when), now()),
        dry_run=dry_run,
    )


@click.command()
def revisions() -> None:
    """列出地图的历次变更 / List the revisions of the map, newest first."""
    with plainly("revisions"), storage(config.load()) as sessions, sessions() as session:
        found = stored_revisions(session)
    click.echo("修订\t生效日\t网格\t来源 / revision, first day, cells begun and ended, source")
    for each in found:
        undone = "，已撤销 / taken back" if each.undone_at else ""
        click.echo(
            f"{each.id}\t{each.effective}\t+{each.made} −{each.ended}\t{SOURCES.get(each.source, each.source)}{undone}"
        )


@click.command()
@click.argument("revision", type=int)
@_DRY_RUN
def undo(revision: int, dry_run: bool) -> None:
    """撤销一次变更（尚无人据以办事时）/ Take a revision back, as long as nobody has worked on it."""
    settings = config.load()
    with plainly(f"{revision}"), storage(settings) as sessions:
        done = committed(
            sessions,
            lambda session: undo_revision(session, OPERATOR, revision, now(), settings.open_task_limit),
            dry_run=dry_run,
        )
    zh, en = ("试运行，未改动：", "dry run, nothing changed: ") if dry_run else ("", "")
    click.echo(
        f"{zh}第 {revision} 次变更已撤销；恢复责任 {done.duties}，改派任务 {done.tasks} / "
        f"{en}revision {revision} is taken back; {done.duties} duties hold again, {done.tasks} tasks went back"
    )


CHANGES = (merge, recode, rename, revisions, undo)


def told(done: MapRedrawn, day: date, *, dry_run: bool) -> None:
    """Say on the terminal what was found beside, what changed, and who loses and gains what."""
    for note in done.notes[:SHOWN]:
        click.echo(finding_line(note), err=True)
    if len(done.notes) > SHOWN:
        more = len(done.notes) - SHOWN
        click.echo(f"另有 {more} 条，见 --report / {more} more: see --report", err=True)
    for line in _effects(done.effect):
        click.echo(line)
    click.echo(_account(done, day, dry_run=dry_run))


def _change(what: str, effective: datetime | None, change: Change, *, dry_run: bool) -> None:
    settings = config.load()
    when = RedrawMap(effective.date() if effective else court_day(now()), limit=settings.open_task_limit)
    with plainly(what), storage(settings) as sessions:
        done = committed(sessions, lambda session: change(session, when), dry_run=dry_run)
    told(done, when.effective, dry_run=dry_run)


def _effects(effect: Effect) -> list[str]:
    """Say, person by person, what is lost and gained; only so many, for a terminal is no report."""
    lines = [
        f"{person.login}：网格 {_listed('−', person.cells_lost)}{_listed('+', person.cells_gained)}"
        f"任务 −{person.tasks_lost} +{person.tasks_gained} / cells and tasks lost (−) and gained (+)"
        for person in effect.people[:SHOWN]
    ]
    if len(effect.people) > SHOWN:
        more = len(effect.people) - SHOWN
        lines.append(f"另有 {more} 人 / {more} people more")
    return lines


def _listed(sign: str, codes: tuple[str, ...]) -> str:
    return "".join(f"{sign}{code} " for code in codes)


def _account(done: MapRedrawn, day: date, *, dry_run: bool) -> str:
    cells, effect = done.cells, done.effect
    total = cells.new + cells.changed + cells.unchanged
    zh = (
        f"{total} 个网格，{day} 起：新增 {cells.new}，变更 {cells.changed}，"
        f"终止 {cells.ended}，未变 {cells.unchanged}；"
        f"新区划 {cells.divisions_new}，变更区划 {cells.divisions_changed}；其余保留 {cells.absent}；"
        f"责任接续 {effect.duties_begun}，任务换格 {effect.tasks_moved}、改派 {effect.tasks_given}"
    )
    en = (
        f"{total} cells from {day}: {cells.new} new, {cells.changed} changed, {cells.ended} ended, "
        f"{cells.unchanged} unchanged; {cells.divisions_new} divisions new, {cells.divisions_changed} changed; "
        f"{cells.absent} others there are kept; "
        f"{effect.duties_begun} duties go on, {effect.tasks_moved} tasks change cells, {effect.tasks_given} are given"
    )
    return f"试运行，未改动：{zh} / dry run, nothing changed: {en}" if dry_run else f"{zh} / {en}"
