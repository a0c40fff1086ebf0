"""The installation's signature: one key, made once, told by its id."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from field.vault.keys import KeyFileError
from field.vault.signing import Ed25519Signer, is_signed, key_id, load_signer, public_pem, trusted_keys

SEED = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")


def test_it_signs_as_the_standard_does() -> None:
    """RFC 8032, 7.1, first test."""
    signer = Ed25519Signer(SEED)
    assert signer.public_key.hex() == "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    assert signer.sign(b"").hex().startswith("e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155")


def test_what_is_signed_is_told_from_what_is_not() -> None:
    signer = Ed25519Signer(SEED)
    signature = signer.sign(b"head")
    assert is_signed("Ed25519", signer.public_key, signature, b"head")
    assert not is_signed("Ed25519", signer.public_key, signature, b"tail")
    assert not is_signed("Ed25519", bytes(32), signature, b"head")
    assert not is_signed("Ed25519", b"short", signature, b"head")
    assert not is_signed("SM2", signer.public_key, signature, b"head"), "what is not known signs nothing"


def test_the_key_file_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    first = load_signer(tmp_path, None)
    path = tmp_path / "ledger.ed25519"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load_signer(tmp_path, None).public_key == first.public_key
    path.write_text("half")
    with pytest.raises(KeyFileError):
        load_signer(tmp_path, None)


def test_a_setting_goes_before_the_file_and_makes_none(tmp_path: Path) -> None:
    assert load_signer(tmp_path, SEED.hex()).public_key == Ed25519Signer(SEED).public_key
    assert list(tmp_path.iterdir()) == []


def test_former_keys_are_still_trusted(tmp_path: Path) -> None:
    signer, former = Ed25519Signer(SEED), Ed25519Signer(bytes(32))
    assert trusted_keys(tmp_path, signer) == [signer.public_key]
    (tmp_path / "ledger.former.pem").write_text(public_pem(former.public_key))
    assert trusted_keys(tmp_path, signer) == [signer.public_key, former.public_key]


def test_other_programs_read_the_public_key() -> None:
    public = Ed25519Signer(SEED).public_key
    assert load_pem_public_key(public_pem(public).encode()).public_bytes_raw() == public  # type: ignore[union-attr]
    assert key_id(public) == "21fe31dfa154a261"


def test_a_key_is_not_shown() -> None:
    assert SEED.hex() not in repr(Ed25519Signer(SEED))
    assert repr(SEED) not in repr(Ed25519Signer(SEED))
