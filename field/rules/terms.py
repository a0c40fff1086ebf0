"""Terms as data: what must be done within how long, under which article, and what to do next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from field.rules.calendar import add_working_days, court_day, last_day
from field.rules.court_settings import CourtSettings
from field.rules.tasks import URGENT, TaskKind, TaskState


class TermCode(StrEnum):
    """What a term is for; the first five are derived from a task's own columns and never stored."""

    ACCEPT = "ACCEPT"
    FIRST_ATTEMPT = "FIRST_ATTEMPT"
    CLOSE = "CLOSE"
    ASSET_CHECK = "ASSET_CHECK"
    ASSET_CHECK_URGENT = "ASSET_CHECK_URGENT"
    COURT_VISIT = "COURT_VISIT"
    NOTICE_PERIOD = "NOTICE_PERIOD"
    ENTRUSTED_SERVICE = "ENTRUSTED_SERVICE"
    PROPERTY_REPORT = "PROPERTY_REPORT"
    LEAD_CHECK = "LEAD_CHECK"
    LEAD_CHECK_URGENT = "LEAD_CHECK_URGENT"
    FOUND_ALERT = "FOUND_ALERT"
    PETITION_REGISTER = "PETITION_REGISTER"
    PETITION_DONE = "PETITION_DONE"
    PETITION_SCREENED = "PETITION_SCREENED"
    PETITION_TOLD = "PETITION_TOLD"
    OBJECTION_REVIEW = "OBJECTION_REVIEW"
    PARTY_OBJECTION_REVIEW = "PARTY_OBJECTION_REVIEW"
    RECONSIDERATION = "RECONSIDERATION"
    JUDICIAL_AID_DECISION = "JUDICIAL_AID_DECISION"
    ENFORCEMENT_NOTICE = "ENFORCEMENT_NOTICE"
    ENFORCEMENT_NOTICE_SENT = "ENFORCEMENT_NOTICE_SENT"


class Unit(StrEnum):
    """What a term is counted in."""

    WORKING_DAYS = "working_days"
    DAYS = "days"
    MINUTES = "minutes"


@dataclass(frozen=True)
class TermRule:
    """How long a term runs, what it rests on, and what the court does next; `house` marks a default, not a law."""

    zh: str
    en: str
    count: int
    unit: Unit
    article: str
    house: bool
    ends_with_task: bool
    next_zh: str
    next_en: str


def _table(text: str) -> dict[TermCode, TermRule]:
    found = {}
    for line in text.strip().splitlines():
        code, zh, en, count, unit, article, marks, next_zh, next_en = line.split("|")
        found[TermCode(code)] = TermRule(
            zh, en, int(count), Unit(unit), article, "H" in marks, "T" in marks, next_zh, next_en
        )
    return found


# Code, name, how long, article; H: a default of the house, T: done with when the task ends; what to do next.
TERMS: dict[TermCode, TermRule] = _table("""
ACCEPT|网格员签收|accepted by a worker|1|working_days|house|HT|催促签收，或另派他人|remind the worker, or give it to another
FIRST_ATTEMPT|首次上门|first attempt|3|working_days|house|HT|催促上门，或另派他人|remind the worker, or give it to another
CLOSE|办结|task closed|10|days|CPL 85|HT|催办；反馈后核对办结，或撤回|urge it on; once reported, check and close, or withdraw
ASSET_CHECK|核查财产线索|asset lead checked|7|days|法释〔2017〕8号 2|T|法院核查线索并答复|check the lead and answer
ASSET_CHECK_URGENT|核查紧急财产线索|urgent asset lead checked|3|days|法释〔2017〕8号 2|T|法院立即核查线索|check the lead at once
COURT_VISIT|法院人员上门处理拒收|court visit after a refusal|5|working_days|house; CPL 89|HT|安排法院人员上门，或另定送达方式|send a court officer, or choose another way of service
NOTICE_PERIOD|公告期满|public notice elapsed|30|days|CPL 95||期满后记明公告送达|when it has elapsed, note that service is complete
ENTRUSTED_SERVICE|受委托法院送达|served by the entrusted court|10|days|JI 134||向受委托法院催办|ask the entrusted court
PROPERTY_REPORT|财产报告表送交法院|property report at the court|1|working_days|house; CPL 252|HT|收取并登记财产报告表|take in the property report and register it
LEAD_CHECK|核查上报的财产线索|reported lead checked|7|days|法释〔2017〕8号 2||法院核查线索并采取措施|check the lead and act on it
LEAD_CHECK_URGENT|核查上报的紧急线索|reported urgent lead checked|3|days|法释〔2017〕8号 2||法院立即核查线索|check the lead at once
FOUND_ALERT|当场见到，值班电话应答|person found: duty line answers|30|minutes|house|H|立即致电网格员，决定是否到场|call the worker now and decide whether to go
PETITION_REGISTER|登记信访并确定承办人|petition registered, handler named|5|working_days|法〔2021〕227号||在执行信访系统登记并确定承办人|register it in the petition system and name a handler
PETITION_DONE|信访办理完毕并告知|petition done, petitioner told|30|days|法〔2021〕227号||办结并告知信访人|finish it and tell the petitioner
PETITION_SCREENED|上级法院甄别|screened by the higher court|15|working_days|法〔2021〕227号||向上级法院报送甄别意见|send the higher court what it needs for screening
PETITION_TOLD|告知信访人是否受理|petitioner told what becomes of it|15|days|信访工作条例 22; 信访工作条例 23||书面告知信访人|tell the petitioner in writing
OBJECTION_REVIEW|案外人异议审查|third party's objection reviewed|15|days|CPL 238||审查异议并裁定|review the objection and rule
PARTY_OBJECTION_REVIEW|执行行为异议审查|objection to enforcement reviewed|15|days|CPL 236||审查异议并裁定|review the objection and rule
RECONSIDERATION|申请复议|reconsideration applied for|10|days|CPL 236||等候复议申请，或报送卷宗|wait for the application, or send the file on
JUDICIAL_AID_DECISION|司法救助决定|judicial aid decided|10|working_days|法发〔2016〕16号||作出救助决定|decide on the aid
ENFORCEMENT_NOTICE|发出执行通知|enforcement notice issued|10|days|JI 480||发出执行通知书|issue the enforcement notice
ENFORCEMENT_NOTICE_SENT|承办人发送执行通知|notice sent by the handler|3|days|法发〔2006〕35号 4||发送执行通知书|send the enforcement notice
""")

GRID_TERMS = frozenset({TermCode.ACCEPT, TermCode.FIRST_ATTEMPT, TermCode.CLOSE})
"""What the grid has to keep; everything else is the court's, and tells of the case."""
DERIVED = GRID_TERMS | {TermCode.ASSET_CHECK, TermCode.ASSET_CHECK_URGENT}
ENDING_WITH_TASK = tuple(code for code, rule in TERMS.items() if rule.ends_with_task and code not in DERIVED)
VISITED = frozenset({TaskKind.SERVE, TaskKind.LOCATE, TaskKind.REMIND})
"""Kinds that have a term for the first attempt; asset leads and petitions have clocks of their own."""
BEGUN_WITH_TASK: dict[TaskKind, tuple[TermCode, ...]] = {
    TaskKind.PETITION: (TermCode.PETITION_REGISTER, TermCode.PETITION_DONE),
}
"""Terms that asking for a task begins and its columns cannot tell the end of, so that they are stored."""


@dataclass(frozen=True)
class Span:
    """From when to when a term runs; `due_at` only where it is a matter of minutes."""

    starts_on: date
    due_on: date
    due_at: datetime | None = None


def last_of(code: TermCode, day: date, count: int | None = None) -> date:
    """Return the last day of a term that began on this day; `count` is what a court decided instead of the default."""
    rule = TERMS[code]
    length = rule.count if count is None else count
    match rule.unit:
        case Unit.WORKING_DAYS:
            return add_working_days(day, length)
        case Unit.DAYS:
            return last_day(day, length)
        case Unit.MINUTES:
            return day


def latest_start(code: TermCode, due_on: date, count: int | None = None) -> date:
    """Return the latest day on which such a term may have begun to end on this day or before it."""
    start = due_on
    while last_of(code, start, count) > due_on:
        start -= timedelta(days=1)
    return start


def span(code: TermCode, at: datetime, count: int | None = None) -> Span:
    """Return how long the term runs from this event; `count` is what a court decided instead of the default."""
    rule, day = TERMS[code], court_day(at)
    if rule.unit is Unit.MINUTES:
        due_at = at + timedelta(minutes=rule.count if count is None else count)
        return Span(day, court_day(due_at), due_at)
    return Span(day, last_of(code, day, count))


@dataclass(frozen=True)
class TaskClock:
    """The columns of a task that its own terms are derived from."""

    kind: TaskKind
    state: TaskState
    priority: int
    due_on: date
    created_at: datetime
    sent_at: datetime | None
    first_attempt_at: datetime | None
    closed_at: datetime | None


@dataclass(frozen=True)
class TermOf:
    """One term of a task: whether it was met, and when where that is known."""

    code: TermCode
    span: Span
    met: bool
    met_at: datetime | None = None


NOT_ACCEPTED = frozenset({TaskState.UNPLACED, TaskState.OPEN, TaskState.ASSIGNED, TaskState.CLAIMED})


def derived_terms(task: TaskClock, settings: CourtSettings) -> list[TermOf]:
    """Return the terms that a task's columns tell; a draft has none, nobody knows of it yet."""
    if task.sent_at is None:
        return []
    ended = task.state in (TaskState.CLOSED, TaskState.WITHDRAWN)
    found = [
        TermOf(
            TermCode.ACCEPT,
            span(TermCode.ACCEPT, task.sent_at, settings.accept_working_days),
            task.state not in NOT_ACCEPTED,
        )
    ]
    if task.kind in VISITED:
        visit = span(TermCode.FIRST_ATTEMPT, task.sent_at, settings.first_attempt_working_days)
        seen = task.first_attempt_at
        found.append(TermOf(TermCode.FIRST_ATTEMPT, visit, seen is not None or ended, seen))
    started = court_day(task.created_at)
    found.append(TermOf(TermCode.CLOSE, Span(started, max(task.due_on, started)), ended, task.closed_at))
    if task.kind is TaskKind.ASSET:
        code = asset_term(task.priority)
        found.append(TermOf(code, span(code, task.created_at), ended, task.closed_at))
    return found


def asset_term(priority: int) -> TermCode:
    """Return the law's term for an asset lead: seven days, or three where it is urgent (法释〔2017〕8号 art. 2)."""
    return TermCode.ASSET_CHECK_URGENT if priority == URGENT else TermCode.ASSET_CHECK
