"""Who acts: roles, and the acting person as every use case sees them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from field.rules.refusals import Refused


class Role(StrEnum):
    """What a person is to the product; one person has one role."""

    DISPATCHER = "dispatcher"
    COORDINATOR = "coordinator"
    WORKER = "worker"
    ADMINISTRATOR = "administrator"
    INSPECTOR = "inspector"


OF_A_COURT = frozenset({Role.DISPATCHER, Role.INSPECTOR})
"""Roles whose people belong to a court; an inspector (纪检监察) reads its sealed records and nothing else."""


@dataclass(frozen=True)
class Actor:
    """The person behind a request, with the reach of their role."""

    id: int
    login: str
    role: Role
    court_id: int | None
    court_code: str | None
    division_code: str | None

    @property
    def ref(self) -> str:
        """Return how ledger entries name this person: a number, never a name."""
        return f"user:{self.id}"

    @property
    def chain(self) -> str:
        """Return the ledger chain of what this person does outside any task: their court's, else the system's."""
        return self.court_code or "system"


def require(actor: Actor, *roles: Role) -> None:
    """Refuse with `role_may_not` (403) unless the actor has one of the roles."""
    if actor.role not in roles:
        raise Refused("role_may_not", role=actor.role.value)
