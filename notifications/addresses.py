"""Push addresses at rest: encrypted, and findable only by a keyed hash."""

import hmac
import os
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
_NONCE_BYTES = 12
#: First byte of every ciphertext, so that a later scheme can stand beside this one.
_VERSION = b"\x01"


class UnreadableAddressError(Exception):
    """An address was not written with this key."""


class AddressCipher:
    """AES-256-GCM to keep push addresses, HMAC-SHA-256 to find them again, under keys derived from one."""

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise ValueError(f"the address key must have {KEY_BYTES} bytes")
        self._aead = AESGCM(_derive(key, b"gridfield push address: encrypt"))
        self._hash_key = _derive(key, b"gridfield push address: hash")

    def encrypt(self, address: str) -> bytes:
        """Version byte, nonce, ciphertext with tag."""
        nonce = os.urandom(_NONCE_BYTES)
        return _VERSION + nonce + self._aead.encrypt(nonce, address.encode(), _VERSION)

    def decrypt(self, stored: bytes) -> str:
        """The address that was encrypted, or `UnreadableAddressError`."""
        version, nonce, sealed = stored[:1], stored[1 : 1 + _NONCE_BYTES], stored[1 + _NONCE_BYTES :]
        try:
            if version != _VERSION:
                raise ValueError
            return self._aead.decrypt(nonce, sealed, version).decode()
        except (InvalidTag, ValueError):
            raise UnreadableAddressError from None

    def hash(self, address: str) -> bytes:
        """The same for the same address under the same key; without the key it says nothing."""
        return hmac.digest(self._hash_key, address.encode(), sha256)


def _derive(key: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=purpose).derive(key)
