"""First passwords are random codes that can be read aloud; people's own are argon2id; no answer tells who exists."""

from __future__ import annotations

import math
import re
from collections import Counter

import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.low_level import Type

from field.vault.passwords import first_password, hash_first, hash_own, is_first, matches

FORM = re.compile(r"[a-z2-9]{6}-[a-z2-9]{6}-[a-z2-9]{6}")
OWN = "正确的马 battery staple"


def _letters(count: int) -> Counter[str]:
    return Counter("".join(first_password().replace("-", "") for _ in range(count)))


def test_a_first_password_is_random_enough_for_a_fast_hash() -> None:
    made = {first_password() for _ in range(2_000)}
    assert len(made) == 2_000
    assert all(FORM.fullmatch(each) for each in made)
    alphabet = set("".join(made)) - {"-"}
    assert 18 * math.log2(len(alphabet)) >= 80


def test_a_first_password_can_be_read_aloud() -> None:
    assert not set("01ilo") & set(_letters(2_000))


def test_every_letter_comes_about_as_often() -> None:
    """36,000 letters: one in 31 gives 1,161 ± 34; six sigma to either side fails once in a billion letters."""
    counts = _letters(2_000)
    assert len(counts) == 31
    assert min(counts.values()) > 1161 - 6 * 34
    assert max(counts.values()) < 1161 + 6 * 34


def test_a_first_password_is_not_stored() -> None:
    code = first_password()
    stored = hash_first(code)
    assert code not in stored
    assert is_first(stored)
    assert matches(stored, code)
    assert not matches(stored, first_password())


def test_an_own_password_is_argon2id_with_the_cost_owasp_asks_for() -> None:
    stored = hash_own(OWN)
    found = extract_parameters(stored)
    assert found.type is Type.ID
    assert (found.memory_cost, found.time_cost, found.parallelism) >= (19_456, 2, 1)
    assert found.salt_len >= 16
    assert OWN not in stored
    assert hash_own(OWN) != stored, "each has a salt of its own"
    assert not is_first(stored)


@pytest.mark.parametrize("wrong", ["", OWN + " ", OWN.upper(), OWN[:-1], "正确的马", OWN + "\x00"])
def test_only_the_very_password_fits(wrong: str) -> None:
    stored = hash_own(OWN)
    assert matches(stored, OWN)
    assert not matches(stored, wrong)


@pytest.mark.parametrize("stored", [None, "", "sha256$", "sha256$00", "$argon2id$v=19$broken", "$argon2id$", OWN])
def test_a_missing_or_broken_hash_fits_nothing(stored: str | None) -> None:
    for given in ("", OWN, "00", "sha256$"):
        assert not matches(stored, given)
    assert not is_first(None)


class Counting:
    """Counts how often argon2, the dear part of a check, is asked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.calls = 0
        real = PasswordHasher.verify

        def verify(hasher: PasswordHasher, stored: str, password: str) -> bool:
            self.calls += 1
            return bool(real(hasher, stored, password))

        monkeypatch.setattr(PasswordHasher, "verify", verify)


@pytest.mark.parametrize(
    "stored", [None, hash_first("abcdef-abcdef-abcdef"), hash_own(OWN)], ids=["nobody", "first", "own"]
)
def test_a_wrong_guess_costs_the_same_whether_there_is_such_a_person_or_not(
    monkeypatch: pytest.MonkeyPatch, stored: str | None
) -> None:
    counting = Counting(monkeypatch)
    assert not matches(stored, "wrong")
    assert counting.calls == 1


def test_thousands_may_come_with_their_first_passwords_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    counting = Counting(monkeypatch)
    assert matches(hash_first("abcdef-abcdef-abcdef"), "abcdef-abcdef-abcdef")
    assert counting.calls == 0
