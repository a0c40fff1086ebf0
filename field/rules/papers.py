"""The papers that a task's records print themselves as: which there are, of which kinds of task, and for whom."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from field.rules.people import Role
from field.rules.refusals import Refused
from field.rules.tasks import TaskKind

MOST_RECEIPTS = 50
"""How many returns of service fit into one file: a morning's round of a clerk, and a few seconds of printing."""


class PaperName(StrEnum):
    """What a paper is called in its address."""

    RECEIPT = "receipt"
    ATTEMPTS = "attempts"
    ADDRESS_FORM = "address_form"
    EVIDENCE = "evidence"
    SLIP = "slip"
    BUNDLE_COVER = "bundle_cover"


@dataclass(frozen=True)
class PaperKind:
    """A paper's title, the kinds of task that have it, and who may have it printed."""

    zh: str
    en: str
    kinds: frozenset[TaskKind]
    roles: frozenset[Role] = frozenset({Role.DISPATCHER})


_SERVED = frozenset({TaskKind.SERVE})
_ANY = frozenset(TaskKind)
PAPERS: dict[PaperName, PaperKind] = {
    PaperName.RECEIPT: PaperKind("送达回证", "return of service", _SERVED),
    PaperName.ATTEMPTS: PaperKind("现场办理记录", "log of attempts", _ANY),
    PaperName.ADDRESS_FORM: PaperKind("送达地址确认书", "address confirmation", _SERVED | {TaskKind.LOCATE}),
    PaperName.EVIDENCE: PaperKind("证据清单", "list of evidence", _ANY),
    PaperName.SLIP: PaperKind("送达告知单", "slip for the party", _SERVED, frozenset({Role.DISPATCHER, Role.WORKER})),
    PaperName.BUNDLE_COVER: PaperKind("卷宗封面及目录", "cover and index of the bundle", _ANY),
}
"""The return of service follows the courts' official form; CPL arts. 87–89 say what it has to prove."""


def check_paper(name: PaperName, kind: TaskKind) -> None:
    """Refuse `paper_not_of_kind` (422) for a paper that this kind of task does not have."""
    if kind not in PAPERS[name].kinds:
        raise Refused("paper_not_of_kind", kind=kind.value, papers=[each.value for each in papers_of(kind)])


def papers_of(kind: TaskKind) -> list[PaperName]:
    """List the papers that a kind of task has."""
    return [name for name, paper in PAPERS.items() if kind in paper.kinds]
