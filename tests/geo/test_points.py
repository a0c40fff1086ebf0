"""Points at the door: turned, kept as they came, or refused by code."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.datum import from_wgs84, to_wgs84
from geo.points import HENAN, Datum, Envelope, GeoError, point


@pytest.mark.parametrize("datum", Datum)
def test_one_point_is_turned_as_an_array_would_be(datum: Datum) -> None:
    turned = point(114.8211, 34.8322, datum)
    lon, lat = to_wgs84(114.8211, 34.8322, datum)
    assert (turned.lon, turned.lat) == pytest.approx((float(lon), float(lat)), abs=1e-12)


def test_the_raw_pair_its_datum_and_accuracy_are_kept() -> None:
    kept = point(114.8211, 34.8322, "GCJ02", 12)
    assert (kept.raw_lon, kept.raw_lat, kept.datum, kept.accuracy_m) == (114.8211, 34.8322, Datum.GCJ02, 12)
    assert (kept.lon, kept.lat) != (kept.raw_lon, kept.raw_lat)


@pytest.mark.parametrize(
    ("lon", "lat", "datum", "code"),
    [
        (114.8, 34.8, "GCJ-02", "datum_unknown"),
        (114.8, 34.8, "", "datum_unknown"),
        (math.nan, 34.8, "WGS84", "point_not_finite"),
        (114.8, math.inf, "WGS84", "point_not_finite"),
        (34.8, 114.8, "WGS84", "axes_swapped"),
        (34.8, 114.8, "BD09", "axes_swapped"),
        (116.4, 39.9, "WGS84", "point_outside_area"),
        (-114.8, 34.8, "WGS84", "point_outside_area"),
        (0.0, 0.0, "BD09", "point_outside_area"),
        (1e300, -1e300, "GCJ02", "point_outside_area"),
    ],
)
def test_refusals(lon: float, lat: float, datum: str, code: str) -> None:
    with pytest.raises(GeoError) as refused:
        point(lon, lat, datum)
    assert refused.value.code == code
    assert str(lon) not in repr(refused.value) + repr(refused.value.facts), "a point is where a person lives"


@pytest.mark.parametrize("accuracy", [-1.0, math.nan, math.inf])
def test_an_impossible_accuracy_is_refused(accuracy: float) -> None:
    with pytest.raises(GeoError) as refused:
        point(114.8, 34.8, "WGS84", accuracy)
    assert refused.value.code == "accuracy_invalid"


@pytest.mark.parametrize("datum", ["GCJ02", "BD09"])
def test_the_edge_is_drawn_in_wgs84(datum: str) -> None:
    edge = Envelope(114.0, 34.0, 115.0, 35.0)
    inside, outside = (from_wgs84(lon, 34.5, datum) for lon in (114.99999, 115.00001))
    assert inside[0] > edge.east, "shifted over the edge, and yet inside"
    assert point(float(inside[0]), float(inside[1]), datum, envelope=edge).lon < edge.east
    with pytest.raises(GeoError) as refused:
        point(float(outside[0]), float(outside[1]), datum, envelope=edge)
    assert refused.value.code == "point_outside_area"


def test_the_corners_of_the_area_belong_to_it() -> None:
    assert point(HENAN.west, HENAN.south, "WGS84").lon == HENAN.west
    assert point(HENAN.east, HENAN.north, "CGCS2000").lat == HENAN.north


@given(st.floats(), st.floats(), st.sampled_from(Datum))
def test_whatever_comes_is_turned_or_refused(lon: float, lat: float, datum: Datum) -> None:
    refused = ""
    try:
        taken = point(lon, lat, datum)
    except GeoError as error:
        refused = error.code
    else:
        assert HENAN.holds(taken.lon, taken.lat)
    assert refused in {"", "point_not_finite", "axes_swapped", "point_outside_area"}
