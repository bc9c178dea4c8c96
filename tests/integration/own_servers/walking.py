"""Running the scripts of the operations guide, and a visitor of the server that they start."""

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp

from tests.integration.own_servers.guide import addressed, script
from tests.integration.own_servers.servers import Address, newest_tools
from tests.program import PARLEY, Serving, environment

CATEGORY = "INSERT INTO categories (slug, name) VALUES ('video', 'Video')"
SETUP_S = 180.0
BEGINNING = "export PARLEY_OWNER_DATABASE_URL"


def variables(
    above: Path, address: Address | None = None, tools: Path | None = None
) -> dict[str, str]:
    """What a shell needs for the guide's scripts: the programs, and psql's superuser."""
    places = [str(PARLEY.parent), str(tools or newest_tools()), os.environ["PATH"]]
    names = {
        "PATH": os.pathsep.join(places),
        "PARLEY_LOG_FORMAT": "json",
        "PARLEY_PROBES_KEPT_S": "0",
    }
    return environment(above / "data", names | (address.variables if address else {}))


async def shell(text: str, above: Path, names: Mapping[str, str]) -> None:
    """Run a script to its end, and fail with its words if it fails."""
    process = await asyncio.create_subprocess_exec(
        *("bash", "-euc", text),
        cwd=above,
        env=names,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(SETUP_S):
        said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()


@contextlib.asynccontextmanager
async def serving(exports: str, above: Path, names: Mapping[str, str]) -> AsyncIterator[Serving]:
    """`parley serve` as the guide has it, below the settings of its script; Ctrl-C ends it."""
    process = await asyncio.create_subprocess_exec(
        *("bash", "-euc", f"{exports}\nexec parley serve"),
        cwd=above,
        env=names,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    server = Serving(process)
    try:
        await server.up()
        yield server
        assert await server.end(signal.SIGINT) == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        await server.close()


class Visitor:
    """Somebody who registers, over HTTP."""

    def __init__(self, http: aiohttp.ClientSession) -> None:
        self._http = http
        self._headers: dict[str, str] = {}
        self.gig: dict[str, str] = {}

    async def ask(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        """The status and the body of an answer."""
        asked = self._http.request(method, path, json=body, headers=self._headers)
        async with asked as answer:
            return answer.status, await answer.json(content_type=None)

    async def log_in(self, email: str, password: str) -> None:
        """From here on as somebody who is there."""
        login = {"email": email, "password": password}
        status, body = await self.ask("POST", "/v1/auth/login", login)
        assert status == 200, body
        self._headers = {"Authorization": f"Bearer {body['access_token']}"}

    async def register(self) -> str:
        """From here on as a new person, whose id is returned."""
        person = {
            "email": f"{uuid4().hex}@example.com",
            "password": uuid4().hex,
            "display_name": "Ada",
            "kind": "freelancer",
        }
        status, body = await self.ask("POST", "/v1/auth/register", person)
        assert status == 201, body
        self._headers = {"Authorization": f"Bearer {body['access_token']}"}
        return str(body["user"]["id"])

    async def list_gig(self) -> tuple[int, Any]:
        """A new gig in the first category; `gig` is what was sent."""
        _, found = await self.ask("GET", "/v1/categories")
        self.gig = {
            "title": "Video editing",
            "slug": f"video-{uuid4().hex[:8]}",
            "description": "I cut what you shot.",
            "category_id": found["data"][0]["id"],
        }
        return await self.ask("POST", "/v1/gigs", self.gig)


@contextlib.asynccontextmanager
async def visiting(server: Serving) -> AsyncIterator[Visitor]:
    """A visitor of a server."""
    async with aiohttp.ClientSession(server.http_url) as http:
        yield Visitor(http)


async def works(visitor: Visitor) -> str:
    """It is ready, and takes a listing and a message; the conversation's id."""
    status, body = await visitor.ask("GET", "/readyz")
    assert (status, body["status"], body["warnings"]) == (200, "ready", [])
    other = await visitor.register()
    await visitor.register()
    status, body = await visitor.list_gig()
    assert status == 201, body
    direct = {"type": "direct", "participant_ids": [other]}
    status, body = await visitor.ask("POST", "/v1/commands/conversation.create", direct)
    assert status == 200, body
    conversation = body["conversation"]["id"]
    message = {"conversation_id": conversation, "client_id": str(uuid4()), "content": "It works."}
    status, body = await visitor.ask("POST", "/v1/commands/message.send", message)
    assert status == 200, body
    return str(conversation)


def begun(address: Address, redis_url: str) -> tuple[str, str]:
    """The guide's first script: the lines that set the addresses, and those after them."""
    text = addressed(script(BEGINNING), address.port, redis_url)
    exports = [line for line in text.splitlines() if line.startswith("export ")]
    rest = [line for line in text.splitlines() if line and line not in exports]
    assert rest[-1] == "parley serve"
    return "\n".join(exports), "\n".join(rest[:-1])
