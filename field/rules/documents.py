"""The papers a task serves, by the kinds that rules tell apart."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from field.rules.refusals import Refused
from field.rules.tasks import TaskKind


class DocType(StrEnum):
    """What sort of paper is served."""

    JUDGMENT = "JUDGMENT"
    RULING = "RULING"
    MEDIATION_PAPER = "MEDIATION_PAPER"
    SUMMONS = "SUMMONS"
    ENFORCEMENT_NOTICE = "ENFORCEMENT_NOTICE"
    PROPERTY_REPORT_ORDER = "PROPERTY_REPORT_ORDER"
    CONSUMPTION_RESTRICTION_ORDER = "CONSUMPTION_RESTRICTION_ORDER"
    ASSISTANCE_NOTICE = "ASSISTANCE_NOTICE"
    DISHONESTY_DECISION = "DISHONESTY_DECISION"
    AUCTION_NOTICE = "AUCTION_NOTICE"
    ADDRESS_CONFIRMATION = "ADDRESS_CONFIRMATION"
    OTHER = "OTHER"


class Procedure(StrEnum):
    """The procedure of the trial that the case comes from; summary procedure widens some rules of service."""

    ORDINARY = "ORDINARY"
    SUMMARY = "SUMMARY"


MOST_DOCUMENTS = 20
MOST_COPIES = 99
LONGEST_TITLE = 100


@dataclass(frozen=True)
class ServedDocument:
    """One paper to be served: its title, how many copies, and its kind."""

    title: str
    copies: int
    doc_type: DocType

    def plain(self) -> dict[str, Any]:
        """Return it as plain JSON, as the ledger digests it and as everybody reads it."""
        return {"title": self.title, "copies": self.copies, "doc_type": self.doc_type.value}


def check_documents(kind: TaskKind, documents: Collection[ServedDocument]) -> None:
    """Refuse `documents_not_served` (422) papers on a task that serves none, or more than a record can hold."""
    if documents and kind is not TaskKind.SERVE:
        raise Refused("documents_not_served", field="documents")
    if len(documents) > MOST_DOCUMENTS:
        raise Refused("documents_too_many", field="documents")
