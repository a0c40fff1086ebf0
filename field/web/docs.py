"""The readable API docs: one page that renders our own openapi.json with files we ship."""

from __future__ import annotations

from pathlib import Path

from flask import Flask, Response, send_from_directory

STATIC = Path(__file__).parent / "static"

_PAGE = """<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Gridfield API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="docs/static/swagger-ui.css">
</head>
<body>
<div id="docs"></div>
<script src="docs/static/swagger-ui-bundle.js"></script>
<script src="docs/static/docs.js"></script>
</body>
</html>
"""
_POLICY = "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'"


def install(app: Flask) -> None:
    """Add /api/v1/docs and the files it needs."""

    @app.get("/api/v1/docs")
    def docs() -> Response:
        return Response(_PAGE, headers={"Content-Security-Policy": _POLICY}, mimetype="text/html")

    @app.get("/api/v1/docs/static/<path:name>")
    def docs_static(name: str) -> Response:
        return send_from_directory(STATIC, name, max_age=86400)
