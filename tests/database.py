"""The databases of one test run: a throw-away cluster in a process of its own, a migrated template, clones.

`python -m tests.database FOLDER` is that process. It waits until a test wants a database (the file `wanted`),
builds, writes `ready` or `failed`, and tidies everything away when its standard input closes: when pytest
ends, and also when it is killed.
"""

from __future__ import annotations

import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import psycopg
from psycopg import sql

ROOT = Path(__file__).resolve().parents[1]
TEMPLATE = "template_gridfield"
PATIENCE_S = 120


@dataclass(frozen=True)
class Databases:
    """Where the cluster of this run is, or will be once somebody wants it."""

    folder: Path

    def want(self) -> None:
        """Ask for the cluster without waiting for it."""
        (self.folder / "wanted").touch()

    @contextmanager
    def clone(self) -> Iterator[str]:
        """Give the URL of a fresh copy of the migrated template, dropped afterwards."""
        with self.empty(template=TEMPLATE) as url:
            yield url

    @contextmanager
    def empty(self, *, template: str = "template_postgis") -> Iterator[str]:
        """Give the URL of a fresh database with PostGIS and nothing of ours, dropped afterwards."""
        ready = self._wait()
        name = f"test_{uuid4().hex}"
        create = sql.SQL("create database {} template {} owner gridfield")
        drop = sql.SQL("drop database {} with (force)")
        with psycopg.connect(ready["superuser"], autocommit=True) as superuser:
            superuser.execute(create.format(sql.Identifier(name), sql.Identifier(template)))
            try:
                yield ready["url"].replace(TEMPLATE, name)
            finally:
                superuser.execute(drop.format(sql.Identifier(name)))

    def _wait(self) -> dict[str, str]:
        self.want()
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            if (self.folder / "ready").exists():
                found: dict[str, str] = json.loads((self.folder / "ready").read_text())
                return found
            if (self.folder / "failed").exists():
                raise RuntimeError("no test database: " + (self.folder / "failed").read_text())
            time.sleep(0.02)
        raise RuntimeError(f"no test database within {PATIENCE_S} s")


@contextmanager
def keeper() -> Iterator[Databases]:
    """Keep the process that owns this run's cluster; leaving, or dying, ends the process and the cluster."""
    folder = Path(tempfile.mkdtemp(prefix="gridfield-tests-"))
    folder.chmod(0o755)  # the postgres user has to pass through
    command = [sys.executable, "-m", "tests.database", str(folder)]
    # A session of its own: Ctrl-C in the terminal must reach pytest alone, which then ends this one in order.
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, start_new_session=True)
    try:
        yield Databases(folder)
    finally:
        process.communicate()


def main(folder: Path) -> None:
    """Wait to be wanted, build the cluster, hold it until standard input closes."""
    try:
        while not (folder / "wanted").exists():
            if _closed(0.02):
                return
        try:
            with _cluster(folder) as ready:
                _publish(folder / "ready", json.dumps(ready))
                while not _closed(3600):
                    pass
        except Exception as problem:  # noqa: BLE001  house: whatever it is, the tests have to hear of it
            _publish(folder / "failed", f"{type(problem).__name__}: {problem}")
            while not _closed(3600):
                pass
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _cluster(folder: Path) -> Iterator[dict[str, str]]:
    # Imported here: a run that wants no database should not pay for loading SQLAlchemy a second time.
    from field.cli.cluster import private_folder  # noqa: PLC0415
    from field.cli.postgres import Server  # noqa: PLC0415
    from field.cli.upgrade import upgrade  # noqa: PLC0415

    home = folder / "cluster"
    server = Server(home, home / "data", home / "run")
    private_folder(server.sockets.parent)
    private_folder(server.sockets)
    server.make(sync=False)
    # Durability is what the product needs and a test run does not.
    server.start(fsync="off", synchronous_commit="off", full_page_writes="off", autovacuum="off")
    try:
        server.create_database("template_postgis")
        with server.superuser() as superuser:
            superuser.execute(f"create database {TEMPLATE} template template_postgis owner gridfield")
        upgrade(server.url(TEMPLATE))
        superuser_dsn = psycopg.conninfo.make_conninfo(
            host=str(server.sockets), port=5432, user="postgres", dbname="postgres"
        )
        yield {"url": server.url(TEMPLATE), "superuser": superuser_dsn}
    finally:
        server.stop("immediate")


def _closed(wait_s: float) -> bool:
    readable, _, _ = select.select([sys.stdin], [], [], wait_s)
    return bool(readable) and not os.read(sys.stdin.fileno(), 1024)


def _publish(path: Path, text: str) -> None:
    written = path.with_suffix(".writing")
    written.write_text(text)
    written.rename(path)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
