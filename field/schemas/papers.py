"""Papers as they are asked for and checked, as JSON."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from field.rules.papers import MOST_RECEIPTS, PaperName
from field.schemas.fields import Moment

PDF = "application/pdf"


class ReceiptsQuery(Schema):
    """Which tasks to print forms for."""

    task = fields.List(
        fields.UUID(),
        required=True,
        validate=validate.Length(1, MOST_RECEIPTS),
        metadata={"description": "任务编号，可重复，最多 50 个 / ids of tasks, repeated, 50 at most"},
    )


class PaperOut(Schema):
    """A paper that this installation made: nothing on it that only its holder should know."""

    code = fields.String(metadata={"example": "ABCDE-FGHIJ-KLMNO-PQRST"})
    paper = fields.Enum(PaperName, by_value=True, metadata={"example": "receipt"})
    paper_zh = fields.String(metadata={"example": "送达回证"})
    paper_en = fields.String(metadata={"example": "return of service"})
    court_name = fields.String(metadata={"example": "某某人民法院"})
    case_no = fields.String(
        allow_none=True,
        metadata={
            "example": "（2099）豫9999执***07号",
            "description": "案号，部分隐去；告知单没有的为空 / the case number, masked; none if a slip has none",
        },
    )
    made_at = Moment(metadata={"example": "2099-06-10T04:00:00.000000Z"})
    current = fields.Boolean(
        metadata={"description": "所载事实是否仍为最新 / whether what it says has been neither corrected nor added to"}
    )
    sha256 = fields.List(
        fields.String(metadata={"example": "0" * 64}),
        metadata={"description": "该文书各份文件的摘要 / digests of the files it was printed in"},
    )
