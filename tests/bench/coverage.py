"""Coverage of a township, a county and the province, with 10,000 and with 167,115 cells; and what counting costs."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from itertools import islice
from typing import Any, Final
from uuid import UUID, uuid4

import psycopg
from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from field.app import create_app
from field.config import load
from field.http.services import Services
from field.models import Task
from field.models.engine import make_engine
from field.queries.people import find_actor
from field.rules.clocks import PhoneClock
from field.rules.people import Actor
from field.rules.tasks import TaskKind
from field.usecases.claim_task import ClaimTask, claim_task
from field.usecases.create_task import CreateTask, create_task
from field.usecases.record_attempts import Batch, NewAttempt, record_attempts
from field.usecases.refresh_coverage import refresh_coverage
from geo.points import Datum, Point
from tests.bench.cluster import EMPTY, Databases
from tests.bench.province import CELLS, province
from tests.bench.province_people import PEOPLE

NAME: Final = "coverage"
SMALL: Final = 10_000
READS, TURNS, CHANGES = 150, 8, 60
LIMIT: Final = 10**6
ASKED: Final = {
    "township": (9, "village"), "county": (6, "township"), "province": (2, "prefecture"),
}  # fmt: skip

# Six tasks a cell over a year: one in twelve is open, the others were closed within a week.
TASKS: Final = """
insert into field."user" (login, display_name, role, active, version)
values ('admin', '管理员', 'administrator', true, 1);
insert into field."case" (id, court_id, case_no, version, created_by)
select md5('case' || id)::uuid, court_id, '（2099）豫9901执' || id || '号', 1, id
from field."user" where role = 'dispatcher';
insert into field.task (id, court_id, case_id, kind, state, version, cell_id, area_code, fence, geom, lon, lat, raw_lon,
  raw_lat, datum, address, due_on, priority, instructions, release, fingerprint, created_by, created_at, sent_at,
  first_attempt_at, last_attempt_at, closed_at)
select md5('task' || k)::uuid, u.court_id, md5('case' || u.id)::uuid, 'SERVE',
  case when k % 12 = 0 then 'open' else 'closed' end, 1, c.id, c.code, 0, c.centre, ST_X(c.centre), ST_Y(c.centre),
  ST_X(c.centre), ST_Y(c.centre), 'WGS84', '测试村', (asked + interval '10 days')::date, 2, '', '{}',
  decode(md5(k::text), 'hex'), u.id, asked, asked, asked + (k % 311) * interval '30 minutes',
  asked + (k % 311) * interval '30 minutes',
  case when k % 12 > 0 then asked + (k % 311 + 9) * interval '30 minutes' end
from (select *, (row_number() over (order by code) - 1) * 6 as n from geo.cell) c
join field.court on left(c.code, 6) = court.division_code join field."user" u on u.court_id = court.id,
  generate_series(0, 5) as i, lateral (select c.n + i as k) as numbered,
  lateral (select now() - interval '8 days' - (k * 61 % 357) * interval '1 day' as asked) as begun;
"""


def coverage(databases: Databases, tell: Callable[[str], None]) -> Iterator[dict[str, Any]]:
    """Yield one line per measure; a province is loaded twice, so it takes some minutes."""
    urls = {}
    for cells in (SMALL, CELLS):
        name = _database(cells)
        tell(f"coverage: {cells} cells")
        with databases.server.superuser() as superuser:
            databases.copy(superuser, EMPTY, name)
        with psycopg.connect(databases.connection_string(name)) as connection:
            province(7, cells).load(connection, date(2025, 1, 1))
            connection.execute(PEOPLE.encode())
            connection.execute(TASKS.encode())
            # As after a migration: what was there before was never noted.
            connection.execute("truncate field.coverage_touch, field.coverage_clock")
        with databases.server.superuser(name) as superuser:
            superuser.execute("vacuum (analyze)")
        urls[cells] = databases.server.url(name)
        yield _build(urls[cells], cells)
        with databases.server.superuser(name) as superuser:
            superuser.execute("vacuum (analyze)")
    tell("coverage: reading")
    yield from _reads(urls)
    tell("coverage: counting")
    yield from _counting(urls[CELLS])
    tell("coverage: noting")
    yield from _noting(urls[CELLS], databases)


def _database(cells: int) -> str:
    return f"bench_coverage_{cells}"


def _line(name: str, value: float, unit: str, against: str, ratio: float | None, goal: float | None) -> dict[str, Any]:
    rounded = None if ratio is None else round(ratio, 3)
    return {"name": name, "value": round(value, 3), "unit": unit, "against": against, "ratio": rounded, "goal": goal}


def _sessions(url: str) -> sessionmaker[Session]:
    return sessionmaker(make_engine(url))


def _build(url: str, cells: int) -> dict[str, Any]:
    sessions, begun, more = _sessions(url), time.perf_counter(), True
    while more:
        with sessions.begin() as session:
            done = refresh_coverage(session, datetime.now(UTC))
            more = done is None or done.more
    taken = time.perf_counter() - begun
    return _line(f"coverage_build_{cells}", taken, "s", f"{6 * cells} tasks counted for the first time", None, None)


def _reads(urls: dict[int, str]) -> Iterator[dict[str, Any]]:
    asks = {(cells, what): _ask(url, *ASKED[what]) for cells, url in urls.items() for what in ASKED}
    taken: dict[tuple[int, str], list[float]] = {key: [] for key in asks}
    for _ in range(READS):
        for key, ask in asks.items():
            begun = time.perf_counter()
            ask()
            taken[key].append(time.perf_counter() - begun)
    medians = {key: statistics.median(values) * 1000 for key, values in taken.items()}
    township = medians[CELLS, "township"]
    # Not the province: of 10,000 cells it has fewer parts, so fewer rows are shown.
    for what in ("township", "county"):
        small, full = medians[SMALL, what], medians[CELLS, what]
        yield _line(f"coverage_growth_{what}", full, "ms", f"{SMALL} cells: {small:.3f} ms", full / small, 1.1)
    for what in ("county", "province"):
        full = medians[CELLS, what]
        yield _line(f"coverage_{what}", full, "ms", f"a township: {township:.3f} ms", full / township, 1.5)


def _ask(url: str, digits: int, level: str) -> Callable[[], None]:
    app = create_app(load(), url)
    services: Services = app.extensions["gridfield"]
    with services.sessions() as session:
        who = session.scalars(text("select id from field.\"user\" where login = 'admin'")).one()
        first = text("select min(code) from geo.division where length(code) = :digits")
        query = {"division": session.scalar(first, {"digits": digits}), "level": level}
    headers = {"Authorization": f"Bearer {services.tokens.issue(who, uuid4(), datetime.now(UTC))}"}
    client = app.test_client()

    def ask() -> None:
        answer = client.get("/api/v1/coverage", query_string=query, headers=headers)
        assert answer.status_code == 200, answer.text
        assert answer.get_json()["items"], "an area without parts"

    for _ in range(20):
        ask()
    return ask


def _counting(url: str) -> Iterator[dict[str, Any]]:
    sessions = _sessions(url)
    change = text(
        "update field.task set last_attempt_at = now() where id in "
        "(select id from field.task tablesample system (20) where state = 'open' limit :count)"
    )
    for count in (1, 100):
        taken = []
        for _ in range(TURNS + 2):
            with sessions.begin() as session:
                session.execute(change, {"count": count})
            begun = time.perf_counter()
            with sessions.begin() as session:
                refresh_coverage(session, datetime.now(UTC))
            taken.append(time.perf_counter() - begun)
        value = statistics.median(taken[2:]) * 1000
        yield _line(f"coverage_count_{count}", value, "ms", f"counting {count} cells that changed", None, None)


def _noting(url: str, databases: Databases) -> Iterator[dict[str, Any]]:
    """Take turns with the triggers off and on; times are of the use case alone, before the commit."""
    sessions = _sessions(url)
    for verb, prepared in (("create", _creations), ("claim", _claims), ("report", _reports)):
        taken: dict[str, list[float]] = {"disable": [], "enable": []}
        works = prepared(sessions)
        for turn in range(2 * TURNS + 2):
            side = ("disable", "enable")[turn % 2]
            with databases.server.superuser(_database(CELLS)) as superuser:
                superuser.execute(f"alter table field.task {side} trigger user")
            for work in islice(works, CHANGES):
                with sessions.begin() as session:
                    begun = time.perf_counter()
                    work(session)
                    if turn > 1:
                        taken[side].append(time.perf_counter() - begun)
        off, on = (statistics.median(taken[side]) * 1000 for side in ("disable", "enable"))
        yield _line(f"coverage_noting_{verb}", on, "ms", f"without triggers: {off:.3f} ms", on / off, 1.03)


Work = Callable[[Session], object]


def _creations(sessions: sessionmaker[Session]) -> Iterator[Work]:
    with sessions() as session:
        rows = session.execute(
            text(
                "select t.case_id, t.created_by, t.lon, t.lat from field.task t tablesample system (5) "
                "where t.state = 'closed' order by md5(t.id::text) limit 3000"
            )
        ).all()
        actors = {each: _actor(session, each) for each in {row.created_by for row in rows}}
    for row in rows:
        point = Point(row.lon, row.lat, row.lon, row.lat, Datum.WGS84)
        order = CreateTask(uuid4(), TaskKind.SERVE, point, "某村1号", case_id=row.case_id)
        yield lambda session, who=actors[row.created_by], order=order: create_task(  # type: ignore[misc]
            session, who, order, datetime.now(UTC), LIMIT
        )


def _claims(sessions: sessionmaker[Session]) -> Iterator[Work]:
    with sessions() as session:
        rows = session.execute(
            text(
                "select t.id, t.version, d.worker_id from field.task t join field.duty d on d.cell_id = t.cell_id "
                "where t.state = 'open' order by md5(t.id::text) limit 3000"
            )
        ).all()
        actors = {each: _actor(session, each) for each in {row.worker_id for row in rows}}
    for row in rows:
        order = ClaimTask(row.id, row.version)
        yield lambda session, who=actors[row.worker_id], order=order: claim_task(  # type: ignore[misc]
            session, who, order, datetime.now(UTC), LIMIT
        )


def _reports(sessions: sessionmaker[Session]) -> Iterator[Work]:
    with sessions() as session:
        held = session.query(Task.id, Task.worker_id, Task.fence).where(Task.state == "claimed").all()
        actors = {row.worker_id: _actor(session, row.worker_id) for row in held}
    now = datetime.now(UTC)
    clock = PhoneClock(now, None, None)
    for row in held:
        item = NewAttempt(
            uuid4(), row.id, "DOC_DEFECT", "文书少一份", None, clock, row.fence, 1, None, None, done=True
        )  # fmt: skip
        batch = Batch(UUID(int=1), clock, [item])
        yield lambda session, who=actors[row.worker_id], batch=batch: record_attempts(  # type: ignore[misc]
            session, who, batch, now
        )


def _actor(session: Session, user_id: int) -> Actor:
    found = find_actor(session, user_id)
    assert found is not None
    return found.actor
