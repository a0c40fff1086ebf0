"""One PostgreSQL server on a private folder: its programs, who may run them, and what went wrong."""

from __future__ import annotations

import os
import pwd
import re
import shlex
import signal
import subprocess
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg
import sqlalchemy as sa
from psycopg import sql

from field.cli.errors import CommandError

ROLE = "gridfield"
START_S = 60
REMAINS_S = 20.0
PORT = 5432  # names the socket file only: the server listens on no network address
INSTALLED = Path("/usr/lib/postgresql")
EXTENSIONS = Path("/usr/share/postgresql")
POSTGIS = "extension/postgis.control"
TELLING = re.compile("FATAL|PANIC|error:|could not|No space left")
SOCKET_PATH_LIMIT = 107  # bytes of sockaddr_un.sun_path, less its final zero


class ProgramError(CommandError):
    """One of PostgreSQL's programs failed."""


@dataclass(frozen=True)
class Server:
    """A PostgreSQL server that only its folder's owner can reach: by a socket, never by the network."""

    folder: Path
    data: Path
    sockets: Path

    @property
    def log(self) -> Path:
        """The server's own log."""
        return self.folder / "postgres.log"

    def make(self, *, sync: bool = True) -> None:
        """Create the data folder, in UTF-8 and sorted by code point."""
        options = ["--auth-local=trust", "--auth-host=reject", "--data-checksums", "--no-instructions"]
        locale = ["--encoding=UTF8", "--locale=C.UTF-8", "--username=postgres"]
        self._run("initdb", *options, *locale, *([] if sync else ["--no-sync"]))

    def running(self) -> bool:
        """Say whether a live server holds the data folder; the pid file of a dead one does not count."""
        return self.pid() in self.inhabitants()

    def inhabitants(self) -> set[int]:
        """Return the processes at home in the data folder: the server and its children, nobody else.

        A number in a pid file proves little: it may belong to any program by now, or to a zombie.
        """
        return {int(each.name) for each in Path("/proc").glob("[0-9]*") if _at_home(each / "cwd", self.data)}

    def pid(self) -> int | None:
        """Return the process id that the data folder's pid file names, if there is one."""
        try:
            return int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
        except (FileNotFoundError, ValueError):
            return None

    def start(self, **settings: str) -> None:
        """Start the server and wait until it answers, or raise CommandError with the log's reason."""
        self._clear_remains()
        fixed = {
            "listen_addresses": "",
            "port": str(PORT),
            "unix_socket_directories": f'"{self.sockets}"',
            "unix_socket_permissions": "0700",
            "timezone": "UTC",
            "log_error_verbosity": "terse",  # the detail of an error quotes values: names, numbers, places
        }
        options = [f"--{name}={value}" for name, value in {**fixed, **settings}.items()]
        command = ("start", "-w", "-t", str(START_S), "-l", str(self.log), "-o", shlex.join(options))
        try:
            self._run("pg_ctl", *command)
        except ProgramError:
            reason = last_word(_lines(self.log))
            raise CommandError(
                f"PostgreSQL 没有启动：{reason}（日志 {self.log}）",
                f"PostgreSQL did not start: {reason} (log {self.log})",
            ) from None

    def evict(self) -> None:
        """Kill every process at home in the data folder: only for data that nobody needs."""
        while left := self.inhabitants():
            for pid in left:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.02)

    def wait(self) -> None:
        """Wait until a server that somebody else started answers: it may just be starting, or recovering."""
        deadline = time.monotonic() + START_S
        while True:
            try:
                return self.superuser().close()
            except psycopg.OperationalError as problem:
                if time.monotonic() > deadline:
                    reason = str(problem).split("\n", 1)[0]
                    raise CommandError(
                        f"PostgreSQL 没有响应：{reason}", f"PostgreSQL does not answer: {reason}"
                    ) from None
                time.sleep(0.05)

    def stop(self, mode: str = "fast") -> None:
        """Stop the server; fast ends sessions cleanly, immediate is for data that is thrown away."""
        self._run("pg_ctl", "stop", "-w", "-t", "30", "-m", mode)

    def url(self, database: str = ROLE, role: str = ROLE) -> str:
        """Return SQLAlchemy's URL of a database of this server, by socket."""
        # libpq would take a missing port from PGPORT, which may name another server.
        where = {"host": str(self.sockets), "port": str(PORT)}
        return sa.URL.create("postgresql+psycopg", role, database=database, query=where).render_as_string()

    def superuser(self, database: str = "postgres") -> psycopg.Connection[tuple[object, ...]]:
        """Open a connection as PostgreSQL's superuser, each statement its own transaction."""
        host = str(self.sockets)
        return psycopg.connect(
            host=host, port=PORT, user="postgres", dbname=database, autocommit=True, connect_timeout=10
        )

    def create_database(self, name: str = ROLE) -> None:
        """Create the product's role (no superuser, so that row security binds it) and its database."""
        with self.superuser() as connection:
            connection.execute(sql.SQL("create role {} login").format(sql.Identifier(ROLE)))
            create = sql.SQL("create database {} owner {}")
            connection.execute(create.format(sql.Identifier(name), sql.Identifier(ROLE)))
        with self.superuser(name) as connection:
            try:
                for extension in ("postgis", "btree_gist", "btree_gin", "pg_trgm"):
                    connection.execute(f"create extension {extension}")
            except psycopg.Error as problem:
                raise self._without_postgis(problem) from None

    def _clear_remains(self) -> None:
        """Remove the pid files of a dead server, once every process it left behind is gone as well.

        PostgreSQL refuses to start while the number in them is alive, whosever it is. Removing them while its
        children still write would ruin the data, so those are waited for.
        """
        remains = [self.data / "postmaster.pid", self.sockets / f".s.PGSQL.{PORT}.lock"]
        if not any(each.exists() for each in remains):
            return
        deadline = time.monotonic() + REMAINS_S
        while left := self.inhabitants():
            if time.monotonic() > deadline:
                raise CommandError(
                    f"前一个 PostgreSQL 的进程仍在运行：{sorted(left)}",
                    f"processes of an earlier PostgreSQL are still running: {sorted(left)}",
                )
            time.sleep(0.05)
        for each in remains:
            each.unlink(missing_ok=True)

    def _without_postgis(self, problem: psycopg.Error) -> CommandError:
        reason = str(problem).split("\n", 1)[0]
        package = f"postgresql-{made_by(self.data)}-postgis-3"
        return CommandError(
            f"缺少 PostGIS：请运行 make run，或安装 {package}（{reason}）",
            f"PostGIS is missing: run `make run`, or install {package} ({reason})",
        )

    def _run(self, name: str, *options: str) -> None:
        run(programs(made_by(self.data)) / name, "-D", str(self.data), *options)


def made_by(data: Path) -> str | None:
    """Return the major version of PostgreSQL that made this data folder, None when there is none."""
    try:
        return (data / "PG_VERSION").read_text().strip()
    except FileNotFoundError:
        return None


def programs(version: str | None = None, installed: Path = INSTALLED) -> Path:
    """Return the folder of PostgreSQL's programs: of this major version, or of the newest that has PostGIS."""
    found = {path.parent.parent.name: path.parent for path in installed.glob("*/bin/initdb")}
    if version is None and found:
        return found[max(found, key=lambda each: ((EXTENSIONS / each / POSTGIS).exists(), int(each)))]
    if version in found:
        return found[str(version)]
    if version is not None and found:
        raise CommandError(
            f"数据由 PostgreSQL {version} 建立，已安装的是 {max(found)}：请安装 postgresql-{version}",
            f"PostgreSQL {version} made the data, {max(found)} is installed: install postgresql-{version}",
        )
    raise CommandError(
        "没有安装 PostgreSQL：请运行 make run，或安装 postgresql-15 postgresql-15-postgis-3",
        "PostgreSQL is not installed: run `make run`, or install postgresql-15 postgresql-15-postgis-3",
    )


def owner() -> str:
    """Return the user that owns clusters: who runs the command, or postgres for root, whom initdb refuses."""
    return "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name


def run(*command: Path | str) -> None:
    """Run a program as the owner of clusters; raise CommandError with its last word when it fails."""
    name = Path(command[0]).name
    # Should we be killed, initdb must not go on writing where the next process is about to begin anew.
    become = ["setpriv", "--pdeathsig=KILL"]
    if os.geteuid() == 0:
        become += [f"--reuid={owner()}", f"--regid={owner()}", "--init-groups"]
    # From "/", because a current folder that the owner may not enter makes these programs complain; without
    # our environment, because PGDATA and PGPORT would lead them elsewhere; and into a file, because a server
    # that is started would hold a pipe open for ever.
    environment = {"PATH": os.defpath, "LC_ALL": "C.UTF-8"}
    with tempfile.TemporaryFile("w+") as said:
        done = subprocess.run([*become, *command], cwd="/", env=environment, stdout=said, stderr=said, check=False)
        said.seek(0)
        reason = last_word(said.readlines())
    if done.returncode != 0:
        raise ProgramError(f"{name} 失败：{reason}", f"{name} failed: {reason}")


def last_word(lines: Sequence[str]) -> str:
    """Return the last of these lines that says what went wrong."""
    said = [line.strip() for line in lines if line.strip()]
    bad = [line for line in said if TELLING.search(line)]
    return (bad or said or ["?"])[-1]


def _lines(log: Path) -> list[str]:
    try:
        return log.read_text(errors="replace").splitlines()
    except OSError:
        return []


def _at_home(link: Path, folder: Path) -> bool:
    try:
        return link.samefile(folder)
    except OSError:  # it has ended, or is another user's
        return False
