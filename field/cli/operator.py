"""Who acts when a command is run on the machine itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from field.ledger.record import SYSTEM
from field.rules.people import Actor, Role


@dataclass(frozen=True)
class _Operator(Actor):
    """An administrator without an account: the machine's own users decide who may be it."""

    @property
    def ref(self) -> str:
        return SYSTEM


OPERATOR = _Operator(0, "operator", Role.ADMINISTRATOR, None, None, None)


def now() -> datetime:
    """Return the time at which the command acts."""
    return datetime.now(UTC)
