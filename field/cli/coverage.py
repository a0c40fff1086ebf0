"""`gridfield coverage`: the report of an area as a file, and counting everything anew."""

from __future__ import annotations

from pathlib import Path

import click
from sqlalchemy.orm import Session

from field import config
from field.cli.errors import CommandError
from field.cli.operator import OPERATOR, now
from field.cli.plainly import plainly
from field.cli.storage import committed, storage
from field.queries.area import asked_area
from field.queries.exports import ExportWanted, open_export
from field.queries.report import read_report
from field.queries.wanted import Collection
from field.rules.calendar import court_day
from field.usecases.refresh_coverage import rebuild_coverage
from geo.exports import write_file

ENDINGS = (".xlsx", ".gpkg")


@click.group()
def coverage() -> None:
    """覆盖情况 / Coverage: export a report, count everything anew."""


@coverage.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--area", help="区划代码，默认全部 / code of a division (default: everything)")
@click.option("--weeks", type=click.IntRange(1, 520), default=26, help="多少周 / how many weeks (default: 26)")
def export(file: Path, area: str | None, weeks: int) -> None:
    """导出报告（.xlsx 附图表）或网格数字（.gpkg）/ A report with charts (.xlsx), or the cells and numbers (.gpkg)."""
    if file.suffix.lower() not in ENDINGS:
        raise CommandError(
            f"{file}：文件名须以 {'、'.join(ENDINGS)} 结尾", f"the name must end in {' or '.join(ENDINGS)}"
        )
    with (
        plainly(area or file),
        storage(config.load(), isolation_level="REPEATABLE READ") as sessions,
        sessions() as session,
    ):
        try:
            _write(session, file, area, weeks)
        except OSError as problem:
            raise CommandError(
                f"无法写入 {file}：{problem.strerror}", f"cannot write {file}: {problem.strerror}"
            ) from None
    click.echo(f"{file}：已写好 / written")


def _write(session: Session, file: Path, area: str | None, weeks: int) -> None:
    at = now()
    if file.suffix.lower() == ".xlsx":
        from field.documents.coverage import print_report  # noqa: PLC0415  `rebuild` needs no workbooks

        found = asked_area(session, OPERATOR, area, court_day(at))
        file.write_bytes(print_report(read_report(session, found, weeks, at)))
    else:
        cells = open_export(session, OPERATOR, ExportWanted(Collection.COVERAGE, area), at)
        write_file(file, cells.layer, cells.chunks)


@coverage.command()
def rebuild() -> None:
    """从头重算覆盖统计 / Count all figures anew from the tasks and duties; readers keep the old ones meanwhile."""
    with plainly("coverage"), storage(config.load()) as sessions:
        done = committed(sessions, lambda session: rebuild_coverage(session, now()))
    click.echo(f"已重算 {done.cells} 个网格 / {done.cells} cells counted anew")
