"""`gridfield cells export`: cells, divisions or numbers of an area into a file for GIS programs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import click

from field import config
from field.cli.errors import CommandError
from field.cli.operator import OPERATOR, now
from field.cli.plainly import plainly
from field.cli.progress import Bars
from field.cli.storage import storage
from field.queries.exports import Export, ExportWanted, open_export
from field.queries.wanted import Collection
from geo.codes import Level
from geo.exports import ENDINGS, Chunk, write_file
from geo.points import Datum


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--area", help="区划代码，默认全部 / code of a division (default: everything)")
@click.option("--at", type=click.DateTime(["%Y-%m-%d"]), help="哪一天的 / as on that day (default: today)")
@click.option(
    "--datum",
    type=click.Choice([each.value for each in Datum], case_sensitive=False),
    default=Datum.WGS84.value,
    help="坐标系 / datum (default: WGS84)",
)
@click.option(
    "--layer",
    type=click.Choice([each.value for each in Collection]),
    default=Collection.CELLS.value,
    help="网格、行政区划或覆盖数字 / what (default: cells)",
)
@click.option(
    "--level",
    type=click.Choice([each.value for each in Level], case_sensitive=False),
    help="只要这一层级的区划 / divisions of one level",
)
def export(file: Path, area: str | None, at: datetime | None, datum: str, layer: str, level: str | None) -> None:
    """导出为 GeoPackage 或 GeoJSON / Export to GeoPackage or GeoJSON; cells can be imported again as they are."""
    if file.suffix.lower() not in ENDINGS:
        raise CommandError(
            f"{file}：文件名须以 {'、'.join(ENDINGS)} 结尾", f"the name must end in {' or '.join(ENDINGS)}"
        )
    if level and layer != Collection.DIVISIONS:
        raise CommandError("--level 只用于 --layer divisions", "--level goes with --layer divisions")
    asked = ExportWanted(
        Collection(layer), area, at.date() if at else None, Datum(datum), Level(level) if level else None
    )
    with plainly(area or file), Bars() as bars, storage(config.load()) as sessions, sessions() as session:
        found = open_export(session, OPERATOR, asked, now())
        try:
            count = write_file(file, found.layer, _shown(found, bars))
        except OSError as problem:
            raise CommandError(
                f"无法写入 {file}：{problem.strerror}", f"cannot write {file}: {problem.strerror}"
            ) from None
    click.echo(f"{file}：{count} 个，{found.layer.day}，{datum} / {count} features, {found.layer.day}, {datum}")


def _shown(found: Export, bars: Bars) -> Iterator[Chunk]:
    done = 0
    for chunk in found.chunks:
        yield chunk
        done += len(chunk.rows)
        bars.show("export", done, found.count)
