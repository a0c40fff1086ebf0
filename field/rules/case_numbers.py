"""Case numbers as courts write them: （2026）豫0225执123号."""

from __future__ import annotations

import re
import unicodedata

from field.rules.refusals import Refused

_CASE_NO = re.compile(
    r"^[（(](20\d{2})[)）]豫(\d{2}|\d{4})?(执恢|执保|执异|执复|执监|执协|执)(\d+)号(之[一二三四五六七八九十]+)?$",
    re.ASCII,  # digits of other scripts would be stored as a second way of writing the same number
)


def normalise(text: str) -> str:
    """Return the number with full-width brackets, no spaces and no leading zeros; refuse `case_no_invalid` (422).

    Elements and their order follow 《关于人民法院案件案号的若干规定》 arts. 2–3.
    """
    compact = "".join(unicodedata.normalize("NFKC", text).split())
    if not (found := _CASE_NO.match(compact)):
        raise Refused("case_no_invalid", field="case_no")
    year, court, kind, serial, part = found.groups()
    if not int(serial):
        raise Refused("case_no_invalid", field="case_no")
    return f"（{year}）豫{court or ''}{kind}{int(serial)}号{part or ''}"
