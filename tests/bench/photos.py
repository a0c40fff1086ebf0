"""The load of photos: declared, sent and sealed over keep-alive connections, each photo unlike any other.

`python -m tests.bench.photos` reads a pickled Photos from standard input, writes the line `measuring` when the warm-up
is over, and ends with one JSON object.
"""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import socket
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import uuid4

from tests.bench.client import HEAD_END, LENGTH, summary
from tests.files import declaration, photo

OWN = 16
"""The last bytes are each photo's own; its digest goes on from that of all the others, which the client keeps."""


@dataclass(frozen=True)
class Photos:
    """Where to send photos of which size, and on whose tasks; `floor` sends the same bytes in one bare request."""

    port: int
    size: int
    tasks: list[tuple[str, str]]
    seconds: float
    floor: bool
    warm_up_s: float = 3.0
    connections: int = 16


@dataclass
class Sent:
    """What has been sent and how long each photo took from being declared to being sealed."""

    seconds: float = 0.0
    latencies_ns: list[int] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)


class Camera:
    """Takes photos that differ in their last bytes only."""

    def __init__(self, size: int) -> None:
        """Take the part they have in common."""
        self.common = photo(size - OWN)
        self._begun = hashlib.sha256(self.common)

    def take(self) -> tuple[bytes, str]:
        """Return a photo's own bytes and the digest of the whole."""
        own, digest = os.urandom(OWN), self._begun.copy()
        digest.update(own)
        return own, digest.hexdigest()


def main() -> None:
    """Send what standard input asks for."""
    job: Photos = pickle.load(sys.stdin.buffer)
    camera = Camera(job.size)
    _send_for(job, camera, job.warm_up_s)
    print("measuring", flush=True)
    busy = time.process_time()
    sent = _send_for(job, camera, job.seconds)
    print(json.dumps(summary(sent, time.process_time() - busy)), flush=True)  # type: ignore[arg-type]


def _send_for(job: Photos, camera: Camera, seconds: float) -> Sent:
    sent, lock = Sent(), threading.Lock()
    began = time.perf_counter_ns()

    def work(nth: int) -> None:
        once = (_floor if job.floor else _product)(job, camera, nth)
        while time.perf_counter_ns() - began < seconds * 1e9:
            start = time.perf_counter_ns()
            status = once()
            with lock:
                sent.latencies_ns.append(time.perf_counter_ns() - start)
                sent.statuses[status] += 1

    threads = [threading.Thread(target=work, args=(nth,)) for nth in range(job.connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sent.seconds = (time.perf_counter_ns() - began) / 1e9
    return sent


def _line(job: Photos) -> socket.socket:
    line = socket.create_connection(("127.0.0.1", job.port))
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return line


def _product(job: Photos, camera: Camera, nth: int) -> Callable[[], int]:
    line, turn = _line(job), nth
    common = {"Host": "bench"}

    def once() -> int:
        nonlocal turn
        task, bearer = job.tasks[turn % len(job.tasks)]
        turn += job.connections
        own, digest = camera.take()
        order = declaration(task, b"", sha256=digest, size=job.size, client_id=str(uuid4()))
        body = json.dumps(order).encode()
        headers = common | {"Authorization": bearer}
        told = {"Content-Type": "application/json", "Content-Length": len(body)}
        status = _ask(line, _head("POST", "/api/v1/evidence", headers | told), body)
        if status != 201:
            return status
        told = {
            "Content-Type": "application/offset+octet-stream",
            "Content-Length": job.size,
            "Tus-Resumable": "1.0.0",
            "Upload-Offset": 0,
            "Upload-Seal": 1,
        }
        path = f"/api/v1/evidence/{order['client_id']}/upload"
        return _ask(line, _head("PATCH", path, headers | told), camera.common, own)

    return once


def _floor(job: Photos, camera: Camera, nth: int) -> Callable[[], int]:
    line, turn = _line(job), nth

    def once() -> int:
        nonlocal turn
        task, _ = job.tasks[turn % len(job.tasks)]
        turn += job.connections
        own, digest = camera.take()
        told = {"Host": "bench", "Content-Type": "image/jpeg", "Content-Length": job.size, "Task": task}
        told["Digest"] = digest
        return _ask(line, _head("POST", "/evidence", told), camera.common, own)

    return once


def _head(method: str, path: str, headers: dict[str, object]) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    return "\r\n".join(lines).encode()


def _ask(line: socket.socket, *parts: bytes) -> int:
    """Send a request and return its status once its whole answer is there."""
    waiting = [memoryview(part) for part in parts]
    while waiting:
        gone = line.sendmsg(waiting)
        while waiting and gone >= len(waiting[0]):
            gone -= len(waiting.pop(0))
        if gone:
            waiting[0] = waiting[0][gone:]
    said = b""
    while (end := said.find(HEAD_END)) < 0:
        part = line.recv(65_536)
        if not part:
            raise ConnectionError("the server closed a keep-alive connection")
        said += part
    status = int(said[9:12])
    head = said[: end + 2].lower()
    if status == 204 or (at := head.find(LENGTH)) < 0:
        return status
    length = int(head[at + len(LENGTH) : head.index(b"\r", at + len(LENGTH))])
    while len(said) < end + len(HEAD_END) + length:
        said += line.recv(65_536)
    return status


if __name__ == "__main__":
    main()
