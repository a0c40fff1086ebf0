"""The cluster of one bench run: durable like the product's own, thrown away afterwards."""

from __future__ import annotations

import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from field.cli.cluster import private_folder
from field.cli.postgres import Server
from field.cli.upgrade import upgrade

TEMPLATE, EMPTY, SEEDED, GROWN = "bench_postgis", "bench_empty", "bench_seeded", "bench_grown"
PROVINCE = "bench_province"
DATABASE = "bench"


@dataclass(frozen=True)
class Databases:
    """The databases of the run: the servers under test always use `DATABASE`, a copy of one of the others."""

    folder: Path
    server: Server

    @property
    def url(self) -> str:
        """SQLAlchemy's URL of the database under test."""
        return self.server.url(DATABASE)

    @property
    def dsn(self) -> str:
        """The same for psycopg alone."""
        return self.connection_string(DATABASE)

    def connection_string(self, database: str) -> str:
        """Return what psycopg needs to connect to a database in the product's role."""
        return psycopg.conninfo.make_conninfo(
            host=str(self.server.sockets), port=5432, user="gridfield", dbname=database
        )

    def refresh(self, source: str = SEEDED) -> None:
        """Make the database under test anew: each round begins with the same rows, files and statistics."""
        with self.server.superuser() as superuser:
            self.drop(superuser, DATABASE)
            self.copy(superuser, source, DATABASE)
            # Also leaves every round the same checkpoint behind it.
            superuser.execute("checkpoint")

    def seed(self, statements: str, name: str = SEEDED, source: str = EMPTY) -> None:
        """Make a database like another, with these statements run in it."""
        with self.server.superuser() as superuser:
            self.copy(superuser, source, name)
        with psycopg.connect(self.connection_string(name), autocommit=True) as connection:
            connection.execute(statements.encode())
        with self.server.superuser(name) as superuser:
            superuser.execute("vacuum (analyze)")

    def keep(self, name: str, statements: str) -> None:
        """Keep the database under test under another name, with these statements run in it."""
        self.seed(statements, name, DATABASE)

    @staticmethod
    def drop(superuser: psycopg.Connection[Any], name: str) -> None:
        superuser.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))

    @staticmethod
    def copy(superuser: psycopg.Connection[Any], source: str, name: str) -> None:
        # By files, because writing a hundred megabytes of WAL takes longer than copying them.
        copy = sql.SQL("create database {} template {} owner gridfield strategy file_copy")
        superuser.execute(copy.format(sql.Identifier(name), sql.Identifier(source)))


@contextmanager
def cluster() -> Iterator[Databases]:
    """Have a durable cluster meanwhile, with a migrated database in it."""
    folder = Path(tempfile.mkdtemp(prefix="gridfield-bench-"))
    folder.chmod(0o755)  # the postgres user has to pass through
    home = folder / "cluster"
    server = Server(home, home / "data", home / "run")
    try:
        private_folder(home)
        private_folder(server.sockets)
        server.make()
        # Each round begins freshly vacuumed; a vacuum that falls into one round and not another is luck.
        server.start(autovacuum="off")
        try:
            server.create_database(TEMPLATE)
            databases = Databases(folder, server)
            with server.superuser() as superuser:
                databases.copy(superuser, TEMPLATE, EMPTY)
            upgrade(server.url(EMPTY))
            yield databases
        finally:
            server.stop("immediate")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def machine(databases: Databases) -> dict[str, Any]:
    """Return the facts about this machine without which no figure means anything."""
    with databases.server.superuser(EMPTY) as superuser:
        row = superuser.execute("select current_setting('server_version'), postgis_lib_version()").fetchone()
    assert row is not None
    return {
        "name": "machine",
        "cores": os.cpu_count(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "load_1m": round(os.getloadavg()[0], 2),
        "python": ".".join(map(str, sys.version_info[:3])),
        "postgresql": str(row[0]).split()[0],
        "postgis": row[1],
        "fsync_ms": round(_fsync_ms(databases.folder), 3),
    }


def _fsync_ms(folder: Path) -> float:
    """Return the median time of making one page durable where the cluster lives."""
    taken = []
    with tempfile.NamedTemporaryFile(dir=folder) as file:
        for nth in range(100):
            os.pwrite(file.fileno(), bytes(8192), 8192 * (nth % 16))
            started = time.perf_counter()
            os.fdatasync(file.fileno())
            taken.append(time.perf_counter() - started)
    return statistics.median(taken) * 1000
