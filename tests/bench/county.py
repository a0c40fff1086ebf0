"""A made-up county of squares, the same in every run: its cells, people and tasks, written as SQL.

1,638 cells in 13 townships, 1,828 workers, 52,620 tasks. The first 16 workers answer for the first 16 cells together
and hold nothing, so that they can race for the tasks there; every other worker holds 20 tasks and may claim 10 more.
"""

from __future__ import annotations

from typing import Final

COLUMNS: Final = 42
ROWS: Final = 39
CELLS: Final = COLUMNS * ROWS
WORKERS: Final = 1828
RACERS: Final = 16
HELD_EACH: Final = 20
OPEN_EACH: Final = 10
CASES: Final = 8000
COUNTY: Final = "419901"
WEST: Final = 114.70
SOUTH: Final = 34.70
SIDE: Final = 0.006  # degrees
WORKLIST_VERSION: Final = 20

COURT: Final = 1
FIRST_DISPATCHER: Final = 1
FIRST_WORKER: Final = 1001
FIRST_CELL: Final = 1


def cell_code(nth: int) -> str:
    """Return the code of the nth cell from 0: a township is three rows of cells, a village three cells of a column."""
    column, row = nth % COLUMNS, nth // COLUMNS
    return f"{COUNTY}{row // 3 + 1:03}{column + 1:03}{row % 3 + 1:03}"


def corner(nth: int) -> tuple[float, float]:
    """Return the south-west corner of the nth cell, in degrees of longitude and latitude."""
    return WEST + SIDE * (nth % COLUMNS), SOUTH + SIDE * (nth // COLUMNS)


MAP = f"""
create temporary table square as
select n, '{COUNTY}' || lpad((n / {COLUMNS} / 3 + 1)::text, 3, '0') as township,
       lpad((n % {COLUMNS} + 1)::text, 3, '0') as village, lpad((n / {COLUMNS} % 3 + 1)::text, 3, '0') as cell,
       {WEST} + {SIDE} * (n % {COLUMNS}) as lon, {SOUTH} + {SIDE} * (n / {COLUMNS}) as lat
from generate_series(0, {CELLS - 1}) as n;

create temporary table known as
select code, level, '区划' || code as name, row_number() over (order by length(code), code) as id
from (select '41' as code, 'PROVINCE' as level
      union all select '4199', 'PREFECTURE'
      union all select '{COUNTY}', 'COUNTY'
      union all select distinct township, 'TOWNSHIP' from square
      union all select distinct township || village, 'VILLAGE' from square) as every;
insert into geo.division (id, code, level, name, parent_id, valid_from)
select own.id, own.code, own.level, own.name, parent.id, current_date - 300
from known own left join lateral (
  select id from known where own.code like known.code || '%' and known.code <> own.code
  order by length(code) desc limit 1
) parent on true order by own.id;

insert into geo.cell (id, code, name, kind, village_id, geom, valid_from)
select {FIRST_CELL} + n, township || village || cell, '网格' || n, 'GENERAL', known.id,
       ST_Multi(ST_Segmentize(ST_MakeEnvelope(lon, lat, lon + {SIDE}, lat + {SIDE}, 4326), {SIDE / 4})),
       current_date - 300
from square join known on known.code = township || village;
"""

PEOPLE = f"""
insert into field.court (id, code, name, division_code, version) overriding system value
values ({COURT}, 'bench', '测试法院', '{COUNTY}', 1);
insert into field."user" (id, login, display_name, role, court_id, active, version) overriding system value
select {FIRST_DISPATCHER} + n, 'court' || n, '调度' || n, 'dispatcher', {COURT}, true, 1
from generate_series(0, 2) as n;
insert into field."user" (id, login, display_name, role, division_code, active, version) overriding system value
select {FIRST_WORKER} + worker.n, 'w' || worker.n, '网格员' || worker.n, 'worker', square.township, true, 1
from (select nth as n, nth % {CELLS} as cell from generate_series(0, {WORKERS - 1}) as nth) as worker
join square on square.n = worker.cell;

insert into field.worklist (worker_id, version, fetched_version, acknowledged_version, fetched_at)
select id, {WORKLIST_VERSION}, {WORKLIST_VERSION}, {WORKLIST_VERSION}, now() from field."user" where role = 'worker';
insert into notifications.device (recipient_id, channel) select id, 'log' from field."user" where role = 'worker';
insert into field.duty (worker_id, cell_id, rank, since)
select {FIRST_WORKER} + n, {FIRST_CELL} + n % {CELLS}, 1 + n / {CELLS}, current_date - 300
from generate_series(0, {WORKERS - 1}) as n;
insert into field.duty (worker_id, cell_id, rank, since)
select {FIRST_WORKER} + racer, {FIRST_CELL} + cell, 2, current_date - 300
from generate_series(0, {RACERS - 1}) as racer, generate_series(0, {RACERS - 1}) as cell where racer <> cell;
"""

# In random order, as they come in over the months: a worker's twenty are not neighbours on disk.
TASKS = f"""
insert into field."case" (id, court_id, case_no, version, created_by)
select md5('case' || n)::uuid, {COURT}, '（2099）豫9901执' || n || '号', 1, {FIRST_DISPATCHER}
from generate_series(1, {CASES}) as n;
insert into field.party (id, case_id, name, role)
select md5('party' || n)::uuid, md5('case' || n)::uuid, '当事人' || n, 'debtor' from generate_series(1, {CASES}) as n;

create temporary table wanted as
select row_number() over (order by md5(nth || ':' || worker || ':' || cell)) as n, worker, cell, state from (
  select nth, worker, worker % {CELLS} as cell, (array['assigned', 'accepted', 'in_progress'])[1 + nth % 3] as state
  from generate_series(1, {HELD_EACH}) as nth, generate_series({RACERS}, {WORKERS - 1}) as worker
  union all
  select nth, null, cell, 'open' from generate_series(1, {OPEN_EACH}) as nth, generate_series(0, {CELLS - 1}) as cell
) as every;

insert into field.task (id, court_id, case_id, party_id, kind, state, version, cell_id, area_code, worker_id, fence,
  geom, lon, lat, raw_lon, raw_lat, datum, address, due_on, priority, instructions, release, fingerprint, created_by,
  created_at)
select md5('task' || wanted.n)::uuid, {COURT}, md5('case' || number)::uuid, md5('party' || number)::uuid, 'SERVE',
  state, 1, {FIRST_CELL} + wanted.cell, township || village || square.cell, {FIRST_WORKER} + worker,
  (worker is not null)::int, ST_SetSRID(ST_MakePoint(x, y), 4326), x, y, x, y, 'WGS84', '测试县第' || number || '号',
  current_date + 1 + number % 30, 2, '请送达执行通知书', '{{address,case_no,instructions,party_name,party_role}}',
  decode(md5(wanted.n::text), 'hex'), {FIRST_DISPATCHER}, now() - wanted.n * interval '1 minute'
from wanted join square on square.n = wanted.cell,
  lateral (select 1 + (wanted.n % {CASES})::int as number, lon + {SIDE} * (wanted.n % 97 + 1) / 100 as x,
           lat + {SIDE} * (wanted.n % 89 + 1) / 100 as y) as point
order by wanted.n;

insert into field.assignment (task_id, worker_id, reason, fence, given_version)
select id, worker_id, area_code || ' 的第一责任网格员，在办 3 件，上限 30 件 / first worker of ' || area_code
  || '; 3 open tasks, limit 30', 1, {WORKLIST_VERSION}
from field.task where worker_id is not null;
"""

EVERYTHING = MAP + PEOPLE + TASKS

# Nine closed tasks for each of the others, with the same workers and in the same cells: years later.
HISTORY = f"""
insert into field.task (id, court_id, case_id, party_id, kind, state, version, cell_id, area_code, worker_id, fence,
  geom, lon, lat, raw_lon, raw_lat, datum, address, due_on, priority, instructions, release, fingerprint, created_by,
  created_at, reported_at, closed_at)
select md5(id || ':' || year)::uuid, court_id, case_id, party_id, kind, 'closed', 5, cell_id, area_code,
  {FIRST_WORKER} + (cell_id - {FIRST_CELL}), 1, geom, lon, lat, raw_lon, raw_lat, datum, address, due_on - 100 * year,
  priority, instructions, release, fingerprint, created_by, created_at - year * interval '100 days',
  now() - year * interval '100 days', now() - year * interval '100 days'
from field.task, generate_series(1, 9) as year;
insert into field.assignment (task_id, worker_id, reason, fence, given_version, ended_at, ended_as, ended_version)
select id, worker_id, 'first worker of ' || area_code, 1, 1, closed_at, 'reported', 10
from field.task where state = 'closed';
"""
