"""The pieces a result may need, by name: what each is called, how it is given, and why it is asked for.

A piece is a kind of evidence, or a part of what the report records. `article` is the one that asks for the piece
wherever it is needed; empty, it is the article of the outcome. A piece is asked for only where an outcome needs it, and
whoever is asked is told why (国办函〔2026〕12号).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from field.rules.articles import in_words
from field.rules.claimed import Missing
from field.rules.evidence import EVIDENCE_KINDS, EvidenceKind, Given


class Only(StrEnum):
    """Where alone a piece is asked for, or accepted."""

    SUMMARY_PROCEDURE = "SUMMARY_PROCEDURE"
    BY_COURT = "BY_COURT"
    COURT_ASKS = "COURT_ASKS"


@dataclass(frozen=True)
class Piece:
    """One thing that may be needed, in words; `record` is the part of the report it stands in."""

    name: str
    zh: str
    en: str
    given: Given
    record: str
    article: str
    why_zh: str
    why_en: str
    only: Only | None = None

    def missing(self, article: str) -> Missing:
        """Return that this is missing, by its own article, else by the outcome's."""
        return Missing(self.name, self.zh, self.en, in_words(self.article or article))


# kind|record it may stand in|article|why, Chinese|why, English
_EVIDENCE = """
RECEIPT_SIGNED||CPL 87|送达必须有送达回证，由受送达人记明收到日期并签名或盖章|service needs a receipt that whoever received has dated and signed
E_RECEIPT||在线诉讼规则 31|电子送达凭证与送达回证效力相同，可以代替|an electronic receipt has the effect of a signed one and may stand for it
ADDRESS_FORM|||同意或确认须由本人签名，法院此后按此地址或方式送达|consent or confirmation needs the person's own signature; the court will serve there from now on
REFUSAL_NOTE|refusal|CPL 89|拒收须记明何人、何因、何时，否则不能留置|who refused, why and when must be noted, or nothing may be left in place
WITNESS_SIGN|witnesses|JI 130(2)|见证留置须由基层组织或所在单位的人员到场签名|a retention before witnesses needs the signature of committee or employer staff
SERVER_SIGN|officer|CPL 89|送达人须在送达回证上签名，说明是谁留置的|the server signs the receipt, so that it says who left the papers
COURT_OFFICER_SIGN|officer|JI 131(2)|住所以外送达，须由审判人员或书记员注明并签名|outside the residence a judge or clerk must note the course and sign
RELATION_STMT|relation||代收人须有法律规定的关系，且不能是对方当事人|who receives for another must stand in the relation the law names, and not be the opposing party
ORG_POST|receiver|JI 130|单位签收须是负责人或负责收件的人，所以要记职务和部门|only an organisation's head or receiving staff may sign, so post and unit are noted
AUTHORISATION|receiver||代理人、代收人须有委托或指定手续|an agent or designated receiver needs an authorisation or designation
COMMITTEE_CERT|||没有证明，法院不能据此认定；由村（居）委会盖章|without the committee's seal the court cannot rely on it
PHOTO_DOOR|||照片要看得出是受送达人的住所|the picture shows that this is the addressee's residence
PHOTO_HANDOVER|||照片要看得出交付的经过|the picture shows the handing over
PHOTO_DOC_LEFT|||照片要看得清文书标题和留在住所的情形|the picture shows the papers' title, and the papers lying at the residence
PHOTO_SCENE|||法院看不到现场，凭照片核对；只拍公共位置看得到的|the court cannot see the place and checks by the picture, taken from where the public may stand
VIDEO_SERVICE|||录像记录送达过程，可以代替照片|the recording shows the course of service and may stand for pictures
AUDIO_CALL|||电话送达须录音存卷|service by phone is recorded and filed
STATEMENT_SIGNED|||自愿写的陈述由本人签名，不得强求|a statement given freely and signed; never to be pressed for
NOTE|note||法院只能看到您写下的情况|the court knows only what you write down
LOC_FIX|point||说明确实到过此处；只取这一次，不记录轨迹|shows that somebody was here; this once, no track is kept
"""
# piece|中文|English|record|article|why, Chinese|why, English
_RECORDS = """
receiver|签收人：身份、姓名、签收日期|who received: capacity, name and day|receiver|CPL 88|只有法律规定的人可以签收，签收日期就是送达日期|only those the law names may receive, and the day they sign is the day of service
place|地点类别|what sort of place it was|place|CPL 89|留置只能在住所|papers may be left at the residence only
refusal.left_at|文书留置处|where the papers were left|refusal||要写明文书留在哪里|where the papers were left must be noted
witness.unsigned|见证人不签名的原因|why the witness did not sign|witnesses|简易程序规定 11|简易程序案件见证人不愿签名的，记明原因、时间、地点即可|in summary procedure it is enough to note why the witness would not sign, when and where
registry|法院查询的登记信息|what the court found in the registry|note||法院可以直接查询登记，代替证明|the court may look into the registry instead
source|消息来源|from whom this is known|observations||法院要核实，所以要知道来源；只记身份类别，不记姓名|the court will verify, so it must know from what sort of person; no names
observation.ADDRESS|新住址、来源、可信程度|the new address, its source, how sure|observations||改派和核实都要用到|needed to send it on and to verify it
observation.WORKPLACE|单位或务工地、来源|the workplace and its source|observations||法院据此联系或核实|the court writes there or verifies it
observation.PHONE|联系方式、由谁提供|the phone number and who gave it|observations||必须是自愿提供的|it must have been given freely
observation.RETURN_DATE|预计返回日期、来源|the expected day of return and its source|observations||在返回之前提醒，免得白跑|a reminder comes before that day, which saves vain visits
observation.WHEREABOUTS|现在何处、来源|where they are now and the source|observations||法院据此选择送达方式|the court chooses the way of service by it
recusal|回避原因类别|the category of the conflict of interest|recusal||只选类别，不必说明细节|a category is enough; no details are asked
lead|财产情况：类别、描述、归属分类|the thing: kind, description, whose it seems to be|lead|法释〔2017〕8号 2|明确具体的线索法院才能按期核实|the court can check within its term only what is clear and specific
lead.basis|归属的依据|how it is known whose it is|lead|查封规定 2|说明归属的须写明依据；不清楚的选“不明”即可|whoever names a holder says how it is known; unclear is a good answer
undertaking.on|承诺履行的日期|the day promised|undertaking|CPL 241|按日期提醒和核对；承诺不等于和解|reminders and the check go by the day; a promise is no settlement
undertaking.by|由谁承诺|who promised|undertaking|CPL 241|要写明是谁作的承诺|who made the promise must be noted
indicators|规避迹象的种类|which signs were seen|indicators|法释〔2024〕13号 3|只记事实种类，不作定性|facts by their sort, never a verdict
officer|到场的审判人员或书记员|the court officer who was there|officer|JI 131; house|本院规定留置须有法院人员在场|this court asks that its officer be there when papers are left
"""


_ONLY = {"witness.unsigned": Only.SUMMARY_PROCEDURE, "registry": Only.BY_COURT, "officer": Only.COURT_ASKS}


def _evidence(line: str) -> Piece:
    name, record, article, why_zh, why_en = line.split("|")
    label = EVIDENCE_KINDS[EvidenceKind(name)]
    return Piece(name, label.zh, label.en, label.given, record, article, why_zh, why_en)


def _recorded(line: str) -> Piece:
    name, zh, en, record, article, why_zh, why_en = line.split("|")
    return Piece(name, zh, en, Given.RECORD, record, article, why_zh, why_en, _ONLY.get(name))


PIECES: dict[str, Piece] = {
    each.name: each
    for each in (*map(_evidence, _EVIDENCE.strip().splitlines()), *map(_recorded, _RECORDS.strip().splitlines()))
}
