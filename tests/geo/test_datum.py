"""The datums: published vectors, there and back to nanometres, the formula's own shift."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import ArrayLike

from geo.datum import DATUMS, Degrees, from_wgs84, to_wgs84
from geo.points import HENAN, Datum, GeoError

# City centres in WGS-84, GCJ-02 and BD-09 as (lat, lon), and the length of the first shift in metres.
CITIES = {
    "Zhengzhou": ((34.7466, 113.6254), (34.7454175, 113.6314467), (34.7517231, 113.6378474), 567.9),
    "Luoyang": ((34.6197, 112.4540), (34.6186740, 112.4602504), (34.6248393, 112.4667010), 583.2),
    "Nanyang": ((32.9908, 112.5283), (32.9888008, 112.5341430), (32.9948703, 112.5406111), 588.6),
    "Xinyang": ((32.1470, 114.0913), (32.1450557, 114.0971868), (32.1511776, 114.1036378), 594.9),
    "Shangqiu": ((34.4142, 115.6564), (34.4128336, 115.6619088), (34.4190305, 115.6683295), 527.7),
    "Anyang": ((36.0976, 114.3924), (36.0977737, 114.3984897), (36.1036206, 114.4050188), 547.5),
    "Sanmenxia": ((34.7726, 111.2003), (34.7716123, 111.2062937), (34.7775420, 111.2127948), 558.4),
}
SHIFTED = ["GCJ02", "BD09"]
ROUNDING = 0.6e-7
MICROMETRE = 1e-6

longitudes = st.floats(HENAN.west, HENAN.east)
latitudes = st.floats(HENAN.south, HENAN.north)


def metres(lon: ArrayLike, lat: ArrayLike, to_lon: ArrayLike, to_lat: ArrayLike) -> Degrees:
    """Measure between points some kilometres apart at most, near enough for a comparison."""
    east = np.subtract(to_lon, lon) * np.cos(np.radians(lat)) * 111_320
    away: Degrees = np.hypot(east, np.subtract(to_lat, lat) * 111_000)
    return away


@pytest.mark.parametrize("city", CITIES)
@pytest.mark.parametrize("datum", SHIFTED)
def test_published_vectors(city: str, datum: str) -> None:
    (lat, lon), *shifted, _ = CITIES[city]
    expected_lat, expected_lon = shifted[SHIFTED.index(datum)]
    there, back = from_wgs84(lon, lat, datum), to_wgs84(expected_lon, expected_lat, datum)
    assert np.array(there) == pytest.approx(np.array([expected_lon, expected_lat]), abs=ROUNDING)
    assert np.array(back) == pytest.approx(np.array([lon, lat]), abs=ROUNDING)


@pytest.mark.parametrize("city", CITIES)
def test_the_shift_is_as_long_as_published(city: str) -> None:
    (lat, lon), *_, length = CITIES[city]
    assert metres(lon, lat, *from_wgs84(lon, lat, "GCJ02")) == pytest.approx(length, abs=2)


@pytest.mark.parametrize("datum", SHIFTED)
def test_there_and_back_over_the_whole_province(datum: str, rng: random.Random) -> None:
    points = np.random.default_rng(rng.randrange(2**32)).uniform(
        (HENAN.west, HENAN.south), (HENAN.east, HENAN.north), (20_000, 2)
    )
    lon, lat = points.T
    there = from_wgs84(lon, lat, datum)
    back = to_wgs84(*there, datum)
    assert metres(lon, lat, *back).max() < MICROMETRE
    assert metres(*there, *from_wgs84(*back, datum)).max() < MICROMETRE
    assert metres(lon, lat, *there).min() > 400
    assert metres(lon, lat, *there).max() < 1500


@given(longitudes, latitudes, st.sampled_from(SHIFTED))
def test_there_and_back_at_awkward_places(lon: float, lat: float, datum: str) -> None:
    assert metres(lon, lat, *to_wgs84(*from_wgs84(lon, lat, datum), datum)) < MICROMETRE


@pytest.mark.parametrize("datum", ["WGS84", "CGCS2000"])
def test_cgcs2000_is_taken_as_wgs84(datum: str) -> None:
    for lon, lat in (to_wgs84(114.0, 34.0, datum), from_wgs84(114.0, 34.0, datum)):
        assert (float(lon), float(lat)) == (114.0, 34.0)


@pytest.mark.parametrize("datum", DATUMS)
def test_arrays_keep_their_shape_and_stay_untouched(datum: Datum) -> None:
    lon, lat = np.full((3, 2), 114.0), np.full((3, 2), 34.0)
    for turned in (*to_wgs84(lon, lat, datum), *from_wgs84(lon, lat, datum)):
        assert turned.shape == (3, 2)
        assert not np.shares_memory(turned, lon)
        assert not np.shares_memory(turned, lat)
    assert {*lon.flat, *lat.flat} == {114.0, 34.0}


def test_an_empty_array_is_an_answer() -> None:
    assert to_wgs84([], [], "GCJ02")[0].size == 0


@pytest.mark.parametrize("datum", ["wgs84", "BD09LL", "", "EPSG:4326"])
def test_an_unknown_datum_is_refused(datum: str) -> None:
    with pytest.raises(GeoError) as to:
        to_wgs84(114.0, 34.0, datum)
    with pytest.raises(GeoError) as back:
        from_wgs84(114.0, 34.0, datum)
    assert to.value.code == back.value.code == "datum_unknown"
