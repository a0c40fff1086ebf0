"""What is measured against what, and how fast it should be."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

import psycopg

from tests.bench.client import Job
from tests.bench.cluster import GROWN, Databases
from tests.bench.rounds import Measure, Side, drive
from tests.bench.servers import Server, Servers
from tests.bench.wire import Writer

NAMES = ("worklist", "worklist_304", "claim", "create_task", "report")
GROWTH = ("growth_worklist", "growth_claim")  # minutes more, so only when asked for by name


def measures(running: Servers) -> dict[str, Measure]:
    """Return every measure that is taken under load, by name."""
    every = [*_reads(running), *_writes(running), *_growth(running.product)]
    return {each.name: each for each in every}


def _reads(running: Servers) -> list[Measure]:
    return [
        Measure(
            "worklist",
            Side(running.product, Writer.worklist, 200),
            Side(running.gunicorn, Writer.hello, 200),
            against="bare Flask hello under gunicorn gthread",
            goal=1.0,
        ),
        Measure(
            "worklist_304",
            Side(running.product, Writer.worklist_304, 304),
            Side(running.granian, Writer.hello, 200),
            against="bare Flask hello under granian",
            goal=0.8,
        ),
    ]


def _writes(running: Servers) -> list[Measure]:
    return [
        Measure(
            "claim",
            Side(running.product, Writer.claim, 200),
            Side(running.granian, Writer.claim_floor, 200),
            against="one data-modifying statement behind Flask under granian",
            goal=0.9,
            writes=True,
        ),
        Measure(
            "create_task",
            Side(running.product, Writer.create_task, 201),
            Side(running.granian, Writer.create_task_floor, 201),
            against="the same SQL by hand behind Flask under granian",
            goal=0.6,
            writes=True,
        ),
        Measure(
            "report",
            Side(running.product, Writer.report, 200),
            Side(running.granian, Writer.report_floor, 200),
            against="one durable statement behind Flask under granian",
            goal=0.6,
            writes=True,
        ),
    ]


def _growth(product: Server) -> list[Measure]:
    return [
        Measure(
            name,
            Side(product, requests, 200, GROWN),
            Side(product, requests, 200),
            against="the product with a tenth of the tasks",
            goal=0.95,
            writes=writes,
        )
        for name, requests, writes in (
            ("growth_worklist", Writer.worklist, False),
            ("growth_claim", Writer.claim, True),
        )
    ]


def races(databases: Databases, running: Servers) -> dict[str, Any]:
    """Let all workers of a cell claim the same task at once, task after task; each must have exactly one winner."""
    databases.refresh()
    writer = Writer(databases)
    raced = writer.raced_tasks()
    job = Job(running.product.port, writer.races(), seconds=math.inf, repeat=False)
    _, statuses = drive(job, running.product, databases)
    with psycopg.connect(databases.dsn) as connection:
        found = connection.execute("select task_id from field.assignment where task_id = any(%s)", (raced,))
        winners = Counter(row[0] for row in found)
    return {
        "name": "claim_races",
        "value": sum(count - 1 for count in winners.values()),
        "unit": "double winners",
        "against": f"{len(job.requests)} claims of {len(raced)} tasks, {job.connections} at once",
        "ratio": None,
        "goal": 0,
        "without_winner": len(raced) - len(winners),
        "statuses": statuses,
    }
