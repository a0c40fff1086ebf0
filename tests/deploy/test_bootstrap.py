"""What `make` installs: only what is missing, where it belongs, and one clear line when that fails."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.database import ROOT

TOOLS = (
    "awk",
    "cat",
    "chmod",
    "df",
    "dirname",
    "env",
    "flock",
    "grep",
    "ln",
    "id",
    "mkdir",
    "python3",
    "rm",
    "sed",
    "sh",
    "sha256sum",
    "tee",
)
# Stands in for uv: notes how it was called, and makes the two files that its work would leave behind.
UV = """#!/bin/sh
[ "$1" = --version ] && echo "uv $(sed -n 's/^uv==\\([0-9.]*\\).*/\\1/p' deploy/uv.txt) (made up)" && exit
case "$*" in *"${MADE_UP_FAULT-no fault}"*) exit 1 ;; esac
echo "uv $* UV_PYTHON=${UV_PYTHON-} UV_DEFAULT_INDEX=${UV_DEFAULT_INDEX-}" >>called
case "$*" in
venv*) mkdir -p .venv/bin && ln -sf /bin/true .venv/bin/python && echo "$PWD/.venv" >.venv/bin/activate ;;
*--editable*) : >.venv/bin/gridfield && chmod +x .venv/bin/gridfield ;;
esac
"""


@dataclass
class Checkout:
    """A copy of what the bootstrap reads, with programs of our own around it."""

    folder: Path
    programs: Path

    def program(self, name: str, script: str) -> None:
        """Put a program on the path, in place of the machine's own."""
        (self.programs / name).unlink(missing_ok=True)
        self.write(self.programs / name, f"#!/bin/sh\n{script}\n")

    def write(self, path: Path, text: str) -> None:
        """Write an executable file."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)

    def run(
        self, purpose: str = "run", environment: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run the bootstrap with nothing but these programs."""
        return subprocess.run(
            ["/bin/sh", self.folder / "deploy/bootstrap.sh", purpose],
            env={"PATH": str(self.programs), "HOME": str(self.folder), **(environment or {})},
            capture_output=True,
            text=True,
            check=False,
        )

    def called(self) -> list[str]:
        """Return the calls noted since the last time."""
        note = self.folder / "called"
        lines = note.read_text().splitlines() if note.exists() else []
        note.unlink(missing_ok=True)
        return lines


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    """A checkout on a machine where every Debian package is there, and uv too."""
    made = Checkout(tmp_path / "checkout", tmp_path / "programs")
    made.programs.mkdir()
    for name in TOOLS:
        (made.programs / name).symlink_to(shutil.which(name, path="/usr/bin:/bin") or name)
    made.program("dpkg-query", "echo installed")
    shutil.copytree(ROOT / "deploy", made.folder / "deploy")
    for name in ("pyproject.toml", "requirements.txt", "requirements-dev.txt"):
        shutil.copy(ROOT / name, made.folder)
    made.write(made.folder / ".uv/bin/uv", UV)
    made.write(made.folder / ".uv/bin/python", "#!/bin/sh\nexit 1\n")
    return made


def _without_postgresql(checkout: Checkout) -> None:
    checkout.program("dpkg-query", 'case "$*" in *postgresql*) exit 1 ;; *) echo installed ;; esac')
    checkout.program("id", "echo 1001")


def _one_line(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    return done.stderr


def test_everything_there_but_the_environment(checkout: Checkout) -> None:
    done = checkout.run(environment={"UV_PYTHON": "/elsewhere", "PIP_USER": "1", "VIRTUAL_ENV": "/elsewhere"})
    assert done.returncode == 0, done.stderr
    made, synced, installed = checkout.called()
    assert made.startswith("uv venv")
    assert "pip sync --python .venv/bin/python --require-hashes requirements.txt UV_PYTHON= " in synced
    assert "pip install --quiet --python .venv/bin/python --no-deps --offline --editable ." in installed


def test_the_second_time_there_is_nothing_to_do(checkout: Checkout) -> None:
    checkout.run()
    checkout.called()
    done = checkout.run()
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert checkout.called() == []


def test_the_environment_for_tests_serves_running(checkout: Checkout) -> None:
    checkout.run("test")
    assert "requirements-dev.txt" in checkout.called()[1]
    assert checkout.run("run").returncode == 0
    assert checkout.called() == []


def test_the_environment_for_running_does_not_serve_tests(checkout: Checkout) -> None:
    checkout.run("run")
    checkout.called()
    checkout.run("test")
    assert "requirements-dev.txt" in checkout.called()[0]


def test_a_new_lock_is_installed(checkout: Checkout) -> None:
    checkout.run()
    checkout.called()
    with (checkout.folder / "requirements.txt").open("a") as lock:
        lock.write("# newer\n")
    checkout.run()
    assert [line.split()[1] for line in checkout.called()] == ["pip", "pip"]


def test_a_copied_environment_is_made_anew(checkout: Checkout) -> None:
    checkout.run()
    checkout.called()
    copy = Checkout(checkout.folder.with_name("copy"), checkout.programs)
    shutil.copytree(checkout.folder, copy.folder, symlinks=True)
    assert copy.run().returncode == 0
    assert copy.called()[0].startswith("uv venv")


def test_a_mirror_set_for_pip_is_used(checkout: Checkout) -> None:
    checkout.run(environment={"PIP_INDEX_URL": "https://mirror.invalid/"})
    assert checkout.called()[1].endswith("UV_DEFAULT_INDEX=https://mirror.invalid/")


def test_a_mirror_in_pips_own_settings_is_used(checkout: Checkout) -> None:
    asked = '[ "$*" = "-m pip config get global.index-url" ] && echo https://pip.invalid/'
    checkout.write(checkout.folder / ".uv/bin/python", f"#!/bin/sh\n{asked}\n")
    checkout.run()
    assert checkout.called()[1].endswith("UV_DEFAULT_INDEX=https://pip.invalid/")


def test_no_sudo(checkout: Checkout) -> None:
    _without_postgresql(checkout)
    said = _one_line(checkout.run())
    assert "没有 sudo" in said
    assert said.endswith("apt-get install --no-install-recommends postgresql-15 postgresql-15-postgis-3\n")
    assert checkout.called() == []


def test_only_what_is_missing_is_installed(checkout: Checkout) -> None:
    _without_postgresql(checkout)
    checkout.program("sudo", f'echo "$*" >>{checkout.folder}/called')
    assert checkout.run().returncode == 0
    calls = [line for line in checkout.called() if "apt-get" in line]
    assert calls[0].endswith("update")
    assert calls[1].endswith("install -y --no-install-recommends postgresql-15 postgresql-15-postgis-3")
    assert all("DEBIAN_FRONTEND=noninteractive" in line for line in calls)


def test_a_package_that_cannot_be_installed(checkout: Checkout) -> None:
    _without_postgresql(checkout)
    checkout.program("sudo", 'case "$*" in *install*) exit 100 ;; esac')
    said = _one_line(checkout.run())
    assert "packages not installed" in said
    assert "apt-get install --no-install-recommends postgresql-15" in said


def test_a_given_database_needs_no_postgresql_here(checkout: Checkout) -> None:
    _without_postgresql(checkout)
    assert checkout.run(environment={"GRIDFIELD_DATABASE_URL": "postgresql://db.example/x"}).returncode == 0


def test_tests_need_postgresql_all_the_same(checkout: Checkout) -> None:
    _without_postgresql(checkout)
    _one_line(checkout.run("test", {"GRIDFIELD_DATABASE_URL": "postgresql://db.example/x"}))


def test_no_disk(checkout: Checkout) -> None:
    checkout.program("df", "printf 'Filesystem M Used Available\\n/dev/made-up 9 1 8 1 /\\n'")
    assert "has 8 MB" in _one_line(checkout.run())


@pytest.mark.parametrize(
    ("step", "words"),
    [
        ("pip sync", "Python packages were not installed"),
        ("venv --quiet", "cannot make"),
        ("editable", "gridfield itself"),
    ],
)
def test_a_step_that_fails_says_so(checkout: Checkout, step: str, words: str) -> None:
    for _ in range(2):  # what failed must not count as done
        assert words in _one_line(checkout.run(environment={"MADE_UP_FAULT": step}))
    assert checkout.run().returncode == 0


def test_not_debian(checkout: Checkout) -> None:
    (checkout.programs / "dpkg-query").unlink()
    assert "Debian 12" in _one_line(checkout.run())


def test_uv_and_the_build_agree() -> None:
    uv = (ROOT / "deploy/uv.txt").read_text().partition("uv==")[2].split()[0]
    assert f'requires = ["uv_build>={uv},<' in (ROOT / "pyproject.toml").read_text()
