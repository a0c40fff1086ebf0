"""A worker's whole list, built as JSON by PostgreSQL in one statement: the one hot read of the product."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session

from field.queries.duty import OPEN_LISTED
from field.queries.people import PERSON_COLUMNS, SignedInUser, read_person

MOMENT = """'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'"""
"""Times as the whole API writes them: UTC, microseconds, `Z`."""

_BODY = text(
    f"""
select w.version, json_build_object(
  'version', w.version,
  'covers', w.version,
  'tasks', coalesce((
    select json_agg(json_strip_nulls(json_build_object(
      'id', t.id, 'kind', t.kind, 'state', t.state, 'version', t.version, 'fence', t.fence,
      'cell_code', c.code,
      'point', case when t.lon is not null then
        json_build_object('lon', t.lon, 'lat', t.lat, 'datum', 'WGS84', 'accuracy_m', t.accuracy_m) end,
      'due_on', t.due_on, 'priority', t.priority,
      'case_no', case when 'case_no' = any(t.release) then k.case_no end,
      'party_name', case when 'party_name' = any(t.release) then p.name end,
      'party_role', case when 'party_role' = any(t.release) then p.role end,
      'address', case when 'address' = any(t.release) then t.address end,
      'instructions', case when 'instructions' = any(t.release) then nullif(t.instructions, '') end,
      'documents', case when t.kind = 'SERVE' and 'documents' = any(t.release) then (
        select json_agg(json_build_object('title', d.title, 'copies', d.copies, 'doc_type', d.doc_type) order by d.nth)
        from field.task_document d where d.task_id = t.id) end,
      'return_reason', case when t.state in ('returned', 'in_progress') then t.return_reason end,
      'reason', a.reason,
      'given_at', to_char(a.given_at at time zone 'UTC', {MOMENT})
    )) order by t.due_on, t.priority, t.id)
    from field.task t
    join field.assignment a on a.task_id = t.id and a.ended_at is null
    join field."case" k on k.id = t.case_id
    join geo.cell c on c.id = t.cell_id
    left join field.party p on p.id = t.party_id
    where t.worker_id = w.worker_id and t.state in ({OPEN_LISTED})
  ), '[]'),
  'follow_ups', coalesce((
    select json_agg(json_build_object('id', f.id, 'task_id', f.task_id, 'kind', f.kind, 'due_on', f.due_on)
      order by f.due_on, f.id)
    from (
      select f.id from field.follow_up f join field.task t on t.id = f.task_id
      where f.state = 'open' and f.worker_id = w.worker_id and coalesce(t.worker_id, w.worker_id) = w.worker_id
      union
      select f.id from field.task t join field.follow_up f on f.task_id = t.id and f.state = 'open'
      where t.worker_id = w.worker_id and t.state in ({OPEN_LISTED})
    ) mine join field.follow_up f on f.id = mine.id
  ), '[]'),
  'withdrawn', coalesce((
    select json_agg(g.task_id order by g.task_id) from (
      select distinct a.task_id from field.assignment a
      where a.worker_id = w.worker_id and a.ended_at is not null and a.ended_version > w.acknowledged_version
        and not exists (select 1 from field.task t where t.id = a.task_id and t.worker_id = w.worker_id
                        and t.state in ({OPEN_LISTED}))
    ) g
  ), '[]')
)::text as body
from field.worklist w where w.worker_id = :worker_id
"""  # noqa: S608 - only our own constants are spliced in
)

_PHONE = text(
    f"""
select {PERSON_COLUMNS}, w.version, w.fetched_version, w.acknowledged_version,
  exists (select 1 from field.task t where t.worker_id = w.worker_id and t.state = 'claimed'
          and t.lease_until < now() + interval '23 hours') as lease_ageing
from field."user" u left join field.court c on c.id = u.court_id left join field.worklist w on w.worker_id = u.id
where u.active and u.id = :user_id
"""  # noqa: S608 - only our own constants are spliced in
)


@dataclass(frozen=True)
class Phone:
    """Who asks, how far their list and their phone are, and whether a claim's lease wants renewing."""

    person: SignedInUser
    version: int
    fetched_version: int
    acknowledged_version: int
    lease_ageing: bool

    def to_note(self, seen: int | None) -> bool:
        """Tell whether this fetch teaches us anything: most of a phone's polls do not, and then write nothing."""
        acknowledged = min(seen or 0, self.version)
        news = seen != self.version and self.version > self.fetched_version
        return self.lease_ageing or news or acknowledged > self.acknowledged_version


@dataclass(frozen=True)
class WorklistBody:
    """The list as JSON text, and the version it is of: both from one snapshot."""

    version: int
    body: str


def find_phone(session: Session, user_id: int) -> Phone | None:
    """Return the active person and where their list stands, in one look-up; a person without a list has version 0."""
    row = session.execute(_PHONE, {"user_id": user_id}).one_or_none()
    if row is None:
        return None
    version, fetched, acknowledged, lease_ageing = row[7:11]
    return Phone(read_person(row), version or 0, fetched or 0, acknowledged or 0, bool(lease_ageing))


def worklist_body(session: Session, worker_id: int) -> WorklistBody:
    """Return every open task of the worker with only the fields the court released, and what must leave the phone."""
    row = session.execute(_BODY, {"worker_id": worker_id}).one()
    return WorklistBody(row.version, row.body)
