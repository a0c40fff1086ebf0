"""What the web server's processes load."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest

from field.config import SettingsError


def load_again() -> object:
    """Load the module as a fresh process would."""
    sys.modules.pop("field.wsgi", None)
    return importlib.import_module("field.wsgi").app


def test_the_app_is_made_from_what_serve_hands_on(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Its database comes by the environment."""
    monkeypatch.setenv("GRIDFIELD_HOME", str(tmp_path))
    monkeypatch.setenv("GRIDFIELD_DATABASE_URL", "postgresql+psycopg://nobody@127.0.0.1:1/nowhere")
    assert callable(load_again())


def test_without_a_database_it_says_how_to_start(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Each process making a cluster of its own would be no help."""
    monkeypatch.setenv("GRIDFIELD_HOME", str(tmp_path))
    with pytest.raises(SettingsError, match="gridfield serve"):
        load_again()
