"""Names to addresses, in threads of their own: a slow name server holds up nobody else's.

A look-up that nobody waits for any more goes on until the system gives it up. So names that were
found before have threads of their own: those of new ones may all be held up by names whose servers
never answer, as whoever names them likes.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

Lookup = Callable[[str], Awaitable[Sequence[str]]]
"""The addresses of a name, as text. Raises `OSError` where it has none."""

_THREADS = 12
_KNOWN_THREADS = 4
"""Names looked up at once by a process. The client's timeout bounds the wait for a free one."""
_KNOWN = 1_000


class SystemLookup:
    """The system's resolver, hence `/etc/hosts` too."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_THREADS, "outbound-names")
        self._known_threads = ThreadPoolExecutor(_KNOWN_THREADS, "outbound-known-names")
        self._known: dict[str, None] = {}
        """Names that were found at the last time, the oldest first."""

    async def __call__(self, name: str) -> list[str]:
        """The addresses of a name, in the order to try them. Raises `OSError`."""
        threads = self._known_threads if name in self._known else self._threads
        try:
            found = await asyncio.get_running_loop().run_in_executor(threads, _addresses, name)
        except BaseException:  # nobody waits for it any more, too
            self._known.pop(name, None)
            raise
        self._known[name] = None
        if len(self._known) > _KNOWN:
            del self._known[next(iter(self._known))]
        return found

    def close(self) -> None:
        """Wait for no look-up that is under way."""
        for threads in (self._threads, self._known_threads):
            threads.shutdown(wait=False, cancel_futures=True)


def _addresses(name: str) -> list[str]:
    found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return list(dict.fromkeys(str(place[0]) for *_rest, place in found))
