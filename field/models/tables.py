"""The tables themselves, for the statements that run on every request: building those from classes costs far more."""

from __future__ import annotations

from typing import cast

from sqlalchemy import Table

from field.models.address import Address, AddressBacklog
from field.models.base import Base
from field.models.case import Case, Party
from field.models.court import Court
from field.models.document import TaskDocument
from field.models.evidence import Evidence, EvidenceObject
from field.models.follow_up import FollowUp
from field.models.ledger import Anchor, IdempotencyKey, LedgerEntry
from field.models.paper import Paper
from field.models.promotion import Promotion
from field.models.records import Lead, Observation, Officer, Receiver, Refusal, Relation, Undertaking, Witness
from field.models.referral import Referral
from field.models.review import Picture, Review
from field.models.seizure import Seizure
from field.models.task import Assignment, Attempt, Remark, Task
from field.models.term import Term
from field.models.user import User, Worklist
from geo.models import Cell


def _table(model: type[Base]) -> Table:
    return cast(Table, model.__table__)


TASK, ASSIGNMENT, ATTEMPT, REMARK = _table(Task), _table(Assignment), _table(Attempt), _table(Remark)
RECEIVER, RELATION, WITNESS, REFUSAL = _table(Receiver), _table(Relation), _table(Witness), _table(Refusal)
OFFICER, OBSERVATION, LEAD, UNDERTAKING = _table(Officer), _table(Observation), _table(Lead), _table(Undertaking)
TASK_DOCUMENT, TERM, SEIZURE = _table(TaskDocument), _table(Term), _table(Seizure)
EVIDENCE, EVIDENCE_OBJECT = _table(Evidence), _table(EvidenceObject)
FOLLOW_UP, REFERRAL, PROMOTION = _table(FollowUp), _table(Referral), _table(Promotion)
CASE, PARTY, COURT = _table(Case), _table(Party), _table(Court)
USER, WORKLIST = _table(User), _table(Worklist)
ADDRESS, ADDRESS_BACKLOG = _table(Address), _table(AddressBacklog)
LEDGER_ENTRY, IDEMPOTENCY_KEY, ANCHOR = _table(LedgerEntry), _table(IdempotencyKey), _table(Anchor)
PAPER = _table(Paper)
REVIEW, PICTURE = _table(Review), _table(Picture)
CELL = cast(Table, Cell.__table__)
