"""The index of the map: there soon after a change, made once, also in a process of its own."""

from __future__ import annotations

from multiprocessing import active_children
from pathlib import Path
from threading import Event, Thread

import pytest
from sqlalchemy.orm import Session, sessionmaker

from field.jobs.charting import chart, keep_charting
from geo.atlas import Atlas
from tests.builders import TODAY, make_cell
from tests.jobs.conftest import eventually


@pytest.mark.parametrize("small", [0, 20_000])
def test_made_once_for_each_state_of_the_map(
    committing_sessions: sessionmaker[Session], tmp_path: Path, small: int
) -> None:
    """Here, or for a large map by another process."""
    atlas = Atlas(tmp_path)
    assert not chart(committing_sessions, atlas, tmp_path, TODAY, small), "an empty map needs none"
    for number in (1, 2):
        with committing_sessions.begin() as session:
            make_cell(session, number)
        assert chart(committing_sessions, atlas, tmp_path, TODAY, small)
        assert not chart(committing_sessions, Atlas(tmp_path), tmp_path, TODAY, small), "it is found where it was saved"


def test_a_killed_builder_ends_nothing_and_is_followed_by_another(
    committing_sessions: sessionmaker[Session], tmp_path: Path
) -> None:
    """The index only saves time: whoever seals and counts beside it must go on."""
    with committing_sessions.begin() as session:
        make_cell(session, 1)
    stop = Event()
    loop = Thread(target=keep_charting, args=(committing_sessions, stop, tmp_path, 0.05, 0))
    loop.start()
    try:
        eventually(lambda: bool(active_children()))
        for child in active_children():
            child.kill()
        eventually(lambda: any(tmp_path.glob("cells-*")))
        assert loop.is_alive()
    finally:
        stop.set()
        loop.join(10)
