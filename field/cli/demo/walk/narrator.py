"""How the walk is told: numbered steps, Chinese first and English beneath, readable with and without colours."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console
from rich.markup import escape


class Narrator:
    """Tells a story on a console and keeps count of its steps."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self.told = 0

    def begin(self, zh: str, en: str) -> None:
        """Say what the story is about."""
        self._say(f"\n[bold]{escape(zh)}[/bold]\n[dim]{escape(en)}[/dim]\n")

    def step(self, zh: str, en: str) -> None:
        """Tell the next step; it has already happened."""
        self.told += 1
        self._say(f"[cyan]{self.told:>2}[/cyan] {escape(zh)}\n   [dim]{escape(en)}[/dim]")

    def list(self, rows: Iterable[tuple[str, str, str]]) -> None:
        """List happenings beneath a step: when, who, what."""
        for at, who, what in rows:
            self._say(f"   [dim]{escape(at)}[/dim]  {escape(who):<11}  {escape(what)}")

    def end(self, zh: str, en: str) -> None:
        """Say that it is over."""
        self._say(f"\n[green]{escape(zh)}[/green]\n[dim]{escape(en)}[/dim]")

    def fail(self, what: str) -> None:
        """Say which step did not happen as it should."""
        number = self.told + 1
        self._say(f"[red]第 {number} 步没有走通 / step {number} did not work out[/red]\n   {escape(what)}")

    def _say(self, text: str) -> None:
        # Lines are left to the terminal to break: a program that reads them should find them whole.
        self._console.print(text, soft_wrap=True)
