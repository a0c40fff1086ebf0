"""Access tokens: ours, in time, unchanged, or nothing."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import OctKey

from field.vault.tokens import ACCESS_LIFE, Access, TokenInvalid, Tokens, new_refresh_token, refresh_hash

KEY = bytes(range(32))
TOKENS = Tokens(KEY)
NOW = datetime(2026, 6, 10, 4, tzinfo=UTC)
FAMILY = uuid4()
CLAIMS = {"sub": "7", "fam": str(FAMILY), "exp": int((NOW + ACCESS_LIFE).timestamp())}


def _part(content: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


def _signed(claims: dict[str, Any], key: bytes = KEY, alg: str = "HS256") -> str:
    return jwt.encode({"alg": alg}, claims, OctKey.import_key(key), algorithms=[alg])


def _refused(token: str, at: datetime = NOW) -> bool:
    with time_machine.travel(at, tick=False):
        try:
            TOKENS.read(token)
        except TokenInvalid:
            return True
    return False


@pytest.mark.parametrize("age", [timedelta(0), timedelta(minutes=14, seconds=59)])
def test_a_token_says_whose_it_is_while_it_lives(age: timedelta) -> None:
    with time_machine.travel(NOW + age, tick=False):
        assert TOKENS.read(TOKENS.issue(7, FAMILY, NOW)) == Access(7, FAMILY)


def test_a_token_lives_fifteen_minutes() -> None:
    assert timedelta(minutes=15) == ACCESS_LIFE
    assert _refused(TOKENS.issue(7, FAMILY, NOW), NOW + timedelta(minutes=15, seconds=1))


def test_a_token_that_was_read_before_lives_no_longer() -> None:
    token = TOKENS.issue(7, FAMILY, NOW)
    with time_machine.travel(NOW, tick=False):
        assert TOKENS.read(token) == TOKENS.read(token) == Access(7, FAMILY)
    assert not _refused(token, NOW + timedelta(minutes=14, seconds=59))
    assert _refused(token, NOW + timedelta(minutes=15, seconds=1))


def test_a_token_that_was_read_before_helps_no_other() -> None:
    token = TOKENS.issue(7, FAMILY, NOW)
    with time_machine.travel(NOW, tick=False):
        TOKENS.read(token)
        with pytest.raises(TokenInvalid):
            Tokens(bytes(32)).read(token)
    assert _refused(token[:-2] + ("AA" if token[-2:] != "AA" else "BB"))
    assert _refused(token + " ")


def test_a_token_carries_nothing_about_the_person() -> None:
    body = TOKENS.issue(7, FAMILY, NOW).split(".")[1]
    assert set(json.loads(base64.urlsafe_b64decode(body + "=="))) == {"sub", "fam", "exp"}


def test_a_changed_token_is_refused(rng: Random) -> None:
    token = TOKENS.issue(7, FAMILY, NOW)
    for _ in range(300):
        place = rng.randrange(len(token) - 1)  # the last letter of a signature has bits that mean nothing
        changed = token[:place] + rng.choice("ABCabc012-_.") + token[place + 1 :]
        assert changed == token or _refused(changed), changed


@pytest.mark.parametrize(
    "token",
    [
        _signed(CLAIMS, key=bytes(32)),
        _signed(CLAIMS, alg="HS384"),
        _signed(CLAIMS, alg="HS512"),
        f"{_part({'alg': 'none'})}.{_part(CLAIMS)}.",
        f"{_part({'alg': 'None'})}.{_part(CLAIMS)}.",
        f"{_part({'alg': 'none'})}.{_part(CLAIMS)}.{_signed(CLAIMS).split('.')[2]}",
        f"{_part({'alg': 'HS256'})}.{_part(CLAIMS)}.",
        f"{_part({})}.{_part(CLAIMS)}.",
        f"{_part([])}.{_part(CLAIMS)}.x",
        f"{_part({'alg': ['HS256']})}.{_part(CLAIMS)}.x",
        f"{_part({'alg': 'HS256', 'crit': ['b64'], 'b64': False})}.{_part(CLAIMS)}.x",
        f"{_part({'alg': 'HS256', 'jwk': {'kty': 'oct', 'k': 'AAAA'}})}.{_part(CLAIMS)}.x",
        base64.urlsafe_b64encode(b'{"alg": ' + b"[" * 9_001).decode() + f".{_part(CLAIMS)}.x",
    ],
)
def test_a_forged_token_is_refused(token: str) -> None:
    assert _refused(token)


@pytest.mark.parametrize("missing", ["sub", "fam", "exp"])
def test_a_token_that_lacks_something_is_refused(missing: str) -> None:
    assert _refused(_signed({name: value for name, value in CLAIMS.items() if name != missing}))


@pytest.mark.parametrize(
    "claims",
    [
        {"sub": "x"},
        {"fam": "x"},
        {"fam": None},
        {"sub": ""},
        {"sub": []},
        {"exp": "soon"},
        {"exp": 0},
        {"exp": True},
        {"exp": int(NOW.timestamp()) - 1},
    ],
)
def test_even_under_our_key_every_claim_must_make_sense(claims: dict[str, Any]) -> None:
    assert _refused(_signed(CLAIMS | claims))


@given(st.text(max_size=60) | st.builds(".".join, st.lists(st.text(max_size=20), min_size=2, max_size=6)))
def test_garbage_is_refused_and_nothing_worse(token: str) -> None:
    assert _refused(token)


def test_refresh_tokens_are_long_random_and_stored_as_a_hash() -> None:
    made = {new_refresh_token() for _ in range(1_000)}
    assert len(made) == 1_000
    token = made.pop()
    assert len(base64.urlsafe_b64decode(token + "=")) == 32
    assert len(refresh_hash(token)) == 32
    assert token.encode() not in refresh_hash(token)
    assert refresh_hash(token) == refresh_hash(token) != refresh_hash(made.pop())
