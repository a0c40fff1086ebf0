"""Progress bars on stderr, so that stdout stays the one-line account."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

STAGES = {
    "read": "读取 / reading",
    "check": "检查 / checking",
    "store": "写入 / storing",
    "draw": "绘图 / drawing",
    "place": "派单 / placing and giving",
    "verify": "核对 / verifying",
    "objects": "原件 / originals",
    "export": "导出 / exporting",
    "play": "演示 / playing the demo",
}


class Bars:
    """One bar for each stage of a command, each begun when it is first heard of."""

    def __init__(self) -> None:
        """Draw nothing yet."""
        columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
        self._progress = Progress(*columns, console=Console(stderr=True))
        self._bars: dict[str, TaskID] = {}

    def show(self, stage: str, done: int, total: int) -> None:
        """Say how far a stage has come; nothing is drawn before."""
        self._progress.start()
        if stage not in self._bars:
            self._bars[stage] = self._progress.add_task(STAGES[stage], total=total)
        self._progress.update(self._bars[stage], completed=done, total=total)

    def __enter__(self) -> Self:
        """Be ready to draw."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the bars as they are; without any, not even an empty line."""
        if self._bars:
            self._progress.stop()
