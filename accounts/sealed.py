"""Sessions are sealed: a copy of the database reveals none."""

import json
from typing import Any

from accounts.fields import decrypt, encrypt


class SealedSerializer:
    """Encrypts a session's data (FIELD_KEYS).

    allauth keeps in it the codes that it has mailed, and whole forms, passwords among them, while it asks who is there.
    """

    def dumps(self, obj: Any) -> bytes:
        return encrypt(json.dumps(obj, separators=(",", ":"))).encode()

    def loads(self, data: bytes) -> Any:
        return json.loads(decrypt(data.decode()))
