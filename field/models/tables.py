"""The tables themselves, for the statements that run on every request: building those from classes costs far more."""

from __future__ import annotations

from typing import cast

from sqlalchemy import Table

from field.models.address import Address, AddressBacklog
from field.models.base import Base
from field.models.case import Case, Party
from field.models.court import Court
from field.models.ledger import IdempotencyKey, LedgerEntry
from field.models.task import Assignment, Attempt, Remark, Task
from field.models.user import User, Worklist
from geo.models import Cell


def _table(model: type[Base]) -> Table:
    return cast(Table, model.__table__)


TASK, ASSIGNMENT, ATTEMPT, REMARK = _table(Task), _table(Assignment), _table(Attempt), _table(Remark)
CASE, PARTY, COURT = _table(Case), _table(Party), _table(Court)
USER, WORKLIST = _table(User), _table(Worklist)
ADDRESS, ADDRESS_BACKLOG = _table(Address), _table(AddressBacklog)
LEDGER_ENTRY, IDEMPOTENCY_KEY = _table(LedgerEntry), _table(IdempotencyKey)
CELL = cast(Table, Cell.__table__)
