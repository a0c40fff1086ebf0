"""`gridfield doctor`: every setting, and whether what the product stands on is sound."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import click
import sqlalchemy as sa
from sqlalchemy.orm import Session

from field import config
from field.cli.cluster import database
from field.cli.deliver import build_channels
from field.cli.errors import CommandError
from field.cli.operator import now
from field.cli.storage import revision
from field.config import Settings, calendar_of
from field.models.engine import make_engine
from field.queries.coverage import uncounted_s
from field.queries.expected_evidence import count_overdue
from field.queries.health import read_health
from field.rules.calendar import court_day
from field.rules.refusals import REFUSALS, Refused
from field.vault.keys import KeyFileError, load_keys
from field.vault.objects import StoreDown
from field.vault.signing import KEY_FILE, key_id, load_signer
from field.vault.stores import open_store
from notifications.backlog import conditions
from notifications.policy import quiet_until

SEALED_WITHIN_S = 60.0
SIGNED_WITHIN_S = 900.0
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
    yield _guarded("签名密钥", "ledger key", lambda: _ledger_key(settings))
    yield _guarded("外部存证", "signed heads kept outside", lambda: _anchors(settings))
    yield _guarded("推送通道", "push channels", lambda: ", ".join(build_channels(settings)) or "—")
    yield _guarded("节假日", "holidays", lambda: _announced(settings))
    yield _guarded("材料存储", "evidence store", lambda: _store(settings))
    yield _guarded("对外网址", "public address", lambda: _address(settings))
    try:
        with database(settings) as url:
            yield from _database(url)
    except (CommandError, sa.exc.DBAPIError) as problem:
        reason = problem.message if isinstance(problem, CommandError) else type(problem.orig).__name__
        yield Check("数据库", "database", False, reason)


def _guarded(zh: str, en: str, look: Callable[[], str]) -> Check:
    try:
        return Check(zh, en, True, look())
    except (CommandError, KeyFileError, config.SettingsError) as problem:
        return Check(zh, en, False, getattr(problem, "message", str(problem)))
    except Refused as refusal:
        text = REFUSALS[refusal.code]
        return Check(zh, en, False, f"{text.zh} / {text.en}")


def _key(settings: Settings) -> str:
    if settings.secret_key:
        load_keys(settings.home, settings.secret_key)
        return "GRIDFIELD_SECRET_KEY"
    return _key_file(settings.home / "secret.key", lambda: load_keys(settings.home, None))


def _ledger_key(settings: Settings) -> str:
    path = settings.home / KEY_FILE
    found = "GRIDFIELD_LEDGER_KEY"
    if not settings.ledger_key:
        found = _key_file(path, lambda: load_signer(settings.home, None))
        if not path.exists():
            return found
    return f"{found}, {key_id(load_signer(settings.home, settings.ledger_key).public_key)}"


def _anchors(settings: Settings) -> str:
    """Beside the database, signed heads tell nothing to whoever owns both."""
    folder = settings.anchor_dir
    if settings.production and folder.is_relative_to(settings.home):
        raise CommandError(
            f"{folder} 与数据同在一处：请把 GRIDFIELD_ANCHOR_DIR 设到另一人管理的目录或挂载点",
            "it lies with the data: set it to a folder or mount of another owner",
        )
    if folder.exists() and not os.access(folder, os.W_OK | os.X_OK):
        raise CommandError(f"{folder} 不可写", f"{folder} cannot be written to")
    return str(folder)


def _address(settings: Settings) -> str:
    """The codes on papers lead there: to whoever scans one, this machine's own name for itself is no address."""
    if settings.production and settings.public_url is None:
        raise CommandError(
            f"文书上的核验网址以 {settings.base_url} 开头，外面打不开：请设 GRIDFIELD_PUBLIC_URL",
            f"addresses on papers begin with {settings.base_url}, which nobody outside reaches: set it",
        )
    return settings.base_url


def _key_file(path: Path, load: Callable[[], object]) -> str:
    if not path.exists():
        return f"{path} 将在首次使用时生成 / will be made on first use"
    load()
    if path.stat().st_mode & 0o077:
        raise CommandError(f"{path} 他人可读：请 chmod 600", f"{path} can be read by others: chmod 600 it")
    return str(path)


def _announced(settings: Settings) -> str:
    """Say which years' holidays are known: this year's must be, next year's notice comes in November."""
    calendar, today = calendar_of(settings), court_day(now())
    years = [year for year in (today.year, today.year + 1) if not calendar.is_announced(year)]
    if not years:
        return f"{today.year}–{today.year + 1}"
    found = f"{years[0]} 年放假安排尚未录入，期限只按法定节假日计算：请更新，或用 GRIDFIELD_CALENDAR 补录"
    found_en = f"the notice for {years[0]} is not known, terms count statutory days only: update, or add the days"
    if years[0] == today.year:
        raise CommandError(found, found_en)
    return f"{found} / {found_en}"


def _store(settings: Settings) -> str:
    """Write, read and delete in the store, and see that uploads can grow."""
    try:
        settings.staging.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=settings.staging) as file:
            file.write(b"probe")
        return open_store(settings.evidence_store, settings.s3).probe()
    except (OSError, StoreDown, ValueError) as problem:
        reason = type(problem).__name__
        raise CommandError(
            f"无法写入 GRIDFIELD_EVIDENCE_STORE 或 GRIDFIELD_STAGING：{reason}",
            f"GRIDFIELD_EVIDENCE_STORE or GRIDFIELD_STAGING cannot be written: {reason}",
        ) from None


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
            overdue = count_overdue(session, now())
            missing = f"{overdue} 件申报逾 30 天未传完 / declared over 30 days ago and never came whole"
            yield Check("未到材料", "evidence that did not come", True, missing if overdue else "无 / none")
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
    age = health.oldest_unanchored_s
    signed = age is None or age < SIGNED_WITHIN_S
    yield Check("待签名留痕", "entries under no signed head", signed, _age(age, "gridfield work", ok=signed))
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
