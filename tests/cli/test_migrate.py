"""`gridfield migrate`: to what this code expects, once."""

from __future__ import annotations

from field.cli.storage import revision
from tests.cli.conftest import Gridfield, one_line
from tests.database import Databases


def test_from_nothing_then_nothing_to_do(gridfield: Gridfield, databases: Databases) -> None:
    with databases.empty() as url:
        done = gridfield("migrate", GRIDFIELD_DATABASE_URL=url)
        assert done.exit_code == 0, done.output
        assert "空 → " in done.stdout
        found = revision(url)
        assert found.stored == found.head
        assert f"already at {found.head}" in gridfield("migrate", GRIDFIELD_DATABASE_URL=url).stdout


def test_no_database(gridfield: Gridfield) -> None:
    line = one_line(gridfield("migrate", GRIDFIELD_DATABASE_URL="postgresql+psycopg://nobody@127.0.0.1:1/nowhere"))
    assert "GRIDFIELD_DATABASE_URL cannot be reached" in line
