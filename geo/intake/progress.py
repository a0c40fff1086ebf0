"""How far long work has come, told to whoever shows it."""

from collections.abc import Callable

# How many rows are done, of how many, in which stage: "read", "check", "store" …
Progress = Callable[[str, int, int], None]


def silent(stage: str, done: int, total: int) -> None:
    """Take no notice of progress."""
