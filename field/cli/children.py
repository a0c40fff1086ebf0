"""Processes that live and die with the command that started them, and are started again when they fall."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

GRACE_S = 6.0  # of the ten seconds within which Ctrl-C has to be done, the rest is PostgreSQL's
LONGEST_PAUSE_S = 30.0
STEADY_S = 60.0  # who ran this long has recovered


@dataclass
class Child:
    """One `gridfield` sub-command, run again and again."""

    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    due: float = 0.0
    failures: int = 0

    def start(self, now: float) -> None:
        """Start it in a session of its own: Ctrl-C must reach the parent alone, which ends them in order."""
        # --pdeathsig: should the parent be killed outright, the kernel still tells the child to stop.
        command = ["setpriv", "--pdeathsig", "TERM", *self.command]
        self.process = subprocess.Popen(command, start_new_session=True)
        self.started = now

    def kill(self) -> None:
        """End the child and everything it started, at once."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None


@dataclass
class Children:
    """All children of one command; leaving the `with` ends them all, politely first."""

    say: Callable[[str], None]
    grace_s: float = GRACE_S
    members: list[Child] = field(default_factory=list)

    def add(self, name: str, *command: str) -> Child:
        """Start `gridfield NAME`, or the given command, and look after it from now on."""
        child = Child(name, command or (sys.executable, "-m", "field.cli", name))
        child.start(time.monotonic())
        self.members.append(child)
        return child

    def tend(self, now: float) -> None:
        """Start again whoever has died, after a pause that doubles each time and is said aloud."""
        for child in self.members:
            if child.process is None:
                if now >= child.due:
                    child.start(now)
            elif (status := child.process.poll()) is not None:
                child.kill()  # what it left behind would keep its port
                child.failures = 1 if now - child.started > STEADY_S else child.failures + 1
                pause = min(LONGEST_PAUSE_S, 0.5 * 2**child.failures)
                child.due = now + pause
                self.say(
                    f"{child.name} 已退出（{status}），{pause:.0f} 秒后重启"
                    f" / {child.name} ended ({status}), starting again in {pause:.0f} s"
                )

    def stop(self) -> None:
        """Ask all to end, wait a little, then insist."""
        alive = [(child, child.process) for child in self.members if child.process is not None]
        for _, process in alive:
            process.terminate()
        deadline = time.monotonic() + self.grace_s
        for child, process in alive:
            try:
                process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                self.say(f"{child.name} 未按时退出，已强制结束 / {child.name} did not end in time, killed")
            child.kill()

    def __enter__(self) -> Self:
        """Begin to look after children."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave none behind."""
        self.stop()
