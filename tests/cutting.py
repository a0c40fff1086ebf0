"""A line that is cut: a TCP proxy that breaks each connection after a random number of bytes, and counts."""

from __future__ import annotations

import random
import re
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_BROKEN = struct.pack("ii", 1, 0)


@dataclass
class Counted:
    """How many bytes of PATCH bodies went in, and how many connections were cut."""

    bodies: int = 0
    cuts: int = 0
    connections: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


class Requests:
    """Follows one connection's requests, to tell their bodies from their heads."""

    def __init__(self) -> None:
        """Begin before the first."""
        self._head, self._body, self._counts = b"", 0, False

    def bodies(self, sent: bytes) -> int:
        """Return how many of these bytes belong to bodies of PATCH."""
        counted = 0
        while sent:
            if self._body:
                part = sent[: self._body]
                self._body -= len(part)
                sent = sent[len(part) :]
                counted += len(part) * self._counts
                continue
            self._head += sent
            head, end, rest = self._head.partition(b"\r\n\r\n")
            if not end:
                break
            found = _LENGTH.search(head)
            self._body, self._counts = int(found[1]) if found else 0, head.startswith(b"PATCH ")
            self._head, sent = b"", rest
        return counted


@contextmanager
def cut_line(port: int, rng: random.Random, mean: float) -> Iterator[tuple[int, Counted]]:
    """Stand before a port: give one whose connections break after `mean` bytes sent, give or take; and the count."""
    counted = Counted()
    with socket.create_server(("127.0.0.1", 0), backlog=128) as server:

        def serve() -> None:
            with suppress(OSError):
                while True:
                    client, _ = server.accept()
                    with counted.lock:
                        budget = int(rng.expovariate(1 / mean)) + 200
                        counted.connections += 1
                    threading.Thread(target=_carry, args=(client, port, budget, counted), daemon=True).start()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield server.getsockname()[1], counted
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join()


def _carry(client: socket.socket, port: int, budget: int, counted: Counted) -> None:
    requests = Requests()
    with client, socket.create_connection(("127.0.0.1", port)) as server, suppress(OSError):
        back = threading.Thread(target=_back, args=(server, client), daemon=True)
        back.start()
        while sent := client.recv(4096):
            passed = sent[:budget]
            budget -= len(passed)
            server.sendall(passed)
            with counted.lock:
                counted.bodies += requests.bodies(passed)
            if not budget:
                with counted.lock:
                    counted.cuts += 1
                for end in (client, server):
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _BROKEN)
                    with suppress(OSError):
                        end.shutdown(socket.SHUT_RDWR)
                break
        else:
            with suppress(OSError):
                server.shutdown(socket.SHUT_WR)
        back.join(10)


def _back(server: socket.socket, client: socket.socket) -> None:
    with suppress(OSError):
        while said := server.recv(65536):
            client.sendall(said)
        client.shutdown(socket.SHUT_WR)
