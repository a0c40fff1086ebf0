"""A return of service with four photos of twelve megapixels, printed from the originals on the disk."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.database import ROOT

NAME = "paper"
GOAL_S, GOAL_BYTES = 1.5, 3_000_000
ROUNDS = 7
FORMS = 40


def paper(tell: Callable[[str], None]) -> dict[str, Any]:
    """Print in a process of its own, as a web process does: the first time, then again and again."""
    tell(f"{NAME}: photos")
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.paper"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    taken = json.loads(done.stdout)
    seconds = statistics.median(taken["again_s"])
    return {
        "name": NAME,
        "value": round(seconds, 3),
        "unit": "s",
        "against": f"the goal for four photos of 12 megapixels: {GOAL_S} s and {GOAL_BYTES / 1e6:.0f} MB",
        "ratio": round(GOAL_S / seconds, 3),
        "goal": 1.0,
        "first_s": round(taken["first_s"], 3),
        "slowest_s": round(max(taken["again_s"]), 3),
        "cpu_s": round(taken["cpu_s"], 3),
        "with_kept_copies_s": round(taken["kept_s"], 3),
        "bytes": taken["bytes"],
        "originals_bytes": taken["originals_bytes"],
        f"{FORMS}_forms_s": round(taken["forms_s"], 3),
        f"{FORMS}_forms_bytes": taken["forms_bytes"],
        "press_mb": round(taken["press_mb"]),
    }


def main() -> None:
    """Print, and say how long each took; the originals are made and put away before."""
    with tempfile.TemporaryDirectory() as folder:
        facts, forms, originals = _made(Path(folder))
        print(json.dumps(_printed(Path(folder), facts, forms) | {"originals_bytes": originals}))


def _made(folder: Path) -> tuple[Any, Any, int]:
    from tests.documents import samples  # noqa: PLC0415

    pieces = samples.photos(4, (4000, 3000))
    facts = samples.served(pieces)
    for digest, body in samples.ORIGINALS.items():
        (folder / digest).write_bytes(body)
    return facts, [samples.form()] * FORMS, sum(each.size for each in pieces)


def _printed(folder: Path, facts: Any, forms: Any) -> dict[str, Any]:
    from field.documents.papers import Desk, print_paper, print_papers  # noqa: PLC0415
    from field.documents.pictures import Shelf  # noqa: PLC0415
    from field.vault.pictures import Size, decode  # noqa: PLC0415

    shelf = Shelf(lambda digest: (folder / digest).read_bytes(), lambda _: None)
    desk = Desk(b"k" * 32, "https://gridfield.example", shelf)
    before = _resident_mb()
    first_s, file = _timed(lambda: print_paper(facts, desk))
    cpu = _cpu_s()
    again = [_timed(lambda: print_paper(facts, desk)) for _ in range(ROUNDS)]
    cpu = _cpu_s() - cpu
    assert all(each.pdf == file.pdf for _, each in again)
    copies = {path.name: decode(path.read_bytes()).copies[Size.COPY] for path in folder.iterdir()}
    kept = replace(desk, shelf=Shelf(shelf.original, copies.get))
    kept_s, same = _timed(lambda: print_paper(facts, kept))
    assert same.pdf == file.pdf
    forms_s, forty = _timed(lambda: print_papers(forms, desk))
    return {
        "first_s": first_s,
        "again_s": [seconds for seconds, _ in again],
        "kept_s": kept_s,
        "cpu_s": cpu / ROUNDS,
        "bytes": len(file.pdf),
        "forms_s": forms_s,
        "forms_bytes": len(forty.pdf),
        "press_mb": _resident_mb() - before,
    }


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    started = time.perf_counter()
    made = work()
    return time.perf_counter() - started, made


def _cpu_s() -> float:
    """Return the processor time of this process and of those that opened its pictures."""
    taken = os.times()
    return taken.user + taken.system + taken.children_user + taken.children_system


def _resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 2**20


if __name__ == "__main__":
    main()
