"""Senders killed with -9 in the middle of their work: nothing is lost, and it heals within the lease."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from threading import Event
from uuid import uuid4

from notifications.addresses import AddressCipher
from notifications.devices import register
from notifications.policy import LEASE
from tests.notifications import senders
from tests.notifications.conftest import Outbox
from tests.stubs import fcm as says
from tests.stubs.fcm import FcmStub, Received, Reply

LEASE_S = 1.2
KILLS = 12
PEOPLE = range(300)
ROOT = Path(__file__).parents[2]


@contextmanager
def nursery(*arguments: str) -> Iterator["Nursery"]:
    """The process that the senders come from; it ends them when we leave, however we leave."""
    command = [sys.executable, "-m", senders.__name__, *arguments]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        yield Nursery(process)


class Nursery:
    """Starts senders and keeps their process ids."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.alive: list[int] = []

    def start(self) -> None:
        """One more sender."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        self.alive.append(int(self._process.stdout.readline()))

    def kill(self, rng: Random) -> None:
        """End one of them as a power cut would."""
        os.kill(self.alive.pop(rng.randrange(len(self.alive))), signal.SIGKILL)


def test_killed_senders_lose_nothing(
    shared_outbox: Outbox, database_url: str, stub: FcmStub, account: Path, rng: Random
) -> None:
    def slowly(push: Received) -> Reply:
        busy.set()
        time.sleep(0.05)  # so that kills find messages on their way
        return says.ACCEPTED

    stub.answer, busy = slowly, Event()
    with shared_outbox.sessions.begin() as session:
        for person in PEOPLE:
            register(session, person, uuid4(), "fcm", "token", f"token {person}", AddressCipher(senders.KEY))
    with nursery(database_url, str(account), stub.endpoint, str(LEASE_S)) as children:
        children.start()
        children.start()
        shares = [PEOPLE[i::KILLS] for i in range(KILLS)]
        for share in shares:
            # Urgent, so that the test also passes at night.
            busy.clear()
            shared_outbox.promise(*share, urgent=True)
            assert busy.wait(10)
            time.sleep(rng.random() / 20)
            children.kill(rng)
            children.start()
        last_kill = time.monotonic()
        while any(m.state == "pending" for m in shared_outbox.messages()) and time.monotonic() < last_kill + 20:
            time.sleep(0.05)
        healed_after = time.monotonic() - last_kill
    assert Counter(m.state for m in shared_outbox.messages()) == {"sent": len(PEOPLE)}
    pushes = Counter(push.address for push in stub.received)
    assert set(pushes) == {f"token {person}" for person in PEOPLE}
    assert sum(pushes.values()) - len(PEOPLE) <= KILLS * senders.BATCH
    assert max(m.fence for m in shared_outbox.messages()) > 1, "no kill found a message on its way"
    assert healed_after + LEASE.total_seconds() - LEASE_S < 60, "with the real lease: within a minute"
