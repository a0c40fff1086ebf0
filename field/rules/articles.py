"""The laws that rules rest on: short names as the tables write them, and how an article is told to a person.

Article numbers of the Civil Procedure Law are those in force since 2024-01-01. A house rule rests on no article: it
is the product's careful default, and says so.
"""

from __future__ import annotations

LAWS: dict[str, tuple[str, str]] = {
    "CPL": ("《民事诉讼法》", "Civil Procedure Law"),
    "JI": ("《民诉法解释》", "Interpretation of the Civil Procedure Law"),
    "Constitution": ("《宪法》", "Constitution"),
    "Criminal Law": ("《刑法》", "Criminal Law"),
    "PIPL": ("《个人信息保护法》", "Personal Information Protection Law"),
    "社会救助法": ("《社会救助法》", "Social Assistance Law"),
    "信访工作条例": ("《信访工作条例》", "Regulations on Petitions"),
    "简易程序规定": ("《简易程序规定》", "Provisions on Summary Procedure"),
    "查封规定": ("《查封扣押冻结规定》", "Provisions on Sealing, Seizure and Freezing"),
    "在线诉讼规则": ("《人民法院在线诉讼规则》", "Rules on Online Litigation"),
    "法释〔2004〕13号": ("法释〔2004〕13号", "Provisions on Service by Post (2004, no. 13)"),
    "法释〔2017〕7号": ("法释〔2017〕7号", "Provisions on the List of Dishonest Debtors (2017, no. 7)"),
    "法释〔2017〕8号": ("法释〔2017〕8号", "Provisions on Investigating Property (2017, no. 8)"),
    "法释〔2018〕3号": ("法释〔2018〕3号", "Provisions on Settlement in Enforcement (2018, no. 3)"),
    "法释〔2019〕19号": ("法释〔2019〕19号", "Provisions on Evidence (2019, no. 19)"),
    "法释〔2024〕13号": ("法释〔2024〕13号", "Interpretation on Refusing to Comply (2024, no. 13)"),
    "法发〔2006〕35号": ("法发〔2006〕35号", "Rules on the Time Limits of Enforcement (2006, no. 35)"),
    "法发〔2016〕16号": ("法发〔2016〕16号", "Opinions on Judicial Aid (2016, no. 16)"),
    "法〔2021〕227号": ("法〔2021〕227号", "Court Rules on Receiving Petitioners (2021, no. 227)"),
    "中办发〔2015〕23号": ("中办发〔2015〕23号", "Rules on Recording Interference by Officials (2015, no. 23)"),
    "国办函〔2026〕12号": ("国办函〔2026〕12号", "State Council Office Letter (2026, no. 12)"),
    "house": ("本系统默认规则", "house rule"),
}
"""Short name → Chinese, English."""


def cited(articles: str) -> list[tuple[str, str]]:
    """Return law and article of each reference in a list such as `CPL 88; JI 130(2)`; a whole law has no article."""
    found = []
    for reference in articles.split("; "):
        if reference in LAWS:
            found.append((reference, ""))
        else:
            law, _, article = reference.rpartition(" ")
            found.append((law, article))
    return found


def in_words(articles: str) -> str:
    """Return a list such as `CPL 88; JI 130(2)` as a person reads it, Chinese / English."""
    references = cited(articles)
    zh = "；".join(LAWS[law][0] + (f"第{article}条" if article else "") for law, article in references)
    en = "; ".join(LAWS[law][1] + (f" art. {article}" if article else "") for law, article in references)
    return f"{zh} / {en}"
