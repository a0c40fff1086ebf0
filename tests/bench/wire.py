"""Requests as the bytes that go over the wire, made before the clock runs."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import psycopg

from field.vault.keys import load_keys
from field.vault.tokens import Tokens
from tests.bench.cluster import Databases
from tests.bench.county import (
    CASES,
    CELLS,
    FIRST_CELL,
    FIRST_DISPATCHER,
    FIRST_WORKER,
    RACERS,
    SIDE,
    WORKERS,
    WORKLIST_VERSION,
    corner,
)

SECRET_KEY = "5c" * 32
API = "/api/v1"
SEED = 20261122
MOST = 16_000  # writes in one round: as many as there are tasks to claim


def http(method: str, path: str, body: object = None, **headers: str) -> bytes:
    """Return a whole HTTP/1.1 request."""
    payload = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
    lines = [f"{method} {path} HTTP/1.1", "Host: bench"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    if body is not None:
        lines += ["Content-Type: application/json", f"Content-Length: {len(payload)}"]
    return "\r\n".join([*lines, "", ""]).encode() + payload


class Writer:
    """Writes the requests of one round, for the product and for its floors, about the same rows."""

    def __init__(self, databases: Databases) -> None:
        """Take a round's worth of randomness and the keys that the product signs its tokens with."""
        self.databases = databases
        self.random = random.Random(SEED)
        self._tokens = Tokens(load_keys(databases.folder, SECRET_KEY).tokens)
        self._now = datetime.now(UTC)
        self._bearers: dict[int, dict[str, str]] = {}

    def hello(self) -> list[bytes]:
        """Ask for nothing at all."""
        return [http("GET", "/hello")]

    def worklist(self) -> list[bytes]:
        """Every worker fetches the list for the first time today."""
        return [http("GET", f"{API}/worklist", **self._bearer(worker)) for worker in self._holders()]

    def worklist_304(self) -> list[bytes]:
        """Every worker asks whether something has changed."""
        known = {"If_None_Match": f'"{WORKLIST_VERSION}"'}
        return [http("GET", f"{API}/worklist", **self._bearer(worker), **known) for worker in self._holders()]

    def claim(self) -> list[bytes]:
        """Each open task is claimed once, by the first worker of its cell."""
        return [self._claim(task, worker) for task, worker in self._open_tasks()]

    def claim_floor(self) -> list[bytes]:
        """Say the same to the floor."""
        return [
            http("POST", "/claim", {"task": str(task), "worker": worker, "version": 1})
            for task, worker in self._open_tasks()
        ]

    def races(self) -> list[bytes]:
        """Each task of the first cells is claimed by all their workers, one request right after the other."""
        racers = range(FIRST_WORKER, FIRST_WORKER + RACERS)
        return [
            self._claim(task, worker) for task in self.raced_tasks() for worker in self.random.sample(racers, RACERS)
        ]

    def raced_tasks(self) -> list[UUID]:
        """Return the tasks that are raced for."""
        return [task for task, _, _ in self._rows("worker_id is null and cell_id < %s", FIRST_CELL + RACERS)]

    def create_task(self) -> list[bytes]:
        """The court asks for tasks all over the county."""
        dispatchers = [self._bearer(FIRST_DISPATCHER + nth) for nth in range(3)]
        wishes = enumerate(self._wishes())
        return [http("POST", f"{API}/tasks", self._order(wish), **dispatchers[nth % 3]) for nth, wish in wishes]

    def create_task_floor(self) -> list[bytes]:
        """Say the same to the floor."""
        return [http("POST", "/tasks", wish) for wish in self._wishes()]

    def report(self) -> list[bytes]:
        """Each held task is handed in by its worker, one attempt a batch."""
        return [
            http("POST", f"{API}/reports", self._batch(task), **self._bearer(worker))
            for task, worker in self._held_tasks()
        ]

    def report_floor(self) -> list[bytes]:
        """Say the same to the floor."""
        return [http("POST", "/reports", self._attempt(task, worker)) for task, worker in self._held_tasks()]

    def held_by(self) -> list[tuple[str, str]]:
        """Return the tasks that are held, each with the header of its worker."""
        return [(str(task), self._bearer(worker)["Authorization"]) for task, worker in self._held_tasks()]

    def _claim(self, task: UUID, worker: int) -> bytes:
        once = {"If_Match": '"1"', "Idempotency_Key": f"{task.hex}{worker}"}
        return http("POST", f"{API}/tasks/{task}/claim", **self._bearer(worker), **once, Content_Length="0")

    def _wishes(self) -> list[dict[str, Any]]:
        """Return what tasks are asked for: as many as the workers of all cells may still be given."""
        cells = [nth for nth in range(RACERS, CELLS) for _ in range(10)]
        self.random.shuffle(cells)
        return [self._wish(nth) for nth in cells]

    def _wish(self, nth: int) -> dict[str, Any]:
        west, south = corner(nth)
        number = self.random.randint(1, CASES)
        return {
            "id": str(UUID(int=self.random.getrandbits(128), version=4)),
            "case_no": f"（2099）豫9901执{number}号",
            "lon": round(west + SIDE * self.random.uniform(0.01, 0.99), 7),
            "lat": round(south + SIDE * self.random.uniform(0.01, 0.99), 7),
            "address": f"测试县第{number}号",
        }

    def _order(self, wish: dict[str, Any]) -> dict[str, Any]:
        point = {"lon": wish["lon"], "lat": wish["lat"], "datum": "WGS84"}
        named = {name: wish[name] for name in ("id", "case_no", "address")}
        return {**named, "kind": "SERVE", "point": point}

    def _attempt(self, task: UUID, worker: int) -> dict[str, Any]:
        return {
            "id": str(UUID(int=self.random.getrandbits(128), version=4)),
            "task": str(task),
            "worker": worker,
            "fence": 1,
            "installation": str(UUID(int=worker)),
            "at": self._now.isoformat(),
            "lon": 114.8211,
            "lat": 34.8322,
            "note": "本人在家，当面签收",
        }

    def _batch(self, task: UUID) -> dict[str, Any]:
        attempt = self._attempt(task, 0)
        item = {
            "client_id": attempt["id"],
            "task_id": attempt["task"],
            "outcome": "DOC_DEFECT",
            "note": attempt["note"],
            "point": {"lon": attempt["lon"], "lat": attempt["lat"], "datum": "WGS84", "accuracy_m": 12},
            "captured_at": attempt["at"],
            "captured_mono_ms": 1000,
            "boot_id": "b1",
            "fence": 1,
            "device_seq": 1,
            "done": True,
        }
        clocks = {"sent_at": attempt["at"], "sent_mono_ms": 61_000, "boot_id": "b1"}
        return {"installation_id": attempt["installation"], **clocks, "items": [item]}

    def _holders(self) -> range:
        return range(FIRST_WORKER + RACERS, FIRST_WORKER + WORKERS)

    def _open_tasks(self) -> list[tuple[UUID, int]]:
        rows = self._rows("worker_id is null and cell_id >= %s", FIRST_CELL + RACERS)
        return [(task, cell - FIRST_CELL + FIRST_WORKER) for task, cell, _ in rows]

    def _held_tasks(self) -> list[tuple[UUID, int]]:
        return [(task, worker) for task, _, worker in self._rows("worker_id > %s", FIRST_WORKER)]

    def _rows(self, condition: str, value: int) -> list[tuple[UUID, int, int]]:
        """Return (task, cell, worker) of the tasks that fit, in an order that is random but always the same."""
        query = f"select id, cell_id, worker_id from field.task where {condition} order by id limit {MOST}"
        with psycopg.connect(self.databases.dsn) as connection:
            return connection.execute(query.encode(), (value,)).fetchall()

    def _bearer(self, user: int) -> dict[str, str]:
        if user not in self._bearers:
            token = self._tokens.issue(user, UUID(int=user), self._now)
            self._bearers[user] = {"Authorization": f"Bearer {token}"}
        return self._bearers[user]
