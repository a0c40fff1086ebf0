"""Which kind of map file it is, told by the first bytes and never by the name."""

import re
from enum import StrEnum
from typing import Final

# So much of a file is looked at.
HEAD: Final = 4096

_ZIP: Final = b"PK\x03\x04"
_ZIP_WITHOUT_MEMBERS: Final = b"PK\x05\x06"
# Other programs' JSON begins with a brace too, and some of it makes GDAL open yet other files.
_GEOJSON: Final = re.compile(rb'\s*\{.*"Feature', re.DOTALL)
_KML: Final = re.compile(rb"\s*<(\?xml|!--|kml|\w+:kml).*", re.DOTALL)
_KML_ROOT: Final = re.compile(rb"<(\w+:)?kml[\s>]")


class Format(StrEnum):
    """A format that is read; the value is the ending under which GDAL knows it."""

    GPKG = ".gpkg"
    SHAPEFILE = ".shp"
    GEOJSON = ".geojson"
    FLATGEOBUF = ".fgb"
    KML = ".kml"


# What GDAL has to call the file that it opened; KML is read without GDAL.
DRIVERS: Final = {
    Format.GPKG: "GPKG",
    Format.SHAPEFILE: "ESRI Shapefile",
    Format.GEOJSON: "GeoJSON",
    Format.FLATGEOBUF: "FlatGeobuf",
}


def is_zip(head: bytes) -> bool:
    """Tell whether a file that begins so is an archive (KMZ is one, and so is an office document)."""
    return head.startswith((_ZIP, _ZIP_WITHOUT_MEMBERS))


def format_of(head: bytes) -> Format | None:
    """Tell the format of a file that begins so, or None when it is not one that is read."""
    if head.startswith(b"SQLite format 3\0") and head[68:70] == b"GP":
        return Format.GPKG
    if head.startswith(b"\x00\x00\x27\x0a"):
        return Format.SHAPEFILE
    if head.startswith(b"fgb\x03fgb"):
        return Format.FLATGEOBUF
    text = head.removeprefix(b"\xef\xbb\xbf")
    if _GEOJSON.match(text):
        return Format.GEOJSON
    # A document type could define entities of entities, which fill the memory.
    kml = _KML.match(text) and _KML_ROOT.search(text) and b"<!DOCTYPE" not in text
    return Format.KML if kml else None
