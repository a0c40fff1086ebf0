"""The counts that oversight bodies are told, from the facts themselves: tasks, results, referrals, seizures, cells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from field.queries.area import Area
from field.queries.oversight_sql import STATEMENTS
from field.rules.calendar import add_working_days, court_day, end_of_day
from field.rules.outcomes import OUTCOMES
from field.rules.oversight import BRIEFS, Counted, Label, Part, ReportName, Told, tell_all
from field.rules.referrals import REFERRALS, ReferralKind, ReferralState
from field.rules.tasks import TaskKind

SOON = 3
"""Working days within which a first visit counts as prompt: the house's own term."""

KINDS = {
    TaskKind.SERVE: Label("协助送达", "service"),
    TaskKind.LOCATE: Label("查找当事人", "locating"),
    TaskKind.ASSET: Label("协查财产线索", "asset leads"),
    TaskKind.REMIND: Label("督促履行", "reminders"),
    TaskKind.PETITION: Label("化解信访", "petitions"),
}
STANDING = {"closed": Label("办结", "closed"), "withdrawn": Label("撤回", "withdrawn"), "open": Label("在办", "open")}
PROMPT = {
    "prompt": Label(f"{SOON} 个工作日内首次上门", f"first visit within {SOON} working days"),
    "later": Label("之后", "later"),
    "none": Label("尚未上门", "none yet"),
}
KEPT = {
    "in_time": Label("按期", "in time"),
    "late": Label("逾期办理", "late"),
    "overdue": Label("逾期未办", "overdue"),
    "running": Label("未到期", "not due yet"),
    "withdrawn": Label("撤回", "withdrawn"),
}
AGES = {
    "10": Label("10 日内", "to 10 days"),
    "30": Label("11–30 日", "11–30 days"),
    "90": Label("31–90 日", "31–90 days"),
    "over": Label("90 日以上", "over 90 days"),
}
EFFECTS = {
    "SERVED": Label("已送达", "served"),
    "ASSIST": Label("转法院办理", "for the court to act"),
    "NONE": Label("未果", "without effect"),
}
METHODS = {
    "signed": Label("签收", "signed for"),
    "retained": Label("留置", "left in place"),
    "elsewhere": Label("住所外拒签", "refused elsewhere"),
}
MENDED = {"once": Label("一次办结", "closed at once"), "mended": Label("退回补正后办结", "returned and mended")}
ATTENDED = {"attended": Label("有人在岗", "attended"), "unattended": Label("无人在岗", "nobody on duty")}
EXCESS = {"within": Label("未超标的", "within the claim"), "excess": Label("明显超标的", "clearly in excess")}
STATES = {
    ReferralState.PROPOSED: Label("待决定", "proposed"),
    ReferralState.REFERRED: Label("已转", "referred"),
    ReferralState.DECLINED: Label("不转", "declined"),
    ReferralState.DECIDED: Label("已答复", "decided"),
    ReferralState.CLOSED: Label("了结", "closed"),
}
TOLD_KINDS = tuple(kind for kind, rule in REFERRALS.items() if not rule.sealed)
AID_KINDS = (ReferralKind.JUDICIAL_AID, ReferralKind.SOCIAL_ASSISTANCE)
"""What inspection keeps to itself is in no report."""

_ASKED, _CLOSED = "tasks asked", "tasks closed"
PARTS: Mapping[Part, tuple[str, str, str, str, Mapping[Any, Label] | None, str, Mapping[Any, Label]]] = {
    Part.ASKED: ("各地交办任务", "Tasks asked, by place", _ASKED, "unit", None, "kind", KINDS),
    Part.STANDING: ("任务现状", "Where the tasks stand", _ASKED, "kind", KINDS, "standing", STANDING),
    Part.RESPONSE: ("响应", "Response", _ASKED, "unit", None, "response", PROMPT),
    Part.TERMS: ("期限", "Terms", _ASKED, "kind", KINDS, "term", KEPT),
    Part.BACKLOG: ("在办任务的时长", "Age of open tasks", "tasks open", "kind", KINDS, "age", AGES),
    Part.OUTCOMES: ("结果", "Outcomes", "results", "kind", KINDS, "effect", EFFECTS),
    Part.RETENTION: ("送达方式", "How papers were served", "served", "unit", None, "method", METHODS),
    Part.MENDED: ("退回补正", "Returned and mended", _CLOSED, "kind", KINDS, "mended", MENDED),
    Part.REFERRALS: (
        "转介", "Referrals", "referrals", "referral",
        {kind: Label(REFERRALS[kind].zh, REFERRALS[kind].en) for kind in TOLD_KINDS}, "state", STATES,
    ),
    Part.AID: (
        "救助转介", "Referrals for aid", "aid", "referral",
        {kind: Label(REFERRALS[kind].zh, REFERRALS[kind].en) for kind in AID_KINDS}, "state", STATES,
    ),
    Part.EXCESS: ("查封与标的", "Seizures and claims", "cases", "court", {}, "excess", EXCESS),
    Part.COVERAGE: ("网格覆盖", "Coverage", "cells", "unit", None, "duty", ATTENDED),
}  # fmt: skip


@dataclass(frozen=True)
class Period:
    """From the first day to the last, both included, as China counts days."""

    first: date
    last: date


@dataclass(frozen=True)
class OversightReport:
    """One report: what it is, of where and when, and its tables as far as they may be told."""

    name: ReportName
    area: Area
    court: str | None
    period: Period
    as_of: datetime
    tables: tuple[Told, ...]


def read_oversight(session: Session, name: ReportName, area: Area, period: Period, now: datetime) -> OversightReport:
    """Count one report for an area (and a court alone, where the area names one); small numbers are hidden."""
    units = _units(session, area, now)
    values = _values(area, period, now)
    tables = [_table(session, part, values, units) for part in BRIEFS[name].parts]
    court = session.scalar(text("select name from field.court where id = :court"), values)
    return OversightReport(name, area, court, period, now, tuple(tell_all(tables)))


def _values(area: Area, period: Period, now: datetime) -> dict[str, Any]:
    days = [period.first + timedelta(days=number) for number in range((period.last - period.first).days + 1)]
    every = [(kind.value, each) for kind, table in OUTCOMES.items() for each in table.values()]
    return {
        "kinds": [kind for kind, _ in every],
        "outcomes": [each.code for _, each in every],
        "effects": [each.effect.value for _, each in every],
        "area": f"{area.code}%",
        "digits": _digits(area),
        "court": area.court_id,
        "begin": end_of_day(period.first - timedelta(days=1)),
        "end": end_of_day(period.last),
        "today": court_day(now),
        "days": days,
        "deadlines": [add_working_days(day, SOON) for day in days],
    }


def _digits(area: Area) -> int:
    """Return how long the codes of the next smaller places are: townships of a county, counties of all above it."""
    return 9 if len(area.code) == 6 else 12 if len(area.code) > 6 else 6


def _units(session: Session, area: Area, now: datetime) -> dict[str, Label]:
    rows = session.execute(
        text(
            "select code, name from geo.division where length(code) = :digits and code like :area "
            "and valid_from <= :day and (valid_to is null or valid_to > :day) order by code"
        ),
        {"digits": _digits(area), "area": f"{area.code}%", "day": court_day(now)},
    )
    return {row.code: Label(row.name) for row in rows}


def _table(session: Session, part: Part, values: Mapping[str, Any], units: Mapping[str, Label]) -> Counted:
    zh, en, what, way, lines, across, columns = PARTS[part]
    found = {(row[0], row[1]): int(row[2]) for row in session.execute(text(STATEMENTS[part]), values)}
    known: Mapping[Any, Label] = lines or (_seen(units, found) if lines is None else _named(found))
    counts = tuple(tuple(found.get((line, column), 0) for column in columns) for line in known)
    named = (way, tuple(known.values())), (across, tuple(columns.values()))
    return Counted(part, zh, en, what, *named, counts, people=part is not Part.COVERAGE)


def _named(found: Mapping[tuple[str, str], int]) -> dict[str, Label]:
    """Return the lines as they name themselves."""
    return {line: Label(line) for line, _ in sorted(found)}


def _seen(units: Mapping[str, Label], found: Mapping[tuple[str, str], int]) -> dict[str, Label]:
    """Return the places by code, and one more line for tasks that lie in none of them."""
    outside = sorted({line for line, _ in found if line not in units})
    return {**units, **{code: Label(f"其他 {code}", "elsewhere") for code in outside}}
