"""Coverage as JSON: numbers by place, cells as GeoJSON, and the gaps."""

from __future__ import annotations

import re
from datetime import date
from typing import Any
from uuid import UUID

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from field.queries.coverage import CellShape, Unit, UnitNumbers
from field.queries.gaps import OF_CELLS, Gap, GapCell, GapList, GapTask
from field.rules.refusals import Refused
from field.rules.tasks import TaskKind, TaskState
from field.schemas.fields import Moment, code
from geo.points import Envelope

_CELL_CURSOR = re.compile(r"[0-9]{2,18}")
_TASK_CURSOR = re.compile(r"(\d{4}-\d\d-\d\d)_([0-9a-f]{32})")
WORLD = Envelope(-180.0, -90.0, 180.0, 90.0)


class Box(fields.Field[Envelope]):
    """A bounding box `west,south,east,north` in WGS-84 degrees."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Envelope:
        try:
            west, south, east, north = (float(part) for part in str(value).split(","))
        except ValueError:
            raise ValidationError("须为四个数 west,south,east,north / needs four numbers") from None
        if not (west < east and south < north and WORLD.holds(west, south) and WORLD.holds(east, north)):
            raise ValidationError("须西 < 东、南 < 北 / needs west < east, south < north, in degrees")
        return Envelope(west, south, east, north)


def _cursor() -> fields.String:
    return fields.String(
        load_default=None,
        validate=validate.Length(max=200),
        metadata={"description": "上一页的 next / `next` of the page before"},
    )


def asked_division() -> fields.String:
    """Which division is asked about."""
    return code(
        load_default=None,
        metadata={"example": "410225001", "description": "默认为您的辖区 / your own area unless named"},
    )


def _days() -> fields.Integer:
    return fields.Integer(
        load_default=30,
        validate=validate.Range(1, 366),
        metadata={"description": "已办结的统计天数，含今天 / days that `done` looks back, today included"},
    )


class CoverageQuery(Schema):
    """Which area, rolled up to what."""

    level = fields.Enum(
        Unit, by_value=True, load_default=Unit.VILLAGE, metadata={"description": "汇总层级 / rolled up to"}
    )
    division = asked_division()
    days = _days()
    limit = fields.Integer(load_default=2000, validate=validate.Range(1, 5000))
    cursor = _cursor()


class CoverageCellsQuery(Schema):
    """Which cells to draw."""

    division = asked_division()
    bbox = Box(
        load_default=None,
        metadata={
            "type": "string",
            "example": "114.80,34.80,114.85,34.85",
            "description": "west,south,east,north, WGS-84",
        },
    )
    days = _days()
    limit = fields.Integer(load_default=2000, validate=validate.Range(1, 5000))
    cursor = _cursor()


class GapsQuery(Schema):
    """Which gaps; one list can be paged through by naming it."""

    division = asked_division()
    unvisited_days = fields.Integer(
        load_default=30,
        validate=validate.Range(1, 3650),
        metadata={"description": "多少天无人到访，含今天 / no attempt for so many days, today included"},
    )
    gap = fields.Enum(Gap, by_value=True, load_default=None, metadata={"description": "只要这一项 / this list alone"})
    limit = fields.Integer(
        load_default=100, validate=validate.Range(1, 1000), metadata={"description": "每项至多 / per list"}
    )
    cursor = _cursor()

    @validates_schema
    def cursor_of_one(self, data: dict[str, Any], **_: Any) -> None:
        """A cursor continues one list, so the list must be named."""
        if data["cursor"] is not None and data["gap"] is None:
            raise ValidationError("翻页时请用 gap 指明清单 / name the list with `gap`", "cursor")


class DivisionOut(Schema):
    """A division by code and name."""

    code = fields.String(metadata={"example": "410225001"})
    name = fields.String(allow_none=True, metadata={"example": "兰阳街道"})


class NumbersOut(Schema):
    """What is counted in one place; nothing is counted per person."""

    cells = fields.Integer(metadata={"example": 63, "description": "网格数 / cells"})
    cells_on_duty = fields.Integer(metadata={"example": 61, "description": "今日有人在岗的网格 / with somebody"})
    workers_on_duty = fields.Integer(metadata={"example": 67, "description": "今日在岗网格员 / on duty today"})
    open = fields.Integer(metadata={"example": 76, "description": "在办（已定位）/ live tasks with a cell"})
    overdue = fields.Integer(metadata={"example": 5, "description": "其中逾期 / of these, past their term"})
    done = fields.Integer(metadata={"example": 41, "description": "近 N 天办结 / closed in the last N days"})
    median_hours_to_first_attempt = fields.Float(
        allow_none=True,
        metadata={"example": 26.5, "description": "近 90 天任务首次上门的中位小时数 / of the last 90 days' tasks"},
    )
    last_visit = Moment(allow_none=True, metadata={"description": "最近一次到访 / the latest attempt"})


class UnitOut(NumbersOut):
    """One unit's numbers."""

    code = fields.String(metadata={"example": "410225001001"})
    name = fields.String(
        allow_none=True, metadata={"description": "null: 已撤销但仍有任务 / off the map, tasks remain"}
    )


class CoverageOut(Schema):
    """The numbers of an area: whole, and unit by unit in order of code."""

    division = fields.Nested(DivisionOut, allow_none=True, metadata={"description": "null: 全部 / everywhere"})
    level = fields.Enum(Unit, by_value=True)
    days = fields.Integer(metadata={"example": 30})
    as_of = Moment(metadata={"description": "此刻之前的变化都已计入 / every change up to then is counted"})
    totals = fields.Nested(NumbersOut)
    items = fields.List(fields.Nested(UnitOut))
    next = fields.String(allow_none=True, metadata={"example": None})


class CellPropertiesOut(UnitOut):
    """A cell's numbers as properties on a map."""

    kind = fields.String(metadata={"enum": ["GENERAL", "SPECIAL", "MICRO"]})


class GeometryOut(Schema):
    """A GeoJSON geometry in WGS-84 with 7 decimals."""

    type = fields.String(metadata={"example": "MultiPolygon"})
    coordinates = fields.Raw(
        metadata={
            "type": "array",
            "items": {},
            "example": [[[[114.8, 34.8], [114.81, 34.8], [114.81, 34.81], [114.8, 34.8]]]],
        }
    )


class CellFeatureOut(Schema):
    """A cell as a GeoJSON feature."""

    type = fields.Constant("Feature", metadata={"type": "string", "enum": ["Feature"]})
    id = fields.String(metadata={"example": "410225001001001"})
    geometry = fields.Nested(GeometryOut)
    properties = fields.Nested(CellPropertiesOut)


class CellCollectionOut(Schema):
    """An RFC 7946 FeatureCollection; with more cells than `limit` it is cut, and `next` is where it goes on."""

    type = fields.Constant("FeatureCollection", metadata={"type": "string", "enum": ["FeatureCollection"]})
    number_matched = fields.Integer(data_key="numberMatched", metadata={"example": 1638})
    number_returned = fields.Integer(data_key="numberReturned", metadata={"example": 1638})
    next = fields.String(allow_none=True, metadata={"example": None})
    features = fields.List(fields.Nested(CellFeatureOut))


class GapCellOut(Schema):
    """A cell with a gap."""

    code = fields.String(metadata={"example": "410225001001001"})
    name = fields.String(metadata={"example": "城中社区第1网格"})
    open = fields.Integer(metadata={"example": 2, "description": "在办 / live tasks there"})
    last_visit = Moment(allow_none=True)
    never_visited = fields.Function(
        lambda cell: cell.last_visit is None, metadata={"type": "boolean", "example": False}
    )


class GapTaskOut(Schema):
    """A task with a gap: where and until when, nothing of the case."""

    id = fields.UUID()
    kind = fields.String(metadata={"enum": [kind.value for kind in TaskKind]})
    state = fields.String(metadata={"enum": [state.value for state in TaskState]})
    cell_code = fields.String(allow_none=True, metadata={"example": "410225001001001"})
    area_code = fields.String(metadata={"example": "410225001001001"})
    due_on = fields.Date(metadata={"example": "2027-01-15"})


class GapCellsOut(Schema):
    """Cells with a gap, in order of code."""

    count = fields.Integer(metadata={"description": "全部数量 / how many there are in all"})
    items = fields.List(fields.Nested(GapCellOut))
    next = fields.String(allow_none=True)


class GapTasksOut(Schema):
    """Tasks with a gap, soonest due first."""

    count = fields.Integer(metadata={"description": "全部数量 / how many there are in all"})
    items = fields.List(fields.Nested(GapTaskOut))
    next = fields.String(allow_none=True)


class GapsOut(Schema):
    """The gaps of an area; with `gap`, that list alone."""

    division = fields.Nested(DivisionOut, allow_none=True)
    unvisited_days = fields.Integer(metadata={"example": 30})
    as_of = Moment()
    nobody_on_duty = fields.Nested(GapCellsOut, metadata={"description": "今日无人在岗 / nobody on duty today"})
    unvisited = fields.Nested(GapCellsOut, metadata={"description": "N 天无人到访 / no attempt for N days"})
    at_risk = fields.Nested(
        GapTasksOut, metadata={"description": "7 天内到期且未上报 / due within 7 days, not handed in"}
    )
    overdue = fields.Nested(GapTasksOut, metadata={"description": "已逾期 / past their term"})
    unplaced = fields.Nested(GapTasksOut, metadata={"description": "未能定位到网格 / in no cell"})
    open_without_worker = fields.Nested(GapTasksOut, metadata={"description": "无人承办 / nobody has it"})


def unit_row(unit: UnitNumbers) -> dict[str, Any]:
    """Return a unit's numbers beside its code and name."""
    return {"code": unit.code, "name": unit.name, **vars(unit.numbers)}


def feature(shape: CellShape) -> dict[str, Any]:
    """Return a cell as a feature whose properties are its numbers."""
    facts = {"code": shape.code, "name": shape.name, "kind": shape.kind}
    return {"id": shape.code, "geometry": shape.geometry, "properties": facts | vars(shape.numbers)}


def gap_page(found: GapList, limit: int) -> dict[str, Any]:
    """Return a gap's list, which was asked for one entry more than the limit."""
    shown = found.items[:limit]
    following = _written(shown[-1]) if len(found.items) > limit else None
    return {"count": found.count, "items": shown, "next": following}


def _written(last: GapCell | GapTask) -> str:
    return last.code if isinstance(last, GapCell) else f"{last.due_on.isoformat()}_{last.id.hex}"


def code_after(cursor: str | None) -> str:
    """Return the code that a page of places begins behind; refuse `cursor_invalid` (400)."""
    if cursor is not None and not _CELL_CURSOR.fullmatch(cursor):
        raise Refused("cursor_invalid")
    return cursor or ""


def gap_after(gap: Gap | None, cursor: str | None) -> str | tuple[date, UUID] | None:
    """Return where a page of a gap's list begins; refuse `cursor_invalid` (400)."""
    if cursor is None:
        return None
    if gap in OF_CELLS:
        return code_after(cursor)
    if not (found := _TASK_CURSOR.fullmatch(cursor)):
        raise Refused("cursor_invalid")
    try:
        return date.fromisoformat(found[1]), UUID(found[2])
    except ValueError:
        raise Refused("cursor_invalid") from None
