"""Coverage as weeks gone by, and as a report to take away."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from field.schemas.coverage import DivisionOut, asked_division

REPORTS = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "gpkg": "application/geopackage+sqlite3",
}
"""The kinds of file a report comes as, and their media types."""


class HistoryQuery(Schema):
    """Whose weeks, and how many."""

    division = asked_division()
    weeks = fields.Integer(
        load_default=26,
        validate=validate.Range(1, 520),
        metadata={"description": "最近多少个已结束的周 / so many weeks that have ended"},
    )


class ReportQuery(Schema):
    """Which report, as which kind of file."""

    division = asked_division()
    format = fields.String(
        load_default="xlsx",
        validate=validate.OneOf([*REPORTS]),
        metadata={"description": "xlsx：附图表的报告；gpkg：网格与数字 / a report with charts, or cells and numbers"},
    )


class WeekOut(Schema):
    """An area as it stood on the Sunday that ended a week; never changed afterwards."""

    week = fields.Date(metadata={"example": "2026-06-01", "description": "周一 / the week's Monday"})
    cells = fields.Integer(
        allow_none=True, metadata={"description": "null: 该村当周无任务，未留存 / a village with nothing asked"}
    )
    cells_on_duty = fields.Integer(allow_none=True)
    workers_on_duty = fields.Integer(allow_none=True)
    open = fields.Integer(metadata={"description": "周日在办 / live on the Sunday"})
    overdue = fields.Integer(metadata={"description": "其中逾期 / of these, past their term"})
    done = fields.Integer(metadata={"description": "当周办结 / closed in the week"})
    median_hours_to_first_attempt = fields.Float(allow_none=True, metadata={"example": 26.5})
    estimated = fields.Boolean(
        metadata={"description": "true: 当时未统计，事后由记录推算 / told from the records later, nobody counted then"}
    )


class HistoryOut(Schema):
    """The weeks of one division, oldest first."""

    division = fields.Nested(DivisionOut, allow_none=True, metadata={"description": "null: 全部 / everywhere"})
    items = fields.List(fields.Nested(WeekOut))
    next = fields.String(allow_none=True, metadata={"example": None})
