"""How each ledger action is told to a person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from field.rules.outcomes import OUTCOMES

ACTIONS: dict[str, tuple[str, str]] = {
    "task.created": ("法院交办任务", "the court asked for the task"),
    "task.placed": ("指定网格 {cell}", "placed in cell {cell}"),
    "task.moved_cell": ("网格调整：由 {cell_before} 划入 {cell}", "the map changed: from cell {cell_before} to {cell}"),
    "task.left_worker": (
        "网格调整：由 {cell_before} 划入 {cell}，不再由原网格员办理",
        "the map changed: from cell {cell_before} to {cell} and out of the hands of its worker",
    ),
    "task.lost_cell": (
        "网格调整：原网格 {cell_before} 不再覆盖此处",
        "the map changed: no cell covers the place any more as {cell_before} did",
    ),
    "task.place": ("指定网格", "placed by hand"),
    "task.send": ("发出任务", "the task was sent"),
    "task.given": ("派给网格员：{reason}", "given to a worker: {reason}"),
    "task.claim": ("网格员领取", "claimed by a worker"),
    "task.accept": ("网格员签收", "accepted by the worker"),
    "task.decline": ("网格员退回：{reason_code}", "declined by the worker: {reason_code}"),
    "task.start": ("开始办理", "work began"),
    "attempt.recorded": ("现场记录：{outcome_zh}", "an attempt was recorded: {outcome_en}"),
    "attempt.gap_given_up": (
        "等候三天，缺少的前一条记录仍未到，未予上报",
        "an earlier record is still missing after three days: the wish to hand in was set aside",
    ),
    "task.report": ("网格员反馈", "reported back"),
    "task.close": ("法院办结", "closed by the court"),
    "task.return": ("法院退回补充", "returned by the court"),
    "task.take_back": ("收回任务", "taken back"),
    "task.withdraw": ("法院撤回", "withdrawn by the court"),
}

_LABELS = {code: (each.zh, each.en) for table in OUTCOMES.values() for code, each in table.items()}


def tell(action: str, details: Mapping[str, Any]) -> str:
    """Return one sentence, Chinese / English, for an entry; an action without words is named as it is."""
    zh, en = ACTIONS.get(action, (action, action))
    label = _LABELS.get(str(details.get("outcome", "")), ("", ""))
    facts = {
        "cell": "",
        "cell_before": "",
        "reason": "",
        "reason_code": "",
        **details,
        "outcome_zh": label[0],
        "outcome_en": label[1],
    }
    if action == "task.given":
        reason_zh, _, reason_en = str(facts["reason"]).partition(" / ")
        return f"{zh.format(reason=reason_zh)} / {en.format(reason=reason_en or reason_zh)}"
    return f"{zh.format(**facts).rstrip('：')} / {en.format(**facts).rstrip(': ')}"
