"""What a file's coordinates are, from what it declares, what it is said to be, and what they look like."""

from __future__ import annotations

import numpy as np
import pyproj
import pytest

from geo.datum import from_wgs84
from geo.intake import IntakeRefused
from geo.intake.reference import Coordinates, Reference, reference_of
from geo.points import HENAN

ESRI_CGCS2000 = (
    'GEOGCS["GCS_China_Geodetic_Coordinate_System_2000",DATUM["D_China_2000",SPHEROID["CGCS2000",6378137.0,'
    '298.257222101]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]'
)
ESRI_ZONE_38 = (
    'PROJCS["CGCS2000_3_Degree_GK_Zone_38",' + ESRI_CGCS2000 + ',PROJECTION["Gauss_Kruger"],'
    'PARAMETER["False_Easting",38500000.0],PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",114.0],'
    'PARAMETER["Scale_Factor",1.0],PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]'
)
XIAN_WITH_PARAMETERS = (
    'GEOGCS["Xian 1980",DATUM["Xian_1980",SPHEROID["IAG 1975",6378140,298.257],TOWGS84[-100,50,20,0,0,0,0]],'
    'PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]]'
)
UNDEFINED = 'LOCAL_CS["Undefined Cartesian SRS",UNIT["Meter",1]]'
DEGREES = np.array([[114.82, 34.83], [114.9, 34.9]])
NOTHING = np.empty((0, 2))
CENTIMETRE = 1e-7


def metres(epsg: int) -> Coordinates:
    """Turn the sample degrees into a projected system by PROJ's own words, datum left alone."""
    crs = pyproj.CRS.from_epsg(epsg)
    assert crs.geodetic_crs is not None
    there = pyproj.Transformer.from_crs(crs.geodetic_crs, crs, always_xy=True)
    return np.column_stack(there.transform(DEGREES[:, 0], DEGREES[:, 1]))


def taken(crs: str | None, asked: str | None = None, sample: Coordinates = DEGREES) -> tuple[Reference, list[str]]:
    """Decide, and give the codes of the notes with it."""
    reference, notes = reference_of(crs, asked, sample, HENAN)
    return reference, [note.code for note in notes]


def refused(crs: str | None, asked: str | None = None, sample: Coordinates = DEGREES) -> tuple[str, str]:
    """Give the code and the words of the refusal."""
    with pytest.raises(IntakeRefused) as refusal:
        reference_of(crs, asked, sample, HENAN)
    [finding] = refusal.value.findings
    return finding.code, finding.line("en")


@pytest.mark.parametrize(
    ("crs", "datum"),
    [
        ("EPSG:4326", "WGS84"),
        ("EPSG:4979", "WGS84"),
        ("OGC:CRS84", "WGS84"),
        ("EPSG:4490", "CGCS2000"),
        ("EPSG:4480", "CGCS2000"),
        (ESRI_CGCS2000, "CGCS2000"),
    ],
)
def test_degrees_that_are_declared(crs: str, datum: str) -> None:
    reference, notes = taken(crs)
    assert (reference.datum, reference.projected, notes) == (datum, False, [])
    assert np.array_equal(reference.to_wgs84(DEGREES), DEGREES)


@pytest.mark.parametrize(
    "epsg",
    [4526, 4527, 4547, 4548, 4498, 4509, 32649, 32650, 3857],
)
def test_metres_that_are_declared(epsg: int) -> None:
    reference, notes = taken(f"EPSG:{epsg}", sample=metres(epsg))
    assert (reference.declared, reference.projected, notes) == (f"EPSG:{epsg}", True, [])
    assert reference.datum in {"WGS84", "CGCS2000"}
    assert np.allclose(reference.to_wgs84(metres(epsg)), DEGREES, rtol=0, atol=CENTIMETRE)
    assert np.allclose(reference.from_wgs84(DEGREES), metres(epsg), rtol=0, atol=0.001)


def test_a_prj_of_arcgis() -> None:
    reference, _ = taken(ESRI_ZONE_38, sample=metres(4526))
    assert reference.datum == "CGCS2000"
    assert np.allclose(reference.to_wgs84(metres(4526)), DEGREES, rtol=0, atol=CENTIMETRE)


@pytest.mark.parametrize("crs", [None, "", UNDEFINED])
def test_undeclared_but_asked(crs: str | None) -> None:
    reference, notes = taken(crs, "BD09")
    assert (reference.datum, reference.declared, notes) == ("BD09", None, [])
    lon, lat = reference.to_wgs84(DEGREES).T
    assert np.allclose(np.column_stack(from_wgs84(lon, lat, "BD09")), DEGREES, rtol=0, atol=1e-9)


def test_undeclared_metres_and_a_system_that_is_asked_for() -> None:
    reference, notes = taken(None, "EPSG:4527", metres(4527))
    assert (reference.declared, reference.datum, notes) == ("EPSG:4527", "CGCS2000", [])


@pytest.mark.parametrize(
    ("crs", "asked", "sample"),
    [
        ("EPSG:4490", "GCJ02", DEGREES),
        ("EPSG:4326", "CGCS2000", DEGREES),
        ("EPSG:4214", "WGS84", DEGREES),
        ("EPSG:4547", "EPSG:4548", metres(4548)),
        ("EPSG:3857", "GCJ02", metres(3857)),
    ],
)
def test_what_is_asked_overrules_what_is_declared(crs: str, asked: str, sample: Coordinates) -> None:
    _, notes = reference_of(crs, asked, sample, HENAN)
    assert [note.line("en") for note in notes] == [f"The file declares {crs}; it was taken as {asked}, as asked."]


@pytest.mark.parametrize(("crs", "asked"), [("EPSG:4490", "CGCS2000"), ("EPSG:4326", "EPSG:4326")])
def test_what_is_asked_and_declared_alike_needs_no_word(crs: str, asked: str) -> None:
    assert taken(crs, asked)[1] == []


def test_shifted_degrees_under_a_projection_are_turned_twice() -> None:
    shifted = np.column_stack(from_wgs84(DEGREES[:, 0], DEGREES[:, 1], "GCJ02"))
    there = pyproj.Transformer.from_crs("EPSG:4326", "EPSG:3857", always_xy=True)
    reference, _ = taken("EPSG:3857", "GCJ02", np.column_stack(there.transform(shifted[:, 0], shifted[:, 1])))
    turned = reference.to_wgs84(np.column_stack(there.transform(shifted[:, 0], shifted[:, 1])))
    assert np.allclose(turned, DEGREES, rtol=0, atol=CENTIMETRE)


def test_a_way_of_known_accuracy_is_taken_and_told() -> None:
    """A realisation of WGS 84 has one in PROJ's tables, to two metres."""
    reference, notes = taken("EPSG:9056")
    assert notes == ["crs_transformed"]
    assert np.allclose(reference.to_wgs84(DEGREES), DEGREES, rtol=0, atol=CENTIMETRE)


def test_parameters_that_the_file_brings_are_used() -> None:
    reference, notes = taken(XIAN_WITH_PARAMETERS)
    assert notes == ["crs_transformed"]
    moved = reference.to_wgs84(DEGREES) - DEGREES
    assert 1e-4 < np.abs(moved).max() < 1e-2


@pytest.mark.parametrize(
    ("crs", "asked"),
    [
        ("EPSG:4214", None),
        ("EPSG:4610", None),
        ("EPSG:2383", None),
        ("EPSG:4479", None),
    ],
)
def test_no_way_of_known_accuracy(crs: str | None, asked: str | None) -> None:
    code, words = refused(crs, asked)
    assert code == "crs_unsupported"
    assert (crs or asked or "") in words


@pytest.mark.parametrize(("crs", "asked"), [("nonsense", None), (None, "EPSG:99999"), ("EPSG:4490", "EPSG:x")])
def test_a_system_that_nobody_understands(crs: str | None, asked: str | None) -> None:
    code, words = refused(crs, asked)
    assert code == "crs_unreadable"
    assert (asked or crs or "") in words


@pytest.mark.parametrize("asked", ["GCJ02", "EPSG:4490"])
def test_what_cannot_be_read_may_be_said(asked: str) -> None:
    assert taken("nonsense", asked)[1] == []


def test_no_such_datum() -> None:
    assert refused("EPSG:4490", "GCJ-02")[0] == "datum_unknown"


def test_nothing_declared() -> None:
    assert refused(None)[0] == "crs_undeclared"
    assert refused(UNDEFINED)[0] == "crs_undeclared"


@pytest.mark.parametrize(
    ("crs", "sample", "code", "looks"),
    [
        (None, metres(4527), "crs_undeclared_metres", "EPSG:4527"),
        (None, metres(4547), "crs_undeclared_metres", "EPSG:4547"),
        ("EPSG:4490", metres(4527), "crs_contradicted", "EPSG:4527"),
        ("EPSG:4527", DEGREES, "crs_contradicted", "EPSG:4490"),
        ("EPSG:4547", metres(4526), "crs_contradicted", "EPSG:4526"),
        ("EPSG:4526", metres(4547), "crs_contradicted", "EPSG:4547"),
        ("EPSG:3857", metres(4526), "crs_contradicted", "EPSG:4526"),
    ],
)
def test_coordinates_that_cannot_be_what_is_declared(
    crs: str | None, sample: Coordinates, code: str, looks: str
) -> None:
    said, words = refused(crs, None, sample)
    assert said == code
    assert looks in words


def test_a_few_strange_rows_do_not_contradict_the_file() -> None:
    sample = np.vstack([DEGREES, metres(4527)[:1]])
    assert taken("EPSG:4490", sample=sample)[0].datum == "CGCS2000"
    assert taken("EPSG:4527", sample=np.vstack([metres(4527), DEGREES[:1]]))[0].projected


def test_without_any_shape_nothing_contradicts() -> None:
    assert taken("EPSG:4547", sample=NOTHING)[0].projected
