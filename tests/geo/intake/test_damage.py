"""Files that were damaged on the way: whatever is in them, they are read or refused, and nothing else happens."""

from __future__ import annotations

import shutil
from pathlib import Path
from random import Random

import pytest

from geo.intake import IntakeRefused, Source, silent
from geo.intake.checks import Check
from geo.intake.reader import opened
from geo.points import HENAN
from tests.geo.draw import placemarks, square, write, zipped

TRIES = 12
WORDS = (b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x7f\xff\xff\xff", b"\xff\xff\xff\x7f", b"\x01\0\0\0")


def damaged(content: bytes, rng: Random) -> bytes:
    """Cut a file off, or change some of its bytes."""
    kind = rng.choice(["cut", "byte", "word", "gap"])
    if kind == "cut":
        return content[: rng.randrange(len(content))]
    changed = bytearray(content)
    for _ in range(rng.choice([1, 3, 30])):
        at = rng.randrange(len(changed) or 1)
        if kind == "byte":
            changed[at] = rng.randrange(256)
        elif kind == "word":
            changed[at : at + 4] = rng.choice(WORDS)
        else:
            del changed[at : at + rng.randrange(1, 64)]
    return bytes(changed)


def look_through(path: Path) -> str:
    """Read and judge a file, and say what comes of it."""
    try:
        with opened(Source(path)) as layer:
            check = Check(layer, None, HENAN, silent)
            for _ in check.chunks():
                pass
        findings = check.findings
    except IntakeRefused as refused:
        findings = list(refused.findings)
    assert all(finding.line("zh") and finding.line("en") for finding in findings)
    return "refused" if any(finding.refuses for finding in findings) else "taken"


@pytest.mark.parametrize("ending", ["gpkg", "geojson", "fgb", "kml", "zip", "shp", "shx", "dbf", "prj", "cpg"])
def test_damage_is_refused_or_does_not_matter(tmp_path: Path, rng: Random, ending: str) -> None:
    folder = tmp_path / "sound"
    folder.mkdir()
    shapes = [square(nth) for nth in range(12)]
    if ending == "kml":
        sound = placemarks(folder / "cells.kml", shapes)
    elif ending in {"gpkg", "geojson", "fgb"}:
        sound = write(folder / f"cells.{ending}", shapes, geometry_type="Polygon")
    else:
        sound = write(folder / "cells.shp", shapes)
        sound = zipped(sound) if ending == "zip" else sound
    assert look_through(sound) == "taken"
    seen = set()
    for nth in range(TRIES):
        copy = tmp_path / str(nth)
        shutil.copytree(folder, copy)
        part = copy / f"cells.{ending}"
        part.write_bytes(damaged(part.read_bytes(), rng))
        seen.add(look_through(copy / sound.name))
    assert "refused" in seen or ending == "cpg", "some damage is too much, but an encoding can be guessed"
