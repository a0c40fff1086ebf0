"""Pages drawn from templates: what people wrote stays text, and nothing comes from outside."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from jinja2 import UndefinedError

from field.web import pages
from field.web.pages import draw

TEMPLATES = sorted((Path(pages.__file__).parent / "templates").rglob("*.html"))


def test_what_people_wrote_stays_text() -> None:
    page = draw("ogc/landing", {"title": "<b>&", "description": "<script>"}, "http://x/ogc")
    assert "<h1>&lt;b&gt;&amp;</h1>" in page
    assert "<script>" not in page


def test_what_is_missing_is_no_blank() -> None:
    with pytest.raises(UndefinedError):
        draw("ogc/landing", {"title": "x"}, "http://x/ogc")


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
def test_nothing_comes_from_outside(path: Path) -> None:
    text = path.read_text()
    assert not re.findall(r"https?://|src=|@import|url\(|<script|\son\w+=|\|\s*safe", text)
    addresses = re.findall(r'href="([^"]*)"', text)
    assert all(address.startswith(("{{ base }}", "{{ shown.link(")) or address == "data:," for address in addresses)
