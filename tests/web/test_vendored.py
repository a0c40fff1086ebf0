"""Files of others are exactly those that are written down, byte for byte, with their licences."""

from __future__ import annotations

import hashlib
import re

from tests.database import ROOT

WEB = ROOT / "field" / "web"
OURS = {"docs.js"}
ROW = re.compile(r"^\| (static/\S+)[^|]*\| ([^|]+) \| ([^|]+) \| ([^|]+) \| ([0-9a-f]{64}) \|$", re.MULTILINE)


def _listed() -> dict[str, tuple[str, str, str, str]]:
    return {
        path: (where, version, licence, digest)
        for path, where, version, licence, digest in ROW.findall((WEB / "VENDORED.md").read_text())
    }


def test_every_vendored_file_is_what_was_taken() -> None:
    listed = _listed()
    assert len(listed) >= 2
    for path, (_, _, _, digest) in listed.items():
        assert hashlib.sha256((WEB / path).read_bytes()).hexdigest() == digest, path


def test_every_file_is_ours_or_listed_or_a_licence_of_a_listed_one() -> None:
    listed = {path.removeprefix("static/") for path in _listed()}
    stems = {name.split(".")[0].removesuffix("-bundle") for name in listed} | {name.split(".")[0] for name in listed}
    for file in (WEB / "static").iterdir():
        licence = file.name.endswith(".LICENSE.txt") and file.name.split(".")[0] in stems
        assert file.name in OURS | listed or licence, file.name


def test_every_listed_file_names_its_source_version_and_licence() -> None:
    for path, (where, version, licence, _) in _listed().items():
        assert re.fullmatch(r"npm \S+", where), path
        assert re.fullmatch(r"\d+\.\d+\.\d+", version), path
        assert licence in ("Apache-2.0", "MIT", "BSD-2-Clause", "BSD-3-Clause", "ISC"), path


def test_no_vendored_file_points_to_its_source_map() -> None:
    for path in _listed():
        assert "sourceMappingURL" not in (WEB / path).read_text()
