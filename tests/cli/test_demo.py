"""`gridfield demo`: the same town for the same seed, whole or not at all, and never beside anything else."""

from __future__ import annotations

import hashlib
import random
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from itertools import product
from pathlib import Path
from random import Random
from typing import Any

import pytest
import shapely
from click.testing import CliRunner, Result
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session, sessionmaker

from field import config
from field.cli import main
from field.cli.demo import forbid_in_production, load
from field.cli.demo.cases import CASES, Work, plan_work
from field.cli.demo.load import Holding, fill, holding
from field.cli.demo.people import ACCOUNTS, COURT, PASSWORD, SURNAMES, Roster, enlist, names
from field.cli.demo.town import COUNTY, NEIGHBOUR, TOWNSHIP, Town, draw_town
from field.cli.errors import CommandError
from field.ledger.seal import seal_chain, waiting_chains
from field.ledger.verify import verify_chain
from field.models import Attempt, Case, Court, Party, Task, User
from field.models.engine import make_engine
from field.queries.duty import OPEN_STATES
from field.rules.calendar import court_day
from field.rules.case_numbers import normalise
from field.rules.tasks import LIVE, TaskKind, TaskState
from field.vault.local_objects import LocalObjects
from field.vault.passwords import matches
from geo.codes import KNOWN_NAMES
from geo.intake import check_cells
from geo.models import Cell, Division
from geo.points import HENAN
from notifications.models import Message
from tests.database import Databases

NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)
SEEDS = [1, 2, 7, 2026]


def _digest(town: Town) -> str:
    told = hashlib.sha256()
    for cell in town.cells:
        told.update(f"{cell.code} {cell.name} ".encode() + shapely.to_wkb(cell.shape))
    told.update(repr(sorted(town.divisions.items())).encode())
    return told.hexdigest()


def _roster(seed: int) -> Roster:
    return enlist(draw_town(seed), names(Random(seed)), NOON.date(), Random(seed))


def _work(seed: int) -> Work:
    town, named, rng = draw_town(seed), names(Random(seed)), Random(seed)
    return plan_work(town, enlist(town, named, NOON.date(), rng), named, NOON, rng)


def test_the_same_seed_draws_the_same_town() -> None:
    assert _digest(draw_town(3)) == _digest(draw_town(3))
    assert _digest(draw_town(3)) != _digest(draw_town(4))


def test_the_same_seed_plans_the_same_people_and_work() -> None:
    assert _roster(3) == _roster(3)
    assert _work(3) == _work(3)
    assert _work(3) != _work(4)


@pytest.mark.parametrize("seed", [*SEEDS, None])
def test_cells_fill_the_ground_without_gap_or_overlap(seed: int | None, rng: random.Random) -> None:
    town = draw_town(rng.randrange(10**6) if seed is None else seed)
    shapes = [cell.shape for cell in town.cells]
    assert all(shapely.is_valid(shapes))
    assert shapely.coverage_is_valid(shapes), "neighbours share every vertex of their border"
    assert town.outline.geom_type == "Polygon"
    assert len(town.outline.interiors) == 0
    assert sum(shapely.area(shapes)) == pytest.approx(town.outline.area, rel=1e-12)
    west, south, east, north = town.outline.bounds
    assert HENAN.holds(west, south)
    assert HENAN.holds(east, north)


@pytest.mark.parametrize("seed", SEEDS)
def test_villages_are_whole_and_hold_their_cells(seed: int) -> None:
    town = draw_town(seed)
    codes = [cell.code for cell in town.cells]
    own = [code for code in codes if code.startswith(TOWNSHIP)]
    assert 50 <= len(own) <= 75
    assert 6 <= len(codes) - len(own) <= 10
    assert len({code[:12] for code in own}) == 11
    assert len(set(codes)) == len(codes)
    for village in {code[:12] for code in codes} | {TOWNSHIP, NEIGHBOUR}:
        parts = [cell.shape for cell in town.cells if cell.code.startswith(village)]
        assert shapely.union_all(parts).geom_type == "Polygon", village
        assert town.divisions[village]


def test_the_county_cannot_be_real() -> None:
    assert COUNTY[:4] not in KNOWN_NAMES
    assert COUNTY[4:] == "99"


def test_nearly_every_cell_has_somebody() -> None:
    town, roster = draw_town(1), _roster(1)
    workers = [person for person in roster.people if person.role == "worker"]
    assert len(workers) / len(town.cells) == pytest.approx(1.1, abs=0.08)
    served = {code for person in workers for code in person.cell_codes or ()}
    assert served | set(roster.unattended) == {cell.code for cell in town.cells}
    assert served.isdisjoint(roster.unattended)
    assert {code[:9] for code in roster.unattended} == {TOWNSHIP, NEIGHBOUR}
    assert set(roster.stand_in) <= set(roster.first)


def test_nobody_is_real() -> None:
    people = _roster(1).people
    parties = [party.name for case in _work(1).cases for party in case.parties]
    assert all(name[0] in SURNAMES for name in [*(person.display_name for person in people), *parties])
    assert len({person.display_name for person in people}) == len(people)
    assert all((person.phone or "").startswith("1990000") for person in people)
    assert all(normalise(case.case_no).startswith("（2099）豫9999") for case in _work(1).cases)


# What is in the database afterwards.


@pytest.fixture(scope="module")
def loaded(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """A database with the demo, which the tests only read."""
    with databases.clone() as url:
        engine = make_engine(url)
        with Session(engine) as session, session.begin():
            fill(session, 1, datetime.now(UTC), lambda *_: None, LocalObjects(tmp_path_factory.mktemp("evidence")))
        yield engine
        engine.dispose()


@pytest.fixture
def demo(loaded: Engine) -> Iterator[Session]:
    """A session on the demo whose changes are undone."""
    with Session(loaded) as session:
        yield session


def test_every_kind_is_there_in_every_state(demo: Session) -> None:
    found = {tuple(row) for row in demo.execute(select(Task.kind, Task.state))}
    assert found == {(kind.value, state.value) for kind, state in product(TaskKind, TaskState)}


def test_there_is_enough_to_look_at(demo: Session) -> None:
    assert demo.scalar(select(func.count()).select_from(Case)) == CASES
    assert (demo.scalar(select(func.count()).select_from(Party)) or 0) >= 2 * CASES
    assert set(demo.scalars(select(Task.datum))) == {"WGS84", "GCJ02", "BD09", "CGCS2000"}
    assert all(demo.scalars(select(Attempt.note)))
    assert ["clock_skewed"] in list(demo.scalars(select(Attempt.marks)))
    overdue = select(Task.state).where(Task.due_on < court_day(datetime.now(UTC)), Task.state.in_(sorted(LIVE)))
    assert len(set(demo.scalars(overdue))) >= 4, "late in more than one way"


def test_the_past_lies_in_the_past(demo: Session) -> None:
    for task in demo.scalars(select(Task)):
        days = [task.created_at, task.first_attempt_at, task.last_attempt_at, task.closed_at]
        known = [day for day in days if day is not None]
        assert known == sorted(known), task.state
        assert court_day(task.created_at) <= task.due_on
        assert known[-1] <= datetime.now(UTC)


def test_placed_tasks_lie_in_their_cells(demo: Session) -> None:
    inside = select(func.ST_Intersects(Cell.geom, Task.geom)).where(Cell.id == Task.cell_id)
    assert all(demo.scalars(inside))
    assert set(demo.scalars(select(Task.area_code).where(Task.state == "unplaced"))) <= {TOWNSHIP, NEIGHBOUR}
    assert check_cells(demo, court_day(datetime.now(UTC))).findings == ()


def test_nobody_carries_too_much(demo: Session) -> None:
    load_by_worker = Counter(demo.scalars(select(Task.worker_id).where(Task.state.in_(OPEN_STATES))))
    assert max(load_by_worker.values()) < 30


def test_no_promise_is_too_old_to_keep(demo: Session) -> None:
    ends = list(demo.scalars(select(Message.expires_at).where(Message.pending())))
    assert ends
    assert min(ends) > datetime.now(UTC)


def test_the_ledger_is_sound(demo: Session) -> None:
    chains = waiting_chains(demo)
    assert len(chains) == 2
    for chain in chains:
        assert seal_chain(demo, chain) > 0
        assert list(verify_chain(demo, chain)) == []


def test_only_those_who_are_told_can_sign_in(demo: Session) -> None:
    hashes = {row.login: row.password_hash for row in demo.execute(select(User.login, User.password_hash))}
    told = {account.login for account in ACCOUNTS}
    assert {login for login, stored in hashes.items() if stored is not None} == told
    assert all(matches(hashes[login], PASSWORD) for login in told)
    assert len(hashes) > 60


# The command.


def _gridfield(url: str, *arguments: str, **environment: str) -> Result:
    settings = {"GRIDFIELD_DATABASE_URL": url, **environment}
    return CliRunner().invoke(main, ["demo", *arguments], env=settings)


def _codes(url: str) -> list[str]:
    engine = make_engine(url)
    with Session(engine) as session:
        codes = list(session.scalars(select(Cell.code).order_by(Cell.code)))
    engine.dispose()
    return codes


def test_twice_is_once_and_fresh_is_new(database_url: str) -> None:
    first = _gridfield(database_url)
    assert first.exit_code == 0, first.output
    assert "63 项任务" in first.stdout
    assert all(account.login in first.stdout for account in ACCOUNTS)
    before = _codes(database_url)

    again = _gridfield(database_url)
    assert (again.exit_code, "nothing changed" in again.stdout) == (0, True)
    other = _gridfield(database_url, "--seed", "2")
    assert (other.exit_code, other.stderr.count("\n"), "--fresh" in other.stderr) == (2, 1, True)
    assert _codes(database_url) == before

    fresh = _gridfield(database_url, "--seed", "2", "--fresh")
    assert fresh.exit_code == 0, fresh.output
    assert _codes(database_url) == sorted(cell.code for cell in draw_town(2).cells) != before


@pytest.mark.parametrize("arguments", [(), ("--fresh",)])
def test_other_data_is_never_touched(
    database_url: str, committing_sessions: sessionmaker[Session], arguments: tuple[str, ...]
) -> None:
    with committing_sessions.begin() as session:
        session.add(Court(code="yu0225", name="某法院", division_code="410225"))
    refused = _gridfield(database_url, *arguments)
    assert (refused.exit_code, refused.stdout, refused.stderr.count("\n")) == (2, "", 1)
    assert "holds more than the demo" in refused.stderr
    with committing_sessions() as session:
        assert list(session.scalars(select(Court.code))) == ["yu0225"]
        assert session.scalar(select(func.count()).select_from(Cell)) == 0


def test_production_is_refused(database_url: str) -> None:
    for arguments in ((), ("--fresh",), ("--walk",)):
        refused = _gridfield(database_url, *arguments, GRIDFIELD_ENV="production")
        assert (refused.exit_code, refused.stdout) == (2, "")
        assert "production" in refused.stderr
    assert _codes(database_url) == []


def test_production_never_serves_the_demo(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its passwords stand in the README; without the demo there is nothing to refuse."""
    monkeypatch.setenv("GRIDFIELD_ENV", "production")
    forbid_in_production(config.load(), database_url)
    engine = make_engine(database_url)
    with Session(engine) as session, session.begin():
        session.add(Court(code=COURT, name="演示", division_code=COUNTY))
    engine.dispose()
    with pytest.raises(CommandError, match="passwords are public"):
        forbid_in_production(config.load(), database_url)
    monkeypatch.setenv("GRIDFIELD_ENV", "development")
    forbid_in_production(config.load(), database_url)


def test_walking_loads_nothing(database_url: str) -> None:
    refused = _gridfield(database_url, "--walk", "--fresh")
    assert (refused.exit_code, "use it alone" in refused.stderr) == (2, True)
    assert _codes(database_url) == []


def test_run_gets_the_accounts_or_nobody(
    database_url: str, committing_sessions: sessionmaker[Session], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRIDFIELD_DATABASE_URL", database_url)
    settings = config.load()
    with committing_sessions.begin() as session:
        session.add(User(login="somebody", display_name="某人", role="administrator"))
    assert load(settings) == ()
    with committing_sessions.begin() as session:
        session.delete(session.scalars(select(User)).one())
    assert load(settings) == ACCOUNTS
    assert load(settings) == ACCOUNTS, "the second start finds it there"


@pytest.mark.parametrize(
    ("stranger", "found"),
    [
        (None, Holding.DEMO),
        (Court(code="yu0225", name="某法院", division_code="410225"), Holding.OTHERS),
        (User(login="boss", display_name="某人", role="administrator"), Holding.OTHERS),
        (User(login="w410", display_name="某人", role="worker", division_code="410225001"), Holding.OTHERS),
        (Division(code="42", level="PROVINCE", name="某省", valid_from=date(2026, 1, 1)), Holding.OTHERS),
    ],
)
def test_one_stranger_is_enough(demo: Session, stranger: Any, found: Holding) -> None:
    if stranger is not None:
        demo.add(stranger)
        demo.flush()
    assert holding(demo) is found


def test_stopped_half_way_leaves_nothing(committing_sessions: sessionmaker[Session], tmp_path: Path) -> None:
    def stop(stage: str, done: int, _total: int) -> None:
        if (stage, done) == ("play", 9):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), committing_sessions.begin() as session:
        fill(session, 1, datetime.now(UTC), stop, LocalObjects(tmp_path))
    with committing_sessions() as session:
        assert holding(session) is Holding.NOTHING
