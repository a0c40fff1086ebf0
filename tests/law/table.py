"""What the law asks of every outcome, written down by hand from the law's own tables, not from the product's rules.

One line is one way that is exactly enough: outcome, where its article is found, and everything that must be brought.
An outcome that may be shown in several ways has several lines. With any one of the things left out it must be refused.
`@court` marks what a court officer records on the court's own visit.
"""

from __future__ import annotations

from dataclasses import dataclass

# Service: 31 outcomes.
SERVE = """
SERVED_SELF                 88   receipt receiver:SELF
SERVED_SELF                 88   e-receipt receiver:SELF
SERVED_COHABITANT           7    receipt receiver:COHABITING_ADULT relation
SERVED_LEGAL_REP            130  receipt receiver-with-post:LEGAL_REP
SERVED_LEGAL_REP            130  receipt receiver-with-post:PRINCIPAL
SERVED_ORG_RECEIVER         130  receipt receiver-with-post:ORG_RECEIVER
SERVED_AGENT                132  receipt receiver:AGENT authorisation
SERVED_AGENT                132  receipt receiver-on-file:AGENT
SERVED_DESIGNEE             133  receipt receiver:DESIGNEE authorisation
SERVED_GUARDIAN             9(2) receipt receiver:GUARDIAN relation
RETAINED_WITNESSED          89   refusal:SELF residence officer server-sign witness note
RETAINED_WITNESSED@court    89   refusal:SELF residence server-sign witness note
RETAINED_RECORDED           89   refusal:SELF residence officer photo-door photo-left server-sign
RETAINED_RECORDED           89   refusal:COHABITING_ADULT relation residence officer video server-sign
RETAINED_WITNESSED          89   refusal:COHABITING_ADULT relation residence officer server-sign witness note
RETAINED_RECORDED@court     89   refusal:SELF residence photo-door photo-left server-sign
REFUSED_ELSEWHERE_RECORDED@court 131(2) photo-scene officer-sign
REFUSED_ELSEWHERE_RECORDED@court 131(2) video officer-sign
ESERVICE_CONSENT            136  address-form
ADDRESS_CONFIRMED           137  address-form
REFUSED_PENDING_COURT       89   refusal:SELF position
NOTICE_POSTED               138(2) photo-scene
NOTICE_POSTED               138(2) video
NOT_HOME                    89   position
AWAY_KNOWN                  91   note
MOVED_NEW_ADDRESS           137  new-address
MOVED_UNKNOWN               95   note
NO_SUCH_PERSON              95   note certificate
NO_SUCH_ADDRESS             11   position photo-scene
NO_ACCESS                   39   note
INELIGIBLE_RECEIVER         88   note
ONLY_OPPONENT_PRESENT       7    note
DECEASED                    473  certificate
DECEASED@court              473  registry
ORG_GONE                    95   photo-scene
DETAINED                    93   source
SERVING_SOLDIER             92   source
INCAPACITATED               9(2) note
DOC_DEFECT                  10   note
CONFLICT_OF_INTEREST        47   recusal
UNSAFE                      114  note
"""
LOCATE = """
FOUND_PRESENT               15   position
LIVES_HERE_ABSENT           15   note source
NEW_ADDRESS                 15   new-address
WORKPLACE_KNOWN             15   workplace
CONTACT_VOLUNTEERED         15   phone
AWAY_SEASONAL               15   return-date
UNKNOWN_CERTIFIED           95   certificate
UNKNOWN_UNCERTIFIED         95   note
DECEASED                    473  certificate
DECEASED                    473  source
DETAINED                    93   certificate
DETAINED                    93   source
HOSPITALISED                15   certificate
HOSPITALISED                15   source
ORG_OPERATING               12   photo-scene
ORG_CLOSED                  12   photo-scene
ORG_MOVED                   12   photo-scene
CONFLICT_OF_INTEREST        47   recusal
UNSAFE                      114  note
DECLINED                    -
"""
ASSET = """
LEAD_SPECIFIC               2    photo-scene position lead
LEAD_VAGUE                  2    note
CONFIRMED                   2    photo-scene position lead
NOT_FOUND                   2    note position
MOVED_OR_DISPOSED           3    note
THIRD_PARTY_CLAIMS          238  note
THIRD_PARTY_CLAIMS          238  statement
EXEMPT_ONLY                 3–4  note
SEAL_DAMAGED                114  photo-scene
INCOME_SOURCE               254  note
HARDSHIP_SEEN               39   note
CONFLICT_OF_INTEREST        47   recusal
UNSAFE                      114  note
DECLINED                    -
"""
REMIND = """
CLAIMS_PAID_FULL            -
CLAIMS_PAID_PART            -
PROMISE_TO_PAY              241  promise
WANTS_SETTLEMENT            241  note
REFUSES                     3    note
SAYS_CANNOT_PAY             268  note
DISPUTES                    236  note
HANDED_PROPERTY_REPORT      3    photo-scene
HANDED_PROPERTY_REPORT      3    photo-handover
WANTS_CREDIT_REPAIR         10   note
EVADING_SIGNS               3    note indicators
NOT_MET                     -
AWAY_KNOWN                  247  note
UNSAFE                      114  note
CONFLICT_OF_INTEREST        47   recusal
"""
PETITION = """
HEARD                       22   note
EXPLAINED_ACCEPTED          31   statement
SENT_TO_COURT               31   note
MEDIATION_WANTED            31   note
AID_NEEDED                  39   note
INSISTS                     22   note
COMPLAINT_ON_OFFICER        30   note
PROSECUTOR_WANTED           246  note
NOT_ENFORCEMENT             22   note
RISK_URGENT                 25   note
DUPLICATE                   -
NOT_MET                     -
"""

# What is refused when a thing is left out: the code, what is named as missing, and the article where it is the thing's
# own. Nothing said of it: evidence_missing, and the outcome's article.
LEFT_OUT = """
receipt             receipt_missing          RECEIPT_SIGNED               87
e-receipt           receipt_missing          RECEIPT_SIGNED               87
receiver            evidence_missing         receiver                     88
receiver-with-post  evidence_missing         receiver+ORG_POST            88+130
receiver-on-file    evidence_missing         receiver+AUTHORISATION       88+132
relation            evidence_missing         RELATION_STMT
authorisation       evidence_missing         AUTHORISATION
refusal@retained    retention_needs_refusal  REFUSAL_NOTE                 89
refusal             evidence_missing         REFUSAL_NOTE                 89
residence           retention_place          place                        89
officer             retention_needs_court    officer                      131
server-sign         evidence_missing         SERVER_SIGN                  89
witness             evidence_missing         WITNESS_SIGN                 130(2)
officer-sign        evidence_missing         COURT_OFFICER_SIGN           131(2)
photo-door          evidence_missing         PHOTO_DOOR
photo-left          evidence_missing         PHOTO_DOC_LEFT
photo-scene         evidence_missing         PHOTO_SCENE
photo-handover      evidence_missing         PHOTO_SCENE
video@retained      evidence_missing         PHOTO_DOOR+PHOTO_DOC_LEFT
video               evidence_missing         PHOTO_SCENE
address-form        evidence_missing         ADDRESS_FORM
certificate         evidence_missing         COMMITTEE_CERT
source@serve        evidence_missing         source
source@located      evidence_missing         source
source              evidence_missing         COMMITTEE_CERT
registry            evidence_missing         COMMITTEE_CERT
note                evidence_missing         NOTE
statement@claim     evidence_missing         NOTE
statement           evidence_missing         STATEMENT_SIGNED
position            evidence_missing         LOC_FIX
new-address         evidence_missing         observation.ADDRESS
workplace           evidence_missing         observation.WORKPLACE
phone               evidence_missing         observation.PHONE
return-date         evidence_missing         observation.RETURN_DATE
recusal             evidence_missing         recusal
lead                evidence_missing         lead                         2
promise             evidence_missing         undertaking.on+undertaking.by 241
indicators          evidence_missing         indicators                   3
"""
SPECIAL = {
    "RETAINED_WITNESSED": "retained",
    "RETAINED_RECORDED": "retained",
    "DETAINED/SERVE": "serve",
    "SERVING_SOLDIER": "serve",
    "LIVES_HERE_ABSENT": "located",
    "THIRD_PARTY_CLAIMS": "claim",
}
"""Outcomes where the same thing left out is told in another way."""


@dataclass(frozen=True)
class Way:
    """One way that is exactly enough for an outcome."""

    kind: str
    outcome: str
    article: str
    things: tuple[str, ...]
    by_court: bool

    def __str__(self) -> str:
        return f"{self.kind}-{self.outcome}-{'+'.join(self.things) or 'nothing'}{'@court' if self.by_court else ''}"


@dataclass(frozen=True)
class Refusal:
    """What must be told when a thing is left out: the code, and the article that asks for each missing piece."""

    code: str
    articles: dict[str, str]


def _ways(kind: str, text: str) -> list[Way]:
    found = []
    for line in text.strip().splitlines():
        outcome, article, *things = line.split()
        name, _, who = outcome.partition("@")
        found.append(Way(kind, name, article, tuple(things), who == "court"))
    return found


KINDS = {"SERVE": SERVE, "LOCATE": LOCATE, "ASSET": ASSET, "REMIND": REMIND, "PETITION": PETITION}
WAYS = [way for kind, text in KINDS.items() for way in _ways(kind, text)]
_LEFT_OUT = {line.split()[0]: line.split()[1:] for line in LEFT_OUT.strip().splitlines()}


def refusal(way: Way, thing: str) -> Refusal:
    """Return what must be told when this thing is left out of this way."""
    name = thing.partition(":")[0]
    special = SPECIAL.get(way.outcome) or SPECIAL.get(f"{way.outcome}/{way.kind}")
    code, named, *own = _LEFT_OUT.get(f"{name}@{special}") or _LEFT_OUT[name]
    pieces = named.split("+")
    articles = own[0].split("+") if own else [way.article]
    return Refusal(code, dict(zip(pieces, articles * len(pieces) if len(articles) == 1 else articles, strict=True)))
