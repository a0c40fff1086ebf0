"""What each write costs at least: the same rows, durable, by hand and in as few statements as they can be."""

from __future__ import annotations

TILE = """
select body from geo.tile
 where z = %(z)s and x = %(x)s and y = %(y)s and layer = %(layer)s and area = %(area)s and audience = 0
"""

CLAIM = """
with won as (
  update field.task
     set state = 'claimed', worker_id = %(worker)s, fence = fence + 1, version = version + 1,
         lease_until = now() + interval '24 hours'
   where id = %(task)s and version = %(version)s
     and (state = 'open' or (state = 'claimed' and lease_until < now()))
  returning id, fence, version
), raised as (
  update field.worklist set version = version + 1
   where worker_id = %(worker)s and exists (select from won) returning version
), given as (
  insert into field.assignment (task_id, worker_id, reason, fence, given_version)
  select won.id, %(worker)s, '本人领取 / claimed by the worker', won.fence, raised.version from won, raised
), told as (
  insert into field.ledger_entry (chain, actor, action, object, version, commit, salt, details)
  select 'bench', 'user:' || %(worker)s, 'task.claim', 'task:' || won.id, won.version, %(commit)s, %(salt)s,
         jsonb_build_object('from', 'open', 'to', 'claimed', 'fence', won.fence) from won
)
select version from won
"""

LOCATE = """
select id, code from geo.cell
 where ST_Intersects(geom, ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4326))
   and valid_from <= current_date and (valid_to is null or valid_to > current_date)
 order by code limit 1
"""

# Locked before they are counted: a count read first could be stale by the time it is used.
LOCK = """
select from field.worklist join field.duty using (worker_id) join field."user" on "user".id = worker_id
 where cell_id = %(cell)s and since <= current_date and (until is null or until > current_date) and active
 order by worker_id for update of worklist
"""

CHOOSE = """
select worker_id, rank, load.open_tasks
  from field.duty join field."user" on "user".id = worker_id, lateral (
    select count(*) as open_tasks from field.task
     where task.worker_id = duty.worker_id
       and task.state in ('accepted', 'assigned', 'claimed', 'in_progress', 'returned')
  ) as load
 where cell_id = %(cell)s and since <= current_date and (until is null or until > current_date) and active
   and load.open_tasks < 30
 order by rank, load.open_tasks, login limit 1
"""

CREATE = """
with made as (
  insert into field.task (id, court_id, case_id, kind, state, version, cell_id, area_code, worker_id, fence,
    geom, lon, lat, raw_lon, raw_lat, datum, address, due_on, priority, instructions, release, fingerprint, created_by)
  select %(id)s, 1, "case".id, 'SERVE', 'assigned', 1, %(cell)s, %(code)s, %(worker)s, 1,
    ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4326), %(lon)s, %(lat)s, %(lon)s, %(lat)s, 'WGS84', %(address)s,
    current_date + 10, 2, '', '{}', %(commit)s, 1
  from field."case" where case_no = %(case_no)s and court_id = 1
  returning id, worker_id
), raised as (
  update field.worklist set version = version + 1 from made where worklist.worker_id = made.worker_id
  returning worklist.worker_id, version
), given as (
  insert into field.assignment (task_id, worker_id, reason, fence, given_version)
  select made.id, made.worker_id, %(reason)s, 1, raised.version from made, raised
), told as (
  insert into field.ledger_entry (chain, actor, action, object, version, commit, salt, details)
  select 'bench', actor, action, 'task:' || made.id, 1, %(commit)s, %(salt)s,
         jsonb_build_object('worker', made.worker_id)
  from made, (values ('user:1', 'task.created'), ('system', 'task.given')) as entry (actor, action)
), promised as (
  insert into notifications.message (device_id, channel, collapse_key, seq, expires_at)
  select device.id, channel, 'sync', raised.version, now() + interval '4 hours'
  from notifications.device join raised on raised.worker_id = recipient_id where dead_at is null order by device.id
  on conflict (device_id, collapse_key) where state = 'pending'
  do update set seq = greatest(message.seq, excluded.seq),
                expires_at = greatest(message.expires_at, excluded.expires_at)
)
select id from made
"""

REPORT = """
with handed_in as (
  update field.task
     set state = 'reported', version = version + 1, lease_until = null, reported_at = now(),
         first_attempt_at = least(coalesce(first_attempt_at, now()), now()),
         last_attempt_at = greatest(coalesce(last_attempt_at, now()), now())
   where id = %(task)s and worker_id = %(worker)s and fence = %(fence)s
  returning id, version
), tried as (
  insert into field.attempt (id, task_id, worker_id, fingerprint, outcome, note, done, lon, lat, raw_lon, raw_lat,
    datum, accuracy_m, fence, device_seq, installation_id, captured_at, sent_at, received_at, corrected_at, marks, late,
    intent)
  select %(id)s, handed_in.id, %(worker)s, %(commit)s, 'SERVED_SELF', %(note)s, true, %(lon)s, %(lat)s, %(lon)s,
    %(lat)s, 'WGS84', 12, %(fence)s, 1, %(installation)s, %(at)s, %(at)s, now(), now(), '{}', false, 'applied'
  from handed_in
), raised as (
  update field.worklist set version = version + 1 where worker_id = %(worker)s and exists (select from handed_in)
), told as (
  insert into field.ledger_entry (chain, actor, action, object, version, commit, salt, details)
  select 'bench', 'user:' || %(worker)s, action, 'task:' || handed_in.id, handed_in.version, %(commit)s, %(salt)s,
         jsonb_build_object('outcome', 'SERVED_SELF')
  from handed_in, (values ('attempt.recorded'), ('task.report')) as entry (action)
)
select version from handed_in
"""

EVIDENCE = """
insert into field.evidence (id, court_id, task_id, attempt_id, user_id, kind, sha256, size, media_type, captured_at,
  sent_at, received_at, corrected_at, marks, imported, late, fingerprint, state)
select gen_random_uuid(), court_id, id, gen_random_uuid(), worker_id, 'PHOTO_DOOR', %(sha256)s, %(size)s, 'image/jpeg',
  now(), now(), now(), now(), '{}', false, false, '', 'expected' from field.task where id = %(task)s
returning id
"""
