"""What every choice in a report is called, in Chinese and English."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from field.rules import records
from field.rules.documents import DocType, Procedure
from field.rules.outcomes import Effect
from field.rules.tasks import TaskKind


@dataclass(frozen=True)
class Label:
    """One choice, by its code."""

    code: str
    zh: str
    en: str


def _labels(choices: type[StrEnum], text: str) -> tuple[Label, ...]:
    found = tuple(Label(*line.split("|")) for line in text.strip().splitlines())
    assert [each.code for each in found] == list(choices), choices
    return found


LABELS: dict[str, tuple[Label, ...]] = {
    "TaskKind": _labels(
        TaskKind,
        """
SERVE|协助送达|serve papers
LOCATE|查找当事人|find a party
ASSET|协查财产线索|check an asset lead
REMIND|督促履行义务|remind to comply
PETITION|化解涉执行信访|hear a petitioner
""",
    ),
    "Effect": _labels(
        Effect,
        """
SERVED|法院确认后即为送达|service, once the court confirms
ASSIST|须由法院接着办理|a court act must follow
NONE|不发生法律效果|no legal effect
""",
    ),
    "PlaceKind": _labels(
        records.PlaceKind,
        """
RESIDENCE|住所|the residence
WORKPLACE|从业场所|the workplace
ORG_PREMISES|单位住所地|the organisation's premises
ELSEWHERE|住所以外|elsewhere
""",
    ),
    "Capacity": _labels(
        records.Capacity,
        """
SELF|受送达人本人|the addressee
COHABITING_ADULT|同住成年家属|a cohabiting adult relative
LEGAL_REP|法定代表人|the legal representative
PRINCIPAL|主要负责人|the principal
ORG_RECEIVER|单位负责收件的人|the organisation's receiver
AGENT|诉讼代理人|the litigation agent
DESIGNEE|指定代收人|the designated receiver
GUARDIAN|法定代理人|the guardian
NEIGHBOUR|邻居|a neighbour
LANDLORD|房东|the landlord
PROPERTY_GUARD|物业、门卫|a property guard
MINOR_CHILD|未成年子女|a minor child
VILLAGE_CADRE|村（居）干部|a village cadre
OPPOSING_PARTY|对方当事人|the opposing party
OTHER|其他人|somebody else
""",
    ),
    "SignKind": _labels(
        records.SignKind,
        """
SIGNATURE|签名|signature
SEAL|盖章|seal
FINGERPRINT|捺印|fingerprint
E_SIGNATURE|电子签名|electronic signature
""",
    ),
    "WitnessCapacity": _labels(
        records.WitnessCapacity,
        """
COMMITTEE_STAFF|村（居）委会工作人员|staff of the village or residents' committee
EMPLOYER_STAFF|受送达人单位工作人员|staff of the addressee's employer
OTHER|其他人|somebody else
""",
    ),
    "ObservationKind": _labels(
        records.ObservationKind,
        """
ADDRESS|地址|address
WORKPLACE|单位或务工地|workplace
PHONE|联系方式|phone number
RETURN_DATE|预计返回日期|expected day of return
WHEREABOUTS|现在何处|whereabouts
""",
    ),
    "Source": _labels(
        records.Source,
        """
SELF|本人|the person
FAMILY|家属|family
NEIGHBOUR|邻居|a neighbour
COMMITTEE|村（居）委会|the committee
EMPLOYER|单位|the employer
PUBLIC_SIGN|公示信息|a public sign
OTHER|其他|another
""",
    ),
    "AssetKind": _labels(
        records.AssetKind,
        """
VEHICLE|车辆|vehicle
MACHINERY|机器设备|machinery
STOCK_GOODS|存货|stock of goods
LIVESTOCK_CROP|牲畜、农作物|livestock or crops
HOUSE|房屋|house
LAND_USE|土地使用权|land use right
SHOP_LEASE|商铺租赁|shop lease
WAGES|工资|wages
RENT|租金|rent
RECEIVABLE|应收款|receivable
EQUITY_BUSINESS|股权、经营权益|share in a business
SUBSIDY|补贴|subsidy
OTHER|其他|other
""",
    ),
    "ApparentHolder": _labels(
        records.ApparentHolder,
        """
DEBTOR|被执行人|the debtor
THIRD_PARTY|案外人|a third party
CO_OWNED|共有|owned together
UNCLEAR|不明|unclear
""",
    ),
    "HolderKind": _labels(
        records.HolderKind,
        """
INDIVIDUAL|个人|an individual
ENTERPRISE_LEGAL_PERSON|企业法人|an enterprise legal person
OTHER_ORG|其他组织|another organisation
COLLECTIVE|集体|a collective
UNCLEAR|不明|unclear
""",
    ),
    "Basis": _labels(
        records.Basis,
        """
POSSESSION_SEEN|看到占有、使用|seen in their possession
REGISTRATION_STATED|据称登记在其名下|said to be registered to them
PUBLIC_SIGN|招牌、公示|a public sign
SAID_BY_DEBTOR|被执行人自述|said by the debtor
SAID_BY_OTHERS|他人陈述|said by others
THIRD_PARTY_WRITTEN_CONFIRMATION|第三人书面确认|confirmed in writing by the third party
""",
    ),
    "ExemptHint": _labels(
        records.ExemptHint,
        """
HOUSEHOLD_NECESSITIES|生活必需品|household necessities
MINIMUM_LIVING_COST|最低生活费用|minimum living cost
SCHOOLING|完成义务教育所必需|needed for compulsory schooling
DISABILITY_MEDICAL|残疾辅助、医疗物品|disability aids and medical items
MEDALS|勋章、荣誉物品|medals and honours
UNPUBLISHED_WORK|未公开的发明、未发表的著作|unpublished works and inventions
ONLY_DWELLING|唯一必需住房|the only necessary dwelling
""",
    ),
    "Encumbrance": _labels(
        records.Encumbrance,
        """
LEASED|已出租|leased
MORTGAGED|已抵押|mortgaged
SEALED_ALREADY|已被查封|sealed already
CO_OWNER|有共有人|has a co-owner
NONE_KNOWN|未听说|none known
""",
    ),
    "RefusalIndicator": _labels(
        records.RefusalIndicator,
        """
HIDES_ASSETS|隐藏财产|hides assets
TRANSFERS_ASSETS|转移财产|transfers assets
GIVES_AWAY_OR_UNDERSELLS|无偿或低价处分|gives away or undersells
WAIVES_CLAIMS|放弃债权、担保|waives claims
SHAM_SETTLEMENT_OR_TRANSFER|虚假和解、虚假转让|sham settlement or transfer
OVERPAYS_OR_GUARANTEES|高价购入、为他人担保|overpays or guarantees for others
FORGES_OR_HIDES_EVIDENCE|伪造、毁灭证据|forges or hides evidence
FALSE_OR_NO_PROPERTY_REPORT|虚假报告或拒不报告财产|false property report or none
BREACHES_CONSUMPTION_ORDER|违反限制消费令|breaches the consumption order
WILL_NOT_HAND_OVER_OR_VACATE|拒不交付、拒不迁出|will not hand over or vacate
BLOCKS_OFFICERS|阻碍执行人员|blocks officers
DAMAGES_CASE_MATERIAL|毁损执行材料|damages case material
""",
    ),
    "RecusalReason": _labels(
        records.RecusalReason,
        """
RELATIVE|亲属|kin
FRIEND_OR_NEIGHBOUR|朋友、邻居|friend or neighbour
BUSINESS|生意往来|business
DISPUTE|有纠纷|a dispute
OTHER|其他|other
""",
    ),
    "DocType": _labels(
        DocType,
        """
JUDGMENT|判决书|judgment
RULING|裁定书|ruling
MEDIATION_PAPER|调解书|mediation paper
SUMMONS|传票|summons
ENFORCEMENT_NOTICE|执行通知书|enforcement notice
PROPERTY_REPORT_ORDER|报告财产令|property-report order
CONSUMPTION_RESTRICTION_ORDER|限制消费令|consumption restriction order
ASSISTANCE_NOTICE|协助执行通知书|notice to assist enforcement
DISHONESTY_DECISION|失信决定书|decision on listing
AUCTION_NOTICE|拍卖通知|auction notice
ADDRESS_CONFIRMATION|送达地址确认书|address confirmation
OTHER|其他|other
""",
    ),
    "Procedure": _labels(
        Procedure,
        """
ORDINARY|普通程序|ordinary procedure
SUMMARY|简易程序|summary procedure
""",
    ),
}
"""Name of the choice → its codes in order, with their words."""
