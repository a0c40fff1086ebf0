"""One database with the people of a town in it, and one line to the API, for everything the law asks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from field.app import create_app
from field.config import load
from field.models.engine import make_engine
from tests.database import Databases
from tests.http.conftest import NOWHERE, inside
from tests.http.world import build_world
from tests.law.grid import Grid


@pytest.fixture(scope="session")
def grid(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Grid]:
    """Courts, a township and its worker; every request is a savepoint of one transaction that is never committed."""
    with pytest.MonkeyPatch.context() as environment:
        home: Path = tmp_path_factory.mktemp("home")
        environment.setenv("GRIDFIELD_HOME", str(home))
        app = create_app(load(), NOWHERE)
    with databases.clone() as url:
        engine = make_engine(url)
        with engine.connect() as connection:
            outer = connection.begin()
            with Session(connection, join_transaction_mode="create_savepoint", expire_on_commit=False) as session:
                world = build_world(app, session)
                inside(app, session)
                yield Grid(replace(world, session=session))
            outer.rollback()
        engine.dispose()
