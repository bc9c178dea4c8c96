"""redis-py's connections on uvloop: one that the network has ended says so as redis-py expects it.

asyncio ignores what is written to a transport that is closed already; uvloop raises `RuntimeError`,
which redis-py hands on for a bug. Nobody who waits for Redis to come back would expect that.
"""

from collections.abc import Iterable
from typing import Any

from redis.asyncio.connection import Connection, SSLConnection, UnixDomainSocketConnection
from redis.exceptions import ConnectionError as RedisConnectionError


class _Lost:
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


class _Plain(_Lost, Connection):
    pass


class _Secure(_Lost, SSLConnection):
    pass


class _Local(_Lost, UnixDomainSocketConnection):
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
