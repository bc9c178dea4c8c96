"""redis-py's connections as they are used here: on uvloop, and with commands packed by hiredis.

asyncio ignores what is written to a transport that is closed already; uvloop raises `RuntimeError`,
which redis-py hands on for a bug. Nobody who waits for Redis to come back would expect that.

redis-py reads answers by hiredis, but its asyncio connections pack commands in Python, which takes
eight times as long.
"""

from collections.abc import Iterable
from typing import Any

import hiredis
from redis.asyncio.connection import Connection, SSLConnection, UnixDomainSocketConnection
from redis.exceptions import ConnectionError as RedisConnectionError


class _Ours:
    """A mix-in: what is lost between two commands is found by the next one."""

    async def send_packed_command(
        self,
        command: bytes | str | Iterable[bytes],
        check_health: bool = True,  # noqa: FBT001, FBT002 - as redis-py has it
    ) -> None:
        """Raises redis-py's `ConnectionError` for a connection that has ended."""
        try:
            await super().send_packed_command(command, check_health)  # type: ignore[misc]  # a mix-in: its base is the connection beside it
        except RuntimeError as error:
            raise RedisConnectionError("the connection was ended by the network") from error

    def pack_command(self, *words: Any) -> list[bytes]:
        """A command as it is sent; its words are str, bytes, int and float."""
        # redis-py names some commands by two words in one.
        first = words[0].split() if " " in words[0] else words[:1]
        return [hiredis.pack_command((*first, *words[1:]))]

    def pack_commands(self, commands: Iterable[Iterable[Any]]) -> list[bytes]:
        """Commands as they are sent together."""
        return [b"".join(self.pack_command(*words)[0] for words in commands)]


class _Plain(_Ours, Connection):
    pass


class _Secure(_Ours, SSLConnection):
    pass


class _Local(_Ours, UnixDomainSocketConnection):
    pass


_KINDS: dict[type, type] = {
    Connection: _Plain,
    SSLConnection: _Secure,
    UnixDomainSocketConnection: _Local,
}


def connection_options(options: dict[str, Any]) -> dict[str, Any]:
    """Options of a pool, as redis-py's `parse_url` gives them, with our kind of connection."""
    kind = options.get("connection_class", Connection)
    return {**options, "connection_class": _KINDS[kind]}
