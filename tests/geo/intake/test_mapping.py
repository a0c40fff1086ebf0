"""Columns by flags and by a small file."""

from __future__ import annotations

from pathlib import Path

import pytest

from geo.intake import IntakeRefused
from geo.intake.mapping import mapping_of


def test_pairs_and_a_file_and_pairs_go_first(tmp_path: Path) -> None:
    file = tmp_path / "columns.toml"
    file.write_text('[columns]\ncode = "网格编码"\nname = "网格名称"\n')
    assert mapping_of((), file) == {"code": "网格编码", "name": "网格名称"}
    assert mapping_of(["name=名称", " code = BH "], file) == {"code": "BH", "name": "名称"}
    assert mapping_of() == {}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk"])
def test_a_file_from_any_editor(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "columns.toml").write_bytes('[columns]\ncode = "网格编码"'.encode(encoding))
    assert mapping_of((), tmp_path / "columns.toml") == {"code": "网格编码"}


@pytest.mark.parametrize(
    ("content", "pairs", "code"),
    [
        (b"", ["code"], "mapping_unreadable"),
        (b"", ["=BH"], "mapping_unreadable"),
        (b"", ["code=BH", "code=BM"], "column_given_twice"),
        (b"code = 'BH'", [], "mapping_unreadable"),
        (b"[columns]\ncode = 7", [], "mapping_unreadable"),
        (b"[columns", [], "mapping_unreadable"),
        (b"\xff\xff\xff", [], "mapping_unreadable"),
        (None, [], "mapping_unreadable"),
    ],
)
def test_what_cannot_be_understood(tmp_path: Path, content: bytes | None, pairs: list[str], code: str) -> None:
    file = tmp_path / "columns.toml"
    if content is not None:
        file.write_bytes(content or b"[columns]")
    with pytest.raises(IntakeRefused) as refused:
        mapping_of(pairs, file)
    [finding] = refused.value.findings
    assert finding.code == code
    assert finding.text("zh").isprintable()
