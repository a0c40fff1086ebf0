"""The private PostGIS cluster: made once, started by who needs it first, stopped by who leaves last."""

from __future__ import annotations

import fcntl
import hashlib
import os
import pwd
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import IO

import sqlalchemy as sa

from field.cli.errors import CommandError
from field.cli.postgres import SOCKET_PATH_LIMIT, Server, made_by, owner, programs, run
from field.config import Settings
from field.models.engine import make_engine

UNQUOTABLE = '"$`\\\n'  # pg_ctl puts paths into a shell command as they are
SHORT = Path("/tmp")  # noqa: S108  for sockets, in a folder of their own that is checked to be ours
NEEDED_BYTES = 200 * 2**20  # a fresh cluster with PostGIS takes 75 MB, its first WAL segments the rest


class Cluster:
    """The cluster under one home folder; `with Cluster(home) as url:` has it running meanwhile.

    Any number of processes may hold it at once. Two files say who is there: `gate` is held for the moment of
    coming and going, `users` is shared by all who are inside, so the last to leave knows that it is the last.
    """

    def __init__(self, home: Path) -> None:
        """Name the cluster of this home; nothing is touched yet."""
        self.folder = home / "cluster"
        self.server = Server(self.folder, self.folder / "data", _sockets(self.folder))
        self._users: IO[str] | None = None

    @property
    def url(self) -> str:
        """SQLAlchemy's URL of the product's database."""
        return self.server.url()

    def ensure(self) -> str:
        """Make and start the cluster unless it is there and running, join its users, and return its URL."""
        if self._users is not None:
            return self.url
        programs()
        if set(str(self.folder)) & set(UNQUOTABLE):
            raise CommandError(
                f"路径含有 PostgreSQL 无法处理的字符：{self.folder}，请另设 GRIDFIELD_HOME",
                f"PostgreSQL cannot handle a character of this path: {self.folder}; set GRIDFIELD_HOME",
            )
        private_folder(self.folder)
        private_folder(self.server.sockets)
        with _locked(self.folder / "gate"):
            self._require_data()
            if self.server.running():
                self.server.wait()
            else:
                self._start()
            self._users = (self.folder / "users").open("a")
            fcntl.flock(self._users, fcntl.LOCK_SH)
        return self.url

    def revive(self) -> bool:
        """Start the server again if it died under its users; say whether that was needed."""
        if self.server.running():
            return False
        with _locked(self.folder / "gate"):
            if self.server.running():
                return False
            self._start()
        return True

    def leave(self) -> bool:
        """Stop using the cluster; the last to leave stops it. Say whether that happened."""
        if self._users is None:
            return False
        with _locked(self.folder / "gate"), self._users as users:
            self._users = None
            try:
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            if not (self.server.running() and self._is_ours()):
                return False
            self.server.stop()
            self._started.unlink()
        return True

    def __enter__(self) -> str:
        """Join the cluster's users; the same as `ensure`."""
        return self.ensure()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave again; the same as `leave`."""
        self.leave()

    @property
    def _started(self) -> Path:
        return self.folder / "started-by-gridfield"

    def _is_ours(self) -> bool:
        # Somebody may have started the server by hand: then it is theirs to stop.
        return self._started.exists() and self._started.read_text() == str(self.server.pid())

    def _require_data(self) -> None:
        if not self.server.data.exists():
            self._make()
        elif made_by(self.server.data) is None:
            raise CommandError(
                f"{self.server.data} 不是 PostgreSQL 数据目录，未作任何改动",
                f"{self.server.data} is no PostgreSQL data folder; nothing was touched",
            )

    def _start(self) -> None:
        try:
            self.server.start()
            self._started.write_text(str(self.server.pid()))
        except BaseException:  # Ctrl-C as well: a server that nobody knows of would run for ever
            if self.server.running():
                self.server.stop()
            raise

    def _make(self) -> None:
        """Build the cluster beside its final place: only a finished one ever gets the name `data`."""
        building = Server(self.folder, self.folder / "data.unfinished", self.server.sockets)
        if building.data.exists():  # left by a process that was killed while building
            building.evict()
            shutil.rmtree(building.data)  # never anything that was finished: that has the other name
        require_space(self.folder, NEEDED_BYTES)
        building.make()
        try:
            building.start()
            building.create_database()
        finally:
            if building.running():
                building.stop()
        building.data.rename(self.server.data)


@contextmanager
def database(settings: Settings) -> Iterator[str]:
    """Give the URL of the database to use: the one that was configured, checked, or the private cluster's."""
    if settings.database_url is not None:
        check_given(settings.database_url)
        yield settings.database_url
    else:
        with Cluster(reachable(settings.home)) as url:
            yield url


def check_given(url: str) -> None:
    """Refuse a configured database that cannot be reached or lacks the extensions a superuser must add."""
    try:
        engine = make_engine(url, poolclass=sa.NullPool)
        with engine.connect() as connection:
            present = set(connection.scalars(sa.text("select extname from pg_extension")))
            # Trusted extensions: the migration adds them itself where it may.
            if connection.scalar(sa.text("select has_database_privilege(current_database(), 'CREATE')")):
                present |= {"btree_gin", "pg_trgm"}
    except (sa.exc.ArgumentError, sa.exc.DBAPIError, ImportError) as problem:  # the last names an unknown driver
        reason = str(getattr(problem, "orig", None) or problem).split("\n", 1)[0]
        raise CommandError(
            f"无法连接 GRIDFIELD_DATABASE_URL：{reason}",
            f"GRIDFIELD_DATABASE_URL cannot be reached: {reason}",
        ) from None
    if missing := sorted({"postgis", "btree_gist", "btree_gin", "pg_trgm"} - present):
        todo = "; ".join(f"create extension {name}" for name in missing)
        raise CommandError(
            f"GRIDFIELD_DATABASE_URL 的数据库缺少扩展，请其管理员执行：{todo}",
            f"the database of GRIDFIELD_DATABASE_URL lacks extensions, let its superuser run: {todo}",
        )


def reachable(home: Path) -> Path:
    """Return this home, or where its cluster lives instead when the cluster's owner cannot get into it."""
    if (home / "cluster").exists() or _owner_can_enter(home):
        return home
    elsewhere = Path("/var/lib") if os.geteuid() == 0 else Path.home() / ".local" / "share"
    # Named after the home, so that two checkouts never share one database by accident.
    mark = hashlib.sha256(os.fsencode(home)).hexdigest()[:8]
    return elsewhere / "gridfield" / f"{home.parent.name or 'root'}-{mark}"


def require_space(folder: Path, needed: int) -> None:
    """Refuse to begin what the disk cannot hold: PostgreSQL would die half-way."""
    free = shutil.disk_usage(folder).free
    if free < needed:
        here, wanted = free // 2**20, needed // 2**20
        raise CommandError(
            f"磁盘空间不足：{folder} 需要 {wanted} MB，只有 {here} MB",
            f"not enough disk: {folder} needs {wanted} MB, has {here} MB",
        )


def private_folder(path: Path) -> None:
    """Make a folder that only the owner of clusters may enter; refuse one that belongs to somebody else."""
    user = pwd.getpwnam(owner())
    try:
        for parent in reversed([each for each in path.parents if not each.exists()]):
            parent.mkdir()
            parent.chmod(0o755)  # whatever the umask: the owner of clusters has to pass through
        if not path.exists():
            path.mkdir(mode=0o700)
            os.chown(path, user.pw_uid, user.pw_gid)
    except OSError as problem:
        raise CommandError(f"无法建立 {path}：{problem.strerror}", f"cannot make {path}: {problem.strerror}") from None
    if (holder := path.lstat().st_uid) != user.pw_uid:
        raise CommandError(
            f"{path} 属于用户 {_name(holder)}，不属于 {user.pw_name}：请换用该用户，或另设 GRIDFIELD_HOME",
            f"{path} belongs to user {_name(holder)}, not {user.pw_name}: be that user or set GRIDFIELD_HOME",
        )


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _owner_can_enter(home: Path) -> bool:
    nearest = next(each for each in (home, *home.parents) if each.exists())
    if os.geteuid() != 0:
        return os.access(nearest, os.W_OK | os.X_OK)
    try:
        run("test", "-x", nearest)
    except CommandError:
        return False
    return True


def _sockets(folder: Path) -> Path:
    """Return where the socket goes: beside the data, or under /tmp when that path is too long or odd."""
    beside = folder / "run"
    too_long = len(os.fsencode(beside / ".s.PGSQL.5432")) > SOCKET_PATH_LIMIT
    if not too_long and "," not in str(beside):  # a comma separates folders
        return beside
    mark = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    return SHORT / f"gridfield-{mark}"


@contextmanager
def _locked(path: Path, patience_s: float = 120) -> Iterator[None]:
    deadline = time.monotonic() + patience_s
    with path.open("a") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise CommandError(
                        f"另一个 gridfield 进程一直占用 {path}", f"another gridfield process keeps {path}"
                    ) from None
                time.sleep(0.05)
        yield
