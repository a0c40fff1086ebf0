"""Signing the heads of the ledger and writing them outside the database; any number may run."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from threading import Event

import structlog
from sqlalchemy.orm import Session, sessionmaker

from field.jobs.database_lost import DATABASE_LOST
from field.ledger.anchor_log import append_lines, last_line
from field.ledger.anchors import NotWhole, anchor_chain, newest_heads, signed_heads, waiting
from field.vault.signing import Signer

LOOK_S = 5.0

_log = structlog.get_logger("field.jobs.anchoring")


def anchor_waiting(sessions: sessionmaker[Session], signer: Signer, folder: Path, now: datetime) -> int:
    """Sign what is due of every chain, then write the lines that are missing; return how many heads were signed."""
    with sessions() as session:
        due = [each.chain for each in waiting(session) if each.due(now)]
    made = 0
    for chain in due:
        try:
            with sessions.begin() as session:
                made += anchor_chain(session, chain, signer, now)
        except NotWhole as problem:
            _log.error("anchor_refused", chain=chain, seq=problem.seq)
    write_lines(sessions, folder)
    return made


def write_lines(sessions: sessionmaker[Session], folder: Path) -> int:
    """Append the newest lines that are not yet outside the database; no transaction is open meanwhile."""
    with sessions() as session:
        newest = {head.chain: head.seq for head in newest_heads(session)}
    written = 0
    for chain, seq in newest.items():
        there = last_line(folder, chain)
        if there > seq:
            _log.error("anchor_log_ahead", chain=chain, seq=seq, line=there)
        elif there < seq:
            with sessions() as session:
                heads = signed_heads(session, chain, there)
            written += append_lines(folder, heads)
    return written


def keep_anchoring(
    sessions: sessionmaker[Session], stop: Event, signer: Signer, folder: Path, look_s: float = LOOK_S
) -> None:
    """Sign and write until `stop` is set, through loss and return of the database and of the folder."""
    while not stop.is_set():
        try:
            anchor_waiting(sessions, signer, folder, datetime.now(UTC))
        except DATABASE_LOST as problem:
            _log.warning("anchoring_database_lost", error=type(problem).__name__)
        except OSError as problem:
            # The rows are there: the lines follow when the folder is back.
            _log.error("anchor_folder_lost", error=type(problem).__name__)
        stop.wait(look_s)
