"""Message-IDs that only this installation makes: each says whom its mail was written to.

Reports of mails that did not arrive come from anywhere. One counts only if it brings back the
Message-ID of a mail to the very address that it names, which nobody knows but who has that mail.
"""

import hashlib
import hmac
import re
from uuid import UUID

from storage.mail.suppressions import AddressKeys

_MAC_BYTES = 16
_OURS = re.compile(
    r"\s*<([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.([0-9a-f]{32})@[^\s<>@]+>\s*"
)


class MessageIds:
    """Makes and knows the Message-IDs of mails of a domain."""

    def __init__(self, secret: str, domain: str) -> None:
        self._secret = secret.encode()
        self._keys = AddressKeys(secret)
        self._domain = domain

    def of(self, delivery: UUID, address: str) -> str:
        """The Message-ID of a mail to this address, with its angle brackets."""
        return f"<{delivery}.{self._mac(delivery, address).hex()}@{self._domain}>"

    def is_of(self, message_id: str, address: str) -> bool:
        """Whether this is the Message-ID of a mail of ours to this address, in any spelling."""
        found = _OURS.fullmatch(message_id)
        if found is None:
            return False
        return hmac.compare_digest(self._mac(UUID(found[1]), address), bytes.fromhex(found[2]))

    def _mac(self, delivery: UUID, address: str) -> bytes:
        told = b"message-id\0" + delivery.bytes + self._keys.key(address)
        return hmac.digest(self._secret, told, hashlib.sha256)[:_MAC_BYTES]
