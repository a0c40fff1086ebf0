"""The words a lock screen may show: the same for every person, task and court."""

from dataclasses import dataclass
from typing import Literal

Language = Literal["zh", "en"]


@dataclass(frozen=True, slots=True)
class Visible:
    """A title and a sentence, both free of anything about the case."""

    title: str
    body: str


_WORDS: dict[tuple[Language, bool], Visible] = {
    ("zh", False): Visible("网格协助", "您有新的协助事项，请登录查看。"),
    ("zh", True): Visible("网格协助", "您有紧急协助事项，请立即登录查看。"),
    ("en", False): Visible("Gridfield", "You have something new. Please sign in to see it."),
    ("en", True): Visible("Gridfield", "You have something urgent. Please sign in now."),
}


def visible(*, urgent: bool, language: Language = "zh") -> Visible:
    """What the phone shows while it is locked."""
    return _WORDS[language, urgent]
