"""The statements behind each table of an oversight report: line, column, count; nothing about anybody."""

from __future__ import annotations

from collections.abc import Mapping

from field.rules.oversight import Part

_TASKS = """
from field.task t
where t.area_code like :area and t.sent_at is not null and (cast(:court as bigint) is null or t.court_id = :court)
"""
_ASKED = f"{_TASKS} and t.sent_at >= :begin and t.sent_at < :end"
_CLOSED = f"{_TASKS} and t.closed_at >= :begin and t.closed_at < :end"
_DAY = "(t.{0} at time zone 'Asia/Shanghai')::date"
_FINAL = "('closed', 'withdrawn')"
_RESULTS = """
from field.attempt a join field.task t on t.id = a.task_id
where a.intent = 'applied' and not exists (
    select from field.attempt c where c.supersedes = a.id and c.intent = 'applied' and not c.late)
  and a.received_at >= :begin and a.received_at < :end
  and t.area_code like :area and (cast(:court as bigint) is null or t.court_id = :court)
"""
_REFERRALS = """
select r.kind, r.state, count(*) from field.referral r join field.court c on c.id = r.court_id
where r.made_at >= :begin and r.made_at < :end and (cast(:court as bigint) is null or r.court_id = :court)
  and coalesce(r.area_code, c.division_code) like :area
group by 1, 2
"""

STATEMENTS: Mapping[Part, str] = {
    Part.ASKED: f"select left(t.area_code, :digits), t.kind, count(*) {_ASKED} group by 1, 2",
    Part.STANDING: f"""
select t.kind, case when t.state in {_FINAL} then t.state else 'open' end, count(*) {_ASKED} group by 1, 2""",
    Part.RESPONSE: f"""
with deadline as (select * from unnest(cast(:days as date[]), cast(:deadlines as date[])) as d (day, upto)),
asked as (select left(t.area_code, :digits) as unit, {_DAY.format("sent_at")} as day,
          {_DAY.format("first_attempt_at")} as tried {_ASKED})
select unit, case when tried is null then 'none' when tried <= upto then 'prompt' else 'later' end, count(*)
from asked join deadline using (day) group by 1, 2""",  # noqa: S608
    Part.TERMS: f"""
select t.kind, case when t.state = 'withdrawn' then 'withdrawn'
  when coalesce(t.reported_at, t.closed_at) is not null
    then case when (coalesce(t.reported_at, t.closed_at) at time zone 'Asia/Shanghai')::date <= t.due_on
              then 'in_time' else 'late' end
  when t.due_on < :today then 'overdue' else 'running' end, count(*)
{_ASKED} group by 1, 2""",
    Part.BACKLOG: f"""
select t.kind, case when age <= 10 then '10' when age <= 30 then '30' when age <= 90 then '90' else 'over' end, count(*)
from (select t.kind, :today - {_DAY.format("sent_at")} as age {_TASKS} and t.state not in {_FINAL}) t group by 1, 2""",  # noqa: S608
    Part.OUTCOMES: f"""
select t.kind, coalesce(o.effect, 'NONE'), count(*)
from (select t.kind, a.outcome {_RESULTS}) t
left join (select * from unnest(cast(:kinds as text[]), cast(:outcomes as text[]), cast(:effects as text[]))
           as o (kind, outcome, effect)) o on o.kind = t.kind and o.outcome = t.outcome
group by 1, 2""",  # noqa: S608 - only our own constants are spliced in
    Part.RETENTION: f"""
select left(t.area_code, :digits), case when a.outcome like 'RETAINED%' then 'retained'
  when a.outcome like 'REFUSED_ELSEWHERE%' then 'elsewhere' else 'signed' end, count(*)
{_RESULTS} and t.kind = 'SERVE'
  and (a.outcome like 'SERVED%' or a.outcome like 'RETAINED%' or a.outcome like 'REFUSED_ELSEWHERE%')
group by 1, 2""",
    Part.MENDED: f"""
select t.kind, case when t.returned_version is null then 'once' else 'mended' end, count(*) {_CLOSED}
group by 1, 2""",
    Part.REFERRALS: _REFERRALS,
    Part.AID: _REFERRALS,
    Part.EXCESS: """
select c.name, case when s.held * 10 > (k.claim_fen + coalesce(k.costs_fen, 0)) * 12
  then 'excess' else 'within' end, count(*)
from (select case_id, sum(greatest(appraised_fen - prior_rights_fen, 0)) as held from field.seizure
      where lifted_on is null and not renewed and appraised_fen is not null group by case_id) s
join field."case" k on k.id = s.case_id join field.court c on c.id = k.court_id
where k.claim_fen is not null and c.division_code like :area and (cast(:court as bigint) is null or c.id = :court)
group by 1, 2""",
    Part.COVERAGE: """
select left(g.code, :digits), duty, sum(case duty when 'attended' then g.cells_on_duty
  else g.cells - g.cells_on_duty end)
from field.coverage_ground g cross join (values ('attended'), ('unattended')) as d (duty)
where g.digits = 15 and g.code like :area group by 1, 2""",
}
