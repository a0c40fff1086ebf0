"""The five kinds of task as a client draws them: everything that reports are judged by, told beforehand.

It is put together from the same tables that judge, so that no form can promise what the server refuses.
"""

from __future__ import annotations

from dataclasses import dataclass

from field.rules.follows import FOLLOWS
from field.rules.forms import FORMS, Form
from field.rules.guards import EVERYWHERE, GUARDS, PROTECTION, Guard
from field.rules.labels import LABELS, Label
from field.rules.outcomes import OUTCOMES, Outcome
from field.rules.pieces import PIECES, Piece
from field.rules.scripts import SCRIPTS, Script
from field.rules.service import MEDIATION_ALLOWS, NEVER, RECEIVES, REFUSERS
from field.rules.showing import WITNESSING
from field.rules.tasks import TaskKind


@dataclass(frozen=True)
class Choice(Label):
    """One choice, and what it allows where the law says so; a False is for warning before anything is handed over."""

    may_receive: bool | None = None
    refusal_counts: bool | None = None
    may_witness: bool | None = None


@dataclass(frozen=True)
class Choices:
    """The choices of one name, in order."""

    name: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True)
class Kind:
    """One kind of task: what to say, what not to do, and how an attempt can end."""

    code: str
    zh: str
    en: str
    script: Script
    guards: tuple[Guard, ...]
    outcomes: tuple[Outcome, ...]


@dataclass(frozen=True)
class Catalogue:
    """All of it. `receives`: in what capacities somebody may, by outcome; `mediation_paper`: what may serve one."""

    kinds: tuple[Kind, ...]
    guards: tuple[Guard, ...]
    protection: Guard
    pieces: tuple[Piece, ...]
    records: tuple[Form, ...]
    choices: tuple[Choices, ...]
    follows: tuple[Label, ...]
    receives: dict[str, list[str]]
    mediation_paper: tuple[str, ...]


def _kind(kind: TaskKind, label: Label) -> Kind:
    outcomes = tuple(OUTCOMES[kind].values())
    return Kind(kind.value, label.zh, label.en, SCRIPTS[kind], GUARDS[kind], outcomes)


def _choice(name: str, label: Label) -> Choice:
    words = (label.code, label.zh, label.en)
    if name == "Capacity":
        return Choice(*words, may_receive=label.code not in NEVER, refusal_counts=label.code in REFUSERS)
    return Choice(*words, may_witness=label.code in WITNESSING) if name == "WitnessCapacity" else Choice(*words)


CATALOGUE = Catalogue(
    kinds=tuple(_kind(kind, label) for kind, label in zip(TaskKind, LABELS["TaskKind"], strict=True)),
    guards=EVERYWHERE,
    protection=PROTECTION,
    pieces=tuple(PIECES.values()),
    records=FORMS,
    choices=tuple(Choices(name, tuple(_choice(name, each) for each in labels)) for name, labels in LABELS.items()),
    follows=tuple(Label(code, zh, en) for code, (zh, en) in FOLLOWS.items()),
    receives={code: sorted(capacities) for code, capacities in RECEIVES.items()},
    mediation_paper=tuple(code for code in RECEIVES if code in MEDIATION_ALLOWS),
)
