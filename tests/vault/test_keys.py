"""The installation's secret: made once, readable by its owner alone, and never quietly made anew."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from field.vault.keys import KeyFileError, Keys, load_keys
from tests.database import ROOT

SECRET = "5a" * 32
RACE = """
import sys
from pathlib import Path
from field.vault.keys import load_keys
sys.stdin.read(1)
print(load_keys(Path(sys.argv[1]), None).tokens.hex())
"""


def test_the_key_file_is_made_on_first_use_and_then_kept(tmp_path: Path) -> None:
    home = tmp_path / "deep" / "home"
    first = load_keys(home, None)
    file = home / "secret.key"
    assert file.stat().st_mode & 0o777 == 0o600
    assert len(bytes.fromhex(file.read_text())) == 32
    assert load_keys(home, None) == first
    assert [each.name for each in home.iterdir()] == ["secret.key"]


def test_two_homes_have_two_secrets(tmp_path: Path) -> None:
    assert load_keys(tmp_path / "a", None) != load_keys(tmp_path / "b", None)


def test_processes_that_start_together_agree_on_one_key(tmp_path: Path) -> None:
    home = tmp_path / "home"
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", RACE, str(home)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(6)
    ]
    for racer in racers:  # all have loaded their modules before the first may go
        assert racer.stdin
        racer.stdin.write("go")
        racer.stdin.flush()
    keys = {racer.communicate()[0].strip() for racer in racers}
    assert len(keys) == 1
    assert [racer.returncode for racer in racers] == [0] * 6
    assert keys == {load_keys(home, None).tokens.hex()}
    assert [each.name for each in home.iterdir()] == ["secret.key"]


@pytest.mark.parametrize("content", ["", "5a" * 16, "5a" * 31, "5a" * 33, "5a" * 31 + "5", "zz" * 32, "é", "\x00"])
def test_a_damaged_file_is_refused_by_name_and_left_alone(tmp_path: Path, content: str) -> None:
    file = tmp_path / "secret.key"
    file.write_text(content)
    with pytest.raises(KeyFileError, match=str(file)) as refused:
        load_keys(tmp_path, None)
    assert not content.strip() or content.strip() not in str(refused.value)
    assert file.read_text() == content


def test_a_file_that_is_no_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret.key").mkdir()
    with pytest.raises(KeyFileError, match="IsADirectoryError"):
        load_keys(tmp_path, None)
    (tmp_path / "file").write_text("")
    with pytest.raises(KeyFileError, match="密钥文件不可用 / key file unusable"):
        load_keys(tmp_path / "file", None)


def test_the_setting_comes_before_the_file(tmp_path: Path) -> None:
    assert load_keys(tmp_path / "nowhere", SECRET) == load_keys(tmp_path / "else", SECRET)
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "secret.key").write_text(SECRET)
    assert load_keys(tmp_path, None) == load_keys(tmp_path, SECRET)


def test_each_purpose_has_a_key_of_its_own_that_never_changes(tmp_path: Path) -> None:
    """Written down: another derivation would end every sign-in, lose every push address, disown every paper."""
    assert load_keys(tmp_path, SECRET) == Keys(
        tokens=bytes.fromhex("c25682f1d44225e6dd5873b538efe13fd753de7e4cea48667140576abc9883b5"),
        addresses=bytes.fromhex("9f37679410386fc5e21ac7d18b61fdba7cb66a99c1b917e2bef1b0d7a9f61749"),
        papers=bytes.fromhex("9eedea7dc210073634443820d81574dcd8c1d5fa92dd5353d00973288def7804"),
    )
