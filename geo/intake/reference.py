"""The datum of a file's coordinates: what the file declares, unless the person who brings it knows better."""

from typing import Final

import pyproj
from pyproj.exceptions import CRSError

from geo.intake.findings import Finding, refusal
from geo.points import Datum

# With their three-dimensional twins, which GDAL names when a file carries heights; EPSG codes.
_DATUMS: Final = {4326: Datum.WGS84, 4979: Datum.WGS84, 4490: Datum.CGCS2000, 4480: Datum.CGCS2000}


def datum_of(crs: str | None, asked: str | None) -> tuple[Datum, tuple[Finding, ...]]:
    """Decide in which datum a file's coordinates are, and say so where that contradicts the file.

    What is asked for wins: GeoJSON always says WGS-84 and shifted layers often carry a .prj of CGCS2000.
    But nothing asked for makes degrees of metres. Raises IntakeRefused `datum_unknown`, `crs_undeclared` or
    `crs_unsupported`.
    """
    if asked is not None and asked not in Datum.__members__:
        raise refusal("datum_unknown", datum=asked, allowed=", ".join(Datum))
    declared = _declared(crs)
    if declared is None:
        if asked is None:
            raise refusal("crs_undeclared")
        return Datum(asked), ()
    datum = _known(declared)
    name = declared.to_string() if declared.to_authority() else declared.name
    if declared.is_projected or (datum is None and asked is None):
        raise refusal("crs_unsupported", crs=name)
    if asked is None or asked == datum:
        assert datum is not None
        return datum, ()
    return Datum(asked), (Finding("datum_overrides", facts={"declared": name, "datum": asked}),)


def _declared(crs: str | None) -> pyproj.CRS | None:
    if not crs:
        return None
    try:
        parsed = pyproj.CRS.from_user_input(crs)
    except CRSError as error:
        raise refusal("crs_unsupported", crs=crs[:60]) from error
    # GeoPackage has two entries for "undefined".
    return None if parsed.name.casefold().startswith("undefined") else parsed


def _known(crs: pyproj.CRS) -> Datum | None:
    for epsg, datum in _DATUMS.items():
        if crs.equals(pyproj.CRS.from_epsg(epsg), ignore_axis_order=True):
            return datum
    return None
