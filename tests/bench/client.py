"""The load: a process of its own that sends prepared bytes over keep-alive connections and does little else.

`python -m tests.bench.client` reads a pickled Job from standard input, writes the line `measuring` when the warm-up
is over, and ends with one JSON object.
"""

from __future__ import annotations

import itertools
import json
import math
import pickle
import select
import socket
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

HEAD_END = b"\r\n\r\n"
LENGTH = b"\r\ncontent-length:"
BODILESS = (204, 304)


@dataclass(frozen=True)
class Job:
    """What to send where; each request once, or all of them again and again."""

    port: int
    requests: list[bytes]
    seconds: float
    repeat: bool
    warm_up: int = 0  # requests that are not counted
    connections: int = 16


@dataclass
class Phase:
    """What came back within one stretch of time."""

    seconds: float = 0.0
    latencies_ns: list[int] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)


@dataclass
class Line:
    """One keep-alive connection and the answer it is waiting for."""

    socket: socket.socket
    sent_at: int = 0
    received: bytes = b""

    def send(self, request: bytes) -> None:
        """Send the next request; they are far smaller than a socket's buffer."""
        self.received = b""
        self.sent_at = time.perf_counter_ns()
        self.socket.sendall(request)


def main() -> None:
    """Do the job given on standard input."""
    job: Job = pickle.load(sys.stdin.buffer)
    feed = itertools.cycle(job.requests) if job.repeat else iter(job.requests)
    lines = [Line(socket.create_connection(("127.0.0.1", job.port))) for _ in range(job.connections)]
    for line in lines:
        line.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    load(lines, itertools.islice(feed, job.warm_up), seconds=math.inf)
    print("measuring", flush=True)
    busy = time.process_time()
    phase = load(lines, feed, job.seconds)
    print(json.dumps(summary(phase, time.process_time() - busy)), flush=True)


def load(lines: list[Line], feed: Iterator[bytes], seconds: float) -> Phase:
    """Keep every line busy for so long, or until the requests run out; wait for the last answers."""
    phase = Phase()
    poll = select.epoll()
    by_fd = {line.socket.fileno(): line for line in lines}
    started = time.perf_counter_ns()
    until = started + seconds * 1e9
    waiting = 0
    for fd, line in by_fd.items():
        poll.register(fd, select.EPOLLIN)
        if (request := next(feed, None)) is not None:
            line.send(request)
            waiting += 1
    while waiting:
        for fd, _ in poll.poll():
            line = by_fd[fd]
            if (status := receive(line)) is None:
                continue
            now = time.perf_counter_ns()
            phase.latencies_ns.append(now - line.sent_at)
            phase.statuses[status] += 1
            if now < until and (request := next(feed, None)) is not None:
                line.send(request)
            else:
                waiting -= 1
    phase.seconds = (time.perf_counter_ns() - started) / 1e9
    poll.close()
    return phase


def receive(line: Line) -> int | None:
    """Read what has come; return the status once the whole answer is there."""
    part = line.socket.recv(262_144)
    if not part:
        raise ConnectionError("the server closed a keep-alive connection")
    line.received += part
    end = line.received.find(HEAD_END)
    if end < 0:
        return None
    status = int(line.received[9:12])
    if status in BODILESS:
        return status
    head = line.received[: end + 2].lower()
    at = head.index(LENGTH) + len(LENGTH)
    body = int(head[at : head.index(b"\r", at)])
    return status if len(line.received) >= end + len(HEAD_END) + body else None


def summary(phase: Phase, busy_s: float) -> dict[str, object]:
    """Return the phase in figures; `busy_s` is the client's own CPU time, which the servers did not have."""
    ordered = sorted(phase.latencies_ns)
    count = len(ordered)
    return {
        "requests": count,
        "seconds": phase.seconds,
        "p50_ms": ordered[count // 2] / 1e6 if count else None,
        "p99_ms": ordered[count * 99 // 100] / 1e6 if count else None,
        "statuses": phase.statuses,
        "client_s": busy_s,
    }


if __name__ == "__main__":
    main()
