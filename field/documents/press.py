"""The press: sets HTML as PDF with the fonts of this machine, and reaches for nothing else.

One file at a time in each process: that bounds the memory (a process that has printed keeps some 270 MB more, mostly
fonts), and Pango's font maps were never meant for several threads. Who waits longer than `PATIENCE_S` is told `busy`.
A file of fifty forms, the largest there is beside a long list of evidence, takes three to five seconds.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from threading import Lock
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from field.rules.papers import PaperName
from field.rules.refusals import Refused
from field.rules.texts import clean

TEMPLATES = Path(__file__).parent / "templates"
PATIENCE_S = 20.0
_SCHEME = "paper:"
_LIBRARIES = ("weasyprint", "pydyf", "fonttools", "pillow", "segno", "jinja2")
_CODE = ("papers", "receipts", "sketch", "wording", "pictures", "press")
ONE_AT_A_TIME = Lock()


@dataclass(frozen=True)
class Sheet:
    """One paper before it is set: its HTML, and the pictures that this may name as `paper:<name>`."""

    html: str
    pictures: Mapping[str, bytes]


def _visible(value: Any) -> Any:
    """Leave out what nobody could see on paper: controls, and what turns the reading direction around."""
    if isinstance(value, str) and not isinstance(value, Markup) and not clean(value):
        return "".join(letter for letter in value if clean(letter))
    return "" if value is None else value


_ENVIRONMENT = Environment(
    loader=FileSystemLoader(TEMPLATES),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    finalize=_visible,
)


def fill(name: str, **shown: Any) -> str:
    """Return the HTML that a template makes of what is to be shown; text is escaped, whatever it holds."""
    return _ENVIRONMENT.get_template(f"{name}.html").render(**shown)


@cache
def edition() -> str:
    """Return a short name of everything but the facts that a paper's bytes depend on: templates, code and libraries.

    Fonts and Pango are the system's: another version of those gives other bytes under the same name.
    """
    told = hashlib.sha256()
    code = [TEMPLATES.with_name(f"{name}.py") for name in _CODE]
    templates = [TEMPLATES / f"{name}.html" for name in ("page", "parts", *PaperName)]
    for path in [*code, *templates, TEMPLATES / "papers.css"]:
        told.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    for library in _LIBRARIES:
        told.update(f"{library}=={version(library)}\n".encode())
    return told.hexdigest()[:16]


def typeset(sheets: Sequence[Sheet], identifier: bytes, patience_s: float = PATIENCE_S) -> bytes:
    """Return one PDF of all sheets, tagged and with embedded fonts; the same input gives the same bytes.

    Pages are numbered for each sheet by itself. Refuses `busy` (503) after twenty seconds in the queue.
    """
    if not ONE_AT_A_TIME.acquire(timeout=patience_s):
        raise Refused("busy")
    try:
        return _set(sheets, identifier)
    finally:
        ONE_AT_A_TIME.release()


def _set(sheets: Sequence[Sheet], identifier: bytes) -> bytes:
    # Two seconds and a hundred megabytes: only who prints pays them, and only once.
    import weasyprint  # noqa: PLC0415
    from weasyprint.text.fonts import FontConfiguration  # noqa: PLC0415

    # Its messages quote what it could not read: that may be somebody's name.
    logging.getLogger("weasyprint").setLevel(logging.CRITICAL)
    fonts = FontConfiguration()
    style = weasyprint.CSS(string=_style(), base_url=_SCHEME, url_fetcher=_only({}), font_config=fonts)
    # Each sheet is laid out by itself, then all are bound into one file, which holds each font once.
    laid_out = [
        weasyprint.HTML(string=sheet.html, base_url=_SCHEME, url_fetcher=_only(sheet.pictures)).render(
            font_config=fonts, stylesheets=[style], pdf_tags=True
        )
        for sheet in sheets
    ]
    bound = laid_out[0].copy([page for document in laid_out for page in document.pages])
    pdf: bytes = bound.write_pdf(pdf_identifier=identifier, pdf_tags=True)
    return pdf


def _only(pictures: Mapping[str, bytes]) -> Any:
    """Return a fetcher that hands out these pictures and nothing else, wherever it lies."""
    from weasyprint.urls import URLFetcher, URLFetcherResponse  # noqa: PLC0415

    class OnlyOurs(URLFetcher):  # type: ignore[misc]
        """Knows the names of a paper's own pictures."""

        def fetch(self, url: str, headers: Any = None) -> Any:
            name = url.removeprefix(_SCHEME)
            if name == url or name not in pictures:
                raise ValueError("a paper names nothing outside")
            return URLFetcherResponse(url, pictures[name], {"Content-Type": _media_type(pictures[name])})

    return OnlyOurs()


def _media_type(body: bytes) -> str:
    return "image/jpeg" if body.startswith(b"\xff\xd8") else "image/svg+xml"


@cache
def _style() -> str:
    return (TEMPLATES / "papers.css").read_text()
