"""The app, twice: on the test's own transaction, undone afterwards; and on a database where transactions meet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from field.app import create_app
from field.config import Settings, load
from field.http.services import Services
from field.models.engine import make_engine
from tests.database import Databases
from tests.http.caller import Caller
from tests.http.world import World, build_world

NOWHERE = "postgresql+psycopg://nobody@127.0.0.1:1/nowhere"


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The product's settings as they are with nothing set, in a home of their own."""
    with pytest.MonkeyPatch.context() as environment:
        home: Path = tmp_path_factory.mktemp("home")
        environment.setenv("GRIDFIELD_HOME", str(home))
        return load()


@pytest.fixture(scope="session")
def app(settings: Settings) -> Flask:
    """The product's app, on a database that is not there: who wants one uses `api`."""
    return create_app(settings, NOWHERE)


@pytest.fixture
def api(app: Flask, session: Session) -> Caller:
    """The app on the test's own transaction."""
    return inside(app, session)


@pytest.fixture(scope="session")
def production_app(settings: Settings) -> Flask:
    """The app with the stricter rules for real people's data."""
    return create_app(replace(settings, env="production"), NOWHERE)


@pytest.fixture
def production(production_app: Flask, session: Session) -> Caller:
    """The same on the test's own transaction."""
    return inside(production_app, session)


def inside(app: Flask, session: Session) -> Caller:
    """Give the app this session's transaction: its requests are savepoints, and none outlives the test."""
    before: Services = app.extensions["gridfield"]
    sessions = sessionmaker(session.connection(), join_transaction_mode="create_savepoint", expire_on_commit=False)

    def peek(statement: str, values: dict[str, Any]) -> Any:
        return session.connection().exec_driver_sql(statement, values).first()

    app.extensions["gridfield"] = replace(before, sessions=sessions, glances=sessions, peek=peek)
    return Caller(app, session)


@pytest.fixture
def live(settings: Settings, database_url: str) -> Iterator[Flask]:
    """The app on the database of `committing_sessions`, where requests really commit and really race."""
    app = create_app(settings, database_url)
    yield app
    services: Services = app.extensions["gridfield"]
    services.sessions.kw["bind"].dispose()


@pytest.fixture
def client(live: Flask) -> FlaskClient:
    """A plain client of the app that really commits."""
    return live.test_client()


@pytest.fixture
def line(live: Flask) -> Caller:
    """The same with tokens: for races, and for what must survive a refusal."""
    return Caller(live)


@pytest.fixture(scope="session")
def _peopled(app: Flask, databases: Databases) -> Iterator[tuple[Engine, World]]:
    """A database with the world in it, built once, and the world's rows by themselves."""
    with databases.clone() as url:
        engine = make_engine(url)
        with Session(engine, expire_on_commit=False) as session:
            world = build_world(app, session)
            session.commit()
        yield engine, world
        engine.dispose()


@pytest.fixture
def world(app: Flask, _peopled: tuple[Engine, World]) -> Iterator[World]:
    """Two courts, three townships and somebody of each role; what a test changes is undone after it."""
    engine, world = _peopled
    with engine.connect() as connection:
        outer = connection.begin()
        with Session(connection, join_transaction_mode="create_savepoint") as session:
            inside(app, session)
            yield replace(world, session=session)
        outer.rollback()
