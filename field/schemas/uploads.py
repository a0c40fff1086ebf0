"""Files of cells that are sent to be imported, and what becomes of them, as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from marshmallow import Schema, fields, post_load, validate

from field.models.upload import UploadState
from field.queries.uploads import UploadFacts, UploadFindingFacts
from field.rules.refusals import Refused
from field.schemas.fields import Day, Moment, Whole, code, text
from field.usecases.send_cells_file import SendCellsFile


class SendCellsQuery(Schema):
    """How the file in the body is to be read, and what is to be done with it."""

    name = fields.String(
        load_default="cells",
        validate=Whole(r"^[^./\\\s][^/\\\n\t]{0,79}$", error="须为 1–80 字的文件名 / a file's name of 1–80 letters"),
        metadata={"example": "grids.gpkg", "description": "文件名 / the file's name"},
    )
    layer = text(100, load_default=None, metadata={"description": "图层 / layer, where the file has several"})
    datum = text(
        60,
        load_default=None,
        metadata={"example": "GCJ02", "description": "坐标系，默认按文件 / unless the file tells"},
    )
    effective = Day(
        load_default=None, metadata={"description": "生效日，默认导入当天 / the day of the import unless given"}
    )
    complete = fields.Boolean(
        load_default=False, metadata={"description": "文件含其各村全部网格 / the file has all cells of its villages"}
    )
    dry_run = fields.Boolean(load_default=False, metadata={"description": "只试不改 / try, change nothing"})
    repair = fields.Boolean(
        load_default=False, metadata={"description": "在报告中提出修复 / propose repairs in the report"}
    )
    confirmed = fields.List(
        code(),
        data_key="confirm",
        load_default=list,
        metadata={"description": "接受修复的编码 / codes whose repair is taken"},
    )
    columns = fields.List(
        fields.String(validate=Whole(r"^[a-z_]{2,20}=[^\n\t]{1,100}$", error="须为 code=网格编码 / needs ours=theirs")),
        data_key="column",
        load_default=list,
        metadata={"example": ["code=网格编码"], "description": "字段对应 / which column is which"},
    )

    @post_load
    def order(self, data: dict[str, Any], **_: Any) -> SendCellsFile:
        """Return the order."""
        return SendCellsFile(**data | {name: tuple(data[name]) for name in ("confirmed", "columns")})


class ImportFindingsQuery(Schema):
    """Which page of what was found."""

    limit = fields.Integer(load_default=200, validate=validate.Range(1, 1000))
    cursor = fields.String(load_default=None, validate=validate.Length(max=200))


class ImportFindingOut(Schema):
    """One thing found in the file; `refuses` tells whether the file is refused for it."""

    row = fields.Integer(allow_none=True, metadata={"example": 12, "description": "第几行 / the row, from 1"})
    code = fields.String(metadata={"example": "shape_invalid"})
    cell_code = fields.String(metadata={"example": "410225001001001"})
    refuses = fields.Boolean()
    lon = fields.Float(allow_none=True, metadata={"description": "文件自身坐标 / as the file has it"})
    lat = fields.Float(allow_none=True)
    zh = fields.String(metadata={"example": "边界不成立：边界自相交。"})
    en = fields.String(metadata={"example": "The outline is not valid: Self-intersection."})


class CellsImportOut(Schema):
    """A file that was sent, and how far it has come."""

    id = fields.UUID()
    state = fields.Enum(UploadState, by_value=True)
    name = fields.String(metadata={"example": "grids.gpkg"})
    sent_by = fields.String(metadata={"example": "admin"})
    sent_at = Moment()
    started_at = Moment(allow_none=True)
    ended_at = Moment(allow_none=True)
    size = fields.Integer(metadata={"description": "字节 / bytes"})
    sha256 = fields.String()
    effective = fields.Date(allow_none=True)
    dry_run = fields.Boolean()
    code = fields.String(allow_none=True, metadata={"description": "未导入的原因代码 / why it was refused"})
    detail = fields.String(allow_none=True, metadata={"description": "原因 / the reason"})
    account = fields.Dict(
        allow_none=True, metadata={"description": "做了什么，试运行则是将做什么 / what was, or would be, done"}
    )
    findings = fields.Integer(metadata={"description": "发现的数量 / how many things were found"})
    has_report = fields.Boolean(metadata={"description": "有报告文件 / there is a report file"})


class CellsImportPage(CellsImportOut):
    """The same, with a page of what was found: at most the first ten thousand, the report has all."""

    items = fields.List(fields.Nested(ImportFindingOut))
    next = fields.String(allow_none=True)


def import_page(facts: UploadFacts, found: Sequence[UploadFindingFacts], limit: int) -> dict[str, Any]:
    """Return an upload with a page of its findings, which were asked for one more than the limit."""
    shown = found[:limit]
    return vars(facts) | {
        "detail": facts.detail,
        "items": shown,
        "next": str(shown[-1].nth) if len(found) > limit else None,
    }


def finding_after(cursor: str | None) -> int:
    """Return the number that a page of findings begins behind; refuse `cursor_invalid` (400)."""
    if cursor is None:
        return -1
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) <= 9):
        raise Refused("cursor_invalid")
    return int(cursor)
