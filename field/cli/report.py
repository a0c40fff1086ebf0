"""`gridfield report`: what oversight bodies are told, as a workbook or on paper."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from field import config
from field.cli.errors import CommandError
from field.cli.operator import OPERATOR, now
from field.cli.plainly import plainly
from field.cli.storage import storage
from field.models import Court
from field.queries.area import Area, asked_area
from field.queries.oversight import OversightReport, Period, read_oversight
from field.rules.calendar import court_day
from field.rules.oversight import ReportName, check_period
from field.rules.refusals import REFUSALS, Refused

ENDINGS = (".xlsx", ".pdf")
_DAY = click.DateTime(["%Y-%m-%d"])


@click.command()
@click.argument("name", type=click.Choice([each.value for each in ReportName]))
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--from", "first", type=_DAY, required=True, help="首日 / first day")
@click.option("--to", "last", type=_DAY, required=True, help="末日 / last day")
@click.option("--court", help="只统计该法院（代码） / only this court, by its code")
@click.option("--area", help="区划代码，默认全部 / code of a division (default: everything)")
def report(name: str, file: Path, first: datetime, last: datetime, court: str | None, area: str | None) -> None:
    """监督报告：只按单位汇总 / A report to an oversight body: by organisation, never by person (.xlsx, .pdf)."""
    if file.suffix.lower() not in ENDINGS:
        raise CommandError(
            f"{file}：文件名须以 {'、'.join(ENDINGS)} 结尾", f"the name must end in {' or '.join(ENDINGS)}"
        )
    period = Period(first.date(), last.date())
    try:
        check_period(ReportName(name), period.first, period.last)
    except Refused as refusal:
        told = REFUSALS[refusal.code]
        raise CommandError(told.zh, told.en) from None
    with (
        plainly(area or court or file),
        storage(config.load(), isolation_level="REPEATABLE READ") as sessions,
        sessions() as session,
    ):
        found = read_oversight(session, ReportName(name), _area(session, area, court), period, now())
    try:
        file.write_bytes(_printed(found, file.suffix.lower()))
    except OSError as problem:
        raise CommandError(f"无法写入 {file}：{problem.strerror}", f"cannot write {file}: {problem.strerror}") from None
    click.echo(f"{file}：已写好 / written")


def _area(session: Session, area: str | None, court: str | None) -> Area:
    found = asked_area(session, OPERATOR, area, court_day(now()))
    if court is None:
        return found
    court_id = session.scalar(select(Court.id).where(Court.code == court))
    if court_id is None:
        raise CommandError(f"没有代码为 {court} 的法院", f"there is no court {court}")
    return Area(found.code, found.name, court_id)


def _printed(found: OversightReport, ending: str) -> bytes:
    # Each brings libraries that take seconds to load.
    if ending == ".xlsx":
        from field.documents.oversight import print_workbook  # noqa: PLC0415

        return print_workbook(found)
    from field.documents.oversight_pages import print_pages  # noqa: PLC0415

    return print_pages(found)
