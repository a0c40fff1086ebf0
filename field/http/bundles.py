"""Evidence bundles over HTTP: everything of a task in one file that proves itself."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from io import SEEK_END
from typing import IO
from uuid import UUID

import structlog
from flask import Response
from sqlalchemy.orm import Session

from field.documents.bundle import Seal, write_bundle
from field.documents.papers import File, print_paper
from field.http.auth import actor
from field.http.door import Door
from field.http.papers import desk
from field.http.sealing import plainly
from field.http.services import now, services
from field.http.transaction import transaction
from field.ledger.anchors import NotWhole, anchor_chain
from field.ledger.seal import seal_chain
from field.queries.bundles import Proven, bundled_papers, prove_task
from field.queries.papers import paper_facts
from field.rules.paper_facts import PaperFacts
from field.usecases.make_bundle import MakeBundle, make_bundle
from field.vault.staging import room

blp = Door("bundles", __name__, url_prefix="/api/v1", description="证据包 / evidence bundles")

ZIP = "application/zip"
_BLOCK = 1 << 16
_CONTENT = {ZIP: {"schema": {"type": "string", "format": "binary"}}}
_log = structlog.get_logger("field.http.bundles")


@blp.route("/tasks/<uuid:task_id>/bundle", methods=["GET"])
@blp.response(200, content_type=ZIP)
@blp.doc(responses={"200": {"description": "zip", "content": _CONTENT}})
def get_bundle(task_id: UUID) -> Response:
    """证据包 / Papers, sealed originals, facts and ledger of a task, with what proves them; each making is an entry.

    文书、封存原件、事实与留痕一并打包，可在任何机器上用包内 verify.py 核对。
    """
    # One transaction for each step: no connection waits for the press, for the disk or for a slow reader.
    papers = {facts.name.value: print_paper(facts, desk()) for facts in _facts(task_id)}
    chain = _made(task_id, papers)
    try:
        _signed(chain)
    except NotWhole as problem:
        # The bundle is given as it is, and its verifier names the entries that no signed head covers.
        _log.error("bundle_unsigned", chain=problem.chain, seq=problem.seq)
    file = _written(_proven(task_id), {name: each.pdf for name, each in papers.items()})
    headers = {
        "Content-Disposition": f"attachment; filename=bundle-{task_id}.zip",
        "Content-Length": str(file.seek(0, SEEK_END)),
        "Cache-Control": "no-store",
    }
    return Response(_blocks(file), headers=headers, content_type=ZIP)


@transaction
def _facts(session: Session, task_id: UUID) -> list[PaperFacts]:
    who = actor(session)
    return [paper_facts(session, who, task_id, name) for name in bundled_papers(session, who, task_id)]


@transaction
def _made(session: Session, task_id: UUID, papers: Mapping[str, File]) -> str:
    orders = [order for file in papers.values() for order in file.orders()]
    return make_bundle(session, actor(session), MakeBundle(task_id, orders), now())


@transaction
def _signed(session: Session, chain: str) -> None:
    """Seal and sign what has been written down just now; the line outside the database is written by `work`."""
    while seal_chain(session, chain, wait=True):
        pass
    anchor_chain(session, chain, services().signer, now(), wait=True)


@transaction
def _proven(session: Session, task_id: UUID) -> Proven:
    return prove_task(session, actor(session), task_id)


def _written(proven: Proven, papers: Mapping[str, bytes]) -> IO[bytes]:
    """Write the file before the first byte goes out; it has no name, so nothing is left behind."""
    file = tempfile.TemporaryFile()  # noqa: SIM115  closed when the last block has been sent
    seal = Seal(services().signer, list(services().signers), now())
    # The store may fail at any piece of an original, the disk at any byte of the file.
    try:
        with plainly(), room():
            write_bundle(file, proven, papers, _original, seal)
            file.flush()
    except BaseException:
        file.close()
        raise
    return file


def _original(sha256: str) -> Iterator[bytes]:
    return services().objects.open(bytes.fromhex(sha256))


def _blocks(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        file.seek(0)
        while block := file.read(_BLOCK):
            yield block
