"""The readable docs: one page with nothing from elsewhere, which a real browser shows without a complaint."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
from flask import Flask
from werkzeug.serving import make_server

from tests.http.test_jurisdiction import BY_OPERATION, OPEN_TO_ALL

CHROMIUM = Path("/usr/bin/chromium")
PAGE = "/api/v1/docs"
REFERENCE = re.compile(r"""(?:src|href)=["']([^"']+)["']""")


def test_the_page_refers_to_our_own_files_alone(app: Flask) -> None:
    client = app.test_client()
    page = client.get(PAGE)
    assert page.mimetype == "text/html"
    assert "default-src 'self'" in page.headers["Content-Security-Policy"]
    references = REFERENCE.findall(page.text)
    assert len(references) >= 3
    for reference in references:
        assert not urlsplit(reference).netloc
        if reference == "data:,":
            continue
        file = client.get(urljoin(PAGE, reference), buffered=True)
        assert file.status_code == 200
        assert file.mimetype in ("text/css", "text/javascript", "application/javascript")
    assert "://" not in page.text


def test_no_style_or_script_of_ours_fetches_from_elsewhere(app: Flask) -> None:
    """A vendored script may name addresses in its texts; what it loads is watched in the browser below."""
    client = app.test_client()
    for name in ("docs.js", "swagger-ui.css"):
        text = client.get(f"{PAGE}/static/{name}", buffered=True).text
        assert not re.search(r"""url\(["']?https?:|@import|importScripts|sourceMappingURL""", text), name
    assert "sourceMappingURL" not in client.get(f"{PAGE}/static/swagger-ui-bundle.js", buffered=True).text


@pytest.mark.parametrize(
    "name", ["docs.py", "../docs.py", "..%2fdocs.py", "%2e%2e/__init__.py", "/etc/passwd", "nothing.js", ""]
)
def test_only_the_files_of_the_page_are_served(app: Flask, name: str) -> None:
    assert app.test_client().get(f"{PAGE}/static/{name}").status_code in (308, 404)


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """The app behind a real port on this machine."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_browser_lists_every_operation_and_asks_nobody_else(address: str) -> None:
    if not CHROMIUM.exists():
        pytest.skip(f"no browser at {CHROMIUM}: apt-get install chromium")
    from playwright.sync_api import sync_playwright  # noqa: PLC0415  it is slow to load, and most runs skip nothing else

    complaints: list[str] = []
    asked: list[str] = []
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        page = browser.new_page()
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(address + PAGE)
        page.wait_for_selector(".opblock")
        methods = page.locator(".opblock .opblock-summary-method").all_inner_texts()
        paths = page.locator(".opblock .opblock-summary-path").evaluate_all("all => all.map(each => each.dataset.path)")
        title = page.inner_text(".info .title")
        page.click(".opblock-summary-control >> nth=0")
        page.wait_for_selector(".opblock.is-open .opblock-body")
        browser.close()
    expected = {name.partition("#")[0] for name in BY_OPERATION} | OPEN_TO_ALL
    shown = {f"{method} {path}" for method, path in zip(methods, paths, strict=True)}
    assert {name.replace("/api/v1", "", 1) for name in shown} == expected
    assert "Gridfield" in title
    assert complaints == []
    assert {url.split(":", 1)[0] for url in asked} <= {"http", "data"}
    assert all(url.startswith((address, "data:")) for url in asked)
