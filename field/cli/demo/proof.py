"""What people in the demo bring back beside words: who signed, what was seen, what was promised, and drawn pictures."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from uuid import UUID, uuid5

from sqlalchemy.orm import Session

from field.cli.demo.pictures import Drawn, signed_receipt, tractor_by_the_road
from field.rules.calendar import court_day
from field.rules.clocks import PhoneClock
from field.rules.documents import DocType, ServedDocument
from field.rules.evidence import EvidenceKind
from field.rules.people import Actor
from field.rules.records import (
    AssetKind,
    Basis,
    Capacity,
    Lead,
    Observation,
    ObservationKind,
    PlaceKind,
    Receiver,
    Records,
    SignKind,
    Source,
    Undertaking,
)
from field.rules.tasks import TaskKind
from field.usecases.declare_evidence import DeclareEvidence, declare_evidence
from field.usecases.seal_evidence import SealEvidence, seal_evidence
from field.vault.digests import measure
from field.vault.objects import ObjectStore
from geo.points import Point

DOCUMENTS = (
    ServedDocument("执行通知书", 1, DocType.ENFORCEMENT_NOTICE),
    ServedDocument("报告财产令", 1, DocType.PROPERTY_REPORT_ORDER),
)
DRAWN: Mapping[TaskKind, tuple[EvidenceKind, Callable[[Random], Drawn]]] = {
    TaskKind.SERVE: (EvidenceKind.RECEIPT_SIGNED, signed_receipt),
    TaskKind.ASSET: (EvidenceKind.PHOTO_SCENE, tractor_by_the_road),
}
"""The one picture that a kind's report needs; the others need none, so none is made."""


def said(kind: TaskKind, party: str, at: datetime) -> Records:
    """Return what a report of this kind says beside its outcome."""
    day = court_day(at)
    match kind:
        case TaskKind.SERVE:
            return Records(PlaceKind.RESIDENCE, Receiver(Capacity.SELF, party, SignKind.SIGNATURE, day))
        case TaskKind.LOCATE:
            return Records(observations=(_seen_by_the_committee(day),))
        case TaskKind.ASSET:
            return Records(lead=Lead(AssetKind.MACHINERY, "路边停放的蓝色拖拉机一台", basis=Basis.POSSESSION_SEEN))
        case TaskKind.REMIND:
            return Records(undertaking=Undertaking(day + timedelta(days=20), "本人", 300_000))
        case TaskKind.PETITION:
            return Records()


def _seen_by_the_committee(day: date) -> Observation:
    return Observation(ObservationKind.WHEREABOUTS, "确住此处，月底返乡", Source.COMMITTEE, 2, day + timedelta(days=25))


@dataclass(frozen=True)
class Shot:
    """Where and when a picture is taken, and for which attempt on which task."""

    task_id: UUID
    kind: TaskKind
    fence: int
    attempt_id: UUID
    captured: PhoneClock
    sent: PhoneClock
    point: Point


@dataclass(frozen=True)
class Camera:
    """A phone's camera: what it takes is declared, stored and sealed like anybody's."""

    session: Session
    objects: ObjectStore
    rng: Random

    def take(self, worker: Actor, shot: Shot, now: datetime) -> None:
        """Take the picture that a report of this kind needs, if any, and send it."""
        if shot.kind not in DRAWN:
            return
        wanted, draw = DRAWN[shot.kind]
        with tempfile.NamedTemporaryFile() as file:
            drawn = draw(self.rng)
            file.write(drawn.body)
            file.flush()
            content = measure(Path(file.name), 16)
            self.objects.put(content.sha256, Path(file.name))
        order = DeclareEvidence(
            client_id=uuid5(shot.attempt_id, wanted.value),
            task_id=shot.task_id,
            attempt_id=shot.attempt_id,
            kind=wanted,
            sha256=content.sha256,
            sm3=content.sm3,
            size=content.size,
            media_type="image/jpeg",
            captured=shot.captured,
            sent=shot.sent,
            fence=shot.fence,
            point=shot.point,
        )
        declare_evidence(self.session, worker, order, now)
        sealed = SealEvidence(
            order.client_id, content.sha256, content.sm3, content.size, "image/jpeg", drawn.width, drawn.height
        )
        seal_evidence(self.session, worker, sealed, self.objects.exists, now)
