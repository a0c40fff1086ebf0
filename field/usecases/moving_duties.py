"""Writing what becomes of duties when their cells are redrawn: what ends, what never begins, what goes on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from sqlalchemy import text
from sqlalchemy.orm import Session

from field.rules.succession import DutiesFollowed, DutySpan, Key

_END = text("update field.duty set until = :day where id = any(cast(:ids as bigint[]))")
_DROP = text("delete from field.duty where id = any(cast(:ids as bigint[]))")
_BEGIN = text("""
insert into field.duty (worker_id, cell_id, rank, since, until, follows_id)
select * from unnest(cast(:workers as bigint[]), cast(:cells as bigint[]), cast(:ranks as bigint[]),
  cast(:sinces as date[]), cast(:untils as date[]), cast(:follows as bigint[]))
returning worker_id, cell_id, since, id
""")


def move_duties(session: Session, steps: Iterable[DutiesFollowed]) -> list[DutiesFollowed]:
    """End and begin the duties of each step in order; return the steps with every duty's number."""
    numbers: dict[Key, int] = {}
    moved = []
    for step in steps:
        ended = [replace(duty, id=duty.id or numbers[duty.key], follows=_follows(duty, numbers)) for duty in step.ended]
        numbers |= {duty.key: duty.id for duty in ended if duty.id}
        _write(session, _END, [duty for duty in ended if duty.since < step.day], step)
        _write(session, _DROP, [duty for duty in ended if duty.since >= step.day], step)
        begun = begin_duties(session, [replace(duty, follows=_follows(duty, numbers)) for duty in step.begun])
        numbers |= {duty.key: duty.id for duty in begun if duty.id}
        moved.append(replace(step, ended=tuple(ended), begun=tuple(begun)))
    return moved


def begin_duties(session: Session, duties: Sequence[DutySpan]) -> list[DutySpan]:
    """Add the duties in one statement; return them with their numbers."""
    if not duties:
        return []
    columns = {
        "workers": [duty.worker_id for duty in duties],
        "cells": [duty.cell_id for duty in duties],
        "ranks": [duty.rank for duty in duties],
        "sinces": [duty.since for duty in duties],
        "untils": [duty.until for duty in duties],
        "follows": [duty.follows for duty in duties],
    }
    numbers = {(row[0], row[1], row[2]): row[3] for row in session.execute(_BEGIN, columns)}
    return [replace(duty, id=numbers[duty.key]) for duty in duties]


def _follows(duty: DutySpan, numbers: dict[Key, int]) -> int | None:
    return numbers[duty.follows] if isinstance(duty.follows, tuple) else duty.follows


def _write(session: Session, statement: object, duties: Sequence[DutySpan], step: DutiesFollowed) -> None:
    if duties:
        session.execute(statement, {"day": step.day, "ids": [duty.id for duty in duties]})  # type: ignore[call-overload]
