"""`gridfield doctor`: every setting, and whether what the product stands on is sound."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import click
import sqlalchemy as sa
from sqlalchemy.orm import Session

from field import config
from field.cli.cluster import database
from field.cli.deliver import build_channels
from field.cli.errors import CommandError
from field.cli.operator import now
from field.cli.storage import revision
from field.config import Settings
from field.models.engine import make_engine
from field.queries.coverage import uncounted_s
from field.queries.health import read_health
from field.rules.refusals import REFUSALS, Refused
from field.vault.keys import KeyFileError, load_keys
from notifications.backlog import conditions
from notifications.policy import quiet_until

SEALED_WITHIN_S = 60.0
TOLD_WITHIN_S = 600.0
COUNTED_WITHIN_S = 60.0


@dataclass(frozen=True)
class Check:
    """One thing looked at: what it is, whether it is well, and what was found."""

    zh: str
    en: str
    well: bool
    found: str


@click.command()
def doctor() -> None:
    """检查设置与运行状况 / Show every setting and whether everything is well; exit status 1 when it is not."""
    settings = config.load()
    for variable, value, text in config.described(settings):
        click.echo(f"{variable}={value}  # {text}")
    click.echo()
    well = True
    for check in _checks(settings):
        mark = "正常" if check.well else "异常"
        click.echo(f"[{mark}] {check.zh} / {check.en}: {check.found}")
        well = well and check.well
    if not well:
        sys.exit(1)


def _checks(settings: Settings) -> Iterator[Check]:
    yield _guarded("密钥", "key", lambda: _key(settings))
    yield _guarded("推送通道", "push channels", lambda: ", ".join(build_channels(settings)) or "—")
    try:
        with database(settings) as url:
            yield from _database(url)
    except (CommandError, sa.exc.DBAPIError) as problem:
        reason = problem.message if isinstance(problem, CommandError) else type(problem.orig).__name__
        yield Check("数据库", "database", False, reason)


def _guarded(zh: str, en: str, look: Callable[[], str]) -> Check:
    try:
        return Check(zh, en, True, look())
    except (CommandError, KeyFileError) as problem:
        return Check(zh, en, False, getattr(problem, "message", str(problem)))
    except Refused as refusal:
        text = REFUSALS[refusal.code]
        return Check(zh, en, False, f"{text.zh} / {text.en}")


def _key(settings: Settings) -> str:
    if settings.secret_key:
        load_keys(settings.home, settings.secret_key)
        return "GRIDFIELD_SECRET_KEY"
    path = settings.home / "secret.key"
    if not path.exists():
        return f"{path} 将在首次使用时生成 / will be made on first use"
    load_keys(settings.home, None)
    if path.stat().st_mode & 0o077:
        raise CommandError(f"{path} 他人可读：请 chmod 600", f"{path} can be read by others: chmod 600 it")
    return str(path)


def _database(url: str) -> Iterator[Check]:
    engine = make_engine(url, poolclass=sa.NullPool)
    with Session(engine) as session:
        yield Check("数据库", "database", True, f"PostgreSQL {session.scalar(sa.text('show server_version'))}")
        yield Check("PostGIS", "PostGIS", True, str(session.scalar(sa.text("select postgis_lib_version()"))))
        at = revision(url)
        stored, hint = at.stored or "空 / empty", " → gridfield migrate" if at.behind else ""
        yield Check("数据库结构", "migrations", not at.behind, f"{stored}{hint}")
        if not at.behind:
            yield _letters(session)
            yield from _waiting(session)


def _letters(session: Session) -> Check:
    """In a database of locale C, pg_trgm takes Han characters for blanks, and no address is like another."""
    known = bool(session.scalar(sa.text("select cardinality(show_trgm('村')) > 0")))
    found = "识别汉字 / knows Han characters" if known else "数据库须用 UTF-8 区域 / the database needs a UTF-8 locale"
    return Check("地址相似度", "similar addresses (pg_trgm)", known, found)


def _waiting(session: Session) -> Iterator[Check]:
    health = read_health(session)
    age = health.oldest_unsealed_s
    sealed = age is None or age < SEALED_WITHIN_S
    yield Check("待封留痕", "unsealed ledger entries", sealed, _age(age, "gridfield work", ok=sealed))
    yield _guarded("覆盖统计", "coverage figures", lambda: _counted(session))
    held = {state.channel: state.paused_reason for state in conditions(session) if state.paused_at}
    night = quiet_until(now(), "sync") is not None  # phones are let sleep, so promises wait
    for each in health.promises:
        told = night or each.oldest_s < TOLD_WITHIN_S
        found = f"{each.count}，{_age(each.oldest_s, 'gridfield deliver', ok=told)}"
        yield Check(f"待推送 {each.channel}", f"promised pushes {each.channel}", told, found)
    for channel, reason in held.items():
        yield Check(f"推送通道 {channel}", f"push channel {channel}", False, f"已暂停 / paused: {reason}")


def _counted(session: Session) -> str:
    age = uncounted_s(session)
    if age is not None and age > COUNTED_WITHIN_S:
        raise CommandError(_age(age, "gridfield work", ok=False))
    return _age(age, "gridfield work", ok=True)


def _age(seconds: float | None, worker: str, *, ok: bool) -> str:
    if seconds is None:
        return "无 / none"
    hint = "" if ok else f"，{worker} 是否在运行？ / is `{worker}` running?"
    return f"最早 {seconds:.0f} 秒前 / oldest {seconds:.0f} s ago{hint}"
