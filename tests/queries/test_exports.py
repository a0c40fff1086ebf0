"""What goes into a file: bounded where it must be, of one moment, and flat in memory."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from field.cli.operator import OPERATOR
from field.queries.exports import ExportWanted, open_export
from field.queries.wanted import Collection
from field.rules.refusals import Refused
from geo.codes import Level
from tests.builders import NOON, make_cell


def test_more_than_the_most_is_refused_before_anything_is_read(session: Session) -> None:
    for number in (1, 2, 3):
        make_cell(session, number)
    assert open_export(session, OPERATOR, ExportWanted(), NOON, 3).count == 3
    with pytest.raises(Refused) as refused:
        open_export(session, OPERATOR, ExportWanted(), NOON, 2)
    assert (refused.value.code, refused.value.facts) == ("export_too_large", {"count": 3, "most": 2})


def test_micro_cells_go_along(session: Session) -> None:
    cell = make_cell(session, 1)
    micro = make_cell(session, 2)
    micro.code, micro.kind = f"{cell.code}001", "MICRO"
    session.flush()
    (chunk,) = open_export(session, OPERATOR, ExportWanted(), NOON).chunks
    assert [row[:3] for row in chunk.rows] == [
        [cell.code, "第1网格", "GENERAL"],
        [micro.code, "第2网格", "MICRO"],
    ]


def test_a_level_counts_for_divisions_alone(session: Session) -> None:
    make_cell(session, 1)
    of_level = ExportWanted(Collection.DIVISIONS, "410225000000", level=Level.TOWNSHIP)
    assert open_export(session, OPERATOR, of_level, NOON).count == 1
    assert open_export(session, OPERATOR, ExportWanted(level=Level.TOWNSHIP), NOON).count == 1
