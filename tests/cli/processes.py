"""Commands as processes of their own, which end with their test."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from tests.database import ROOT


def environment(url: str, home: object, **settings: str) -> dict[str, str]:
    """Return the environment of a command on this database and home."""
    return {**os.environ, "GRIDFIELD_DATABASE_URL": url, "GRIDFIELD_HOME": str(home), **settings}


@contextmanager
def running(*arguments: str, env: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """Run a command for as long as the context lasts; it is killed if it does not end by itself before."""
    process = subprocess.Popen(
        [sys.executable, "-m", "field.cli", *arguments],
        cwd=ROOT,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def ended(process: subprocess.Popen[str], number: signal.Signals = signal.SIGTERM, within_s: float = 20) -> str:
    """Ask a process to end; return what it said, with status 0 and in time."""
    process.send_signal(number)
    said, _ = process.communicate(timeout=within_s)
    assert process.returncode == 0, said
    return said
