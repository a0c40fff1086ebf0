"""What an attempt can come to: the codes, words and effects of all five kinds against lists written by hand."""

from __future__ import annotations

import re

import pytest

from field.rules.outcomes import OUTCOMES, Effect, outcome
from field.rules.refusals import Refused
from field.rules.tasks import TaskKind

# Service: code, word, effect in law (CPL arts. 87–95).
SERVE = """
SERVED_SELF 本人签收 SERVED
SERVED_COHABITANT 同住成年家属签收 SERVED
SERVED_LEGAL_REP 法定代表人/负责人签收 SERVED
SERVED_ORG_RECEIVER 单位收件人签收 SERVED
SERVED_AGENT 诉讼代理人签收 SERVED
SERVED_DESIGNEE 指定代收人签收 SERVED
SERVED_GUARDIAN 法定代理人签收 SERVED
RETAINED_WITNESSED 留置（见证） SERVED
RETAINED_RECORDED 留置（拍照录像） SERVED
REFUSED_ELSEWHERE_RECORDED 住所外拒签 SERVED
ESERVICE_CONSENT 同意电子送达 ASSIST
ADDRESS_CONFIRMED 送达地址确认 ASSIST
REFUSED_PENDING_COURT 拒收待法院处理 ASSIST
NOTICE_POSTED 公告张贴 ASSIST
NOT_HOME 无人在家 NONE
AWAY_KNOWN 外出务工可联系 NONE
MOVED_NEW_ADDRESS 已搬迁新址明 NONE
MOVED_UNKNOWN 已搬迁去向不明 NONE
NO_SUCH_PERSON 查无此人 NONE
NO_SUCH_ADDRESS 查无此址 NONE
NO_ACCESS 门禁无法到达 NONE
INELIGIBLE_RECEIVER 无适格收件人 NONE
ONLY_OPPONENT_PRESENT 仅对方当事人在场 NONE
DECEASED 已死亡 NONE
ORG_GONE 单位停业/注销/搬离 NONE
DETAINED 羁押/服刑 NONE
SERVING_SOLDIER 现役军人 NONE
INCAPACITATED 无/限制行为能力 NONE
DOC_DEFECT 文书不符 NONE
CONFLICT_OF_INTEREST 需回避 NONE
UNSAFE 有危险 NONE
"""
# The other four: code and word; a code without a word here has one of the house's own.
OTHERS = {
    TaskKind.LOCATE: """
FOUND_PRESENT 当场见到
LIVES_HERE_ABSENT 确住此处暂不在
NEW_ADDRESS 新住址
WORKPLACE_KNOWN 单位/务工地
CONTACT_VOLUNTEERED 自愿提供联系方式
AWAY_SEASONAL 外出，返乡时间
UNKNOWN_CERTIFIED 下落不明（有证明）
UNKNOWN_UNCERTIFIED 下落不明
DECEASED
DETAINED
HOSPITALISED
ORG_OPERATING 在营
ORG_CLOSED 停业
ORG_MOVED 搬离
CONFLICT_OF_INTEREST 需回避
UNSAFE 有危险
DECLINED
""",
    TaskKind.ASSET: """
LEAD_SPECIFIC 线索明确具体
LEAD_VAGUE 线索不具体
CONFIRMED 核实存在
NOT_FOUND 未发现
MOVED_OR_DISPOSED 疑似转移处置
THIRD_PARTY_CLAIMS 案外人主张权利
EXEMPT_ONLY 仅生活必需
SEAL_DAMAGED 封条毁损/标的物被动
INCOME_SOURCE 收入来源
HARDSHIP_SEEN 生活困难
CONFLICT_OF_INTEREST 需回避
UNSAFE 有危险
DECLINED
""",
    TaskKind.REMIND: """
CLAIMS_PAID_FULL
CLAIMS_PAID_PART
PROMISE_TO_PAY 承诺履行
WANTS_SETTLEMENT 希望和解
REFUSES 明确拒绝
SAYS_CANNOT_PAY 称无力履行
DISPUTES 有异议
HANDED_PROPERTY_REPORT 交财产报告表
WANTS_CREDIT_REPAIR 申请信用修复
EVADING_SIGNS 规避迹象
NOT_MET
AWAY_KNOWN 外出务工可联系
UNSAFE 有危险
CONFLICT_OF_INTEREST 需回避
""",
    TaskKind.PETITION: """
HEARD 听取诉求
EXPLAINED_ACCEPTED 释明后接受
SENT_TO_COURT 转执行法院
MEDIATION_WANTED 愿调解
AID_NEEDED 生活困难
INSISTS 坚持信访
COMPLAINT_ON_OFFICER 反映执行人员
PROSECUTOR_WANTED 申请检察监督
NOT_ENFORCEMENT 非涉执行
RISK_URGENT 极端/群体风险
DUPLICATE
NOT_MET
""",
}
NOBODY_IS_SERVED_BY = {
    "PROMISE_TO_PAY",  # a promise is not a settlement: legal effect none
    "NOT_HOME",  # nobody home is never service
    "ONLY_OPPONENT_PRESENT",
    "INELIGIBLE_RECEIVER",
}


def test_service_has_exactly_its_31_outcomes() -> None:
    expected = [tuple(line.split()) for line in SERVE.strip().splitlines()]
    assert len(expected) == 31
    assert [(each.code, each.zh, each.effect.value) for each in OUTCOMES[TaskKind.SERVE].values()] == expected


@pytest.mark.parametrize("kind", OTHERS)
def test_the_other_kinds_have_exactly_theirs(kind: TaskKind) -> None:
    expected = [[*line.split(), None][:2] for line in OTHERS[kind].strip().splitlines()]
    found = OUTCOMES[kind]
    assert list(found) == [code for code, _ in expected]
    for code, word in expected:
        assert code is not None
        assert found[code].code == code
        assert word in (None, found[code].zh)
        assert found[code].effect is not Effect.SERVED, "only a service can be complete in law"


def test_there_are_no_other_kinds() -> None:
    assert set(OUTCOMES) == {TaskKind.SERVE, *OTHERS} == set(TaskKind)


def test_what_never_has_an_effect() -> None:
    every = [each for table in OUTCOMES.values() for each in table.values()]
    assert {each.effect for each in every if each.code in NOBODY_IS_SERVED_BY} == {Effect.NONE}


def test_every_outcome_speaks_both_languages_and_one_code_means_one_thing() -> None:
    words: dict[str, set[tuple[str, str]]] = {}
    for table in OUTCOMES.values():
        for each in table.values():
            assert re.search(r"[\u4e00-\u9fff]", each.zh)
            assert re.fullmatch(r"[A-Za-z',\- ]{5,}", each.en)
            words.setdefault(each.code, set()).add((each.zh, each.en))
    assert {code: said for code, said in words.items() if len(said) > 1} == {}


@pytest.mark.parametrize("kind", TaskKind)
def test_a_code_is_looked_up_in_its_own_kind(kind: TaskKind) -> None:
    for code in OUTCOMES[kind]:
        assert outcome(kind, code) is OUTCOMES[kind][code]
    foreign = next(code for table in OUTCOMES.values() for code in table if code not in OUTCOMES[kind])
    for unknown in (foreign, "", "served_self", "本人签收"):
        with pytest.raises(Refused) as refused:
            outcome(kind, unknown)
        assert refused.value.code == "outcome_unknown"
        assert refused.value.facts == {"field": "outcome", "kind": kind.value, "allowed": sorted(OUTCOMES[kind])}
