"""People as CSV: what is read, and every way a row can be wrong."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from field.rules.people import Role
from field.rules.rows import RowsRefused
from field.schemas.people_rows import COLUMNS, read_people
from field.usecases.checking_people import PersonRow
from tests.schemas.rows import PERSON, csv_file, faults

DISPATCHER = {"role": "dispatcher", "court_code": "yu0225", "cell_codes": "", "division_code": "410225"}


def person(**options: str) -> PersonRow:
    people, found = read_people(csv_file(PERSON, options))
    assert found == []
    return people[0]


def test_a_worker() -> None:
    assert person() == PersonRow(
        row=2,
        login="w1",
        display_name="甲某",
        role=Role.WORKER,
        division_code="410225001001",
        cell_codes=("410225001001001",),
        phone="19900001234",
        on_duty_from=date(2026, 1, 1),
    )


def test_what_has_no_column_is_not_said() -> None:
    """Absent is another thing than empty: it leaves what is stored alone."""
    raw = b"login,display_name,role,division_code\nw1,a,worker,410225001\n"
    (found,), _ = read_people(raw)
    assert (found.cell_codes, found.phone, found.rank, found.on_duty_from) == (None, None, None, None)
    assert (person(cell_codes="", phone="").cell_codes, person(cell_codes="", phone="").phone) == ((), "")


@pytest.mark.parametrize("codes", ["{} {}", "{};{}", "{}； {} ", "{}  ;{};{}"])
def test_several_cells(codes: str) -> None:
    a, b = "410225001001001", "410225001001002"
    assert person(cell_codes=codes.format(a, b, a)).cell_codes == (a, b)


@pytest.mark.parametrize("text", ["2026-01-31", "2026/1/31", "2026.01.31", " 2026-1-31 "])
def test_days_as_spreadsheets_write_them(text: str) -> None:
    assert person(on_duty_from=text).on_duty_from == date(2026, 1, 31)


@pytest.mark.parametrize("name", ["𠮷㛃䶮", "\ufa30", "买买提·艾力"])
def test_rare_characters_are_kept_exactly(name: str) -> None:
    assert person(display_name=name).display_name == name


def test_zero_padded_divisions_are_natural_ones() -> None:
    assert person(division_code="410225000000").division_code == "410225"


@pytest.mark.parametrize(
    ("different", "column", "code"),
    [
        ({"login": ""}, "login", "value_missing"),
        ({"login": "张三"}, "login", "login_form"),
        ({"login": "a"}, "login", "login_form"),
        ({"login": "import-yu0225"}, "login", "login_reserved"),
        ({"display_name": ""}, "display_name", "value_missing"),
        ({"display_name": "甲" * 101}, "display_name", "text_too_long"),
        ({"display_name": "甲\u202e乙"}, "display_name", "text_unclean"),
        ({"display_name": "甲\n乙"}, "display_name", "text_unclean"),
        ({"display_name": "a\0b"}, "display_name", "text_unclean"),
        ({"role": "boss"}, "role", "choice_unknown"),
        ({"role": ""}, "role", "value_missing"),
        ({"division_code": ""}, "division_code", "value_missing"),
        ({"division_code": "4102250"}, "division_code", "division_unknown"),
        ({"division_code": "4.10225E+11"}, "division_code", "number_mangled"),
        ({"court_code": "yu0225"}, "court_code", "value_not_theirs"),
        ({**DISPATCHER, "court_code": ""}, "court_code", "value_missing"),
        ({**DISPATCHER, "role": "inspector", "court_code": ""}, "court_code", "value_missing"),
        ({**DISPATCHER, "role": "inspector", "cell_codes": "410225001001001"}, "cell_codes", "value_not_theirs"),
        ({**DISPATCHER, "court_code": "豫"}, "court_code", "court_form"),
        ({**DISPATCHER, "court_code": "system"}, "court_code", "court_reserved"),
        ({**DISPATCHER, "cell_codes": "410225001001001"}, "cell_codes", "value_not_theirs"),
        ({"cell_codes": "41022500100100"}, "cell_codes", "cell_form"),
        ({"cell_codes": "4.10225E+14"}, "cell_codes", "number_mangled"),
        ({"cell_codes": "410225001002001"}, "cell_codes", "cell_outside"),
        ({"phone": "1990000123"}, "phone", "phone_form"),
        ({"phone": "12900001234"}, "phone", "phone_form"),
        ({"on_duty_from": "2026-02-30"}, "on_duty_from", "day_form"),
        ({"on_duty_from": "1999-01-01"}, "on_duty_from", "day_form"),
        ({"on_duty_from": "01/02/2026"}, "on_duty_from", "day_form"),
        ({"rank": "third"}, "rank", "choice_unknown"),
        ({"court_name": "甲" * 101}, "court_name", "text_too_long"),
    ],
)
def test_one_fault(different: dict[str, str], column: str, code: str) -> None:
    assert faults(read_people, csv_file(PERSON, different)) == [(2, column, code)]


def test_all_faults_of_all_rows_at_once() -> None:
    raw = csv_file(PERSON, {"login": "?", "phone": "1"}, {}, {"role": "x", "on_duty_from": "soon"}, {})
    assert faults(read_people, raw) == [
        (2, "login", "login_form"),
        (2, "phone", "phone_form"),
        (4, "role", "choice_unknown"),
        (4, "on_duty_from", "day_form"),
        (5, "login", "value_twice"),
    ]


def test_an_administrator_needs_no_division() -> None:
    found = person(role="administrator", division_code="", cell_codes="")
    assert (found.role, found.division_code) == (Role.ADMINISTRATOR, None)


def test_the_sample_is_sound(lankao: Path) -> None:
    people, found = read_people((lankao / "people.csv").read_bytes())
    assert (len(people), found) == (1828, [])


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(noise: bytes) -> None:
    """Never an exception of another kind, whatever the file."""
    faults(read_people, noise)
    faults(read_people, csv_file(PERSON) + noise)


@given(st.dictionaries(st.sampled_from([*COLUMNS.required, *COLUMNS.optional]), st.text(max_size=30)))
def test_any_values_are_read_or_refused(values: dict[str, str]) -> None:
    """A row is taken whole or named: one or the other."""
    try:
        raw = csv_file(PERSON, values)
    except UnicodeEncodeError:
        return
    try:
        people, found = read_people(raw)
    except RowsRefused:
        return
    assert bool(people) != bool(found) or not any(value.strip() for value in (PERSON | values).values())
