"""One request, one transaction: return commits, raise undoes, a lost race is run once more and then given up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask, jsonify
from sqlalchemy import func, select, text
from sqlalchemy.exc import DatabaseError, IntegrityError, OperationalError, ProgrammingError
from sqlalchemy.orm import Session, sessionmaker

from field.http.transaction import glance, transaction
from field.models import SignInFailure
from field.rules.refusals import Refused

Write = Callable[[Session, int], None]


def _note(session: Session, login: str) -> None:
    session.execute(text("insert into field.sign_in_failure (subject, failures) values (:login, 1)"), {"login": login})


def _noted(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(SignInFailure)) or 0


def _visit(app: Flask, write: Write) -> tuple[int, int]:
    """Send one request to a view that writes a row and then does this; return its status and how often it ran."""
    runs = []

    @transaction
    def view(session: Session) -> Any:
        runs.append(1)
        _note(session, f"run {len(runs)}")
        write(session, len(runs))
        return jsonify(runs=len(runs))

    app.add_url_rule("/probe", view_func=view, endpoint="probe")
    return app.test_client().get("/probe").status_code, len(runs)


def _twin(session: Session, run: int) -> None:
    if run == 1:
        _note(session, "run 1")


def _always_twin(session: Session, run: int) -> None:
    _note(session, f"run {run}")


def _deadlock(session: Session, run: int) -> None:
    if run == 1:
        session.execute(text("do $$ begin raise exception 'x' using errcode = '40P01'; end $$"))


def _unserialisable(session: Session, run: int) -> None:
    if run == 1:
        session.execute(text("do $$ begin raise exception 'x' using errcode = '40001'; end $$"))


def _cut_off(session: Session, run: int) -> None:
    if run == 1:
        session.execute(text("select pg_terminate_backend(pg_backend_pid())"))


def _slow(session: Session, run: int) -> None:
    session.execute(text("set local statement_timeout = 20"))
    session.execute(text("select pg_sleep(5)"))


def _wrong(session: Session, run: int) -> None:
    session.execute(text("select * from field.no_such_table"))


def _refuse(session: Session, run: int) -> None:
    raise Refused("already_claimed")


def _break(session: Session, run: int) -> None:
    raise RuntimeError("broken")


def _nothing(session: Session, run: int) -> None:
    pass


@pytest.mark.parametrize(
    ("write", "status", "runs", "rows"),
    [
        (_nothing, 200, 1, 1),
        (_twin, 200, 2, 1),
        (_deadlock, 200, 2, 1),
        (_unserialisable, 200, 2, 1),
        (_cut_off, 200, 2, 1),
        (_always_twin, 500, 2, 0),
        (_slow, 503, 1, 0),
        (_wrong, 500, 1, 0),
        (_refuse, 409, 1, 0),
        (_break, 500, 1, 0),
    ],
)
def test_what_becomes_of_a_request(
    live: Flask, committing_sessions: sessionmaker[Session], write: Write, status: int, runs: int, rows: int
) -> None:
    assert _visit(live, write) == (status, runs)
    with committing_sessions() as session:
        assert _noted(session) == rows


@pytest.mark.parametrize("error", [IntegrityError, OperationalError, ProgrammingError])
def test_the_caller_of_a_transaction_gets_the_error(live: Flask, error: type[DatabaseError]) -> None:
    """Outside a request's error handlers nothing is swallowed."""
    breaks = {IntegrityError: _always_twin, OperationalError: _slow, ProgrammingError: _wrong}[error]

    @transaction
    def act(session: Session) -> None:
        _note(session, "run 1")
        breaks(session, 1)

    with live.app_context(), pytest.raises(error):
        act()


def test_a_glance_reads_without_a_transaction_of_its_own(live: Flask) -> None:
    @glance
    def look(session: Session) -> tuple[Any, Any]:
        moments = [session.scalar(text("select transaction_timestamp()")) for _ in range(2)]
        return moments[0], moments[1]

    with live.app_context():
        first, second = look()
    assert first < second, "each statement is a transaction"
