"""What is stored, one file per noun."""

from field.models.address import Address, AddressBacklog
from field.models.base import Base
from field.models.case import Case, Party, PartyRole
from field.models.court import Court
from field.models.coverage import CoverageClock, CoverageGround, CoverageStaff, CoverageWeek, CoverageWork
from field.models.duty import Duty
from field.models.ledger import IdempotencyKey, LedgerEntry
from field.models.task import Assignment, Attempt, Remark, Task
from field.models.upload import Upload, UploadFinding, UploadPart
from field.models.user import RefreshToken, SignInFailure, User, Worklist

__all__ = [
    "Address",
    "AddressBacklog",
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
    "IdempotencyKey",
    "LedgerEntry",
    "Party",
    "PartyRole",
    "RefreshToken",
    "Remark",
    "SignInFailure",
    "Task",
    "Upload",
    "UploadFinding",
    "UploadPart",
    "User",
    "Worklist",
]
