"""The index of the map: there soon after a change, made once, also in a process of its own."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy.orm import Session, sessionmaker

from field.jobs.charting import chart
from geo.atlas import Atlas
from tests.builders import TODAY, make_cell


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
