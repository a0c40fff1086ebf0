"""A court's ledger as it grows in life: tasks, visits, sealed photos, words, signed heads; and bundles of its tasks."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from uuid import UUID, uuid4

from sqlalchemy import text
from sqlalchemy.orm import Session

from field.documents.bundle import Seal, write_bundle
from field.ledger.anchor_log import append_lines, log_path
from field.ledger.anchors import anchor_chain, signed_heads
from field.ledger.checking import Checked, Trust, check_chain
from field.ledger.seal import seal_chain
from field.queries.bundles import prove_task
from field.rules.clocks import PhoneClock
from field.rules.evidence import EvidenceKind
from field.rules.papers import PaperName
from field.rules.tasks import MoveName
from field.usecases.declare_evidence import DeclareEvidence, declare_evidence
from field.usecases.make_bundle import MakeBundle, make_bundle
from field.usecases.record_papers import NewPaper
from field.usecases.seal_evidence import SealEvidence, seal_evidence
from field.vault.digests import measure
from field.vault.local_objects import LocalObjects
from field.vault.signing import Ed25519Signer, public_pem
from tests.usecases.test_record_attempts import attempt, send
from tests.usecases.town import NOW, Town, build_town, move

CHAIN = "yu0225"
SIGNER = Ed25519Signer(bytes(range(32)))
PDF = b"%PDF-1.7 made up\n"


@dataclass
class Lived:
    """A court with everything that can be tampered with, and where each thing is."""

    session: Session
    folder: Path
    town: Town
    tasks: list[UUID] = field(default_factory=list)
    photos: dict[UUID, Path] = field(default_factory=dict)

    @property
    def store(self) -> LocalObjects:
        """Where the sealed photos are."""
        return LocalObjects(self.folder / "objects")

    @property
    def trust(self) -> Trust:
        """The key, and the folder of the signed heads."""
        return Trust([SIGNER.public_key], self.folder / "anchors")

    @property
    def log(self) -> Path:
        """The court's file of signed heads."""
        return log_path(self.folder / "anchors", CHAIN)

    def check(self) -> Checked:
        """Walk the court's chain."""
        return check_chain(self.session, CHAIN, self.trust)

    def grow(self, tasks: int = 1) -> None:
        """Let tasks be asked for, visited, photographed, handed in and returned; seal and sign it all."""
        for _ in range(tasks):
            self.tasks.append(self._live())
        self.sign()

    def sign(self) -> None:
        """Seal what waits, sign the head, write the line."""
        while seal_chain(self.session, CHAIN):
            pass
        anchor_chain(self.session, CHAIN, SIGNER, NOW)
        append_lines(self.trust.folder, signed_heads(self.session, CHAIN))

    def bundle(self, task_id: UUID, papers: Mapping[str, bytes] | None = None) -> bytes:
        """Make the bundle of a task, with a made-up paper, as the court would be sent it."""
        printed = {"attempts": PDF} if papers is None else papers
        orders = [
            NewPaper("A" * 20, hashlib.sha256(pdf).digest(), task_id, PaperName(name), bytes(32), "t")
            for name, pdf in printed.items()
        ]
        make_bundle(self.session, self.town.clerk, MakeBundle(task_id, orders), NOW)
        self.sign()
        file, proven = BytesIO(), prove_task(self.session, self.town.clerk, task_id)
        write_bundle(file, proven, printed, self._original, Seal(SIGNER, [SIGNER.public_key], NOW))
        return file.getvalue()

    def _original(self, sha256: str) -> Iterator[bytes]:
        return self.store.open(bytes.fromhex(sha256))

    def _live(self) -> UUID:
        session, town = self.session, self.town
        task_id = town.task(session, instructions="请当面送交")
        visit = attempt(task_id, 1, note="敲门无人应答", point=town.inside)
        send(session, town.first, visit)
        self._photograph(task_id, visit.client_id)
        send(session, town.first, attempt(task_id, 2, after_seq=1, done=True, point=town.inside))
        move(session, town.clerk, task_id, MoveName.RETURN, reason="请补拍门牌")
        return task_id

    def _photograph(self, task_id: UUID, attempt_id: UUID) -> None:
        piece, clock = uuid4(), PhoneClock(NOW, 5_000, "boot-1")
        path = self.folder / f"{piece}.jpg"  # of its own: the store may link to it
        path.write_bytes(b"\xff\xd8\xff\xe0" + piece.bytes * 40 + b"\xff\xd9")
        seen = measure(path, 16)
        order = DeclareEvidence(
            piece, task_id, attempt_id, EvidenceKind.PHOTO_DOOR, seen.sha256, seen.sm3, seen.size, "image/jpeg",
            captured=clock, sent=clock, fence=1, point=self.town.inside, provider="gps", is_mock=False,
        )  # fmt: skip
        declare_evidence(self.session, self.town.first, order, NOW)
        self.store.put(seen.sha256, path)
        sealing = SealEvidence(piece, seen.sha256, seen.sm3, seen.size, "image/jpeg")
        seal_evidence(self.session, self.town.first, sealing, self.store.exists, NOW)
        name = seen.sha256.hex()
        self.photos[piece] = self.store.folder / name[:2] / name


def live(session: Session, folder: Path, tasks: int = 1) -> Lived:
    """Build the town, and let so many tasks live in it."""
    folder.mkdir(exist_ok=True)
    lived = Lived(session, folder, build_town(session))
    lived.grow(tasks)
    return lived


def write_key(folder: Path) -> Path:
    """Write the court's public key to a file."""
    path = folder / "court.pem"
    path.write_text(public_pem(SIGNER.public_key))
    return path


TABLES = ("ledger_entry", "anchor", "attempt", "evidence", "evidence_object", "paper", "remark", "task")


def unguard(session: Session) -> None:
    """Switch off every guard, as the owner of the database could."""
    for table in TABLES:
        session.execute(text(f"alter table field.{table} disable trigger user"))
