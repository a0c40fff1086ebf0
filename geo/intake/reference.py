"""From a file's coordinates to WGS-84: by what the file declares, unless the person who brings it knows better."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyproj
from numpy.typing import NDArray
from pyproj.aoi import AreaOfInterest
from pyproj.exceptions import CRSError
from pyproj.transformer import TransformerGroup

from geo.datum import from_wgs84, to_wgs84
from geo.intake.findings import Finding, IntakeRefused, refusal
from geo.points import Datum, Envelope

Coordinates = NDArray[np.float64]

# With their three-dimensional twins, which GDAL names when a file carries heights; EPSG codes.
_DATUMS: Final = {4326: Datum.WGS84, 4979: Datum.WGS84, 4490: Datum.CGCS2000, 4480: Datum.CGCS2000}
_AUTHORITY: Final = re.compile(r"(EPSG|ESRI|OGC):\w+", re.ASCII)
_WGS84: Final = "EPSG:4326"
# No degrees are larger, whatever is wrong with them otherwise.
_DEGREES: Final = 360.0


@dataclass(frozen=True)
class Reference:
    """What a file's coordinates are, and the way to WGS-84 and back.

    `declared` names the system that the file (or the person) declares, None for none. `datum` is what the
    coordinates were taken as: one of `Datum`, or the geodetic datum's name.
    """

    declared: str | None
    datum: str
    shift: Datum
    projected: bool = False
    through: pyproj.Transformer | None = None

    def to_wgs84(self, xy: Coordinates) -> Coordinates:
        """Turn an array of pairs into longitudes and latitudes; what PROJ cannot turn becomes infinite."""
        if self.through is not None:
            xy = np.column_stack(self.through.transform(xy[:, 0], xy[:, 1]))
        if self.shift in (Datum.WGS84, Datum.CGCS2000):
            return xy
        return np.column_stack(to_wgs84(xy[:, 0], xy[:, 1], self.shift))

    def from_wgs84(self, lonlat: Coordinates) -> Coordinates:
        """Turn longitudes and latitudes into the file's own coordinates."""
        if self.shift not in (Datum.WGS84, Datum.CGCS2000):
            lonlat = np.column_stack(from_wgs84(lonlat[:, 0], lonlat[:, 1], self.shift))
        if self.through is None:
            return lonlat
        return np.column_stack(self.through.transform(lonlat[:, 0], lonlat[:, 1], direction="INVERSE"))


def reference_of(
    crs: str | None, asked: str | None, sample: Coordinates, envelope: Envelope
) -> tuple[Reference, tuple[Finding, ...]]:
    """Decide what a file's coordinates are, and say so where that contradicts the file.

    What is asked for wins (a `Datum`, or a code such as EPSG:4527): GeoJSON always says WGS-84, and shifted
    layers often carry a .prj of CGCS2000. `sample` are some of the file's coordinates as they stand, to be
    held against it. Raises IntakeRefused `datum_unknown`, `crs_undeclared`, `crs_undeclared_metres`,
    `crs_unsupported` or `crs_contradicted`.
    """
    said, datum = _asked(asked)
    declared = _declared(crs, needed=asked is None)
    used = said or declared
    if used is None:
        if not _degrees(sample):
            raise refusal("crs_undeclared_metres", **_looks(sample, envelope))
        if datum is None:
            raise refusal("crs_undeclared")
        return Reference(None, datum, datum), ()
    reference, notes = _reference(used, datum, envelope)
    _hold_against(reference, sample, envelope)
    overruled = datum is not None and datum != _known(_geodetic(used))
    if said is not None and declared is not None:
        overruled = not said.equals(declared, ignore_axis_order=True)
    if overruled and declared is not None:
        notes = (Finding("datum_overrides", facts={"declared": _name(declared), "datum": asked}), *notes)
    return reference, notes


def _asked(asked: str | None) -> tuple[pyproj.CRS | None, Datum | None]:
    if asked is None:
        return None, None
    if asked in Datum.__members__:
        return None, Datum(asked)
    if _AUTHORITY.fullmatch(asked):
        return _parsed(asked), None
    raise refusal("datum_unknown", datum=asked[:60], allowed=", ".join((*Datum, "EPSG:…")))


def _declared(crs: str | None, *, needed: bool) -> pyproj.CRS | None:
    """Read what the file declares; what cannot be read matters only where nobody says otherwise."""
    try:
        return _parsed(crs) if crs else None
    except IntakeRefused:
        if needed:
            raise
        return None


def _parsed(crs: str) -> pyproj.CRS | None:
    try:
        parsed = pyproj.CRS.from_user_input(crs)
    except CRSError as error:
        raise refusal("crs_unreadable", crs=crs[:60]) from error
    if parsed.is_compound:
        parsed = parsed.sub_crs_list[0]
    # A drawing program's plane is no place on earth; GeoPackage has two entries for "undefined".
    nowhere = parsed.is_engineering or parsed.name.casefold().startswith("undefined")
    return None if nowhere else parsed.to_2d()


def _name(crs: pyproj.CRS) -> str:
    authority = crs.to_authority()
    return ":".join(authority) if authority else crs.name


def _geodetic(crs: pyproj.CRS) -> pyproj.CRS:
    bare = crs.source_crs if crs.is_bound else crs
    assert bare is not None
    if bare.is_geocentric or bare.geodetic_crs is None:
        raise refusal("crs_unsupported", crs=_name(crs))
    return bare.geodetic_crs


def _known(crs: pyproj.CRS) -> Datum | None:
    for epsg, datum in _DATUMS.items():
        if crs.equals(pyproj.CRS.from_epsg(epsg), ignore_axis_order=True):
            return datum
    return None


def _reference(crs: pyproj.CRS, asked: Datum | None, envelope: Envelope) -> tuple[Reference, tuple[Finding, ...]]:
    base = _geodetic(crs)
    shift = asked or _known(base)
    if shift is not None:
        through = pyproj.Transformer.from_crs(crs, base, always_xy=True) if crs.is_projected else None
        return Reference(_name(crs), shift, shift, crs.is_projected, through), ()
    through, accuracy = _way(crs, envelope)
    datum = base.datum.name if base.datum else base.name
    note = Finding("crs_transformed", facts={"crs": _name(crs), "way": through.description, "accuracy_m": accuracy})
    return Reference(_name(crs), datum, Datum.WGS84, crs.is_projected, through), (note,)


def _way(crs: pyproj.CRS, envelope: Envelope) -> tuple[pyproj.Transformer, float]:
    """Find PROJ's best way whose accuracy is known; a ballpark one may be off by a hundred metres."""
    area: Any = AreaOfInterest(envelope.west, envelope.south, envelope.east, envelope.north)
    ways = TransformerGroup(crs, _WGS84, always_xy=True, area_of_interest=area, allow_ballpark=False).transformers
    # What the file itself says about its datum (TOWGS84) comes without an accuracy.
    known = [(way.accuracy, nth) for nth, way in enumerate(ways) if way.accuracy >= 0 or crs.is_bound]
    if not known:
        raise refusal("crs_unsupported", crs=_name(crs))
    accuracy, nth = min(known)
    return ways[nth], accuracy


def _degrees(sample: Coordinates) -> bool:
    return not len(sample) or float(np.mean(np.abs(sample).max(axis=1) <= _DEGREES)) >= 0.5


def _hold_against(reference: Reference, sample: Coordinates, envelope: Envelope) -> None:
    """Refuse coordinates that cannot be what is declared: degrees for metres, or another zone's numbers."""
    if not len(sample):
        return
    contradicted = _degrees(sample) == reference.projected
    if reference.projected and not contradicted:
        contradicted = not _inside(reference, sample, envelope) and bool(list(_guesses(sample, envelope)))
    if contradicted:
        raise refusal("crs_contradicted", crs=reference.declared, **_looks(sample, envelope))


def _inside(reference: Reference, sample: Coordinates, envelope: Envelope) -> bool:
    lonlat = reference.to_wgs84(sample)
    return any(envelope.holds(lon, lat) for lon, lat in lonlat.tolist())


def _looks(sample: Coordinates, envelope: Envelope) -> dict[str, object]:
    x, y = np.median(sample, axis=0).tolist()
    return {"x": round(x, 3), "y": round(y, 3), "looks": " / ".join(_guesses(sample, envelope)) or "?"}


def _guesses(sample: Coordinates, envelope: Envelope) -> Iterator[str]:
    """Name the systems in use in the envelope in which the middle of the sample would lie there."""
    middle = np.median(sample, axis=0, keepdims=True)
    for epsg in _candidates(envelope):
        crs = pyproj.CRS.from_epsg(epsg)
        if crs.is_projected == _degrees(middle):
            continue
        reference, _ = _reference(crs, None, envelope)
        if _inside(reference, middle, envelope):
            yield f"EPSG:{epsg} ({crs.name})"


def _candidates(envelope: Envelope) -> list[int]:
    """List degrees, then Gauss-Krüger of three and six degrees with and without the zone's number, UTM, web maps."""
    threes = range(round(envelope.west / 3), round(envelope.east / 3) + 1)
    sixes = range(int(envelope.west // 6) + 1, int(envelope.east // 6) + 2)
    return [
        4490,
        *(4488 + zone for zone in threes if 25 <= zone <= 45),
        *(4509 + zone for zone in threes if 25 <= zone <= 45),
        *(4478 + zone for zone in sixes if 13 <= zone <= 23),
        *(32630 + zone for zone in sixes if 13 <= zone <= 23),
        3857,
    ]
