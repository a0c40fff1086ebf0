"""How each ledger action is told to a person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from field.rules.evidence import EVIDENCE_KINDS
from field.rules.follow_ups import KINDS as FOLLOW_UPS
from field.rules.follow_ups import OBSERVATIONS
from field.rules.outcomes import OUTCOMES
from field.rules.referrals import REFERRALS
from field.rules.release import SEALED, SEALED_WORDS

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
    "attempt.corrected": ("更正现场记录：{outcome_zh}", "an attempt was corrected: {outcome_en}"),
    "attempt.evidence_given_up": (
        "等候三天，所列材料仍未收齐，未予上报",
        "files that were declared are still missing after three days: the wish to hand in was set aside",
    ),
    "attempt.gap_given_up": (
        "等候三天，缺少的前一条记录仍未到，未予上报",
        "an earlier record is still missing after three days: the wish to hand in was set aside",
    ),
    "evidence.declared": ("申报材料：{kind_zh}", "evidence was declared: {kind_en}"),
    "evidence.sealed": ("材料封存：{kind_zh}", "evidence was sealed: {kind_en}"),
    "evidence.read": ("查看材料原件：{kind_zh}", "the original of evidence was read: {kind_en}"),
    "task.report": ("网格员反馈", "reported back"),
    "review.raised": ("列入人工复核", "put before a person for a look"),
    "review.looked": ("法院已复核", "looked at by the court"),
    "task.close": ("法院办结", "closed by the court"),
    "task.return": ("法院退回补充", "returned by the court"),
    "task.take_back": ("收回任务", "taken back"),
    "bundle.made": ("制作证据包", "an evidence bundle was made"),
    "paper.made": ("制作文书", "a paper was made"),
    "follow_up.made": ("待回访事项：{kind_zh} {due_on}", "to look again: {kind_en} {due_on}"),
    "follow_up.due": ("提醒：{kind_zh} {due_on}", "a reminder: {kind_en} {due_on}"),
    "follow_up.lapsed": (
        "期满未见答复，待法院认定：{kind_zh} {due_on}",
        "nobody has said what became of this: {kind_en} {due_on} is for the court to decide",
    ),
    "follow_up.decided": ("法院认定：{kind_zh}：{to_zh}", "the court decided: {kind_en}: {to_en}"),
    "follow_up.superseded": (
        "记录更正，原待回访事项取消",
        "the record was corrected and what it left to wait for is called off",
    ),
    "referral.proposed": ("提出建议，待人决定：{kind_zh}", "proposed for a person to decide: {kind_en}"),
    "referral.made": ("登记转介：{kind_zh}", "a referral was made: {kind_en}"),
    "referral.decided": ("转介处理：{kind_zh}：{decision_zh}", "a referral: {kind_en}: {decision_en}"),
    "referral.read": ("纪检监察查阅", "read by the inspection of the court"),
    "observation.promoted": ("法院采信所报信息：{kind_zh}", "the court takes over what was learnt: {kind_en}"),
    "observation.rejected": (
        "法院未采信所报信息：{kind_zh}",
        "the court does not take over what was learnt: {kind_en}",
    ),
    "lead.assessed": ("法院评估线索", "the court assessed a lead"),
    "term.met": ("期限事项已了结", "what the term asked for is done"),
    "term.passed": ("期限已过", "the term has passed"),
    "seizure.made": ("登记查封、扣押或冻结", "a seizure was written down"),
    "seizure.renewed": ("办理续行", "a seizure was renewed"),
    "seizure.lifted": ("解除查封、扣押或冻结", "a seizure was lifted"),
    "seizure.reminder": ("提醒：即将到期", "a reminder: it is about to lapse"),
    "task.withdraw": ("法院撤回", "withdrawn by the court"),
    "court.settings_edited": ("修改法院设置", "the settings of the court were changed"),
}

_KINDS: dict[str, tuple[str, str]] = {
    **{kind.value: (label.zh, label.en) for kind, label in EVIDENCE_KINDS.items()},
    **{kind.value: words for kind, words in FOLLOW_UPS.items()},
    **{kind.value: (rule.zh, rule.en) for kind, rule in REFERRALS.items()},
    **{kind.value: words for kind, words in OBSERVATIONS.items()},
}
_ENDS = {
    "kept": ("已履行", "kept"),
    "broken": ("未履行", "broken"),
    "cancelled": ("取消", "called off"),
    "REFER": ("已转介", "referred"),
    "DECLINE": ("不转介", "declined"),
    "DECIDE": ("已有结果", "decided"),
    "CLOSE": ("办结", "closed"),
}
_NONE = ("", "")
_LABELS = {code: (each.zh, each.en) for table in OUTCOMES.values() for code, each in table.items()}
_LABELS[SEALED] = SEALED_WORDS


def tell(action: str, details: Mapping[str, Any]) -> str:
    """Return one sentence, Chinese / English, for an entry; an action without words is named as it is."""
    zh, en = ACTIONS.get(action, (action, action))
    facts = dict.fromkeys(("cell", "cell_before", "reason", "reason_code", "due_on"), "") | dict(details)
    named = (("outcome", _LABELS), ("kind", _KINDS), ("to", _ENDS), ("decision", _ENDS))
    for name, labels in named:
        facts[f"{name}_zh"], facts[f"{name}_en"] = labels.get(str(details.get(name, "")), _NONE)
    if action == "task.given":
        reason_zh, _, reason_en = str(facts["reason"]).partition(" / ")
        return f"{zh.format(reason=reason_zh)} / {en.format(reason=reason_en or reason_zh)}"
    return f"{zh.format(**facts).rstrip('：')} / {en.format(**facts).rstrip(': ')}"
