"""A server that says what a test tells it to: for what a whole server does not do on demand."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

from websockets.asyncio.server import ServerConnection, serve
from websockets.typing import Subprotocol

ME = str(UUID(int=1))
KEY = str(UUID(int=3))
LIMITS = {
    "frame_bytes": 2_000,
    "content": 4000,
    "attachments": 10,
    "commands_per_s": 20,
    "burst": 60,
    "in_flight": 64,
    "page": 200,
    "watches": 200,
}
EMPTY_PAGE: dict[str, Any] = {
    "conversations": [],
    "messages": [],
    "receipts": [],
    "synced": {},
    "truncated": {},
    "gone": [],
    "reset": [],
    "cursor": None,
    "complete": True,
}

CONVERSATION: dict[str, Any] = {
    "id": KEY,
    "type": "direct",
    "status": "open",
    "title": None,
    "job_id": None,
    "contract_id": None,
    "participants": [],
    "last_seq": 0,
    "rev": 1,
    "last_message": None,
    "last_message_at": None,
    "created_at": "2026-11-20T22:00:00.000Z",
    "last_read_seq": 0,
    "unread": 0,
    "is_muted": False,
    "is_archived": False,
    "is_pinned": False,
}


class Line:
    """One connection as the server sees it."""

    def __init__(self, socket: ServerConnection) -> None:
        self.socket = socket

    async def hears(self, op: str) -> dict[str, Any]:
        """The next command, which must be `op`; returns its envelope."""
        async with asyncio.timeout(5):
            command: dict[str, Any] = json.loads(await self.socket.recv())
        assert command["op"] == op, command
        return command

    async def says(self, **frame: Any) -> None:
        await self.socket.send(json.dumps(frame))

    async def greets(self, **fields: Any) -> dict[str, Any]:
        """Takes a hello and answers it; returns its `d`."""
        command = await self.hears("hello")
        reply = {
            "session_id": "s",
            "user": {"id": ME, "display_name": "Me"},
            "server_time": "2026-11-20T22:00:00.000Z",
            "token_expires_at": "2026-11-20T22:15:00.000Z",
            "epoch": "e1",
            "offset": "10",
            "resumed": False,
            "missed": 0,
            "stale": [],
            "unread": {"messages": 0, "notifications": 0},
            "limits": LIMITS,
            "heartbeat_s": 25,
            **fields,
        }
        await self.says(re=command["id"], d=reply)
        greeting: dict[str, Any] = command["d"]
        return greeting

    async def syncs(self, **fields: Any) -> dict[str, Any]:
        """Answers a sync of everything, and the list of notifications; returns the sync's `d`."""
        command = await self.hears("sync")
        await self.says(re=command["id"], d=EMPTY_PAGE | fields)
        listed = await self.hears("notification.list")
        await self.says(re=listed["id"], d={"notifications": [], "next_cursor": None, "unread": 0})
        asked: dict[str, Any] = command["d"]
        return asked

    async def stores(self, command: dict[str, Any], seq: int) -> None:
        """Answers a send with the message as stored."""
        d = command["d"]
        stored = {
            "id": str(UUID(int=100 + seq)),
            "conversation_id": d["conversation_id"],
            "seq": seq,
            "rev": seq + 1,
            "sender_id": ME,
            "client_id": d["client_id"],
            "type": "text",
            "content": d["content"],
            "created_at": "2026-11-20T22:03:00.123Z",
        }
        await self.says(re=command["id"], d={"message": stored})

    async def refuses(self, command: dict[str, Any], code: str, **details: Any) -> None:
        error = {"code": code, "message": code, "details": details}
        retryable = code in {"unavailable", "rate_limited"}
        await self.says(re=command["id"], error={**error, "retryable": retryable})


class Scripted:
    """Takes connections one by one."""

    def __init__(self) -> None:
        self._lines: asyncio.Queue[Line] = asyncio.Queue(16)
        self.url = ""

    async def line(self, timeout_s: float = 5.0) -> Line:
        """The next connection."""
        async with asyncio.timeout(timeout_s):
            return await self._lines.get()

    async def take(self, socket: ServerConnection) -> None:
        await self._lines.put(Line(socket))
        await socket.wait_closed()


@contextlib.asynccontextmanager
async def scripted() -> AsyncIterator[Scripted]:
    server = Scripted()
    async with serve(
        server.take, "127.0.0.1", 0, subprotocols=[Subprotocol("parley.v1.json")], close_timeout=1
    ) as listening:
        port = listening.sockets[0].getsockname()[1]
        server.url = f"ws://127.0.0.1:{port}/v1/ws"
        yield server
