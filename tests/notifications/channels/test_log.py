"""The embedded channel writes the opaque body and nothing that names a phone."""

from datetime import timedelta

from structlog.testing import capture_logs

from notifications.channels.base import Outgoing
from notifications.channels.log import LogChannel
from notifications.policy import Answer, Said

HIDDEN = Outgoing(b'{"v":1}', "urgent", "token", b"encrypted address", timedelta(hours=4))


def test_it_writes_what_would_be_sent_and_no_address() -> None:
    with capture_logs() as log:
        assert LogChannel().send([HIDDEN, HIDDEN]) == [Answer(Said.ACCEPTED)] * 2
    assert log == [{"event": "push", "key": "urgent", "body": '{"v":1}', "log_level": "info"}] * 2


def test_it_writes_to_the_log_it_is_given() -> None:
    class Sink:
        def __init__(self) -> None:
            self.lines: list[tuple[str, dict[str, object]]] = []

        def info(self, event: str, **facts: object) -> None:
            self.lines.append((event, facts))

    sink = Sink()
    LogChannel(sink).send([HIDDEN])
    assert sink.lines == [("push", {"key": "urgent", "body": '{"v":1}'})]
