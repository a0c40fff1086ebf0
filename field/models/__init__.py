"""What is stored, one file per noun."""

from field.models.address import Address, AddressBacklog
from field.models.base import Base
from field.models.case import Case, Party, PartyRole
from field.models.court import Court
from field.models.coverage import CoverageClock, CoverageGround, CoverageStaff, CoverageWeek, CoverageWork
from field.models.document import TaskDocument
from field.models.duty import Duty
from field.models.evidence import Evidence, EvidenceObject, EvidenceState
from field.models.follow_up import FollowUp
from field.models.ledger import Anchor, IdempotencyKey, LedgerEntry
from field.models.paper import Paper
from field.models.promotion import Promotion
from field.models.records import Lead, Observation, Officer, Receiver, Refusal, Relation, Undertaking, Witness
from field.models.referral import Referral
from field.models.review import Picture, PictureState, Review
from field.models.seizure import Seizure
from field.models.task import Assignment, Attempt, Remark, Task
from field.models.term import Term
from field.models.upload import Upload, UploadFinding, UploadPart
from field.models.user import RefreshToken, SignInFailure, User, Worklist

__all__ = [
    "Address",
    "AddressBacklog",
    "Anchor",
    "Assignment",
    "Attempt",
    "Base",
    "Case",
    "Court",
    "CoverageClock",
    "CoverageGround",
    "CoverageStaff",
    "CoverageWeek",
    "CoverageWork",
    "Duty",
    "Evidence",
    "EvidenceObject",
    "EvidenceState",
    "FollowUp",
    "IdempotencyKey",
    "Lead",
    "LedgerEntry",
    "Observation",
    "Officer",
    "Paper",
    "Party",
    "PartyRole",
    "Picture",
    "PictureState",
    "Promotion",
    "Receiver",
    "Referral",
    "RefreshToken",
    "Refusal",
    "Relation",
    "Remark",
    "Review",
    "Seizure",
    "SignInFailure",
    "Task",
    "TaskDocument",
    "Term",
    "Undertaking",
    "Upload",
    "UploadFinding",
    "UploadPart",
    "User",
    "Witness",
    "Worklist",
]
