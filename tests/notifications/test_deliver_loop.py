"""The sender as a process of its own: started, stopped, without its database, beside slower channels."""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from threading import Event

import psycopg
from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from notifications.channels.base import Channel, Outgoing
from notifications.deliver import deliver
from notifications.policy import Answer
from tests.notifications.conftest import Outbox
from tests.notifications.memory import MemoryChannel, accept

OFTEN = timedelta(seconds=0.1)


@contextmanager
def delivering(
    sessions: sessionmaker[Session], *channels: Channel, poll: timedelta = OFTEN
) -> Iterator[tuple[Event, Future[None]]]:
    """Run the sender in a thread; the stop event and what became of it."""
    stop = Event()
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(deliver, sessions, {channel.name: channel for channel in channels}, stop, poll=poll)
        try:
            yield stop, running
        finally:
            stop.set()


def eventually(true: Callable[[], bool], within: float = 5) -> bool:
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        if true():
            return True
        time.sleep(0.01)
    return False


def test_it_looks_by_itself(shared_outbox: Outbox) -> None:
    channel = MemoryChannel()
    shared_outbox.promise(7, urgent=True)
    with shared_outbox.sessions.begin() as session:
        session.execute(text("update notifications.message set due = clock_timestamp() + interval '0.5 s'"))
    with delivering(shared_outbox.sessions, channel):
        assert channel.told.wait(5)


def test_stopping_finishes_the_batch_and_starts_no_other(shared_outbox: Outbox) -> None:
    channel = MemoryChannel(batch_size=1)
    shared_outbox.promise(7, 8, urgent=True)

    def stop_meanwhile(batch: Sequence[Outgoing]) -> list[Answer]:
        stop.set()
        return accept(batch)

    channel.on_send = stop_meanwhile
    with delivering(shared_outbox.sessions, channel) as (stop, running):
        running.result(timeout=5)
    assert sorted(message.state for message in shared_outbox.messages()) == ["pending", "sent"]


def test_a_lost_database_heals(shared_outbox: Outbox) -> None:
    channel = MemoryChannel()
    cut = text(
        "select pg_terminate_backend(pid) from pg_stat_activity"
        " where datname = current_database() and pid <> pg_backend_pid()"
    )
    with delivering(shared_outbox.sessions, channel) as (_, running):
        for person in range(3):
            with shared_outbox.sessions.begin() as session:
                session.execute(cut)
            shared_outbox.promise(person, urgent=True)
            assert eventually(lambda sent=person + 1: len(channel.sent) >= sent)  # type: ignore[misc]
        assert not running.done()


def test_a_database_lost_during_the_send_loses_nothing(shared_outbox: Outbox) -> None:
    channel = MemoryChannel()
    shared_outbox.promise(7, urgent=True)

    def cut_meanwhile(batch: Sequence[Outgoing]) -> list[Answer]:
        channel.on_send = accept
        with psycopg.connect(_dsn(shared_outbox), autocommit=True) as connection:
            connection.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where datname = current_database() and pid <> pg_backend_pid()"
            )
        cut.set()
        return accept(batch)

    channel.on_send, cut = cut_meanwhile, Event()
    with delivering(shared_outbox.sessions, channel):
        assert cut.wait(5)
        assert eventually(lambda: shared_outbox.message().state == "sent")


def test_a_fault_of_ours_is_not_hidden(shared_outbox: Outbox) -> None:
    with shared_outbox.sessions.begin() as session:
        session.execute(text("alter table notifications.message rename to gone"))
    other = MemoryChannel("fcm")
    with delivering(shared_outbox.sessions, MemoryChannel(), other) as (_, running):
        fault = running.exception(timeout=5)
    assert "does not exist" in str(fault)


def test_a_slow_channel_holds_up_no_other(shared_outbox: Outbox) -> None:
    slow, quick, free = MemoryChannel("fcm"), MemoryChannel("log"), Event()

    def hold(batch: Sequence[Outgoing]) -> list[Answer]:
        begun.set()
        free.wait(5)
        return accept(batch)

    begun = Event()
    slow.on_send = hold
    shared_outbox.phone(7, "token")
    shared_outbox.promise(7, urgent=True)
    with delivering(shared_outbox.sessions, slow, quick):
        assert begun.wait(5)
        shared_outbox.promise(8, urgent=True)
        assert quick.told.wait(5)
        free.set()
        assert slow.told.wait(5)


def _dsn(outbox: Outbox) -> str:
    with outbox.sessions() as session:
        url = session.get_bind().engine.url
    return url.set(drivername="postgresql").render_as_string(hide_password=False)
