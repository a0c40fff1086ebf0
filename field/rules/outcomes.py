"""What an attempt can come to: the outcome codes of the five kinds, what each legally needs and what follows.

Codes, labels and effects follow the house's reading of the Civil Procedure Law (CPL) arts. 87–95 on service, its
interpretation (JI), and the rules on finding parties, asset leads, reminders and petitions. Only what a row needs is
ever asked for (国办函〔2026〕12号).
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


Alternative = tuple[str, ...]
"""Pieces that are needed together, by name."""
Need = tuple[Alternative, ...]
"""One thing that must be shown, in any one of these ways."""


@dataclass(frozen=True)
class Outcome:
    """One way an attempt can end: every one of `needs` must be met; `optional` may be given and is never asked for.

    `follows` are codes of what comes next; `article` is what the outcome rests on, in the short form of the articles'
    table; one that is `court_only` is a court officer's to record.
    """

    code: str
    zh: str
    en: str
    effect: Effect
    needs: tuple[Need, ...] = ()
    optional: tuple[str, ...] = ()
    follows: tuple[str, ...] = ()
    article: str = ""
    court_only: bool = False


def _table(text: str) -> dict[str, Outcome]:
    return {each.code: each for each in map(_outcome, text.strip().splitlines())}


def _outcome(line: str) -> Outcome:
    code, zh, en, effect, needs, optional, follows, article = line.split("|")
    return Outcome(
        code.removesuffix("*"),
        zh,
        en,
        Effect(effect),
        tuple(_need(each) for each in needs.split()),
        tuple(optional.split()),
        tuple(follows.split()),
        article,
        court_only=code.endswith("*"),
    )


def _need(text: str) -> Need:
    return tuple(tuple(alternative.split("+")) for alternative in text.split("/"))


# code (* a court officer's only)|中文|English|effect|needs: all of these, a/b either, a+b both|optional|follows|article
OUTCOMES: dict[TaskKind, dict[str, Outcome]] = {
    TaskKind.SERVE: _table("""
SERVED_SELF|本人签收|signed for by the addressee|SERVED|RECEIPT_SIGNED/E_RECEIPT receiver||court_confirms|CPL 87; CPL 88
SERVED_COHABITANT|同住成年家属签收|signed for by a cohabiting adult relative|SERVED|RECEIPT_SIGNED/E_RECEIPT receiver RELATION_STMT||court_confirms|CPL 88; 法释〔2004〕13号 7
SERVED_LEGAL_REP|法定代表人/负责人签收|signed for by the legal representative|SERVED|RECEIPT_SIGNED/E_RECEIPT receiver ORG_POST||court_confirms|CPL 88; JI 130
SERVED_ORG_RECEIVER|单位收件人签收|signed for by the organisation's receiver|SERVED|RECEIPT_SIGNED/E_RECEIPT receiver ORG_POST||court_confirms|CPL 88; JI 130
SERVED_AGENT|诉讼代理人签收|signed for by the litigation agent|SERVED|RECEIPT_SIGNED/E_RECEIPT receiver AUTHORISATION||court_confirms|CPL 88; JI 132
SERVED_DESIGNEE|指定代收人签收|signed for by the designated receiver|SERVED|RECEIPT_SIGNED/E_RECEIPT receiver AUTHORISATION||court_confirms|CPL 88; JI 133
SERVED_GUARDIAN|法定代理人签收|signed for by the guardian|SERVED|RECEIPT_SIGNED/E_RECEIPT receiver RELATION_STMT||court_confirms|法释〔2004〕13号 9(2)
RETAINED_WITNESSED|留置（见证）|left in place before witnesses|SERVED|REFUSAL_NOTE place officer SERVER_SIGN WITNESS_SIGN/witness.unsigned NOTE/refusal.left_at||court_confirms|CPL 89; JI 130(2)
RETAINED_RECORDED|留置（拍照录像）|left in place, recorded|SERVED|REFUSAL_NOTE place officer PHOTO_DOOR+PHOTO_DOC_LEFT/VIDEO_SERVICE SERVER_SIGN||court_confirms|CPL 89
REFUSED_ELSEWHERE_RECORDED*|住所外拒签|refused outside the residence, recorded|SERVED|PHOTO_SCENE/PHOTO_HANDOVER/VIDEO_SERVICE COURT_OFFICER_SIGN|REFUSAL_NOTE|court_confirms|JI 131(2)
ESERVICE_CONSENT|同意电子送达|consents to electronic service|ASSIST|ADDRESS_FORM||court_serves_electronically|CPL 90; JI 136
ADDRESS_CONFIRMED|送达地址确认|service address confirmed|ASSIST|ADDRESS_FORM||court_mails|JI 137; 法释〔2004〕13号 5
REFUSED_PENDING_COURT|拒收待法院处理|refused, court to act|ASSIST|REFUSAL_NOTE LOC_FIX||court_visit_5wd|CPL 89
NOTICE_POSTED|公告张贴|notice posted|ASSIST|PHOTO_SCENE/VIDEO_SERVICE||notice_30_days|CPL 95; JI 138(2)
NOT_HOME|无人在家|nobody home|NONE|LOC_FIX|PHOTO_DOOR|retry|CPL 89; CPL 95
AWAY_KNOWN|外出务工可联系|away for work, can be reached|NONE|NOTE|observation.WHEREABOUTS observation.RETURN_DATE observation.PHONE|court_mails court_serves_electronically festival_retry|CPL 90; CPL 91
MOVED_NEW_ADDRESS|已搬迁新址明|moved, new address known|NONE|observation.ADDRESS||redispatch|JI 137
MOVED_UNKNOWN|已搬迁去向不明|moved, whereabouts unknown|NONE|NOTE|COMMITTEE_CERT|locate_task|CPL 95
NO_SUCH_PERSON|查无此人|no such person|NONE|NOTE COMMITTEE_CERT||court_checks|CPL 95; JI 138
NO_SUCH_ADDRESS|查无此址|no such address|NONE|LOC_FIX PHOTO_SCENE||court_checks|法释〔2004〕13号 11
NO_ACCESS|门禁无法到达|no access|NONE|NOTE||retry_with_property_office|Constitution 39; Criminal Law 245
INELIGIBLE_RECEIVER|无适格收件人|no eligible receiver|NONE|NOTE||retry|CPL 88
ONLY_OPPONENT_PRESENT|仅对方当事人在场|only the opposing party present|NONE|NOTE||retry court_told|法释〔2004〕13号 7; 简易程序规定 11(2)
DECEASED|已死亡|deceased|NONE|COMMITTEE_CERT/registry||court_suspends_or_ends|CPL 268(3); JI 473
ORG_GONE|单位停业/注销/搬离|organisation closed or gone|NONE|PHOTO_SCENE||court_checks_registry|法释〔2004〕13号 5; CPL 95
DETAINED|羁押/服刑|detained or in prison|NONE|source||court_serves_through_organ|CPL 93
SERVING_SOLDIER|现役军人|serving soldier|NONE|source||court_serves_through_organ|CPL 92
INCAPACITATED|无/限制行为能力|without or of limited capacity|NONE|NOTE||court_finds_guardian|法释〔2004〕13号 9(2)
DOC_DEFECT|文书不符|papers do not match|NONE|NOTE||return_to_court|法释〔2004〕13号 10
CONFLICT_OF_INTEREST|需回避|conflict of interest|NONE|recusal||reassign|CPL 47
UNSAFE|有危险|unsafe|NONE|NOTE||alert_court call_110|CPL 114(1)(4)
"""),
    TaskKind.LOCATE: _table("""
FOUND_PRESENT|当场见到|seen in person|ASSIST|LOC_FIX||alert_duty_line|法释〔2017〕8号 15
LIVES_HERE_ABSENT|确住此处暂不在|lives here, absent now|ASSIST|NOTE source||court_plans_visit serve_task|法释〔2017〕8号 15
NEW_ADDRESS|新住址|new address|ASSIST|observation.ADDRESS||redispatch court_told|法释〔2017〕8号 15; JI 137
WORKPLACE_KNOWN|单位/务工地|workplace known|ASSIST|observation.WORKPLACE||court_told|法释〔2017〕8号 15
CONTACT_VOLUNTEERED|自愿提供联系方式|contact volunteered|ASSIST|observation.PHONE||court_told|法释〔2017〕8号 15; PIPL 6
AWAY_SEASONAL|外出，返乡时间|away, return date known|NONE|observation.RETURN_DATE||remind_before_return|法释〔2017〕8号 15
UNKNOWN_CERTIFIED|下落不明（有证明）|whereabouts unknown, certified|ASSIST|COMMITTEE_CERT||public_notice_support|CPL 95
UNKNOWN_UNCERTIFIED|下落不明|whereabouts unknown|NONE|NOTE||court_told|CPL 95
DECEASED|已死亡|deceased|NONE|COMMITTEE_CERT/source/registry||court_verifies|CPL 268(3); JI 473
DETAINED|羁押/服刑|detained or in prison|NONE|COMMITTEE_CERT/source/registry||court_verifies|CPL 93
HOSPITALISED|住院|in hospital|NONE|COMMITTEE_CERT/source/registry||court_verifies|法释〔2017〕8号 15
ORG_OPERATING|在营|organisation operating|ASSIST|PHOTO_SCENE||court_checks_registry|法释〔2017〕8号 12
ORG_CLOSED|停业|organisation closed|NONE|PHOTO_SCENE||court_checks_registry|法释〔2017〕8号 12
ORG_MOVED|搬离|organisation moved away|NONE|PHOTO_SCENE|observation.ADDRESS|court_checks_registry|法释〔2017〕8号 12
CONFLICT_OF_INTEREST|需回避|conflict of interest|NONE|recusal||reassign|CPL 47
UNSAFE|有危险|unsafe|NONE|NOTE||alert_court call_110|CPL 114(1)(4)
DECLINED|不便协助|unable to help|NONE|||reassign|国办函〔2026〕12号
"""),
    TaskKind.ASSET: _table("""
LEAD_SPECIFIC|线索明确具体|lead clear and specific|ASSIST|PHOTO_SCENE LOC_FIX lead lead.basis||lead_clock_7_3|法释〔2017〕8号 2; 查封规定 2
LEAD_VAGUE|线索不具体|lead vague|NONE|NOTE||court_decides|法释〔2017〕8号 2
CONFIRMED|核实存在|confirmed present|ASSIST|PHOTO_SCENE LOC_FIX lead lead.basis||court_told|法释〔2017〕8号 2; 查封规定 2
NOT_FOUND|未发现|not found|NONE|NOTE LOC_FIX||court_told|法释〔2017〕8号 2
MOVED_OR_DISPOSED|疑似转移处置|seems moved or disposed of|ASSIST|NOTE|PHOTO_SCENE|court_urgent refusal_indicator|法释〔2024〕13号 3
THIRD_PARTY_CLAIMS|案外人主张权利|third party claims it|ASSIST|NOTE/STATEMENT_SIGNED||leaflet_third_party court_told|CPL 238
EXEMPT_ONLY|仅生活必需|exempt necessities only|NONE|NOTE||court_told aid_check|查封规定 3–4
SEAL_DAMAGED|封条毁损/标的物被动|seal damaged or object moved|ASSIST|PHOTO_SCENE||court_urgent|CPL 114(1)(3)
INCOME_SOURCE|收入来源|source of income|ASSIST|NOTE||court_told|CPL 254
HARDSHIP_SEEN|生活困难|hardship seen|ASSIST|NOTE||aid_check|社会救助法 39
CONFLICT_OF_INTEREST|需回避|conflict of interest|NONE|recusal||reassign|CPL 47
UNSAFE|有危险|unsafe|NONE|NOTE||alert_court call_110|CPL 114(1)(4)
DECLINED|不便协助|unable to help|NONE|||reassign|国办函〔2026〕12号
"""),
    TaskKind.REMIND: _table("""
CLAIMS_PAID_FULL|称已全部履行|says all is paid|ASSIST||PHOTO_SCENE|court_checks_ledger|CPL 247
CLAIMS_PAID_PART|称已部分履行|says part is paid|ASSIST||PHOTO_SCENE|court_checks_ledger|CPL 247
PROMISE_TO_PAY|承诺履行|promises to pay|NONE|undertaking.on undertaking.by|STATEMENT_SIGNED|follow_up_promise|CPL 241
WANTS_SETTLEMENT|希望和解|wants a settlement|ASSIST|NOTE||court_arranges_settlement|CPL 241; 法释〔2018〕3号 1–2
REFUSES|明确拒绝|refuses|NONE|NOTE||court_told refusal_indicator|法释〔2024〕13号 3
SAYS_CANNOT_PAY|称无力履行|says they cannot pay|ASSIST|NOTE||aid_check court_told|CPL 268(5); 社会救助法 39
DISPUTES|有异议|disputes|ASSIST|NOTE||leaflet_objection stop_reminders|CPL 236
HANDED_PROPERTY_REPORT|交财产报告表|handed in a property report|ASSIST|PHOTO_SCENE/PHOTO_HANDOVER||court_within_1wd|法释〔2017〕8号 3
WANTS_CREDIT_REPAIR|申请信用修复|wants credit repair|ASSIST|NOTE||court_told|法释〔2017〕7号 10
EVADING_SIGNS|规避迹象|signs of evasion|ASSIST|NOTE indicators||court_told refusal_indicator|法释〔2024〕13号 3
NOT_MET|未见到|not met|NONE|||retry|CPL 247
AWAY_KNOWN|外出务工可联系|away for work, can be reached|NONE|NOTE|observation.WHEREABOUTS observation.RETURN_DATE observation.PHONE|retry|CPL 247
UNSAFE|有危险|unsafe|NONE|NOTE||alert_court call_110|CPL 114(1)(4)
CONFLICT_OF_INTEREST|需回避|conflict of interest|NONE|recusal||reassign|CPL 47
"""),
    TaskKind.PETITION: _table("""
HEARD|听取诉求|heard|ASSIST|NOTE||court_told|信访工作条例 22; 信访工作条例 28
EXPLAINED_ACCEPTED|释明后接受|accepted after explanation|ASSIST|STATEMENT_SIGNED||revisit_30_days|信访工作条例 31(1)
SENT_TO_COURT|转执行法院|sent to the enforcing court|ASSIST|NOTE||petition_clocks|信访工作条例 31(1); 法〔2021〕227号
MEDIATION_WANTED|愿调解|wants mediation|ASSIST|NOTE||mediation|信访工作条例 31(1)
AID_NEEDED|生活困难|aid needed|ASSIST|NOTE||aid_check|社会救助法 39
INSISTS|坚持信访|insists on petitioning|NONE|NOTE||court_told petition_office|信访工作条例 22; 信访工作条例 46(6)
COMPLAINT_ON_OFFICER|反映执行人员|complaint about an officer|ASSIST|NOTE||inspection_only|信访工作条例 30(3)
PROSECUTOR_WANTED|申请检察监督|wants prosecutorial supervision|ASSIST|NOTE||leaflet_prosecutor|CPL 246
NOT_ENFORCEMENT|非涉执行|not about enforcement|NONE|NOTE||petition_office|信访工作条例 22
RISK_URGENT|极端/群体风险|urgent risk|ASSIST|NOTE||alert_court alert_township call_110|信访工作条例 25
DUPLICATE|重复|duplicate|NONE|||court_told|信访工作条例 22
NOT_MET|未见到|not met|NONE|||retry|信访工作条例 22
"""),
}


def outcome(kind: TaskKind, code: str) -> Outcome:
    """Return the outcome; refuse `outcome_unknown` (422) for a code this kind does not have."""
    if found := OUTCOMES[kind].get(code):
        return found
    raise Refused("outcome_unknown", field="outcome", kind=kind.value, allowed=sorted(OUTCOMES[kind]))
