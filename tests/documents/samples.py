"""Made-up facts for every paper, and the pictures that they name."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from io import BytesIO
from uuid import NAMESPACE_URL, UUID, uuid5

from PIL import Image, ImageDraw

from field.documents.papers import Desk
from field.documents.pictures import Shelf
from field.rules.diligence import MORE_DAYS, OTHER_HOURS, Diligence
from field.rules.documents import DocType, ServedDocument
from field.rules.evidence import EvidenceKind
from field.rules.paper_facts import (
    AddressFormFacts,
    AttemptsFacts,
    BundleFacts,
    BundleItem,
    Contact,
    EvidenceFacts,
    Heading,
    Outline,
    PaperFacts,
    Piece,
    ReceiptFacts,
    Service,
    Sketch,
    SlipFacts,
    Spot,
    Visit,
)
from field.rules.records import (
    Capacity,
    Observation,
    ObservationKind,
    Officer,
    PlaceKind,
    Receiver,
    Refusal,
    Relation,
    SignKind,
    Source,
    Witness,
    WitnessCapacity,
)
from field.rules.tasks import TaskKind
from tests.scenes import door, jpeg

NAMES = ("form", "served", "retained", "family", "attempts", "evidence", "address_form", "slip", "bundle")
RARE = "㛃䶮𬭎𠮷龘"
AT = datetime(2099, 6, 10, 2, 20, 31, tzinfo=UTC)
ORIGINALS: dict[str, bytes] = {}
SHELF = Shelf(ORIGINALS.get, lambda _: None)
DESK = Desk(b"k" * 32, "https://gridfield.example", SHELF)
HEADING = Heading(
    "yu9999", "河南省禾望县人民法院", UUID(int=7), TaskKind.SERVE, AT, "（2099）豫9999执25607号", "买卖合同纠纷"
)
DOCUMENTS = (
    ServedDocument("执行通知书", 1, DocType.ENFORCEMENT_NOTICE),
    ServedDocument("报告财产令（附财产调查表）", 1, DocType.PROPERTY_REPORT_ORDER),
    ServedDocument("限制消费令", 2, DocType.CONSUMPTION_RESTRICTION_ORDER),
)
CONTACT = Contact("禾望县禾望镇法正路1号", "0000-0000001", "0000-0000002")
SKETCH = Sketch(
    113.03,
    33.25,
    900.0,
    320.0,
    date(2099, 6, 10),
    "419999100001001",
    (
        Outline("419999100001001", "栖云社区第1网格", (((-500, -250), (-500, 260), (200, 260), (200, -250)),)),
        Outline("419999100001002", "<b>第2网格", (((200, -320), (200, 320), (900, 320), (900, -320)),)),
    ),
)


@cache
def photo(seed: int, size: tuple[int, int] = (1600, 1200)) -> bytes:
    """Return the photo of some door, with what a camera writes into it."""
    taken = door(seed, size)
    noted = Image.Exif()
    noted[0x010F] = "Camera Of Somebody"
    return jpeg(taken, exif=noted)


@cache
def signature(seed: int) -> bytes:
    """Return a signature as it is drawn on a screen: ink on nothing."""
    sheet = Image.new("RGBA", (900, 300), (0, 0, 0, 0))
    ink = [(40 + nth * 27, 150 + (nth * nth * (seed + 3)) % 220 - 110) for nth in range(31)]
    ImageDraw.Draw(sheet).line(ink, fill=(0, 0, 0, 255), width=9, joint="curve")
    written = BytesIO()
    sheet.save(written, "PNG")
    return written.getvalue()


def piece(kind: EvidenceKind, body: bytes, media_type: str = "image/jpeg", nth: int = 0) -> Piece:
    """Return a sealed piece whose original can be read."""
    digest = hashlib.sha256(body).hexdigest()
    ORIGINALS[digest] = body
    return Piece(
        uuid5(NAMESPACE_URL, f"{kind} {nth}"),
        kind,
        digest,
        hashlib.new("sm3", body).hexdigest() if "sm3" in hashlib.algorithms_available else digest,
        len(body),
        media_type,
        AT + timedelta(minutes=nth),
        sealed_at=AT + timedelta(minutes=30),
        attempt_id=UUID(int=5),
    )


def photos(count: int = 4, size: tuple[int, int] = (1600, 1200)) -> tuple[Piece, ...]:
    """Return photos of different kinds."""
    kinds = (EvidenceKind.PHOTO_DOOR, EvidenceKind.PHOTO_HANDOVER, EvidenceKind.PHOTO_SCENE)
    return tuple(piece(kinds[nth % 3], photo(nth, size), nth=nth) for nth in range(count))


def form() -> ReceiptFacts:
    """Return a return of service that is still to be filled in."""
    address = "河南省禾望县禾望镇栖云社区槐荫路18号院3号楼2单元501室"
    return ReceiptFacts(HEADING, DOCUMENTS, RARE, address, "庚文静", spot=Spot(113.0290, 33.2510))


def served(pieces: tuple[Piece, ...] = ()) -> ReceiptFacts:
    """Return one that the addressee signed in person, with a grid worker's help."""
    receiver = Receiver(
        Capacity.SELF,
        RARE,
        SignKind.SIGNATURE,
        date(2099, 6, 10),
        id_type="居民身份证",
        id_last4="123X",
        id_seen_by="网格员",
    )
    signed = piece(EvidenceKind.RECEIPT_SIGNED, signature(1), "image/png", 9)
    service = Service(
        UUID(int=5),
        "SERVED_SELF",
        AT,
        by_court=False,
        server="甲国庆",
        unit="禾望镇栖云社区第1网格",
        marks=("clock_skewed",),
        place=PlaceKind.RESIDENCE,
        receiver=receiver,
        spot=Spot(113.0285, 33.2508, 15.0),
        cell_code=SKETCH.cell_code,
        pieces=(*pieces, signed),
    )
    return replace(form(), service=service, sketch=SKETCH)


def retained() -> ReceiptFacts:
    """Return one of papers left by a court officer before two witnesses, of whom one would not sign."""
    committee, unit = WitnessCapacity.COMMITTEE_STAFF, "晴川村村民委员会"
    service = Service(
        UUID(int=6),
        "RETAINED_WITNESSED",
        AT,
        by_court=True,
        server="乙志强",
        unit="河南省禾望县人民法院",
        note="文书装入信封放在堂屋方桌上。",
        place=PlaceKind.RESIDENCE,
        relation=Relation("配偶", adult=True, cohabiting=True, opposing_party=False),
        refusal=Refusal(Capacity.COHABITING_ADULT, "称被执行人不在家，不愿代收", AT, left_at="堂屋方桌上"),
        witnesses=(
            Witness("丙秀英", committee, unit, signed=True),
            Witness("丁建国", committee, unit, signed=False, reason_unsigned="不愿签名"),
        ),
        officer=Officer("戊庆丰", "法官助理"),
        spot=Spot(113.0285, 33.2508, 45.0),
        pieces=(
            *photos(2),
            piece(EvidenceKind.WITNESS_SIGN, signature(2), "image/png", 11),
            piece(EvidenceKind.SERVER_SIGN, signature(3), "image/png", 12),
            piece(EvidenceKind.VIDEO_SERVICE, b"\0\0\0\x18ftypmp42", "video/mp4", 13),
        ),
    )
    return replace(form(), service=service, sketch=SKETCH)


def received_by_family() -> ReceiptFacts:
    """Return one that a cohabiting relative received, and whose signed form was scanned."""
    receiver = Receiver(
        Capacity.COHABITING_ADULT, "辛桂兰", SignKind.FINGERPRINT, date(2099, 6, 10), reason="受送达人外出务工"
    )
    scan = piece(EvidenceKind.RECEIPT_SIGNED, photo(8, (900, 1200)), nth=20)
    facts = served()
    assert facts.service is not None
    service = replace(
        facts.service,
        outcome="SERVED_COHABITANT",
        receiver=receiver,
        relation=Relation("母亲", adult=True, cohabiting=True, opposing_party=False),
        pieces=(scan,),
    )
    return replace(facts, service=service)


def attempts() -> AttemptsFacts:
    """Return a log of three visits; the last corrects the second."""
    unit, first = "禾望镇栖云社区第1网格", AT - timedelta(days=3)
    visits = (
        Visit(
            UUID(int=1),
            "NOT_HOME",
            first,
            first,
            AT,
            by_court=False,
            unit=unit,
            marks=("estimated",),
            note="门锁着",
            spot=Spot(113.02, 33.25, 12.0),
            pieces=1,
        ),
        Visit(
            UUID(int=2),
            "INELIGIBLE_RECEIVER",
            AT,
            AT,
            AT,
            by_court=False,
            unit=unit,
            place=PlaceKind.RESIDENCE,
            learnt=1,
        ),
        Visit(
            UUID(int=3),
            "REFUSED_PENDING_COURT",
            AT,
            AT,
            AT,
            by_court=True,
            unit="河南省禾望县人民法院",
            refused_by=Capacity.SELF,
            received_by=Capacity.SELF,
            witnesses=2,
            late=True,
            done=True,
            supersedes=UUID(int=2),
        ),
    )
    tried = Diligence(
        2, 2, 3, outside_office_hours=False, in_quiet_hours=1, enough=False, lacking=(MORE_DAYS, OTHER_HOURS)
    )
    return AttemptsFacts(HEADING, form().address, visits, tried)


def evidence() -> EvidenceFacts:
    """Return a list with a piece of each sort: sealed, imported, of a false place, not yet there."""
    pieces = photos()
    odd = (
        pieces[0],
        replace(pieces[1], imported=True),
        replace(pieces[2], is_mock=True, marks=("clock_untrusted",)),
        replace(pieces[3], sealed_at=None, sm3="", late=True),
    )
    return EvidenceFacts(HEADING, odd)


def address_form() -> AddressFormFacts:
    """Return a form that is filled in with what the party said."""
    told = (
        Observation(ObservationKind.ADDRESS, "禾望镇晴川村6号", Source.SELF),
        Observation(ObservationKind.PHONE, "19900001234", Source.SELF),
    )
    return AddressFormFacts(HEADING, RARE, "debtor", CONTACT, told, consents=True)


def slip() -> SlipFacts:
    """Return the slip of a service by a grid worker."""
    return SlipFacts(replace(HEADING, cause=None), DOCUMENTS, RARE, "禾望镇栖云社区第1网格", CONTACT, AT)


def bundle() -> BundleFacts:
    """Return the cover of a bundle of two files."""
    items = tuple(BundleItem(f"originals/{nth}.jpg", "门牌照片", 12345, f"{nth:064x}") for nth in range(2))
    return BundleFacts(HEADING, items, RARE)


def every() -> dict[str, PaperFacts]:
    """Return one of each paper, by a name of its own."""
    return {
        "form": form(),
        "served": served(photos()),
        "retained": retained(),
        "family": received_by_family(),
        "attempts": attempts(),
        "evidence": evidence(),
        "address_form": address_form(),
        "slip": slip(),
        "bundle": bundle(),
    }
