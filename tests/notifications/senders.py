"""Real sender processes that can be killed: `python -m tests.notifications.senders URL ACCOUNT ENDPOINT LEASE`.

Each line on standard input starts a sender and answers with its process id. They are forked from here, so that
a killed one is replaced in milliseconds and not after another second of imports. The end of the input ends all.
"""

import os
import signal
import sys
from datetime import timedelta
from pathlib import Path
from threading import Event

from sqlalchemy.orm import sessionmaker

from field.models.engine import make_engine
from notifications.addresses import AddressCipher
from notifications.channels.fcm import FcmChannel
from notifications.deliver import deliver

KEY = bytes(range(32))
BATCH = 20


def send(url: str, account: str, endpoint: str, lease_s: str) -> None:
    """Be a sender until killed."""
    channel = FcmChannel(Path(account), AddressCipher(KEY), endpoint=endpoint, timeout=timedelta(seconds=0.8))
    channel.batch_size = BATCH
    lease = timedelta(seconds=float(lease_s))
    deliver(sessionmaker(make_engine(url)), {"fcm": channel}, Event(), lease=lease, poll=timedelta(seconds=0.2))


def main() -> None:
    """Fork a sender for each line, until there are no more lines."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the killed ones
    started = []
    for _ in sys.stdin:
        if (child := os.fork()) == 0:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            send(*sys.argv[1:])
        started.append(child)
        print(child, flush=True)
    for child in started:
        try:
            os.kill(child, signal.SIGKILL)
        except ProcessLookupError:
            continue


if __name__ == "__main__":
    main()
