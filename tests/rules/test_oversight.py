"""A whole report is attacked at once: what one table hides follows from no other, nor from all of them together."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date

import numpy as np
import pytest

from field.queries.oversight import AGES, KEPT, KINDS, MENDED, PARTS, PROMPT, STANDING
from field.rules.oversight import BRIEFS, PART_OF, SAME, Counted, Label, Part, ReportName, Told, check_period, tell_all
from field.rules.refusals import Refused
from field.rules.suppression import LEAST

PLACES = tuple(Label(f"乡{number}") for number in range(4))
OF_TASKS = {
    Part.ASKED: ("unit", "kind"), Part.STANDING: ("kind", "standing"), Part.RESPONSE: ("unit", "response"),
    Part.TERMS: ("kind", "term"), Part.BACKLOG: ("kind", "age"), Part.MENDED: ("kind", "mended"),
}  # fmt: skip
LABELS = {
    "unit": PLACES, "kind": tuple(KINDS.values()), "standing": tuple(STANDING.values()), "term": tuple(KEPT.values()),
    "age": tuple(AGES.values()), "mended": tuple(MENDED.values()), "response": tuple(PROMPT.values()),
}  # fmt: skip
Task = dict[str, str]
What = frozenset[tuple[str, str]]


def _tasks(rng: random.Random) -> list[Task]:
    """A made-up period of a small county: a few kinds are rare, and few tasks are withdrawn."""
    weights = [rng.choice((0.2, 1, 4, 30)) for _ in KINDS]
    found = []
    for _ in range(rng.randint(5, 250)):
        [kind] = rng.choices(LABELS["kind"], weights)
        [standing] = rng.choices(("办结", "撤回", "在办"), (10, 1, rng.choice((1, 8))))
        term = {"撤回": ["撤回"], "办结": ["按期", "逾期办理"], "在办": ["逾期未办", "未到期"]}[standing]
        found.append({
            "unit": rng.choice(PLACES).zh, "kind": kind.zh, "standing": standing, "term": rng.choice(term),
            "age": rng.choice(LABELS["age"]).zh, "mended": rng.choices(LABELS["mended"], (9, 1))[0].zh,
            "response": rng.choice(LABELS["response"]).zh,
        })  # fmt: skip
    return found


def _counted(part: Part, tasks: Sequence[Task]) -> Counted:
    line, column = OF_TASKS[part]
    what = PARTS[part][2]
    of = [task for task in tasks if what not in PART_OF or task["standing"] == PART_OF[what][1][1]]
    found = Counter((task[line], task[column]) for task in of)
    counts = tuple(tuple(found[one.zh, other.zh] for other in LABELS[column]) for one in LABELS[line])
    return Counted(part, part, part, what, (line, LABELS[line]), (column, LABELS[column]), counts)


def _cells(told: Told) -> Iterator[tuple[What, int | None, int]]:
    """Yield of every cell what it counts, what is shown of it, and what it truly is."""
    table, shown = told.table, told.shown
    whole = PART_OF.get(table.what, ("", None))[1]
    full = [[*row, sum(row)] for row in table.counts]
    full.append([sum(column) for column in zip(*full, strict=True)])
    grid = [[*row, total] for row, total in zip(shown.rows, shown.row_totals, strict=True)]
    grid.append([*shown.column_totals, shown.total])
    for y, line in enumerate([*table.lines[1], None]):
        for x, column in enumerate([*table.columns[1], None]):
            ways = {(way, label.zh) for way, label in ((table.lines[0], line), (table.columns[0], column)) if label}
            named = {SAME.get(way, way) for way in ways} | ({whole} if whole else set())
            yield frozenset(named), grid[y][x], full[y][x]


def _lines(told: Told, named: Sequence[What]) -> Iterator[dict[What, int]]:
    """Yield what must be nought in each line of a table: its cells less its total."""
    wide = len(told.table.columns[1]) + 1
    rows = [named[at : at + wide] for at in range(0, len(named), wide)]
    for line in [*rows, *(list(column) for column in zip(*rows, strict=True))]:
        yield dict.fromkeys(line[:-1], 1) | {line[-1]: -1}


def computed_back(told: Sequence[Told]) -> dict[What, int]:
    """Solve all tables of a report together; return every small number that somebody hid and somebody can compute."""
    cells = [list(_cells(each)) for each in told]
    known = {what for table in cells for what, shown, _ in table if shown is not None}
    free = {what: count for table in cells for what, _, count in table if what not in known}
    at = {what: nth for nth, what in enumerate(free)}
    equations = [
        each for one, table in zip(told, cells, strict=True) for each in _lines(one, [row[0] for row in table])
    ]
    matrix = np.zeros((len(equations), len(free)))
    for y, equation in enumerate(equations):
        for what in equation.keys() & at.keys():
            matrix[y, at[what]] = equation[what]
    # What the equations determine has no part in any vector that they send to nought.
    _, sizes, vectors = np.linalg.svd(matrix)
    null = vectors[int((sizes > 1e-9).sum()) :]
    return {
        what: count
        for what, count in free.items()
        if 0 < count < LEAST and not (np.abs(null[:, at[what]]) > 1e-9).any()
    }


@pytest.mark.parametrize("name", [ReportName.CONGRESS, ReportName.SUPERIOR, ReportName.GOVERNANCE, ReportName.PUBLIC])
def test_no_small_number_follows_from_a_report_as_a_whole(name: ReportName, rng: random.Random) -> None:
    parts = [part for part in BRIEFS[name].parts if part in OF_TASKS]
    for _ in range(150):
        tasks = _tasks(rng)
        assert computed_back(tell_all([_counted(part, tasks) for part in parts])) == {}


def test_the_attacker_is_no_fool() -> None:
    """Three petitions withdrawn, hidden in each table alone, follow from the open tasks beside them."""
    tasks = [
        *({"kind": "协助送达", "standing": "办结", "term": "按期", "age": "10 日内"} for _ in range(23)),
        *({"kind": "协查财产线索", "standing": "在办", "term": "未到期", "age": "11–30 日"} for _ in range(15)),
        *({"kind": "化解信访", "standing": "撤回", "term": "撤回", "age": "10 日内"} for _ in range(3)),
    ]
    parts = (Part.STANDING, Part.TERMS, Part.BACKLOG)
    alone = [tell_all([_counted(part, tasks)])[0] for part in parts]
    assert 3 in computed_back(alone).values()
    assert computed_back(tell_all([_counted(part, tasks) for part in parts])) == {}


def test_the_shared_columns_are_those_of_the_tables() -> None:
    columns = {(each[5], label.zh) for each in PARTS.values() for label in each[6].values()}
    assert {*SAME, *SAME.values(), *(way for _, way in PART_OF.values())} <= columns
    kinds = {each[2] for each in PARTS.values()}
    assert {*PART_OF, *(what for what, _ in PART_OF.values())} <= kinds


@pytest.mark.parametrize(
    ("name", "first", "last", "whole"),
    [
        (ReportName.SUPERIOR, date(2026, 6, 1), date(2026, 6, 7), True),
        (ReportName.SUPERIOR, date(2026, 6, 2), date(2026, 6, 8), False),
        (ReportName.GOVERNANCE, date(2028, 2, 1), date(2028, 2, 29), True),
        (ReportName.GOVERNANCE, date(2028, 2, 1), date(2028, 2, 28), False),
        (ReportName.CONGRESS, date(2026, 1, 1), date(2026, 12, 31), True),
        (ReportName.PUBLIC, date(2026, 1, 1), date(2026, 6, 30), False),
    ],
)
def test_only_whole_spans_are_told(name: ReportName, first: date, last: date, whole: bool) -> None:
    """Two periods that overlap would tell by their difference what each of them hides."""
    if whole:
        check_period(name, first, last)
        return
    with pytest.raises(Refused, match="period_not_whole"):
        check_period(name, first, last)
