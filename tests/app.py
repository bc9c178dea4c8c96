"""The whole app for tests: both doors on free ports, the test's own database, people at hand.

People and their logins are put straight into the tables: no password is hashed.
"""

import contextlib
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, MutableMapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import asyncpg
import pytest
import structlog.testing

from protocol.limits import Limits
from server import areas
from server.app import App, running
from server.config import Settings
from storage.people.passwords import Passwords
from storage.people.tokens import new_pair, token_hash
from tests.wire import WAIT_S, Format, Wire, open_wire


@dataclass(frozen=True)
class Person:
    """Somebody with a login."""

    id: UUID
    name: str
    token: str
    refresh_token: str
    session_id: UUID


@dataclass(frozen=True)
class Answer:
    """What the HTTP door said."""

    status: int
    body: Any
    headers: Mapping[str, str]


class Served:
    """A running app and ways to use it as a client would."""

    def __init__(
        self,
        app: App,
        settings: Settings,
        stack: contextlib.AsyncExitStack,
        http: aiohttp.ClientSession,
    ) -> None:
        self.app = app
        self.settings = settings
        self._stack = stack
        self._http = http

    async def person(self, name: str = "somebody", *, expires_in_s: float = 900) -> Person:
        """A new person who has logged in."""
        user_id = await self.app.core.foundation.pool.fetchval(
            """
            with person as (
                insert into users (display_name, kind) values ($1, 'both') returning id
            )
            insert into user_private (user_id, email)
            select id, id || '@example.org' from person returning user_id
            """,
            name,
        )
        return await self.login(Person(user_id, name, "", "", uuid4()), expires_in_s=expires_in_s)

    async def as_owner(self, sql: str) -> None:
        """Do something to the database that only its owner may do."""
        connection = await asyncpg.connect(self.settings.owner_database_url, timeout=WAIT_S)
        try:
            await connection.execute(sql, timeout=WAIT_S)
        finally:
            await connection.close(timeout=WAIT_S)

    async def people(self, *names: str) -> list[Person]:
        """Several new persons."""
        return [await self.person(name) for name in names]

    async def login(self, person: Person, *, expires_in_s: float = 900) -> Person:
        """The same person with a further login."""
        tokens = new_pair()
        session_id = await self.app.core.foundation.pool.fetchval(
            """
            insert into sessions (user_id, access_hash, access_expires_at, refresh_hash,
                                  refresh_expires_at)
            values ($1, $2, clock_timestamp() + $4, $3, clock_timestamp() + interval '1 day')
            returning id
            """,
            person.id,
            token_hash(tokens.access),
            token_hash(tokens.refresh),
            timedelta(seconds=expires_in_s),
        )
        return Person(person.id, person.name, tokens.access, tokens.refresh, session_id)

    async def open(self, form: Format | None = "json", **options: Any) -> Wire:
        """A connection that has not said hello; `options` are those of websockets' `connect`."""
        wire = await open_wire(self.app.ws_port, form, **options)
        self._stack.push_async_callback(wire.close)
        return wire

    async def connect(self, person: Person, form: Format = "json", **options: Any) -> Wire:
        """A connection of this person; `hello` of the result is the reply's `d`."""
        wire = await self.open(form, **options)
        wire.hello = await wire.ask("hello", token=person.token)
        return wire

    async def http(
        self,
        method: str,
        path: str,
        person: Person | None = None,
        body: Any = None,
        **options: Any,
    ) -> Answer:
        """A request; the body of the answer is decoded if it is JSON."""
        headers = {"Authorization": f"Bearer {person.token}"} if person else {}
        headers |= options.pop("headers", {})
        async with self._http.request(
            method, path, headers=headers, **({} if body is None else {"json": body}), **options
        ) as answer:
            is_json = answer.content_type.endswith("json")
            said = await (answer.json(content_type=None) if is_json else answer.read())
            return Answer(answer.status, said, answer.headers)

    async def command(self, op: str, person: Person, body: Any = None) -> Answer:
        """A command through the HTTP door."""
        return await self.http("POST", f"/v1/commands/{op}", person, body or {})

    async def upload(
        self, person: Person, data: bytes = b"some text\n", name: str = "notes.txt"
    ) -> Answer:
        """A file, sent to `/v1/files`."""
        form = aiohttp.FormData()
        form.add_field("file", data, filename=name, content_type="application/octet-stream")
        return await self.http("POST", "/v1/files", person, data=form)


Serve = Callable[..., AbstractAsyncContextManager[Served]]


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> Iterator[None]:
    """Each start of the app hashes once: at full cost that is a large part of a short test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(areas, "Passwords", partial(Passwords, memory_kib=64, time_cost=1))
        yield


@pytest.fixture
def serve(database_url: str, owner_database_url: str, redis_url: str, tmp_path: Path) -> Serve:
    """What starts the app with other settings; its `limits` are those of `protocol.limits`.

    Rate limits are off unless `rate_limits=True`. Two at once are two nodes of one instance.
    """

    @contextlib.asynccontextmanager
    async def serve(*, limits: Mapping[str, Any] | None = None, **other: Any):
        given: dict[str, Any] = {
            "database_url": database_url,
            # Another server's owner is not known.
            "owner_database_url": None if "database_url" in other else owner_database_url,
            "redis_url": redis_url,
            "data_dir": tmp_path,
            "http_port": 0,
            "ws_port": 0,
            "rate_limits": False,
            "secret_key": "the secret of this test",
            "provider_secret": "the provider's secret of this test",
            "mail_secret": "the secret of this test's mail",
            "database_pool": 6,
            "redis_pool": 12,
            # On a busy machine the relay is slow, and a fetched gap tells changes by their outcome.
            "hold_ms": 1000,
            # A test asks for what has just happened.
            "probes_kept_s": 0,
            # Tests fill large conversations with people who have never met.
            "limits": Limits(**{"new_direct_per_day": 100_000, **(limits or {})}),
        }
        settings = Settings(**given | other)
        async with (
            running(settings) as app,
            aiohttp.ClientSession(
                f"http://127.0.0.1:{app.http_port}", timeout=aiohttp.ClientTimeout(WAIT_S)
            ) as http,
            contextlib.AsyncExitStack() as stack,
        ):
            yield Served(app, settings, stack, http)

    return serve


@pytest.fixture
async def app(serve: Serve) -> AsyncIterator[Served]:
    """The whole app with its usual settings, but without rate limits."""
    async with serve() as served:
        yield served


@pytest.fixture
def logs() -> Iterator[list[MutableMapping[str, Any]]]:
    """What is logged in the course of the test, as dictionaries; `event` is the name."""
    with structlog.testing.capture_logs() as captured:
        yield captured
