"""A chat server on python-socketio, as its documentation would have one written.

- `AsyncServer` on ASGI and uvicorn, by WebSocket only (`transports`), with a Redis manager so that
  several processes can serve one room: https://python-socketio.readthedocs.io/en/stable/server.html
- who connects is let in by the `connect` handler, from the `auth` that it brings, and known by its
  session from then on; a conversation is a room, joined there: the same page
- what a handler returns is the acknowledgement: the same page
- a pool of connections made when the server starts; statements are prepared once a connection:
  https://magicstack.github.io/asyncpg/current/usage.html#connection-pools
- uvloop, httptools and no compression: https://uvicorn.dev/settings/

A message is checked and stored by one statement, which commits; then it is sent to the others in
its room and acknowledged.
"""

import os
from typing import Any

import asyncpg
import jwt
import socketio

_DATABASE_URL = os.environ["DATABASE_URL"]
_REDIS_URL = os.environ["REDIS_URL"]
_JWT_SECRET = os.environ["JWT_SECRET"]
_LONGEST = 4_000

_STORE = """
insert into messages (conversation_id, sender_id, content)
select $1, $2, $3
where exists (select from members where conversation_id = $1 and user_id = $2)
returning id, created_at
"""
_ROOMS = "select conversation_id from members where user_id = $1"

sio = socketio.AsyncServer(
    async_mode="asgi",
    client_manager=socketio.AsyncRedisManager(_REDIS_URL),
    transports=["websocket"],
)


class _Database:
    """The pool, once the server has started."""

    pool: asyncpg.Pool


async def _start() -> None:
    _Database.pool = await asyncpg.create_pool(_DATABASE_URL)


async def _stop() -> None:
    await _Database.pool.close()


@sio.event
async def connect(sid: str, _environ: dict[str, Any], auth: dict[str, Any] | None) -> None:
    """Let in whoever brings a good token, into their conversations."""
    try:
        user_id = jwt.decode((auth or {})["token"], _JWT_SECRET, algorithms=["HS256"])["sub"]
    except (KeyError, jwt.InvalidTokenError):
        raise socketio.exceptions.ConnectionRefusedError("unauthorized") from None
    await sio.save_session(sid, {"user_id": user_id})
    for row in await _Database.pool.fetch(_ROOMS, user_id):
        await sio.enter_room(sid, str(row["conversation_id"]))


@sio.event
async def message(sid: str, sent: dict[str, Any]) -> dict[str, Any]:
    """Store it, send it to the others, acknowledge it."""
    conversation_id, content = sent.get("conversation_id"), sent.get("content")
    if not isinstance(content, str) or len(content) > _LONGEST:
        return {"error": "invalid"}
    user_id = (await sio.get_session(sid))["user_id"]
    row = await _Database.pool.fetchrow(_STORE, conversation_id, user_id, content)
    if row is None:
        return {"error": "forbidden"}
    stored = {
        "id": row["id"],
        "conversation_id": conversation_id,
        "sender_id": user_id,
        "content": content,
        "created_at": row["created_at"].isoformat(),
    }
    await sio.emit("message", stored, room=conversation_id, skip_sid=sid)
    return {"message": stored}


app = socketio.ASGIApp(sio, on_startup=_start, on_shutdown=_stop)
