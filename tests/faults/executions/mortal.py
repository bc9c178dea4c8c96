"""A server that dies again and again, and requests that are sent until they are answered."""

import asyncio
from random import Random
from typing import Any

import aiohttp

from server.config import Settings
from server.http.commands import REPLAYED
from tests.app import Person
from tests.faults.process import Process, process_after
from tests.integration.transitions.conftest import Json
from tests.wire import WAIT_S

UNLIMITED = """
import os
os.environ["PARLEY_RATE_LIMITS"] = "off"
"""
_DIES = """
import signal
from server.workflows.domain_events import DomainEvents
from storage.workflows.executor import Executor

left = {calls}

def dying(call):
    async def call_and_die(*arguments):
        global left
        left -= 1
        if left <= 0 and "{when}" == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        found = await call(*arguments)
        if left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return found
    return call_and_die

{what} = dying({what})
"""
MOMENTS = {
    "before the commit": ("Executor._answered", "after", 18),
    "between the commit and the answer": ("Executor._tried", "after", 18),
    "between the commit and the publishing": ("DomainEvents._tell", "before", 6),
    "between the publishing and its being noted": ("DomainEvents._tell", "after", 6),
    "whenever": ("", "", 18),
}
"""When it dies: before or after which call, and after how many of them at most.

`whenever` is chosen by the number of requests. One telling is of all that is under way: a few of
them are as many transitions as there are to come.
"""


class Mortal:
    """One process at a time on the same servers; whoever asks does not see how many there were."""

    def __init__(self, settings: Settings, http: aiohttp.ClientSession, random: Random) -> None:
        self.deaths: list[str] = []
        self.repeated = 0
        self._settings = settings
        self._http = http
        self._random = random
        self._process: Process | None = None
        self._is_up = asyncio.Event()
        self._sent = asyncio.Semaphore(0)

    async def send(self, person: Person, path: str, body: Json, headers: dict[str, str]) -> Json:
        """The answer to a request, which is sent again with the same key until there is one."""
        headers = {"Authorization": f"Bearer {person.token}", **headers}
        while True:
            await self._is_up.wait()
            assert self._process is not None
            url = f"{self._process.http_url}/v1/{path}"
            self._sent.release()
            try:
                async with self._http.post(url, json=body, headers=headers) as answer:
                    said: Json = await answer.json(content_type=None)
            except (aiohttp.ClientError, TimeoutError):
                # It is dead, or is about to be.
                await asyncio.sleep(0.01)
                continue
            code = said.get("error", {}).get("code")
            if code in {"idempotency_in_progress", "unavailable"}:
                await asyncio.sleep(0.01)
                continue
            assert answer.status in {200, 201}, (path, said)
            self.repeated += REPLAYED in answer.headers
            return said

    async def live(self, until: "asyncio.Future[Any]") -> None:
        """Serve, die and serve again, until this is done."""
        moments = list(MOMENTS)
        while not until.done():
            moment = moments[len(self.deaths) % len(moments)]
            if await self._dies(moment, until):
                self.deaths.append(moment)

    async def _dies(self, moment: str, until: "asyncio.Future[Any]") -> bool:
        what, when, most = MOMENTS[moment]
        calls = self._random.randint(most // 3, most)
        script = UNLIMITED + (_DIES.format(what=what, when=when, calls=calls) if what else "")
        async with process_after(script, self._settings, {}) as process:
            self._process = process
            self._is_up.set()
            fatal = process.ended() if what else self._so_many_are_sent(calls)
            death: asyncio.Future[Any] = asyncio.ensure_future(fatal)
            await asyncio.wait({death, until}, return_when=asyncio.FIRST_COMPLETED)
            self._is_up.clear()
            if not death.done():
                death.cancel()
                return False
            if not what:
                await process.kill()
            return True

    async def _so_many_are_sent(self, requests: int) -> None:
        """As many requests, and any part of what the last of them takes."""
        while not self._sent.locked():
            await self._sent.acquire()
        async with asyncio.timeout(6 * WAIT_S):
            for _ in range(requests):
                await self._sent.acquire()
        await asyncio.sleep(self._random.uniform(0, 0.02))
