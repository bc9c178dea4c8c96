"""Names to addresses, in threads of their own: a slow name server holds up nobody else's."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

Lookup = Callable[[str], Awaitable[Sequence[str]]]
"""The addresses of a name, as text. Raises `OSError` where it has none."""

_THREADS = 16
"""Names looked up at once by a process. The client's timeout bounds the wait for a free one."""


class SystemLookup:
    """The system's resolver, hence `/etc/hosts` too."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="outbound-names")

    async def __call__(self, name: str) -> list[str]:
        """The addresses of a name, in the order to try them. Raises `OSError`."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, _addresses, name)

    def close(self) -> None:
        """Wait for no look-up that is under way."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def _addresses(name: str) -> list[str]:
    found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return list(dict.fromkeys(str(place[0]) for *_rest, place in found))
