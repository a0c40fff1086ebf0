"""Where the desk's items come from: one small question for each group, all with the same columns.

Each gives: at (the order within the group), id and version of the thing itself, code, task_id, case_id, due_on, due_at.
`{scope}` is who asks: a court, or a township; `{accept_cut}` and `{visit_cut}` are the moments before which a task was
sent whose term is at risk. States are written out, so that partial indexes serve.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from field.rules.desk import Group
from field.rules.people import Role
from field.rules.referrals import kinds_for
from field.rules.seizures import REMINDERS
from field.rules.tasks import LIVE, WITH_WORKER, TaskState
from field.rules.terms import VISITED


def _listed(values: Iterable[str]) -> str:
    return ", ".join(f"'{value}'" for value in sorted(values))


def _midnight(day: str) -> str:
    return f"({day})::timestamp at time zone 'Asia/Shanghai'"


_READ = _listed(kind.value for kind in kinds_for(Role.DISPATCHER))
_BEGUN = _listed({TaskState.ACCEPTED, TaskState.IN_PROGRESS, TaskState.RETURNED})
_UNACCEPTED = _listed({TaskState.OPEN, TaskState.ASSIGNED, TaskState.CLAIMED})
_LIVE = f"t.state in ({_listed(LIVE)})"
_TASK = "t.id, t.version, {code} as code, t.id as task_id, t.case_id, {due} as due_on, null::timestamptz as due_at"
_TERM = "m.id, m.version, m.code, m.task_id, m.case_id, m.due_on, m.due_at from field.term m"
_REFERRAL = """
select r.made_at as at, r.id, r.version, r.kind as code, r.task_id, r.case_id, null::date as due_on,
  null::timestamptz as due_at
from field.referral r
"""


def _of_task(at: str, code: str, where: str, *, due: str = "null::date") -> str:
    columns = _TASK.format(code=f"'{code}'" if code.isupper() else code, due=due)
    return f"select {at} as at, {columns} from field.task t where {{scope}} and {where}"  # noqa: S608 - only our own constants are spliced in


SOURCES: Mapping[Group, str] = {
    Group.ALERT: f"""
select m.due_at as at, {_TERM} where m.court_id = :court and m.met_at is null and m.due_at is not null
union all {_REFERRAL} where r.court_id = :court and r.state = 'proposed' and r.urgent and r.kind in ({_READ})
""",
    Group.TERM: f"""
select {_midnight("m.due_on")} as at, {_TERM}
where m.court_id = :court and m.met_at is null and m.due_at is null and m.due_on <= :until
""",
    Group.ASSET_CHECK: _of_task(
        # Not the bare column: an index that has it in order would be walked through all that was ever closed.
        "t.created_at + interval '0'",
        "case t.priority when 1 then 'ASSET_CHECK_URGENT' else 'ASSET_CHECK' end",
        f"{_LIVE} and t.kind = 'ASSET' and t.created_at < case t.priority when 1 then :asset_urgent else :asset end",
    ),
    Group.REFERRAL: f"""
{_REFERRAL} where r.court_id = :court and r.state = 'proposed' and not r.urgent and r.kind in ({_READ})
""",
    Group.SEIZURE: f"""
select {_midnight("s.expires_on")} as at, s.id, s.version,
  case when s.expires_on < :today then 'SEIZURE_LAPSED' else 'SEIZURE_EXPIRES' end as code,
  null::uuid as task_id, s.case_id, s.expires_on as due_on, null::timestamptz as due_at
from field.seizure s
where s.court_id = :court and s.lifted_on is null and not s.renewed and s.expires_on <= :today + {max(REMINDERS)}
""",  # noqa: S608
    Group.FOLLOW_UP: f"""
select {_midnight("f.due_on")} as at, f.id, f.version, f.kind as code, f.task_id, null::uuid as case_id, f.due_on,
  null::timestamptz as due_at
from field.follow_up f
where f.court_id = :court and f.state in ('open', 'lapsed') and f.due_on <= :until
""",  # noqa: S608
    Group.HELD: f"""
select a.received_at as at, a.id, null::bigint as version, 'HELD' as code, t.id as task_id, t.case_id,
  null::date as due_on, null::timestamptz as due_at
from field.task t cross join lateral (
  select n.id, n.received_at, n.intent, n.intent_code from field.attempt n
  where n.task_id = t.id and n.done order by n.received_at desc limit 1) a
where {{scope}} and {_LIVE} and t.state in ({_listed(WITH_WORKER)})
  and a.intent = 'rejected' and a.intent_code in ('gap_too_long', 'evidence_awaited')
""",  # noqa: S608
    Group.REPORTED: _of_task("coalesce(t.reported_at, t.created_at)", "REPORTED", f"{_LIVE} and t.state = 'reported'"),
    Group.UNPLACED: _of_task("coalesce(t.sent_at, t.created_at)", "UNPLACED", f"{_LIVE} and t.state = 'unplaced'"),
    Group.REVIEW: """
select r.at, r.id, null::bigint as version, r.why as code, r.task_id, null::uuid as case_id, null::date as due_on,
  null::timestamptz as due_at
from field.review r where r.court_id = :court and r.state = 'open'
""",
    Group.CLOSE: _of_task(_midnight("t.due_on"), "CLOSE", f"{_LIVE} and t.due_on <= :until", due="t.due_on"),
    Group.FIRST_ATTEMPT: _of_task(
        "t.sent_at",
        "FIRST_ATTEMPT",
        f"{_LIVE} and t.state in ({_BEGUN}) and t.kind in ({_listed(VISITED)}) and t.first_attempt_at is null "
        f"and t.sent_at < {{visit_cut}}",
    ),
    Group.ACCEPT: _of_task(
        "t.sent_at", "ACCEPT", f"{_LIVE} and t.state in ({_UNACCEPTED}) and t.sent_at < {{accept_cut}}"
    ),
}


def source(group: Group, scope: str, *, many_courts: bool) -> str:
    """Return the question of a group for who asks; courts that decided otherwise than usual have cuts of their own."""
    found = SOURCES[group].replace("{scope}", scope)
    for name in ("accept", "visit"):
        found = found.replace(f"{{{name}_cut}}", _CUT.format(name=name) if many_courts else f":{name}")
    return found


_CUT = (
    "coalesce((select x.cut from unnest(cast(:odd as bigint[]), cast(:{name}_odd as timestamptz[])) "
    "as x (court, cut) where x.court = t.court_id), :{name})"
)
"""The moment before which a task was sent whose term is at risk."""
