"""CSV files as a whole: encodings, headers, rows of the wrong length."""

from __future__ import annotations

import pytest

from field.schemas.csv_rows import Columns, Row, read_rows
from tests.schemas.rows import faults

COLUMNS = Columns(required=("a", "b"), optional=("c",))


def read(raw: bytes) -> tuple[list[dict[str, str]], list[object]]:
    built, found = read_rows(raw, COLUMNS, lambda row: {name: row.text(name, 50) for name in "abc"})
    return built, [*found]


def _one(row: Row) -> int:
    return row.number


def wrong(raw: bytes) -> list[tuple[int | None, str | None, str]]:
    return faults(lambda each: read_rows(each, COLUMNS, _one), raw)


@pytest.mark.parametrize(
    "raw",
    [
        "a,b\n1,二\n".encode(),
        "\ufeffa,b\n1,二".encode(),
        "b,a\r\n二,1\r\n".encode(),
        ' a , b \n 1 ,"二"\n'.encode(),
        "a,b\n\n,\n1,二\n , \n".encode(),
    ],
    ids=["plain", "with a mark", "other order", "blanks", "blank rows"],
)
def test_ways_to_write_the_same(raw: bytes) -> None:
    assert read(raw) == ([{"a": "1", "b": "二", "c": ""}], [])


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "file_empty"),
        (b" \n", "file_empty"),
        ("姓名".encode("gbk"), "file_encoding"),
        ("a,b\n1,二\n".encode("utf-16"), "file_encoding"),
        (b"a\n1\n", "column_missing"),
        (b"a,b,d\n1,2,3\n", "column_unknown"),
        (b"a,b,a\n1,2,3\n", "column_twice"),
        (b'a,b\n1,"2\n', "file_unreadable"),
        (b'a,b\n1,"2"x\n', "file_unreadable"),
        (b"a,b\n1," + b"x" * 200_000 + b"\n", "file_unreadable"),
    ],
)
def test_no_such_file_at_all(raw: bytes, code: str) -> None:
    ((_, _, found),) = wrong(raw)
    assert found == code


def test_rows_of_the_wrong_length() -> None:
    assert wrong(b"a,b\n1\n1,2\n1,2,3\n") == [(2, None, "row_length"), (4, None, "row_length")]


def test_rows_are_counted_as_a_spreadsheet_does() -> None:
    """A line break inside quotes does not begin a new row; blank rows count."""
    built, _ = read_rows(b'a,b\n"1\n1",2\n\n3,4\n', COLUMNS, _one)
    assert built == [2, 4]
