"""`gridfield cells`: bring them in, look through the ones stored, change a few by hand, take a change back."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import click

from field import config
from field.cli.errors import CommandError
from field.cli.export import export
from field.cli.map_changes import CHANGES, told
from field.cli.operator import OPERATOR, now
from field.cli.plainly import SHOWN, finding_line, plainly
from field.cli.progress import Bars
from field.cli.storage import committed, storage
from field.rules.calendar import court_day
from field.usecases.import_cells import ImportCells, import_cells
from field.usecases.redraw_map import RedrawMap
from geo.intake import Source, check_cells, mapping_of
from geo.points import Envelope


@click.group()
def cells() -> None:
    """网格 / Cells: import, check, change, take back, export."""


for command in (export, *CHANGES):
    cells.add_command(command)


@cells.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--layer", help="图层名 / layer, where the file has several")
@click.option("--datum", help="坐标系 / datum: WGS84, CGCS2000, GCJ02, BD09, EPSG:… (default: as declared)")
@click.option("--column", "columns", multiple=True, metavar="OURS=THEIRS", help="字段对应 / for example code=网格编码")
@click.option("--mapping", type=click.Path(path_type=Path), help="字段对应文件 / a TOML file with a [columns] table")
@click.option("--effective", type=click.DateTime(["%Y-%m-%d"]), help="生效日 / first day they hold (default: today)")
@click.option("--complete", is_flag=True, help="文件已含所涉村的全部网格，缺的即终止 / cells missing from the file end")
@click.option("--report", type=click.Path(path_type=Path), help="全部问题写入此 .gpkg 和同名 .txt / write all findings")
@click.option("--repair", is_flag=True, help="提出修复建议 / propose repaired shapes, in the report")
@click.option(
    "--confirm",
    multiple=True,
    metavar="CODE",
    help="采用此编码的修复，可重复 / take this cell's, repeatable",
)
@click.option("--dry-run", is_flag=True, help="试运行，不改动 / a trial: nothing is changed")
def import_(
    file: Path,
    layer: str | None,
    datum: str | None,
    columns: tuple[str, ...],
    mapping: Path | None,
    effective: datetime | None,
    dry_run: bool,
    **how: Any,
) -> None:
    """导入网格和区划：GeoPackage、Shapefile、GeoJSON、KML、FlatGeobuf，也可压缩 / Import cells, all or nothing."""
    settings = config.load()
    with plainly(file), Bars() as bars:
        source = Source(file, layer, datum.upper() if datum else None, mapping_of(columns, mapping))
        when = _when(effective, settings.open_task_limit, **how)
        order = ImportCells(source, when, Envelope(*settings.envelope))
        with storage(settings) as sessions:
            done = committed(
                sessions, lambda session: import_cells(session, OPERATOR, order, now(), bars.show), dry_run=dry_run
            )
    told(done, when.effective, dry_run=dry_run)


def _when(
    effective: datetime | None,
    limit: int,
    *,
    complete: bool,
    report: Path | None,
    repair: bool,
    confirm: tuple[str, ...],
) -> RedrawMap:
    """Return the order; several codes may stand in one `--confirm`, separated by commas."""
    confirmed = {code.strip() for each in confirm for code in each.split(",") if code.strip()}
    day = effective.date() if effective else court_day(now())
    return RedrawMap(day, complete, limit=limit, repair=repair, confirmed=confirmed, report=report)


@cells.command()
def check() -> None:
    """检查库中网格：边界、重叠、空隙、编码 / Look through the stored cells: outlines, overlaps, gaps, codes."""
    settings = config.load()
    with plainly("cells"), Bars() as bars, storage(settings) as sessions, sessions() as session:
        audit = check_cells(session, court_day(now()), progress=bars.show)
    for finding in (*audit.findings, *audit.notes)[:SHOWN]:
        click.echo(finding_line(finding), err=True)
    total, faults = sum(audit.counties.values()), len(audit.findings)
    counties = "，".join(f"{county} {count}" for county, count in audit.counties.items())
    if faults:
        raise CommandError(
            f"{total} 个网格中有 {faults} 处问题（最多列出 {SHOWN} 处）",
            f"{faults} faults in {total} cells (at most {SHOWN} are listed)",
        )
    if audit.notes:
        click.echo(
            f"另有 {len(audit.notes)} 处提示，不算问题 / {len(audit.notes)} things worth a look, no faults", err=True
        )
    shown = f" ({counties})" if counties else ""
    click.echo(f"{total} 个网格，没有问题 / {total} cells, nothing wrong{shown}")
