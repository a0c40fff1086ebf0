"""Cells that come from no file: drawn by a program, or made of stored ones by a person's word."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import psycopg
import shapely
from sqlalchemy.orm import Session

from geo.codes import CELL_LENGTH, ancestry, kind_of, natural
from geo.intake.columns import fits
from geo.intake.findings import refusal
from geo.intake.source import Staged
from geo.intake.stage import create_intake, index_intake
from geo.locate import cell_by_code
from geo.models import NAME_LENGTH, Cell


@dataclass(frozen=True)
class NewCell:
    """A cell to be stored: its polygon in WGS-84 degrees, and the codes of the cells it takes over from."""

    code: str
    name: str
    shape: Any
    replaces: tuple[str, ...] = ()


def stage_cells(session: Session, cells: Iterable[NewCell], divisions: Mapping[str, str | None], source: str) -> Staged:
    """Stage cells as a file of them would be; divisions that are not named keep their names."""
    create_intake(session)
    raw = session.connection().connection.driver_connection
    assert isinstance(raw, psycopg.Connection)
    named: dict[str, str | None] = {}
    row = 0
    with raw.cursor() as cursor, cursor.copy("COPY intake FROM STDIN") as copy:
        for row, cell in enumerate(cells, 1):
            named |= dict.fromkeys(ancestry(cell.code))
            copy.write_row((row, cell.code, cell.name, kind_of(cell.code), list(cell.replaces), True, _wkb(cell.shape)))
    index_intake(session)
    return Staged(row, named | dict(divisions), (), source)


def _wkb(shape: Any) -> str:
    parts = [shape] if shape.geom_type == "Polygon" else shape.geoms
    whole = shapely.set_srid(shapely.normalize(shapely.MultiPolygon(parts)), 4326)
    return str(shapely.to_wkb(whole, hex=True, include_srid=True))


def merged(session: Session, codes: Sequence[str], into: str, name: str | None, on: date) -> list[NewCell]:
    """Make one cell of several that lie side by side; it keeps the first one's name where none is given.

    Raises IntakeRefused `cell_unknown` or `cells_apart`.
    """
    cells = [_stored(session, code, on) for code in dict.fromkeys(codes)]
    whole = shapely.unary_union([_shape(cell) for cell in cells])
    if len(cells) < 2 or whole.geom_type != "Polygon":
        raise refusal("cells_apart", codes=", ".join(codes))
    others = tuple(cell.code for cell in cells if cell.code != into)
    return [_fit(NewCell(into, name or cells[0].name, whole, others))]


def recoded(session: Session, code: str, to: str, on: date) -> list[NewCell]:
    """Give a cell another code; raises IntakeRefused `cell_unknown`, or `code_taken`."""
    cell = _stored(session, code, on)
    if cell_by_code(session, to, on) is not None:
        raise refusal("code_taken", other=to)
    return [_fit(NewCell(to, cell.name, _shape(cell), (code,)))]


def renamed(session: Session, code: str, name: str, on: date) -> list[NewCell]:
    """Give a cell another name; raises IntakeRefused `cell_unknown`."""
    cell = _stored(session, code, on)
    return [_fit(NewCell(code, name, _shape(cell)))]


def _fit(cell: NewCell) -> NewCell:
    if natural(cell.code) != cell.code or len(cell.code) < CELL_LENGTH:
        raise refusal("code_bad", value=cell.code[: 2 * CELL_LENGTH])
    if not cell.name or not fits(cell.name):
        raise refusal("name_bad", column="name", limit=NAME_LENGTH)
    return cell


def _stored(session: Session, code: str, on: date) -> Cell:
    cell = cell_by_code(session, code, on)
    if cell is None:
        raise refusal("cell_unknown", other=code)
    return cell


def _shape(cell: Cell) -> Any:
    return shapely.from_wkb(bytes(cell.geom.data))
