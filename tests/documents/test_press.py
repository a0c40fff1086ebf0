"""The press: one paper at a time, nothing from outside, and nobody pays for it who does not print."""

from __future__ import annotations

import subprocess
import sys
import threading
from io import BytesIO

import pypdf
import pytest

from field.documents import press
from field.documents.press import Sheet, edition, fill, typeset
from field.rules.refusals import Refused
from tests.database import ROOT

RED = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><rect width="9" height="9" fill="#f00"/></svg>'


def _page(body: str) -> str:
    return f"<!doctype html><html lang=zh-CN><title>t</title><body>{body}</body></html>"


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:9/x.png",
        "file:///etc/hostname",
        "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg'><text>in</text></svg>",
        "paper:other",
        "//192.0.2.1/x.png",
        "qr",
    ],
)
def test_only_its_own_pictures_are_fetched(address: str) -> None:
    asked = Sheet(_page(f'<p>文</p><img src="{address}">'), {"mine": RED})
    assert typeset([asked], b"1" * 16) == typeset([Sheet(_page("<p>文</p><img>"), {"mine": RED})], b"1" * 16)
    drawn = typeset([Sheet(_page('<p>文</p><img src="paper:mine">'), {"mine": RED})], b"1" * 16)
    page = pypdf.PdfReader(BytesIO(drawn)).pages[0]
    assert len(drawn) != len(typeset([asked], b"1" * 16))
    assert "文" in page.extract_text()


def test_a_template_wants_every_name() -> None:
    with pytest.raises(Exception, match="undefined"):
        fill("slip")


def test_who_waits_too_long_is_told_so() -> None:
    """Somebody else holds the press; another thread asks for it, and is not kept waiting for ever."""
    refused: list[str] = []

    def ask() -> None:
        try:
            typeset([Sheet(_page("x"), {})], b"1" * 16, patience_s=0.05)
        except Refused as refusal:
            refused.append(refusal.code)

    with press.ONE_AT_A_TIME:
        thread = threading.Thread(target=ask)
        thread.start()
        thread.join()
    assert refused == ["busy"]
    assert typeset([Sheet(_page("x"), {})], b"1" * 16, patience_s=0.05).startswith(b"%PDF")


def test_the_app_starts_without_the_press() -> None:
    script = "import sys, field.app; sys.exit(any(name.split('.')[0] == 'weasyprint' for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=False).returncode == 0


def test_the_edition_is_short_and_the_same_each_time() -> None:
    assert len(edition()) == 16
    assert edition() == edition()
