"""How papers say what records hold: codes in the courts' Chinese, times by the court's clock."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum

from field.rules.calendar import CHINA
from field.rules.documents import ServedDocument
from field.rules.outcomes import OUTCOMES
from field.rules.paper_facts import Piece, Service
from field.rules.records import Capacity, ObservationKind, PlaceKind, SignKind, Source, WitnessCapacity
from field.rules.release import SEALED, SEALED_WORDS

OUTCOME_NAMES = {code: each.zh for table in OUTCOMES.values() for code, each in table.items()}
OUTCOME_NAMES[SEALED] = SEALED_WORDS[0]
CAPACITIES = {
    Capacity.SELF: "受送达人本人", Capacity.COHABITING_ADULT: "同住成年家属", Capacity.LEGAL_REP: "法定代表人",
    Capacity.PRINCIPAL: "主要负责人", Capacity.ORG_RECEIVER: "单位负责收件的人", Capacity.AGENT: "诉讼代理人",
    Capacity.DESIGNEE: "指定代收人", Capacity.GUARDIAN: "法定代理人", Capacity.NEIGHBOUR: "邻居",
    Capacity.LANDLORD: "房东", Capacity.PROPERTY_GUARD: "物业、门卫", Capacity.MINOR_CHILD: "未成年子女",
    Capacity.VILLAGE_CADRE: "村（居）干部", Capacity.OPPOSING_PARTY: "对方当事人", Capacity.OTHER: "其他人",
}  # fmt: skip
PLACES = {
    PlaceKind.RESIDENCE: "受送达人住所", PlaceKind.WORKPLACE: "受送达人从业场所",
    PlaceKind.ORG_PREMISES: "单位住所地", PlaceKind.ELSEWHERE: "受送达人住所以外",
}  # fmt: skip
SIGNS = {
    SignKind.SIGNATURE: "签名", SignKind.SEAL: "盖章", SignKind.FINGERPRINT: "捺印", SignKind.E_SIGNATURE: "电子签名",
}  # fmt: skip
WITNESSES = {
    WitnessCapacity.COMMITTEE_STAFF: "村（居）民委员会工作人员", WitnessCapacity.EMPLOYER_STAFF: "受送达人单位工作人员",
    WitnessCapacity.OTHER: "在场人员",
}  # fmt: skip
SOURCES = {
    Source.SELF: "本人", Source.FAMILY: "家属", Source.NEIGHBOUR: "邻居", Source.COMMITTEE: "村（居）委会",
    Source.EMPLOYER: "单位", Source.PUBLIC_SIGN: "公示信息", Source.OTHER: "其他",
}  # fmt: skip
OBSERVATIONS = {
    ObservationKind.ADDRESS: "地址", ObservationKind.WORKPLACE: "工作单位", ObservationKind.PHONE: "联系电话",
    ObservationKind.RETURN_DATE: "预计返回日期", ObservationKind.WHEREABOUTS: "下落",
}  # fmt: skip
MARKS = {
    "estimated": "时间系推算", "clock_skewed": "手机时钟有偏差，已校正", "clock_untrusted": "手机时钟不可信",
    "imported": "非现场拍摄，自相册导入", "mock_location": "手机使用模拟定位", "late": "交出任务后补记",
    "quiet_hours": "在夜间不访时段", "reminded_too_often": "提醒次数超过规定", "reminded_in_dispute": "异议期间仍提醒",
}  # fmt: skip
ROLES = {
    "creditor": "申请执行人", "debtor": "被执行人", "third_party": "案外人", "interested_party": "利害关系人",
    "assisting_party": "协助执行人",
}  # fmt: skip
_SIZES = ((1 << 20, "MB"), (1 << 10, "kB"))


def day(value: date | datetime) -> str:
    """Write a day in China as courts do: 2099年6月10日."""
    on = value.astimezone(CHINA) if isinstance(value, datetime) else value
    return f"{on.year}年{on.month}月{on.day}日"


def moment(at: datetime) -> str:
    """Write a moment in China to the minute."""
    local = at.astimezone(CHINA)
    return f"{day(at)}{local.hour}时{local.minute:02}分"


def clock(at: datetime) -> str:
    """Write a moment in China to the second, short, with its offset told once on the page."""
    return f"{at.astimezone(CHINA):%Y-%m-%d %H:%M:%S}"


def size(count: int) -> str:
    """Write a size in bytes as people read it."""
    return next((f"{count / unit:.1f} {name}" for unit, name in _SIZES if count >= unit), f"{count} B")


def marks(found: Iterable[str]) -> list[str]:
    """Say what a reviewer should know."""
    return [MARKS[str(each)] for each in found]


def piece_marks(piece: Piece) -> list[str]:
    """Say everything a reviewer should know of a piece."""
    own = [name for name, is_so in (("imported", piece.imported), ("mock_location", piece.is_mock)) if is_so]
    return marks(dict.fromkeys([*piece.marks, *own, *(["late"] if piece.late else [])]))


def short(digest: str) -> str:
    """Write a digest as a caption has room for it: its first and last digits."""
    return f"{digest[:12]}…{digest[-6:]}"


def halves(digest: str) -> list[str]:
    """Break a digest into two lines that can be read out against another paper; none where there is no digest yet."""
    groups = [digest[start : start + 8] for start in range(0, len(digest), 8)]
    return [" ".join(groups[:4]), " ".join(groups[4:])] if groups else []


def copies(documents: Iterable[ServedDocument]) -> str:
    """Say how many papers there are in all."""
    listed = list(documents)
    return f"共 {len(listed)} 种 {sum(each.copies for each in listed)} 件"


def receiver_reason(service: Service) -> str:
    """Say who received and why, as 收件人及代收理由 asks; the relation as it was stated."""
    receiver, relation = service.receiver, service.relation
    if receiver is None or receiver.capacity is Capacity.SELF:
        return ""
    said = [f"{receiver.name}，系{CAPACITIES[receiver.capacity]}"]
    said += [part for part in (receiver.unit, receiver.post) if part]
    if relation is not None:
        facts = [
            relation.kind,
            "已满十八周岁" if relation.adult else "",
            "与受送达人同住" if relation.cohabiting else "",
        ]
        facts.append("" if relation.opposing_party else "非本案对方当事人")
        said.append("、".join(fact for fact in facts if fact))
    if receiver.authorisation:
        said.append(f"授权（指定）手续：{receiver.authorisation}")
    if receiver.reason:
        said.append(f"代收理由：{receiver.reason}")
    return "；".join(said) + "。"


def remarks(service: Service, recordings: int, photos: int) -> list[str]:
    """Build 备考 from what was recorded: refusal, witnesses, place, recordings, and by whose leave.

    The facts CPL art. 89 and JI arts. 130–131 want noted: reason and date, where the papers were left, who witnessed.
    """
    lines = [*_refusal(service, recordings, photos), *_witnesses(service)]
    if service.receiver is not None and service.receiver.id_type:
        seen = service.receiver
        lines.append(f"经{seen.id_seen_by or '送达人'}核对{seen.id_type}（末四位 {seen.id_last4 or '未记'}）。")
    if service.authorisation_no:
        lines.append(f"本次送达由网格员依据本院书面授权（{service.authorisation_no}）办理。")
    if service.note:
        lines.append(service.note)
    return lines + [f"{told}。" for told in marks(service.marks)]


def _refusal(service: Service, recordings: int, photos: int) -> list[str]:
    refusal = service.refusal
    if refusal is None:
        return []
    where = PLACES[service.place] if service.place else "送达地点"
    who = CAPACITIES[refusal.refused_by]
    left = f"，将文书留在{refusal.left_at}" if refusal.left_at else ""
    taken = "、".join(
        part
        for part in (f"照片 {photos} 张" if photos else "", f"录音录像 {recordings} 段" if recordings else "")
        if part
    )
    recorded = f"，并以{taken}记录送达过程" if taken else ""
    return [f"{moment(refusal.at)}，在{where}，{who}拒绝接收，理由：{refusal.reason}。经说明情况{left}{recorded}。"]


def _witnesses(service: Service) -> list[str]:
    lines = []
    for each in service.witnesses:
        said = "已签名见证" if each.signed else f"在场，未签名，原因：{each.reason_unsigned or '未说明'}"
        lines.append(f"见证人{each.name}（{each.unit}，{WITNESSES[each.capacity]}）{said}。")
    return lines


class By(StrEnum):
    """Who a paper says was there: a role, never a name, where a name is not needed."""

    COURT = "法院人员"
    WORKER = "网格员"


def by(by_court: bool) -> str:
    """Name the role of whoever made a visit."""
    return (By.COURT if by_court else By.WORKER).value
