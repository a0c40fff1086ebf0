"""How a command says that it cannot go on: one line on stderr, Chinese and English, exit status 2."""

from __future__ import annotations

from typing import IO, Any

import click


class CommandError(click.ClickException):
    """A command cannot do what was asked; nothing was changed."""

    exit_code = 2

    def __init__(self, zh: str, en: str | None = None) -> None:
        """Hold the reason in Chinese and English, or a text that has both already; always a single line."""
        super().__init__(" ".join((zh if en is None else f"{zh} / {en}").split()))

    def show(self, file: IO[Any] | None = None) -> None:
        """Write the one line, without click's own prefix: it is the whole answer."""
        click.echo(f"gridfield: {self.message}", file=file, err=file is None)
