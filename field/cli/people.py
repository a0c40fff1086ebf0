"""`gridfield people`: import them, set a password, suspend and resume."""

from __future__ import annotations

import getpass
import sys
from pathlib import Path

import click

from field import config
from field.cli.operator import OPERATOR, now
from field.cli.password_file import password_file
from field.cli.plainly import plainly, read_file
from field.cli.storage import committed, storage
from field.schemas.people_rows import read_people
from field.usecases.edit_person import EditPerson, edit_person
from field.usecases.import_people import ImportPeople, PeopleImported, import_people
from field.usecases.reset_password import ResetPassword, reset_password


@click.group()
def people() -> None:
    """人员 / People: import them, set a password, suspend or resume somebody."""


@people.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--passwords", type=click.Path(path_type=Path), help="初始密码写入此文件 / write first passwords here")
@click.option("--dry-run", is_flag=True, help="只检查，不改动 / check only, change nothing")
def import_(file: Path, passwords: Path | None, dry_run: bool) -> None:
    """从 CSV 导入人员、法院与责任网格 / Import people, courts and duties from a CSV file, all or nothing."""
    settings = config.load()
    with plainly(file), password_file(passwords) as write:
        rows, faults = read_people(read_file(file))
        order = ImportPeople(rows, faults, first_passwords=passwords is not None)
        with storage(settings) as sessions, sessions() as session:
            done = import_people(session, OPERATOR, order, now())
            if not dry_run:
                write(done.passwords)
                session.commit()
    click.echo(_account(done, passwords, dry_run=dry_run))


@people.command()
@click.argument("login")
def password(login: str) -> None:
    """从标准输入读取并设置密码 / Set a password, read from standard input."""
    new = getpass.getpass("新密码 / new password: ") if sys.stdin.isatty() else sys.stdin.readline()
    settings = config.load()
    with plainly(login), storage(settings) as sessions:
        order = ResetPassword(login, new.rstrip("\r\n"))
        committed(sessions, lambda session: reset_password(session, OPERATOR, order, now()))
    click.echo(f"{login} 的密码已设置，原有登录已失效 / password of {login} set, earlier sign-ins ended")


@people.command()
@click.argument("login")
def suspend(login: str) -> None:
    """停用，立即生效 / Suspend somebody, at once."""
    _switch(login, active=False)
    click.echo(f"{login} 已停用 / suspended")


@people.command()
@click.argument("login")
def resume(login: str) -> None:
    """恢复使用 / Let somebody work again."""
    _switch(login, active=True)
    click.echo(f"{login} 已恢复 / resumed")


def _switch(login: str, *, active: bool) -> None:
    settings = config.load()
    with plainly(login), storage(settings) as sessions:
        order = EditPerson(login, version=None, active=active)
        committed(sessions, lambda session: edit_person(session, OPERATOR, order, now()))


def _account(done: PeopleImported, passwords: Path | None, *, dry_run: bool) -> str:
    total = done.new + done.changed + done.unchanged
    zh = [
        f"{total} 人：新增 {done.new}，变更 {done.changed}，未变 {done.unchanged}",
        f"新法院 {done.courts_new}，网格责任新增 {done.duties.begun}、结束 {done.duties.ended}",
    ]
    en = [
        f"{total} people: {done.new} new, {done.changed} changed, {done.unchanged} unchanged",
        f"new courts {done.courts_new}, duties begun {done.duties.begun}, ended {done.duties.ended}",
    ]
    if done.passwords and not dry_run:
        zh.append(f"{len(done.passwords)} 个初始密码在 {passwords}")
        en.append(f"{len(done.passwords)} first passwords in {passwords}")
    if done.without_password:
        zh.append(
            f"{done.without_password} 个账号还没有密码：gridfield people password 登录名，或以 --passwords 重新导入"
        )
        en.append(
            f"{done.without_password} accounts have no password: gridfield people password LOGIN, "
            "or import again with --passwords"
        )
    trial = "试运行，未改动：", "dry run, nothing changed: "
    return f"{trial[0] * dry_run}{'；'.join(zh)} / {trial[1] * dry_run}{'; '.join(en)}"
