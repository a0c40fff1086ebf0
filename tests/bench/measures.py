"""What is measured against what, and how fast it should be."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

import psycopg

from tests.bench.client import Job
from tests.bench.cluster import Databases
from tests.bench.rounds import Measure, Side, drive
from tests.bench.servers import Servers
from tests.bench.wire import Writer

NAMES = ("worklist", "worklist_304", "claim", "create_task", "report")


def measures(running: Servers) -> dict[str, Measure]:
    """Return every measure that is taken under load, by name."""
    product, granian, gunicorn = running.product, running.granian, running.gunicorn
    every = [
        Measure(
            "worklist",
            Side(product, Writer.worklist, 200),
            Side(gunicorn, Writer.hello, 200),
            against="bare Flask hello under gunicorn gthread",
            goal=1.0,
        ),
        Measure(
            "worklist_304",
            Side(product, Writer.worklist_304, 304),
            Side(granian, Writer.hello, 200),
            against="bare Flask hello under granian",
            goal=0.8,
        ),
        Measure(
            "claim",
            Side(product, Writer.claim, 200),
            Side(granian, Writer.claim_floor, 200),
            against="one data-modifying statement behind Flask under granian",
            goal=0.9,
            writes=True,
        ),
        Measure(
            "create_task",
            Side(product, Writer.create_task, 201),
            Side(granian, Writer.create_task_floor, 201),
            against="the same SQL by hand behind Flask under granian",
            goal=0.6,
            writes=True,
        ),
        Measure(
            "report",
            Side(product, Writer.report, 200),
            Side(granian, Writer.report_floor, 200),
            against="one durable statement behind Flask under granian",
            goal=0.6,
            writes=True,
        ),
    ]
    return {each.name: each for each in every}


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
