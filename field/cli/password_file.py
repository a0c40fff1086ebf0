"""The file of first passwords: the only place where they are ever written."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from field.cli.errors import CommandError

Write = Callable[[Mapping[str, str]], None]


@contextmanager
def password_file(path: Path | None) -> Iterator[Write]:
    """Reserve the file and give the function that fills it: to be called last before the commit.

    The passwords are on the disk before any account that needs them exists. When the transaction fails the file goes
    with it; when the answer to the commit was lost it stays, because the accounts may be there. Raises CommandError
    when the file exists or cannot be made.
    """
    if path is None:
        yield lambda _passwords: None
        return
    _reserve(path)
    filled = False

    def write(passwords: Mapping[str, str]) -> None:
        nonlocal filled
        _fill(path, passwords)
        filled = bool(passwords)

    try:
        yield write
    except BaseException as problem:
        answered = not filled or (isinstance(problem, DBAPIError) and not problem.connection_invalidated)
        if answered:
            path.unlink(missing_ok=True)
        raise
    if not filled:
        path.unlink(missing_ok=True)


def _reserve(path: Path) -> None:
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        raise CommandError(
            f"{path} 已存在，不会覆盖：请换一个文件名", f"{path} exists and is not overwritten: give another name"
        ) from None
    except OSError as problem:
        raise CommandError(f"无法写入 {path}：{problem.strerror}", f"cannot write {path}: {problem.strerror}") from None


def _fill(path: Path, passwords: Mapping[str, str]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("login", "password"))
        writer.writerows(passwords.items())
        file.flush()
        os.fsync(file.fileno())
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
