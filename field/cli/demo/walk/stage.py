"""What the acts of the walk share: its people, its case, its tasks, and the first worker's phone."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self
from uuid import uuid4

from field.cli.demo.people import CLERK, COORDINATOR, STAND_IN_WORKER, STRANGER, WORKER
from field.cli.demo.walk.api import Person, Reply, Server, Surprise
from field.cli.demo.walk.narrator import Narrator
from field.cli.errors import CommandError
from geo.datum import from_wgs84

Facts = Mapping[str, Any]
FAST = timedelta(minutes=9)


@dataclass
class Phone:
    """The first worker's phone, whose wall clock runs nine minutes fast and which does not always have a network."""

    owner: Person
    installation_id: str = field(default_factory=lambda: str(uuid4()))
    boot_id: str = field(default_factory=lambda: uuid4().hex)
    items: int = 0

    def clock(self, prefix: str) -> dict[str, Any]:
        """Return what the phone's clocks say now, as members that begin with the prefix."""
        wall = (datetime.now(UTC) + FAST).isoformat()
        return {f"{prefix}_at": wall, f"{prefix}_mono_ms": time.monotonic_ns() // 1_000_000, "boot_id": self.boot_id}

    def note(self, task: Facts, outcome: str, note: str, *, done: bool) -> dict[str, Any]:
        """Record an attempt at the task's door; no network is needed for that."""
        self.items += 1
        return {
            "client_id": str(uuid4()),
            "task_id": task["id"],
            "outcome": outcome,
            "note": note,
            "point": {**task["point"], "accuracy_m": 12},
            "fence": task["fence"],
            "device_seq": self.items,
            "base_version": task["version"],
            "done": done,
            **self.clock("captured"),
        }

    def batch(self, *items: Facts) -> dict[str, Any]:
        """Return a batch as it is sent now."""
        return {"installation_id": self.installation_id, **self.clock("sent"), "items": list(items)}

    def send(self, batch: Facts) -> Facts:
        """Send a batch of one item and return its answer."""
        answers = self.owner.post("/reports", batch).body["items"]
        answer: Facts = answers[0]
        return answer


@dataclass
class Stage:
    """Everything an act may need of the acts before it."""

    tell: Narrator
    clerk: Person
    coordinator: Person
    worker: Person
    stand_in: Person
    stranger: Person
    phone: Phone
    patience_s: float
    home: Facts = field(default_factory=dict)
    case: Facts = field(default_factory=dict)
    first: str = ""
    unfinished: list[str] = field(default_factory=list)
    coverage: Facts = field(default_factory=dict)
    head: tuple[int, str] = (0, "")
    verifier: bytes = b""

    @classmethod
    def set(cls, server: Server, tell: Narrator, patience_s: float) -> Self:
        """Let everybody sign in."""
        roles = (CLERK, COORDINATOR, WORKER, STAND_IN_WORKER, STRANGER)
        clerk, coordinator, worker, stand_in, stranger = (server.sign_in(account) for account in roles)
        return cls(tell, clerk, coordinator, worker, stand_in, stranger, Phone(worker), patience_s)

    def ask(self, kind: str, cell: Facts, instructions: str) -> Reply:
        """Ask for a task in the middle of a cell, at the GCJ-02 pair that a map site would give for it."""
        centre = cell["centre"]
        lon, lat = from_wgs84(centre["lon"], centre["lat"], "GCJ02")
        debtor = next(party for party in self.case["parties"] if party["role"] == "debtor")
        order = {
            "id": str(uuid4()),
            "kind": kind,
            "case_id": self.case["id"],
            "party_id": debtor["id"],
            "point": {"lon": round(float(lon), 6), "lat": round(float(lat), 6), "datum": "GCJ02"},
            "address": "".join(each["name"] for each in cell["divisions"][2:]) + "1号",
            "instructions": instructions,
            "documents": [{"title": "执行通知书", "copies": 1, "doc_type": "ENFORCEMENT_NOTICE"}]
            if kind == "SERVE"
            else [],
        }
        asked = self.clerk.post("/tasks", order, 201)
        self.unfinished.append(order["id"])
        return asked

    def move(self, who: Person, task_id: str, move: str, **why: str) -> Facts:
        """Move a task as somebody who has just looked at it."""
        seen = who.get(f"/tasks/{task_id}")
        return who.once(f"/tasks/{task_id}/transitions", {"move": move, **why}, version=seen.version).body

    def on_list(self, who: Person, task_id: str) -> Facts:
        """Return a task as it stands on a worker's list; raise Surprise when it does not."""
        for task in who.get("/worklist").body["tasks"]:
            if task["id"] == task_id:
                found: Facts = task
                return found
        raise Surprise(f"任务不在 {who.login} 的名单上 / the task is not on {who.login}'s list")

    def check_bundle(self, bundle: bytes) -> str:
        """Check an evidence bundle with the verifier that lies in it, as a stranger would; return what it finds."""
        with tempfile.TemporaryDirectory() as folder:
            path, program = Path(folder, "bundle.zip"), Path(folder, "verify.py")
            path.write_bytes(bundle)
            program.write_bytes(self.verifier)
            done = subprocess.run([sys.executable, "-I", program, path], capture_output=True, text=True, check=False)
        return done.stdout + done.stderr if done.returncode else ""

    def counted(self) -> Facts:
        """Return the coordinator's coverage, waiting a little until all that has happened so far is counted in it.

        The gaps among tasks are never kept, so their time is the server's own.
        """
        happened = self.coordinator.get("/coverage/gaps", gap="at_risk").body["as_of"]
        deadline = time.monotonic() + self.patience_s
        while True:
            found: Facts = self.coordinator.get("/coverage").body
            if found["as_of"] >= happened or time.monotonic() > deadline:
                return {**found, "fresh": found["as_of"] >= happened}
            time.sleep(0.2)

    def tidy(self) -> None:
        """Call off what the walk has left unfinished and let the phone be forgotten, whatever happened before."""
        while self.unfinished:
            with suppress(Surprise, CommandError):
                self.move(self.clerk, self.unfinished.pop(), "withdraw", reason="演示结束，撤回。")
        with suppress(Surprise, CommandError):
            self.worker.delete(f"/devices/{self.phone.installation_id}")
