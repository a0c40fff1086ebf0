"""What a lock screen shows is the same for everybody."""

import itertools

import pytest

from notifications.wording import Language, visible

LANGUAGES: tuple[Language, ...] = ("zh", "en")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("urgent", [False, True])
def test_the_words_say_only_that_there_is_something(urgent: bool, language: Language) -> None:
    words = visible(urgent=urgent, language=language)
    shown = words.title + words.body
    assert words.title
    assert words.body
    assert not any(character.isdigit() or character in "{}%" for character in shown)


def test_urgent_reads_differently() -> None:
    said = {visible(urgent=u, language=language) for u, language in itertools.product((True, False), LANGUAGES)}
    assert len(said) == 4
