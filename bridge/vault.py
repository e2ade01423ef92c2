"""Encryption at rest, with keys that rotate: the newest encrypts, all decrypt."""

from __future__ import annotations

import json
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from bridge.errors import GiveUp

LOST_KEY = "This was encrypted with a key that ENCRYPTION_KEYS no longer holds."


class Vault:
    """Encrypts bytes and JSON values. Fernet has no associated data, so callers put the owner into the value."""

    def __init__(self, keys: tuple[str, ...]) -> None:
        self._newest = Fernet(keys[0])
        self._fernet = MultiFernet([Fernet(key) for key in keys])

    def seal(self, data: bytes) -> bytes:
        """Encrypt with the newest key."""
        return self._fernet.encrypt(data)

    def open(self, sealed: bytes) -> bytes:
        """Decrypt with any key. Raises GiveUp when none fits."""
        try:
            return self._fernet.decrypt(sealed)
        except InvalidToken as error:
            raise GiveUp(LOST_KEY) from error

    def seal_json(self, value: Any) -> bytes:
        """Encrypt a JSON-able value."""
        return self.seal(json.dumps(value).encode())

    def open_json(self, sealed: bytes) -> Any:
        """Decrypt what ``seal_json`` made."""
        return json.loads(self.open(sealed))

    def is_current(self, sealed: bytes) -> bool:
        """True when the newest key opens it."""
        try:
            self._newest.decrypt(sealed)
        except InvalidToken:
            return False
        return True

    def renew(self, sealed: bytes) -> bytes:
        """The same secret under the newest key. Raises GiveUp when no key fits."""
        try:
            return self._fernet.rotate(sealed)
        except InvalidToken as error:
            raise GiveUp(LOST_KEY) from error
