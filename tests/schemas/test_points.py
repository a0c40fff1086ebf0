"""Points on the wire: the datum is named, WGS-84 goes in, and the pair as given is kept."""

from __future__ import annotations

import pytest
from marshmallow import ValidationError

from field.schemas.points import PointIn, PointOut, RawPoint
from geo.points import Datum, GeoError, Point

HERE = Point(114.8211, 34.8322, 114.8272, 34.8311, Datum.GCJ02, 12.0)


def test_a_point_in_wgs84_goes_in_as_it_is() -> None:
    found = PointIn().load({"lon": 114.8211, "lat": 34.8322, "datum": "WGS84", "accuracy_m": 12})
    assert found == Point(114.8211, 34.8322, 114.8211, 34.8322, Datum.WGS84, 12.0)


@pytest.mark.parametrize("datum", ["GCJ02", "BD09"])
def test_a_point_of_another_datum_is_turned_and_kept(datum: str) -> None:
    found = PointIn().load({"lon": 114.8211, "lat": 34.8322, "datum": datum})
    assert (found.raw_lon, found.raw_lat, found.datum) == (114.8211, 34.8322, Datum(datum))
    assert 0.001 < abs(114.8211 - found.lon) < 0.02
    assert 0.0001 < abs(34.8322 - found.lat) < 0.02
    assert found.accuracy_m is None


def test_the_datum_is_mandatory() -> None:
    with pytest.raises(ValidationError) as refused:
        PointIn().load({"lon": 114.8211, "lat": 34.8322})
    assert list(refused.value.messages_dict) == ["datum"]


def test_the_map_refuses_in_its_own_words() -> None:
    with pytest.raises(GeoError) as refused:
        PointIn().load({"lon": 34.8322, "lat": 114.8211, "datum": "WGS84"})
    assert refused.value.code == "axes_swapped"


def test_what_is_shown_says_its_datum() -> None:
    assert PointOut().dump(HERE) == {"lon": 114.8211, "lat": 34.8322, "datum": "WGS84", "accuracy_m": 12.0}
    assert RawPoint().dump(HERE) == {"lon": 114.8272, "lat": 34.8311, "datum": "GCJ02"}
