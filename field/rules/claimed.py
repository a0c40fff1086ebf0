"""A result as somebody claims it, what it is judged by, and what it may turn out to lack."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from field.rules.court_settings import CourtSettings
from field.rules.documents import DocType, Procedure
from field.rules.evidence import EvidenceKind
from field.rules.records import Records
from field.rules.tasks import TaskKind

_CAREFUL = CourtSettings()


@dataclass(frozen=True)
class Result:
    """A result as it is claimed: `files` are the kinds of the uploads declared for it, sealed or not."""

    kind: TaskKind
    outcome: str
    note: str
    has_point: bool
    records: Records
    files: Collection[EvidenceKind]


@dataclass(frozen=True)
class Circumstances:
    """What the result is judged by, beside itself."""

    procedure: Procedure = Procedure.ORDINARY
    doc_types: Collection[DocType] = ()
    settings: CourtSettings = _CAREFUL
    by_court: bool = False


@dataclass(frozen=True)
class Missing:
    """One thing a result lacks: what, in words, and the article that asks for it."""

    piece: str
    zh: str
    en: str
    article: str
