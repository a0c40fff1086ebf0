"""The datum of a file, from what it declares and what it is said to be."""

from __future__ import annotations

import pytest

from geo.intake import IntakeRefused
from geo.intake.reference import datum_of
from geo.points import Datum

ESRI_CGCS2000 = (
    'GEOGCS["GCS_China_Geodetic_Coordinate_System_2000",DATUM["D_China_2000",SPHEROID["CGCS2000",6378137.0,'
    '298.257222101]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]'
)


@pytest.mark.parametrize(
    ("crs", "datum"),
    [
        ("EPSG:4326", Datum.WGS84),
        ("EPSG:4979", Datum.WGS84),
        ("OGC:CRS84", Datum.WGS84),
        ("EPSG:4490", Datum.CGCS2000),
        ("EPSG:4480", Datum.CGCS2000),
        (ESRI_CGCS2000, Datum.CGCS2000),
    ],
)
def test_declared(crs: str, datum: Datum) -> None:
    assert datum_of(crs, None) == (datum, ())


@pytest.mark.parametrize("crs", [None, "", 'LOCAL_CS["Undefined Cartesian SRS",UNIT["Meter",1]]'])
def test_undeclared_but_asked(crs: str | None) -> None:
    assert datum_of(crs, "BD09") == (Datum.BD09, ())


@pytest.mark.parametrize(
    ("crs", "asked"),
    [("nonsense", None), ("nonsense", "GCJ02"), ("EPSG:4214", None), ("EPSG:4547", None), ("EPSG:3857", "WGS84")],
)
def test_unsupported(crs: str, asked: str | None) -> None:
    with pytest.raises(IntakeRefused) as refused:
        datum_of(crs, asked)
    [finding] = refused.value.findings
    assert finding.code == "crs_unsupported"
    assert crs in finding.text("en")
