"""Codes: padded and natural forms, levels, ancestry, kinds."""

from __future__ import annotations

import pytest

from geo.codes import KNOWN_NAMES, CellKind, Level, ancestry, kind_of, level_of, natural, normalise


@pytest.mark.parametrize(
    ("code", "natural"),
    [
        ("410000000000", "41"),
        ("410000", "41"),
        ("41", "41"),
        ("411000", "4110"),
        ("411000000000", "4110"),
        ("410225", "410225"),
        ("410225000000", "410225"),
        ("410225001", "410225001"),
        ("410225001000", "410225001"),
        ("410225001001", "410225001001"),
        ("419001000", "419001"),
        ("410225001001001", None),
        ("41022", None),
        ("000000", None),
        ("", None),
        ("41０２２５", None),
        ("4102-5", None),
    ],
)
def test_normalise(code: str, natural: str | None) -> None:
    assert normalise(code) == natural


def test_ancestry_of_a_cell_and_of_a_county() -> None:
    assert ancestry("410225001001007") == ["41", "4102", "410225", "410225001", "410225001001"]
    assert ancestry("410225") == ["41", "4102", "410225"]


def test_each_level_has_its_length() -> None:
    assert [level_of(code) for code in ancestry("410225001001007")] == list(Level)
    with pytest.raises(KeyError):
        level_of("41022")


@pytest.mark.parametrize(
    ("number", "kind"), [("001", CellKind.GENERAL), ("900", CellKind.GENERAL), ("901", CellKind.SPECIAL)]
)
def test_special_grids_are_numbered_from_901(number: str, kind: CellKind) -> None:
    assert kind_of(f"410225001001{number}") is kind


def test_eighteen_digits_are_a_micro_grid() -> None:
    assert kind_of("410225001001901002") is CellKind.MICRO


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("410225001001001", "410225001001001"),
        ("410225001001001002", "410225001001001002"),
        ("410225000000", "410225"),
        ("410225001000", "410225001"),
        ("410225001001", "410225001001"),
        ("410225", "410225"),
        ("410200", None),
        ("410000000000", None),
        ("910225001001001", None),
        ("010225001001001", None),
        ("4102250010010010", None),
        ("４１０２２５００１００１００１", None),
        ("", None),
    ],
)
def test_natural_codes_of_what_a_file_may_hold(code: str, expected: str | None) -> None:
    assert natural(code) == expected


def test_known_names_are_of_provinces_and_prefectures() -> None:
    assert {level_of(code) for code in KNOWN_NAMES} == {Level.PROVINCE, Level.PREFECTURE}
    assert len(KNOWN_NAMES) == 1 + 18, "the province and its eighteen prefecture entries"
