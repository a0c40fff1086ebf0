"""Saying to a person at a terminal what is wrong with their input: all faults, then one line, exit status 2."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click
from shapely.errors import GEOSException
from sqlalchemy.exc import DBAPIError

from field.cli.errors import CommandError
from field.rules.refusals import REFUSALS, Refused
from field.rules.rows import RowsRefused
from geo.intake import Finding, IntakeRefused

LARGEST_MB = 256
SHOWN = 50


def read_file(path: Path) -> bytes:
    """Return a file's bytes, or raise CommandError saying why that is not possible."""
    try:
        if path.stat().st_size > LARGEST_MB * 2**20:
            raise CommandError(f"{path} 超过 {LARGEST_MB} MB", f"{path} is larger than {LARGEST_MB} MB")
        return path.read_bytes()
    except OSError as problem:
        raise CommandError(f"无法读取 {path}：{problem.strerror}", f"cannot read {path}: {problem.strerror}") from None


@contextmanager
def plainly(what: str | Path) -> Iterator[None]:
    """Turn every refusal of `what` into its faults on stderr and one last line; nothing has changed then."""
    try:
        yield
    except RowsRefused as refusal:
        raise _refused(what, [fault.line() for fault in refusal.faults]) from None
    except IntakeRefused as refusal:
        raise _refused_cells(what, refusal.findings) from None
    except Refused as refusal:
        text = REFUSALS[refusal.code]
        raise CommandError(f"{what}：{text.zh}", text.en) from None
    except GEOSException as problem:
        raise CommandError(
            f"{what}：图形无法计算，未作任何改动；请在 GIS 软件中检查有效性后再试",
            f"a shape could not be computed with, nothing was changed; check the outlines in a GIS program ({problem})",
        ) from None
    except DBAPIError as problem:
        # The type and the state only: a database's words may quote names and places.
        state = getattr(problem.orig, "sqlstate", None) or type(problem.orig).__name__
        raise CommandError(
            f"数据库出错（{state}），未作任何改动", f"the database failed ({state}); nothing was changed"
        ) from None


def finding_line(finding: Finding) -> str:
    """Say a finding about cells in one line, Chinese before English."""
    return f"{finding.line('zh')} / {finding.line('en')}"


def _refused_cells(what: str | Path, findings: Sequence[Finding]) -> CommandError:
    """Say the notes first; they are no faults and are not counted with them."""
    notes = [finding_line(finding) for finding in findings if not finding.refuses]
    for line in notes[:SHOWN]:
        click.echo(line, err=True)
    return _refused(what, [finding_line(finding) for finding in findings if finding.refuses])


def _refused(what: str | Path, lines: Sequence[str]) -> CommandError:
    if len(lines) == 1:
        return CommandError(f"{what}: {lines[0]}")
    for line in lines[:SHOWN]:
        click.echo(line, err=True)
    more = f"，以上为前 {SHOWN} 处" if len(lines) > SHOWN else ""
    more_en = f", the first {SHOWN} are above" if len(lines) > SHOWN else ""
    return CommandError(
        f"{what}：共 {len(lines)} 处错误{more}，未作任何改动",
        f"{len(lines)} faults{more_en}, nothing was changed",
    )
