"""Every room has its tests under the same name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tests.database import ROOT
from tests.house.conftest import Plant
from tests.house.source import PACKAGES, sources


def untested(root: Path) -> Iterator[str]:
    """Yield every room with code but no tests: tests/http for field/http, tests/geo for geo."""
    rooms = {_room(source.path) for source in sources(root, *PACKAGES) if source.tree.body[1:]}
    tests = [source.path for source in sources(root, "tests") if source.path.name.startswith("test_")]
    for room in sorted(rooms):
        if not any(test.is_relative_to(room) for test in tests):
            yield str(room)


def _room(path: Path) -> Path:
    """Return where the tests of a module belong; field's own modules have theirs at the top."""
    if path.parts[0] != "field":
        return Path("tests", path.parts[0])
    return Path("tests", path.parts[1] if len(path.parts) > 2 else f"test_{path.name}")


def test_every_room_has_its_mirror() -> None:
    assert list(untested(ROOT)) == []


def test_a_room_without_mirror_is_found(plant: Plant) -> None:
    plant("field/http/__init__.py", '"""Only its sentence."""')
    plant("field/rules/a.py", '"""A."""\nx = 1')
    plant("tests/rules/test_a.py", "")
    plant("notifications/channels/a.py", '"""A."""\nx = 1')
    plant("tests/notifications/channels/test_a.py", "")
    plant("tests/geo/builders.py", "")
    plant("field/config.py", '"""A."""\nx = 1')
    plant("tests/test_config.py", "")
    root = plant("geo/a.py", '"""A."""\nx = 1')
    assert list(untested(root)) == ["tests/geo"]
