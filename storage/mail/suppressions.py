"""Addresses that take no mail: there are none such, their owners complained, or they failed often.

An address is kept as its HMAC by the servers' secret: who reads the database learns of no address,
and who has an address and the secret learns whether mail to it is suppressed. Another address of a
person is another row, hence free.
"""

import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import asyncpg
import msgspec

from storage.database.queries import load_queries
from storage.people.emails import canonical_or_none

_SQL = load_queries("mail/suppressions")

Reason = Literal["hard", "soft", "complaint"]
Kind = Literal["sent", "hard", "soft", "complaint"]


class SoftRules(msgspec.Struct, frozen=True):
    """So many soft bounces within `window_s` seconds suppress an address for `lasts_s` seconds."""

    count: int = 3
    window_s: float = 72 * 3600.0
    lasts_s: float = 7 * 86_400.0


class Suppressed(msgspec.Struct, frozen=True):
    """Why an address takes no mail, since when and, of a soft one, until when.

    `code` is the enhanced status code that decided (`5.1.1`), where there was one.
    """

    reason: Reason
    code: str | None
    since: datetime
    until: datetime | None

    def stops(self, category: str) -> bool:
        """Whether mail of this category is not sent: security passes all but a hard bounce."""
        return self.reason == "hard" or category != "security"


class Noted(msgspec.Struct, frozen=True):
    """What became of a mail to an address. `event` is the same whenever the same is told again."""

    address: str
    kind: Kind
    event: str
    at: datetime
    code: str | None = None

    def __repr__(self) -> str:
        return f"Noted({self.kind}, {self.code})"


class AddressKeys:
    """Makes the keys of addresses, which are the same for all spellings of one."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()

    def key(self, address: str) -> bytes:
        """The key of an address, also of what is none by today's rules: 32 bytes."""
        spelled = (canonical_or_none(address.strip()) or address.strip()).lower()
        return hmac.digest(self._secret, b"address\0" + spelled.encode(), hashlib.sha256)


class Suppressions:
    """The addresses that take no mail. All methods raise what asyncpg raises."""

    def __init__(
        self,
        pool: "asyncpg.Pool[asyncpg.Record] | asyncpg.Connection",
        keys: AddressKeys,
        rules: SoftRules,
    ) -> None:
        self._pool = pool
        self._keys = keys
        self._rules = rules

    async def of(self, addresses: Sequence[str]) -> list[Suppressed | None]:
        """For each address why it takes no mail; None for one that takes it. One statement."""
        keys = [self._keys.key(address) for address in addresses]
        rows = await self._pool.fetch(_SQL["suppressed"], list(set(keys)))
        found = {
            row["address_key"]: Suppressed(row["reason"], row["code"], row["since"], row["until"])
            for row in rows
        }
        return [found.get(key) for key in keys]

    async def note(self, noted: Sequence[Noted]) -> int:
        """Note what became of mails, in one statement; how many addresses are suppressed by it.

        What was noted before, and what was before an address was released, changes nothing.
        """
        if not noted:
            return 0
        rules = self._rules
        return int(
            await self._pool.fetchval(
                _SQL["note"],
                [self._keys.key(one.address) for one in noted],
                [one.kind for one in noted],
                [hashlib.sha256(one.event.encode()).digest() for one in noted],
                [one.code for one in noted],
                [one.at for one in noted],
                rules.count,
                rules.window_s,
                rules.lasts_s,
            )
        )

    async def release(self, address: str) -> bool:
        """Let an address take mail again; whether it took none."""
        return bool(await self._pool.fetchval(_SQL["release"], self._keys.key(address)))

    async def prune(self, older_than_s: float) -> int:
        """Forget addresses that take mail, of which nothing was heard for that long; how many."""
        return int(await self._pool.fetchval(_SQL["prune"], older_than_s))
