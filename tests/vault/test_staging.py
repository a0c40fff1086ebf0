"""Growing uploads: one writer at a time, none overtaken unknowingly, nothing outside the folder."""

from __future__ import annotations

import io
import os
import time
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from field.vault.staging import Held, Overtaken, Staging


@pytest.fixture
def staging(tmp_path: Path) -> Staging:
    return Staging(tmp_path / "staging")


def grow(staging: Staging, upload: UUID, body: bytes) -> int:
    with staging.hold(upload, create=True) as growing:
        size = growing.append(io.BytesIO(body).read)
        growing.sync()
    return size


def test_it_grows_part_by_part(staging: Staging) -> None:
    upload = uuid4()
    assert staging.size(upload) == 0
    assert [grow(staging, upload, part) for part in (b"ab", b"", b"c" * 200_000)] == [2, 2, 200_002]
    assert staging.path(upload).read_bytes()[:3] == b"abc"
    assert staging.path(upload).parent == staging.folder
    assert (staging.path(upload).stat().st_mode & 0o077, staging.folder.stat().st_mode & 0o077) == (0, 0)
    staging.drop(upload)
    staging.drop(upload)
    assert staging.size(upload) == 0


def test_what_is_not_there_is_only_made_on_purpose(staging: Staging) -> None:
    with pytest.raises(FileNotFoundError), staging.hold(uuid4()):
        pass
    assert not staging.folder.exists()


def test_a_second_writer_is_told_or_waits(staging: Staging) -> None:
    upload = uuid4()
    with staging.hold(upload, create=True):
        began = time.monotonic()
        with pytest.raises(Held), staging.hold(upload):
            pass
        with pytest.raises(Held), staging.hold(upload, 0.2):
            pass
        assert time.monotonic() - began >= 0.2
    with staging.hold(upload):
        pass


def test_dropped_while_held_ends_well(staging: Staging) -> None:
    upload = uuid4()
    with staging.hold(upload, create=True) as growing:
        staging.drop(upload)
        assert not growing.current


def test_a_stalled_writer_is_overtaken_and_confirms_nothing(staging: Staging) -> None:
    upload = uuid4()
    grow(staging, upload, b"first")
    with pytest.raises(Overtaken), staging.hold(upload) as slow:  # noqa: PT012 - leaving is what raises
        past = time.time() - 60
        os.utime(staging.path(upload), (past, past))
        assert grow(staging, upload, b", second") == 13
        assert slow.size == 5
        with pytest.raises(Overtaken):
            slow.append(io.BytesIO(b"late").read)
    assert staging.path(upload).read_bytes() == b"first, second"
    with pytest.raises(Overtaken), staging.hold(upload):  # noqa: PT012
        os.utime(staging.path(upload), (past, past))
        grow(staging, upload, b"!")
    assert sorted(path.name for path in staging.folder.iterdir()) == [upload.hex]


def test_the_stale_are_named(staging: Staging) -> None:
    old, new = uuid4(), uuid4()
    assert list(staging.stale(0, time.time())) == []
    for each in (old, new):
        grow(staging, each, b"x")
    (staging.folder / "other").touch()
    now = time.time()
    os.utime(staging.path(old), (now - 100, now - 100))
    [(found, age)] = staging.stale(50, now)
    assert found == old
    assert age == pytest.approx(100)
