"""The conversation in README.md, recorded from a server: `make transcript` writes it anew.

A test records it again and compares both, less what no two servers have in common: ids, times,
places in the log, and how many notifications there are by then.
"""

import asyncio
import re
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
import orjson
from websockets.asyncio.client import ClientConnection, connect

from server.seed import ACCOUNTS
from tests.directories import server_directory
from tests.program import serving
from tests.wire import WAIT_S

README = Path(__file__).parents[1] / "README.md"
CLIENT_ID = "018f6a52-7d3e-4c1b-9a55-2f0c6f0f9d10"
_BLOCK = re.compile(
    r"(^## What is said on the wire$.*?^```\n)(.*?)(^```$)", re.MULTILINE | re.DOTALL
)
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
_EPOCH = re.compile(r'"epoch":"[^"]+"')
_OFFSET = re.compile(r'"\d{13}-\d+"')
_NOTIFICATIONS = re.compile(r'"notifications":\d+')
_AGE = re.compile(r"^parley_outbox_age_seconds\{.*\} (\S+)$", re.MULTILINE)

Frame = dict[str, Any]


class _Peer:
    """One connection, whose frames are written down as they go over the wire."""

    def __init__(self, name: str, socket: ClientConnection, lines: list[str]) -> None:
        self._name = name
        self._socket = socket
        self._lines = lines
        self._waiting: list[str] = []
        self._last_id = 0

    async def ask(self, op: str, **members: Any) -> Frame:
        """A command and its reply or refusal."""
        self._last_id += 1
        frame = {"id": self._last_id, "op": op, "d": members}
        await self._socket.send(orjson.dumps(frame).decode())
        shown = {**frame, "d": members | ({"token": "…"} if "token" in members else {})}
        self._lines.append(f"{self._name} > {orjson.dumps(shown).decode()}")
        return await self._heard(lambda came: came.get("re") == self._last_id)

    async def event(self, ev: str) -> Frame:
        """The next event of this name."""
        return await self._heard(lambda came: came.get("ev") == ev)

    async def _heard(self, is_it: Callable[[Frame], bool]) -> Frame:
        async with asyncio.timeout(WAIT_S):
            while True:
                for text in self._waiting:
                    if is_it(frame := orjson.loads(text)):
                        self._waiting.remove(text)
                        self._lines.append(f"{self._name} < {text}")
                        return dict(frame)
                self._waiting.append(str(await self._socket.recv()))


async def record(http_url: str, ws_url: str) -> str:
    """What the first two sample people say to each other on a server that was just seeded."""
    tokens = [await _token(http_url, account.email, account.password) for account in ACCOUNTS[:2]]
    await _worked_off(http_url)
    lines: list[str] = []
    async with connect(ws_url) as first, connect(ws_url) as second:
        a, b = _Peer("A", first, lines), _Peer("B", second, lines)
        await _speak(a, b, tokens, lines.append)
    return "\n".join(lines) + "\n"


async def _speak(a: _Peer, b: _Peer, tokens: list[str], note: Callable[[str], None]) -> None:
    note("# Both authenticate.")
    await a.ask("hello", token=tokens[0])
    other = (await b.ask("hello", token=tokens[1]))["d"]["user"]["id"]
    note("\n# Two users share one direct conversation; this one existed already.")
    opened = await a.ask("conversation.create", type="direct", participant_ids=[other])
    here = {"conversation_id": opened["d"]["conversation"]["id"]}
    note("\n# A sends a message. The reply comes once it is stored in PostgreSQL.")
    send = {**here, "client_id": CLIENT_ID, "content": "Is the first cut ready?"}
    sent = (await a.ask("message.send", **send))["d"]["message"]
    await b.event("message.created")
    note("\n# B has read it, and A gets the receipt.")
    await b.ask("receipt.read", **here, seq=sent["seq"])
    await a.event("receipt.read")
    note(f"\n# B reacts: a change of the message, rev {sent['rev'] + 1}.")
    await b.ask("reaction.add", **here, message_id=sent["id"], emoji="👍")
    await a.event("message.updated")
    await b.event("message.updated")
    note(
        "\n# A sends it again, as after a lost reply: the reply has the same message, and nothing "
        "new is stored."
    )
    await a.ask("message.send", **send)
    note("\n# Only the sender may edit.")
    await b.ask("message.edit", **here, message_id=sent["id"], content="no")


def in_readme() -> str:
    """The conversation that README.md has."""
    found = _BLOCK.search(README.read_text(encoding="utf-8"))
    assert found, "README.md has no transcript"
    return found[2]


def alike(transcript: str) -> str:
    """A transcript with numbers in place of ids, in the order in which they come first."""
    numbers: dict[str, str] = {}

    def numbered(found: re.Match[str]) -> str:
        return numbers.setdefault(found[0], f"ID{len(numbers) + 1}")

    transcript = _EPOCH.sub('"epoch":"EPOCH"', transcript)
    # Of messages that nobody reads people are notified some seconds later.
    transcript = _NOTIFICATIONS.sub('"notifications":COUNT', transcript)
    return _OFFSET.sub('"OFFSET"', _TIME.sub("TIME", _UUID.sub(numbered, transcript)))


async def _token(http_url: str, email: str, password: str) -> str:
    async with (
        aiohttp.ClientSession() as session,
        session.post(
            f"{http_url}/v1/auth/login", json={"email": email, "password": password}
        ) as answer,
    ):
        answer.raise_for_status()
        return str((await answer.json())["access_token"])


async def _worked_off(http_url: str) -> None:
    """Wait until what was seeded is worked off, as it adds notifications and tells of messages."""
    async with aiohttp.ClientSession() as session, asyncio.timeout(WAIT_S):
        while True:
            async with session.get(f"{http_url}/metrics") as answer:
                ages = _AGE.findall(await answer.text())
            if ages and not any(map(float, ages)):
                return
            await asyncio.sleep(0.05)


async def main() -> None:
    """Record on a server of its own and write the result into README.md."""
    with server_directory() as directory:
        async with serving(directory / "parley") as server:
            said = await record(server.http_url, server.ws_url)
            await server.end(signal.SIGTERM)
    text = README.read_text(encoding="utf-8")
    README.write_text(_BLOCK.sub(lambda found: found[1] + said + found[3], text), encoding="utf-8")


if __name__ == "__main__":
    asyncio.run(main())
