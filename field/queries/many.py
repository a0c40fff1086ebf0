"""Matching a column against very many values."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, any_, literal
from sqlalchemy.orm import InstrumentedAttribute


def among(column: InstrumentedAttribute[Any], values: Iterable[Any]) -> ColumnElement[bool]:
    """Match any of the values, sent as one array: PostgreSQL takes no more than 65,535 parameters."""
    return column == any_(literal(list(values), ARRAY(column.type)))
