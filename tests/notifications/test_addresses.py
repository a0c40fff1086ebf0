"""Addresses at rest: readable only with the key, findable only with the key."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.addresses import AddressCipher, UnreadableAddressError

ONE, OTHER = AddressCipher(b"1" * 32), AddressCipher(b"2" * 32)


@given(st.text(min_size=1))
def test_what_was_encrypted_comes_back(address: str) -> None:
    stored = ONE.encrypt(address)
    assert ONE.decrypt(stored) == address
    assert address.encode() not in stored or len(address.encode()) < 3


def test_the_same_address_never_looks_the_same_but_is_found_again() -> None:
    assert ONE.encrypt("token") != ONE.encrypt("token")
    assert ONE.hash("token") == ONE.hash("token")
    assert ONE.hash("token") != ONE.hash("other")


def test_another_key_reads_and_finds_nothing() -> None:
    with pytest.raises(UnreadableAddressError):
        OTHER.decrypt(ONE.encrypt("token"))
    assert ONE.hash("token") != OTHER.hash("token")


@given(st.binary(max_size=64))
def test_bytes_that_were_never_ours_are_unreadable(stored: bytes) -> None:
    with pytest.raises(UnreadableAddressError):
        ONE.decrypt(stored)


@given(st.integers(0, 33), st.integers(1, 255))
def test_a_changed_byte_is_noticed(place: int, change: int) -> None:
    stored = bytearray(ONE.encrypt("token"))
    stored[place] ^= change
    with pytest.raises(UnreadableAddressError):
        ONE.decrypt(bytes(stored))


def test_a_key_of_the_wrong_length_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        AddressCipher(b"short")


def test_the_key_is_in_no_representation() -> None:
    shown = repr(ONE) + str(vars(ONE).keys())
    assert (b"1" * 32).hex() not in shown
    assert "1" * 32 not in shown
