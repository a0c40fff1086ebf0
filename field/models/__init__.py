"""What is stored, one file per noun."""

from field.models.base import Base
from field.models.case import Case, Party, PartyRole
from field.models.court import Court
from field.models.duty import Duty
from field.models.ledger import IdempotencyKey, LedgerEntry
from field.models.task import Assignment, Attempt, Remark, Task
from field.models.user import RefreshToken, SignInFailure, User, Worklist

__all__ = [
    "Assignment",
    "Attempt",
    "Base",
    "Case",
    "Court",
    "Duty",
    "IdempotencyKey",
    "LedgerEntry",
    "Party",
    "PartyRole",
    "RefreshToken",
    "Remark",
    "SignInFailure",
    "Task",
    "User",
    "Worklist",
]
