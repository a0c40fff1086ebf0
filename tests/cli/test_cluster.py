"""The private cluster: made once, shared, healed, and never at the cost of somebody's data."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from field import config
from field.cli import cluster as clusters
from field.cli import postgres
from field.cli.cluster import Cluster, check_given, database, private_folder, reachable, require_space
from field.cli.errors import CommandError
from field.models.engine import make_engine
from tests.database import ROOT, Databases

USE = "import sys, pathlib; from field.cli.cluster import Cluster; Cluster(pathlib.Path(sys.argv[1])).ensure()"


@pytest.fixture(scope="module")
def open_folder() -> Iterator[Path]:
    """A folder that the postgres user may pass through; pytest's own folders are closed to it."""
    with tempfile.TemporaryDirectory(prefix="gridfield-cluster-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture(scope="module")
def home(open_folder: Path) -> Iterator[Path]:
    """A home whose cluster is made once for all tests of this module."""
    home = open_folder / "home"
    with Cluster(home):
        pass
    yield home
    _stop(home)


def _stop(home: Path) -> None:
    server = Cluster(home).server
    if server.running():
        server.stop("immediate")


def _ask(url: str, question: str) -> object:
    engine = make_engine(url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        return connection.scalar(sa.text(question))


def test_private_and_ready_for_the_product(home: Path) -> None:
    with Cluster(home) as url:
        assert _ask(url, "select postgis_version() is not null")
        extensions = "select count(*) from pg_extension where extname in ('btree_gist', 'btree_gin', 'pg_trgm')"
        assert _ask(url, extensions) == 3
        assert _ask(url, "select rolsuper from pg_roles where rolname = current_user") is False
        assert _ask(url, "show listen_addresses") == ""
        assert _ask(url, "show server_encoding") == "UTF8"
    for folder in (home / "cluster", home / "cluster/run", home / "cluster/data"):
        assert folder.stat().st_mode & 0o077 == 0


def test_data_stays_from_one_use_to_the_next(home: Path) -> None:
    with Cluster(home) as url:
        engine = make_engine(url, poolclass=sa.NullPool)
        with engine.begin() as connection:
            connection.execute(sa.text("create table kept (a int)"))
    with Cluster(home) as url:
        assert _ask(url, "select to_regclass('kept') is not null") is True


def test_the_last_to_leave_stops_it(home: Path) -> None:
    first, second = Cluster(home), Cluster(home)
    assert first.ensure() == second.ensure() == first.url
    assert first.leave() is False
    assert second.server.running()
    assert second.leave() is True
    assert not second.server.running()
    assert second.leave() is False


def test_somebody_elses_start_is_theirs_to_stop(home: Path) -> None:
    server = Cluster(home).server
    server.start()
    try:
        with Cluster(home) as url:
            assert _ask(url, "select 1") == 1
        assert server.running()
    finally:
        server.stop()


@pytest.mark.parametrize("pid", [os.getpid(), 2**22 + 1], ids=["another program's", "nobody's"])
def test_a_stale_pid_file_is_no_obstacle(home: Path, pid: int) -> None:
    (home / "cluster/data/postmaster.pid").write_text(f"{pid}\n{home}\n")
    with Cluster(home) as url:
        assert _ask(url, "select 1") == 1


def test_killed_server_heals(home: Path) -> None:
    with Cluster(home) as url:
        pid = Cluster(home).server.pid()
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        while Cluster(home).server.running():
            time.sleep(0.01)
        with Cluster(home):
            assert _ask(url, "select 1") == 1


def test_killed_under_its_users_it_is_started_again(home: Path) -> None:
    """By whoever looks after it; one that runs is left alone."""
    with Cluster(home) as url:
        server = Cluster(home).server
        assert not Cluster(home).revive()
        server.stop("immediate")
        assert Cluster(home).revive()
        assert _ask(url, "select 1") == 1
    assert not server.running()


def test_killed_while_making_is_made_anew(open_folder: Path) -> None:
    home = open_folder / "killed"
    unfinished = home / "cluster/data.unfinished"
    maker = subprocess.Popen([sys.executable, "-c", USE, str(home)], cwd=ROOT)
    while not (unfinished / "postgresql.conf").exists():
        assert maker.poll() is None
        time.sleep(0.001)
    maker.kill()
    maker.wait()
    assert not (home / "cluster/data").exists()
    with Cluster(home) as url:
        assert _ask(url, "select 1") == 1
    assert not unfinished.exists()


def test_many_at_once_make_one(open_folder: Path) -> None:
    home = open_folder / "at-once"
    command = [sys.executable, "-c", USE, str(home)]
    try:
        crowd = [subprocess.Popen(command, cwd=ROOT) for _ in range(3)]
        assert [each.wait(60) for each in crowd] == [0, 0, 0]
        with Cluster(home) as url:
            assert _ask(url, "select 1") == 1
    finally:
        _stop(home)


def test_odd_and_long_paths(open_folder: Path) -> None:
    home = open_folder / "网格, 'one'" / ("long name " * 9)
    with Cluster(home) as url:
        assert _ask(url, "select 1") == 1
        sockets = Cluster(home).server.sockets
        assert len(os.fsencode(sockets)) < 90
    assert not list(sockets.iterdir())
    sockets.rmdir()


def test_a_path_that_a_shell_would_change(open_folder: Path) -> None:
    with pytest.raises(CommandError, match="cannot handle a character of this path"):
        Cluster(open_folder / "$HOME").ensure()
    assert not (open_folder / "$HOME").exists()


def test_a_server_that_is_still_starting_is_waited_for(home: Path) -> None:
    server = Cluster(home).server
    server.start()
    pid = server.pid()
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    resume = threading.Timer(0.5, os.kill, (pid, signal.SIGCONT))
    resume.start()
    try:
        with Cluster(home) as url:
            assert _ask(url, "select 1") == 1
    finally:
        resume.join()
        server.stop()


def test_a_folder_that_is_no_cluster_is_left_alone(open_folder: Path) -> None:
    precious = open_folder / "precious/cluster/data/letters.txt"
    private_folder(open_folder / "precious/cluster")
    precious.parent.mkdir()
    precious.write_text("keep")
    with pytest.raises(CommandError, match="is no PostgreSQL data folder"):
        Cluster(open_folder / "precious").ensure()
    assert precious.read_text() == "keep"


def test_another_versions_data_is_left_alone(open_folder: Path) -> None:
    data = open_folder / "old/cluster/data"
    private_folder(open_folder / "old/cluster")
    data.mkdir()
    (data / "PG_VERSION").write_text("9\n")
    with pytest.raises(CommandError, match=r"PostgreSQL 9 made the data.*install postgresql-9"):
        Cluster(open_folder / "old").ensure()


def test_not_installed(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"没有安装 PostgreSQL.*make run"):
        postgres.programs(installed=tmp_path)


def test_the_newest_that_has_postgis(tmp_path: Path) -> None:
    real = postgres.programs().parent.name
    for version in ("9", real, "99"):
        (tmp_path / version / "bin").mkdir(parents=True)
        (tmp_path / version / "bin/initdb").touch()
    assert postgres.programs(installed=tmp_path) == tmp_path / real / "bin"


def test_no_disk(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"磁盘空间不足.*not enough disk"):
        require_space(tmp_path, 2**60)


def test_a_folder_of_somebody_else() -> None:
    with pytest.raises(CommandError, match="belongs to user root"):
        private_folder(Path("/usr"))


def test_a_home_that_cannot_be_made() -> None:
    with pytest.raises(CommandError, match="cannot make /proc/gridfield"):
        Cluster(Path("/proc/gridfield")).ensure()


def test_a_closed_home_moves_elsewhere(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700 if os.geteuid() == 0 else 0o500)
    one, other = reachable(closed / "a/var"), reachable(closed / "b/var")
    assert one != other, "two checkouts must not share a database"
    assert one == reachable(closed / "a/var")
    assert one.parent in (Path("/var/lib/gridfield"), Path.home() / ".local/share/gridfield")


def test_an_open_home_stays(open_folder: Path) -> None:
    assert reachable(open_folder / "x/var") == open_folder / "x/var"
    assert not (open_folder / "x").exists()


def test_a_busy_gate_is_not_waited_for_for_ever(tmp_path: Path) -> None:
    with (
        clusters._locked(tmp_path / "gate"),
        pytest.raises(CommandError, match="another gridfield process keeps"),
        clusters._locked(tmp_path / "gate", patience_s=0.1),
    ):
        pass


def test_a_given_database_is_used_as_it_is(
    database_url: str, open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRIDFIELD_DATABASE_URL", database_url)
    monkeypatch.setenv("GRIDFIELD_HOME", str(open_folder / "unused"))
    with database(config.load()) as url:
        assert url == database_url
    assert not (open_folder / "unused").exists()


def test_a_given_database_without_postgis(databases: Databases) -> None:
    with databases.empty(template="template1") as url, pytest.raises(CommandError) as told:
        check_given(url)
    assert "create extension btree_gist; create extension postgis" in told.value.message


@pytest.mark.parametrize(
    "url", ["postgresql://nobody@/x?host=/nowhere", "no url at all", "mysql://a/b", "postgresql+another://a/b"]
)
def test_a_given_database_that_is_not_there(url: str) -> None:
    with pytest.raises(CommandError, match="GRIDFIELD_DATABASE_URL") as told:
        check_given(url)
    assert "\n" not in told.value.message


def test_making_reports_a_missing_extension(open_folder: Path) -> None:
    server = postgres.Server(open_folder, open_folder / "data", open_folder / "run")
    problem = psycopg.errors.UndefinedFile('could not open extension control file "postgis.control"')
    assert "install postgresql" in server._without_postgis(problem).message


def test_the_servers_last_word() -> None:
    assert postgres.last_word(["LOG: a", "FATAL: no room", "LOG: database system is shut down"]) == "FATAL: no room"
    assert postgres.last_word(["one", "two", ""]) == "two"
    assert postgres.last_word([]) == "?"


def test_a_program_that_fails_says_why() -> None:
    with pytest.raises(CommandError, match=r"^ls 失败：.*nowhere.* / ls failed"):
        postgres.run(shutil.which("ls") or "ls", "/nowhere")
