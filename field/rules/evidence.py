"""Kinds of evidence: what each is, and whether it comes as a file or stands in the report itself.

Each is asked for only where an outcome legally needs it (国办函〔2026〕12号): nothing here is asked for by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class EvidenceKind(StrEnum):
    """What a piece of evidence is evidence of."""

    RECEIPT_SIGNED = "RECEIPT_SIGNED"
    E_RECEIPT = "E_RECEIPT"
    ADDRESS_FORM = "ADDRESS_FORM"
    REFUSAL_NOTE = "REFUSAL_NOTE"
    WITNESS_SIGN = "WITNESS_SIGN"
    SERVER_SIGN = "SERVER_SIGN"
    COURT_OFFICER_SIGN = "COURT_OFFICER_SIGN"
    RELATION_STMT = "RELATION_STMT"
    ORG_POST = "ORG_POST"
    AUTHORISATION = "AUTHORISATION"
    COMMITTEE_CERT = "COMMITTEE_CERT"
    PHOTO_DOOR = "PHOTO_DOOR"
    PHOTO_HANDOVER = "PHOTO_HANDOVER"
    PHOTO_DOC_LEFT = "PHOTO_DOC_LEFT"
    PHOTO_SCENE = "PHOTO_SCENE"
    VIDEO_SERVICE = "VIDEO_SERVICE"
    AUDIO_CALL = "AUDIO_CALL"
    STATEMENT_SIGNED = "STATEMENT_SIGNED"
    NOTE = "NOTE"
    LOC_FIX = "LOC_FIX"


class Given(StrEnum):
    """How a piece is given: as an uploaded file, or as a part of the report."""

    FILE = "FILE"
    RECORD = "RECORD"


@dataclass(frozen=True)
class EvidenceLabel:
    """What a kind is called, and how it is given."""

    zh: str
    en: str
    given: Given


def _table(text: str) -> dict[EvidenceKind, EvidenceLabel]:
    rows = (line.split("|") for line in text.strip().splitlines())
    return {EvidenceKind(kind): EvidenceLabel(zh, en, Given(given)) for kind, zh, en, given in rows}


EVIDENCE_KINDS: dict[EvidenceKind, EvidenceLabel] = _table("""
RECEIPT_SIGNED|已签收的送达回证|the signed receipt|FILE
E_RECEIPT|电子签收凭证|the electronic receipt|FILE
ADDRESS_FORM|已签名的送达地址确认书|the signed address confirmation|FILE
REFUSAL_NOTE|拒收记录：何人、何因、何时|the refusal: who, why, when|RECORD
WITNESS_SIGN|见证人签名|the witness's signature|FILE
SERVER_SIGN|送达人签名|the server's signature|FILE
COURT_OFFICER_SIGN|审判人员、书记员签名|the court officer's signature|FILE
RELATION_STMT|与受送达人关系说明|the relation to the addressee|RECORD
ORG_POST|收件人的单位与职务|the receiver's organisation and post|RECORD
AUTHORISATION|授权委托手续|the authorisation|FILE
COMMITTEE_CERT|村（居）委会盖章证明|the committee's sealed certificate|FILE
PHOTO_DOOR|门牌照片|photo of the door|FILE
PHOTO_HANDOVER|交付照片|photo of the handover|FILE
PHOTO_DOC_LEFT|文书留置照片|photo of the papers left|FILE
PHOTO_SCENE|现场照片|photo of the scene|FILE
VIDEO_SERVICE|送达过程录像|video of the service|FILE
AUDIO_CALL|通话录音|recording of the call|FILE
STATEMENT_SIGNED|签名的书面陈述|a signed statement|FILE
NOTE|文字说明|a note|RECORD
LOC_FIX|定位|the position|RECORD
""")
FILE_KINDS = frozenset(kind for kind, label in EVIDENCE_KINDS.items() if label.given is Given.FILE)
