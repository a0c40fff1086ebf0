"""What an attempt can come to: the outcome codes of the five kinds, with their effect.

Codes, Chinese labels and effects follow the house's reading of the Civil Procedure Law arts. 87–95 (service) and of the
rules on finding parties, asset leads, reminders and petitions. What each legally needs is a further table.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from field.rules.refusals import Refused
from field.rules.tasks import TaskKind


class Effect(StrEnum):
    """What follows in law: complete once the court confirms, a court act must follow, or nothing."""

    SERVED = "SERVED"
    ASSIST = "ASSIST"
    NONE = "NONE"


@dataclass(frozen=True)
class Outcome:
    """One way an attempt can end."""

    code: str
    zh: str
    en: str
    effect: Effect


def _table(text: str) -> dict[str, Outcome]:
    rows = (line.split("|") for line in text.strip().splitlines())
    return {code: Outcome(code, zh, en, Effect(effect)) for code, zh, en, effect in rows}


OUTCOMES: dict[TaskKind, dict[str, Outcome]] = {
    TaskKind.SERVE: _table("""
SERVED_SELF|本人签收|signed for by the addressee|SERVED
SERVED_COHABITANT|同住成年家属签收|signed for by a cohabiting adult relative|SERVED
SERVED_LEGAL_REP|法定代表人/负责人签收|signed for by the legal representative|SERVED
SERVED_ORG_RECEIVER|单位收件人签收|signed for by the organisation's receiver|SERVED
SERVED_AGENT|诉讼代理人签收|signed for by the litigation agent|SERVED
SERVED_DESIGNEE|指定代收人签收|signed for by the designated receiver|SERVED
SERVED_GUARDIAN|法定代理人签收|signed for by the guardian|SERVED
RETAINED_WITNESSED|留置（见证）|left in place before witnesses|SERVED
RETAINED_RECORDED|留置（拍照录像）|left in place, recorded|SERVED
REFUSED_ELSEWHERE_RECORDED|住所外拒签|refused outside the residence, recorded|SERVED
ESERVICE_CONSENT|同意电子送达|consents to electronic service|ASSIST
ADDRESS_CONFIRMED|送达地址确认|service address confirmed|ASSIST
REFUSED_PENDING_COURT|拒收待法院处理|refused, court to act|ASSIST
NOTICE_POSTED|公告张贴|notice posted|ASSIST
NOT_HOME|无人在家|nobody home|NONE
AWAY_KNOWN|外出务工可联系|away for work, can be reached|NONE
MOVED_NEW_ADDRESS|已搬迁新址明|moved, new address known|NONE
MOVED_UNKNOWN|已搬迁去向不明|moved, whereabouts unknown|NONE
NO_SUCH_PERSON|查无此人|no such person|NONE
NO_SUCH_ADDRESS|查无此址|no such address|NONE
NO_ACCESS|门禁无法到达|no access|NONE
INELIGIBLE_RECEIVER|无适格收件人|no eligible receiver|NONE
ONLY_OPPONENT_PRESENT|仅对方当事人在场|only the opposing party present|NONE
DECEASED|已死亡|deceased|NONE
ORG_GONE|单位停业/注销/搬离|organisation closed or gone|NONE
DETAINED|羁押/服刑|detained or in prison|NONE
SERVING_SOLDIER|现役军人|serving soldier|NONE
INCAPACITATED|无/限制行为能力|without or of limited capacity|NONE
DOC_DEFECT|文书不符|papers do not match|NONE
CONFLICT_OF_INTEREST|需回避|conflict of interest|NONE
UNSAFE|有危险|unsafe|NONE
"""),
    TaskKind.LOCATE: _table("""
FOUND_PRESENT|当场见到|seen in person|ASSIST
LIVES_HERE_ABSENT|确住此处暂不在|lives here, absent now|ASSIST
NEW_ADDRESS|新住址|new address|ASSIST
WORKPLACE_KNOWN|单位/务工地|workplace known|ASSIST
CONTACT_VOLUNTEERED|自愿提供联系方式|contact volunteered|ASSIST
AWAY_SEASONAL|外出，返乡时间|away, return date known|NONE
UNKNOWN_CERTIFIED|下落不明（有证明）|whereabouts unknown, certified|ASSIST
UNKNOWN_UNCERTIFIED|下落不明|whereabouts unknown|NONE
DECEASED|已死亡|deceased|NONE
DETAINED|羁押/服刑|detained or in prison|NONE
HOSPITALISED|住院|in hospital|NONE
ORG_OPERATING|在营|organisation operating|ASSIST
ORG_CLOSED|停业|organisation closed|NONE
ORG_MOVED|搬离|organisation moved away|NONE
CONFLICT_OF_INTEREST|需回避|conflict of interest|NONE
UNSAFE|有危险|unsafe|NONE
DECLINED|不便协助|unable to help|NONE
"""),
    TaskKind.ASSET: _table("""
LEAD_SPECIFIC|线索明确具体|lead clear and specific|ASSIST
LEAD_VAGUE|线索不具体|lead vague|NONE
CONFIRMED|核实存在|confirmed present|ASSIST
NOT_FOUND|未发现|not found|NONE
MOVED_OR_DISPOSED|疑似转移处置|seems moved or disposed of|ASSIST
THIRD_PARTY_CLAIMS|案外人主张权利|third party claims it|ASSIST
EXEMPT_ONLY|仅生活必需|exempt necessities only|NONE
SEAL_DAMAGED|封条毁损/标的物被动|seal damaged or object moved|ASSIST
INCOME_SOURCE|收入来源|source of income|ASSIST
HARDSHIP_SEEN|生活困难|hardship seen|ASSIST
CONFLICT_OF_INTEREST|需回避|conflict of interest|NONE
UNSAFE|有危险|unsafe|NONE
DECLINED|不便协助|unable to help|NONE
"""),
    TaskKind.REMIND: _table("""
CLAIMS_PAID_FULL|称已全部履行|says all is paid|ASSIST
CLAIMS_PAID_PART|称已部分履行|says part is paid|ASSIST
PROMISE_TO_PAY|承诺履行|promises to pay|NONE
WANTS_SETTLEMENT|希望和解|wants a settlement|ASSIST
REFUSES|明确拒绝|refuses|NONE
SAYS_CANNOT_PAY|称无力履行|says they cannot pay|ASSIST
DISPUTES|有异议|disputes|ASSIST
HANDED_PROPERTY_REPORT|交财产报告表|handed in a property report|ASSIST
WANTS_CREDIT_REPAIR|申请信用修复|wants credit repair|ASSIST
EVADING_SIGNS|规避迹象|signs of evasion|ASSIST
NOT_MET|未见到|not met|NONE
AWAY_KNOWN|外出务工可联系|away for work, can be reached|NONE
UNSAFE|有危险|unsafe|NONE
CONFLICT_OF_INTEREST|需回避|conflict of interest|NONE
"""),
    TaskKind.PETITION: _table("""
HEARD|听取诉求|heard|ASSIST
EXPLAINED_ACCEPTED|释明后接受|accepted after explanation|ASSIST
SENT_TO_COURT|转执行法院|sent to the enforcing court|ASSIST
MEDIATION_WANTED|愿调解|wants mediation|ASSIST
AID_NEEDED|生活困难|aid needed|ASSIST
INSISTS|坚持信访|insists on petitioning|NONE
COMPLAINT_ON_OFFICER|反映执行人员|complaint about an officer|ASSIST
PROSECUTOR_WANTED|申请检察监督|wants prosecutorial supervision|ASSIST
NOT_ENFORCEMENT|非涉执行|not about enforcement|NONE
RISK_URGENT|极端/群体风险|urgent risk|ASSIST
DUPLICATE|重复|duplicate|NONE
NOT_MET|未见到|not met|NONE
"""),
}


def outcome(kind: TaskKind, code: str) -> Outcome:
    """Return the outcome; refuse `outcome_unknown` (422) for a code this kind does not have."""
    if found := OUTCOMES[kind].get(code):
        return found
    raise Refused("outcome_unknown", field="outcome", kind=kind.value, allowed=sorted(OUTCOMES[kind]))
