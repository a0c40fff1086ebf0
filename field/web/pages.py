"""Pages for people, drawn from templates that name nothing outside: no file, no font, no script."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

_ENVIRONMENT = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def draw(name: str, shown: Any, base: str) -> str:
    """Return the page that a template makes of what is to be shown; `base` is where the pages begin."""
    return _ENVIRONMENT.get_template(f"{name}.html").render(shown=shown, base=base)
