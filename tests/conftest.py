"""What every test may ask for: a session, a database of its own, a seed; and the network is off."""

from __future__ import annotations

import os
import random
import secrets
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from sqlalchemy import Engine, NullPool
from sqlalchemy.orm import Session, sessionmaker

from field.models.engine import make_engine
from tests import network
from tests.database import ROOT, Databases, keeper

KEEPER = pytest.StashKey[ExitStack]()
DATABASES = pytest.StashKey[Databases]()
SEED = pytest.StashKey[int]()
ON_DATABASE = {"session", "committing_sessions", "database_url", "databases"}

settings.register_profile("gridfield", deadline=None, print_blob=True)
settings.load_profile("gridfield")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let a run be repeated with its seed, and the sample county live anywhere."""
    parser.addoption("--seed", type=int, help="the seed that an earlier run printed")
    sample = ROOT.parent / "shared" / "data" / "lankao"
    parser.addoption("--lankao", type=Path, default=sample, help="folder of the sample county")


def pytest_configure(config: pytest.Config) -> None:
    """Name the run's seed and its cluster: the controlling process keeps both, its workers share them."""
    network.switch_off()
    if (given := getattr(config, "workerinput", None)) is not None:
        config.stash[SEED] = given["seed"]
        config.stash[DATABASES] = Databases(Path(given["databases"]))
    else:
        seed = config.getoption("seed")
        config.stash[SEED] = secrets.randbits(32) if seed is None else seed
        config.stash[KEEPER] = ExitStack()
        config.stash[DATABASES] = config.stash[KEEPER].enter_context(keeper())
    _forget_settings(config.stash[DATABASES].folder)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker of pytest-xdist the run's seed and where its cluster is."""
    node.workerinput["seed"] = node.config.stash[SEED]
    node.workerinput["databases"] = str(node.config.stash[DATABASES].folder)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Have the cluster built while the first tests run, if any test will want it."""
    items = (item for item in session.items if isinstance(item, pytest.Function))
    if any(ON_DATABASE & set(item.fixturenames) for item in items):
        session.config.stash[DATABASES].want()


def _forget_settings(folder: Path) -> None:
    """Keep the run away from the settings, the data and the database of whoever runs it."""
    for name in [name for name in os.environ if name.startswith("GRIDFIELD_")]:
        del os.environ[name]
    os.environ["GRIDFIELD_HOME"] = str(folder / "home")


def pytest_unconfigure(config: pytest.Config) -> None:
    """Take the cluster down, however the run ended."""
    if KEEPER in config.stash:
        config.stash[KEEPER].close()


def pytest_report_header(config: pytest.Config) -> str:
    """Print the seed of everything random in this run."""
    return f"seed: {config.stash[SEED]} (repeat with --seed)"


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> int:
    """A seed of this test's own, the same in whatever order and process it runs; printed when it fails."""
    own = request.config.stash[SEED] ^ zlib.crc32(request.node.nodeid.encode())
    print(f"seed of this test: {own}; of the run: {request.config.stash[SEED]}")
    return own


@pytest.fixture
def rng(seed: int) -> random.Random:
    """Randomness that can be repeated."""
    return random.Random(seed)


@pytest.fixture(scope="session")
def databases(request: pytest.FixtureRequest) -> Databases:
    """The run's cluster, for tests that need databases of an unusual kind."""
    return request.config.stash[DATABASES]


@pytest.fixture(scope="session")
def _shared_engine(databases: Databases) -> Iterator[Engine]:
    with databases.clone() as url:
        engine = make_engine(url)
        yield engine
        engine.dispose()


@pytest.fixture
def session(_shared_engine: Engine) -> Iterator[Session]:
    """A session whose every commit is undone after the test."""
    with _shared_engine.connect() as connection:
        outer = connection.begin()
        with Session(connection, join_transaction_mode="create_savepoint") as session:
            yield session
        outer.rollback()


@pytest.fixture
def database_url(databases: Databases) -> Iterator[str]:
    """The URL of a fresh, migrated database of this test's own."""
    with databases.clone() as url:
        yield url


@pytest.fixture
def committing_sessions(database_url: str) -> Iterator[sessionmaker[Session]]:
    """Sessions that really commit, on a database of this test's own: for races and delivery."""
    engine = make_engine(database_url, poolclass=NullPool)
    yield sessionmaker(engine)
    engine.dispose()


@pytest.fixture(scope="session")
def lankao(request: pytest.FixtureRequest) -> Path:
    """The folder of the sample county; it is no part of the repository."""
    folder: Path = request.config.getoption("lankao")
    if not folder.is_dir():
        pytest.skip(f"no sample county at {folder}: name its folder with --lankao")
    return folder
