"""`gridfield cells`: import them, and look through the ones stored."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import click

from field import config
from field.cli.errors import CommandError
from field.cli.operator import OPERATOR, now
from field.cli.plainly import SHOWN, finding_line, plainly
from field.cli.progress import Bars
from field.cli.storage import committed, storage
from field.rules.calendar import court_day
from field.usecases.import_cells import CellsImported, import_cells
from geo.intake import check_cells, prepare
from geo.points import Envelope


@click.group()
def cells() -> None:
    """网格 / Cells: import them, check the ones stored."""


@cells.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--layer", help="图层名 / layer, where the file has several")
@click.option("--datum", help="坐标系 / datum: WGS84, CGCS2000, GCJ02, BD09 (default: as the file declares)")
@click.option("--effective", type=click.DateTime(["%Y-%m-%d"]), help="生效日 / first day they hold (default: today)")
@click.option("--dry-run", is_flag=True, help="全部执行后撤销 / do everything, then undo it")
def import_(file: Path, layer: str | None, datum: str | None, effective: datetime | None, dry_run: bool) -> None:
    """导入网格：GeoPackage、Shapefile（或 zip）、GeoJSON / Import cells, all or nothing."""
    settings = config.load()
    day = effective.date() if effective else court_day(now())
    with plainly(file), Bars() as bars:
        batch = prepare(
            file,
            layer=layer,
            datum=datum.upper() if datum else None,
            envelope=Envelope(*settings.envelope),
            progress=bars.show,
        )
        with storage(settings) as sessions:
            done = committed(
                sessions,
                lambda session: import_cells(session, OPERATOR, batch, day, now(), bars.show),
                dry_run=dry_run,
            )
    for note in done.notes:
        click.echo(finding_line(note), err=True)
    click.echo(_account(done, day, dry_run=dry_run))


@cells.command()
def check() -> None:
    """检查库中网格：边界、重叠、编码 / Look through the stored cells: outlines, overlaps, codes."""
    settings = config.load()
    with plainly("cells"), storage(settings) as sessions, sessions() as session:
        audit = check_cells(session, court_day(now()))
    for finding in audit.findings[:SHOWN]:
        click.echo(finding_line(finding), err=True)
    total = sum(audit.counties.values())
    counties = "，".join(f"{county} {count}" for county, count in audit.counties.items())
    if audit.findings:
        raise CommandError(
            f"{total} 个网格中有 {len(audit.findings)} 处问题（最多列出 {SHOWN} 处）",
            f"{len(audit.findings)} faults in {total} cells (at most {SHOWN} are listed)",
        )
    shown = f" ({counties})" if counties else ""
    click.echo(f"{total} 个网格，没有问题 / {total} cells, nothing wrong{shown}")


def _account(done: CellsImported, day: date, *, dry_run: bool) -> str:
    cells, followed = done.cells, done.followed
    total = cells.new + cells.changed + cells.unchanged
    zh = (
        f"{total} 个网格，{day} 起：新增 {cells.new}，变更 {cells.changed}，"
        f"终止 {cells.ended}，未变 {cells.unchanged}；"
        f"新区划 {cells.divisions_new}，变更区划 {cells.divisions_changed}；"
        f"文件中没有而保留的 {cells.absent}；随之变动责任 {followed.duties}、任务 {followed.tasks}"
    )
    en = (
        f"{total} cells from {day}: {cells.new} new, {cells.changed} changed, {cells.ended} ended, "
        f"{cells.unchanged} unchanged; {cells.divisions_new} divisions new, {cells.divisions_changed} changed; "
        f"{cells.absent} not in the file and kept; {followed.duties} duties and {followed.tasks} tasks followed"
    )
    return f"试运行，未改动：{zh} / dry run, nothing changed: {en}" if dry_run else f"{zh} / {en}"
