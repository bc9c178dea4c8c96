"""A FastAPI service on Parley's database: the inbox, one gig, sending a message.

Run by uvicorn on uvloop and httptools. It authenticates Parley's own tokens by one query a request,
reads through the same views with as many connections, and answers with the same members. What it
spares itself: limits, row-level security, groups of messages, the outbox and telling anybody.
"""

import contextlib
import hashlib
import os
from collections.abc import AsyncIterator, Mapping
from typing import Annotated, Any
from uuid import UUID

import asyncpg
import orjson
from fastapi import Depends, FastAPI, Header, HTTPException, Request, Response
from pydantic import BaseModel

_POOL = 16
_USER = """
SELECT s.user_id
FROM sessions s
JOIN users u ON u.id = s.user_id
WHERE s.access_hash = $1
    AND s.revoked_at IS NULL
    AND s.access_expires_at > clock_timestamp()
    AND u.status = 'active'
"""
_INBOX = """
WITH page AS MATERIALIZED (
    SELECT c.id, coalesce(c.last_message_at, c.created_at) AS active_at
    FROM conversation_participants me
    JOIN conversations c ON c.id = me.conversation_id
    WHERE me.user_id = $1 AND me.left_at IS NULL AND NOT me.is_archived
    ORDER BY active_at DESC, c.id DESC
    LIMIT $2
)
SELECT v.*
FROM page
JOIN own_conversations v ON v.c_id = page.id AND v.own_user_id = $1
ORDER BY page.active_at DESC, page.id DESC
"""
_GIG = """
SELECT g.id, g.freelancer_id, g.title, g.slug, g.description, g.category_id, g.subcategory_id,
       g.video_type, g.thumbnail_url, g.media, g.tags, g.requirements_note, g.currency,
       g.starting_price, c.view_count, c.order_count, c.favorite_count, g.rating, g.total_reviews,
       c.trend_score, g.is_featured, g.status, g.published_at, g.created_at, g.updated_at, g.version
FROM gigs g JOIN gig_counters c ON c.gig_id = g.id
WHERE g.id = $1 AND g.status = 'active'
"""
_IS_MEMBER = """
SELECT role FROM conversation_participants
WHERE conversation_id = $1 AND user_id = $2 AND left_at IS NULL
"""
_SENT_BEFORE = """
SELECT seq FROM message_keys
WHERE client_id = $3 AND conversation_id = $1 AND sender_id = $2
"""
_SEND = """
WITH moved AS (
    UPDATE conversations SET last_seq = last_seq + 1, rev = rev + 1, last_message_at = $6
    WHERE id = $1 AND status = 'open'
    RETURNING last_seq AS seq, rev
), read AS (
    UPDATE conversation_participants p
    SET last_read_seq = m.seq, last_delivered_seq = m.seq, has_written = true
    FROM moved m WHERE p.conversation_id = $1 AND p.user_id = $2
), kept AS (
    INSERT INTO message_keys (conversation_id, sender_id, client_id, seq, request_hash, created_at)
    SELECT $1, $2, $3, m.seq, $5, $6 FROM moved m
)
INSERT INTO messages (conversation_id, seq, rev, id, sender_id, client_id, type, content,
                      created_at)
SELECT $1, m.seq, m.rev, uuid7_at($6, m.seq), $2, $3, 'text', $4, $6 FROM moved m
RETURNING *
"""


class NewMessage(BaseModel):
    """The body of a message to send."""

    client_id: UUID
    content: str


@contextlib.asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Holds the pool of connections while the service runs."""
    async with asyncpg.create_pool(
        os.environ["TWIN_DATABASE_URL"], min_size=_POOL, max_size=_POOL
    ) as pool:
        app.state.pool = pool
        yield


async def user_of(request: Request, authorization: Annotated[str, Header()]) -> UUID:
    """Who asks. Raises `HTTPException` (401)."""
    token = authorization.removeprefix("Bearer ")
    access_hash = hashlib.sha256(token.encode()).digest()
    user_id: UUID | None = await request.app.state.pool.fetchval(_USER, access_hash)
    if user_id is None:
        raise HTTPException(401)
    return user_id


User = Annotated[UUID, Depends(user_of)]


async def inbox(request: Request, user_id: User, limit: int = 20) -> Response:
    """The user's conversations, newest activity first."""
    rows = await request.app.state.pool.fetch(_INBOX, user_id, limit + 1)
    more = str(rows[limit - 1]["c_id"]) if len(rows) > limit else None
    return _answer({"data": [_conversation(row) for row in rows[:limit]], "next_cursor": more})


async def gig(request: Request, _user_id: User, gig_id: UUID) -> Response:
    """One gig; everybody who is signed in may read it."""
    row = await request.app.state.pool.fetchrow(_GIG, gig_id)
    if row is None:
        raise HTTPException(404)
    body = dict(row) | {"media": orjson.Fragment(row["media"]), "available_actions": []}
    return _answer(body, {"ETag": f'"{row["version"]}"'})


async def send(request: Request, user_id: User, conversation_id: UUID, new: NewMessage) -> Response:
    """Store a message, once for its client id."""
    async with request.app.state.pool.acquire() as connection, connection.transaction():
        if await connection.fetchval(_IS_MEMBER, conversation_id, user_id) is None:
            raise HTTPException(404)
        key = (conversation_id, user_id, new.client_id)
        if await connection.fetchval(_SENT_BEFORE, *key) is not None:
            raise HTTPException(409)
        request_hash = hashlib.sha256(new.content.encode()).digest()
        now = await connection.fetchval("SELECT date_trunc('milliseconds', clock_timestamp())")
        row = await connection.fetchrow(_SEND, *key, new.content, request_hash, now)
    if row is None:
        raise HTTPException(409)
    return _answer({"message": _message(row, None, None)}, status=201)


def _conversation(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": row["c_id"],
        "type": row["c_type"],
        "status": row["c_status"],
        "title": row["c_title"],
        "job_id": row["c_job_id"],
        "contract_id": row["c_contract_id"],
        "participants": orjson.Fragment(row["c_participants"] or "[]"),
        "last_seq": row["c_last_seq"],
        "rev": row["c_rev"],
        "last_message": (
            None if row["id"] is None else _message(row, row["attachments"], row["reactions"])
        ),
        "last_message_at": row["c_last_message_at"],
        "created_at": row["c_created_at"],
        "last_read_seq": row["own_last_read_seq"],
        "unread": row["own_unread"],
        "is_muted": row["own_is_muted"],
        "is_archived": row["own_is_archived"],
        "is_pinned": row["own_is_pinned"],
    }


def _message(
    row: Mapping[str, Any], attachments: str | None, reactions: str | None
) -> dict[str, Any]:
    counted = orjson.loads(reactions) if reactions else ()
    return {
        "id": row["id"],
        "conversation_id": row["conversation_id"],
        "seq": row["seq"],
        "rev": row["rev"],
        "sender_id": row["sender_id"],
        "client_id": row["client_id"],
        "type": row["type"],
        "content": row["content"],
        "created_at": row["created_at"],
        "attachments": orjson.Fragment(attachments or "[]"),
        "parent_id": row["parent_id"],
        "reply_count": row["reply_count"],
        "last_reply_at": row["last_reply_at"],
        "mentions": row["mentions"] or [],
        "reactions": {emoji: users for emoji, _count, users in counted},
        "reaction_counts": {emoji: count for emoji, count, _users in counted},
        "is_pinned": row["is_pinned"],
        "is_deleted": row["is_deleted"],
        "edited_at": row["edited_at"],
    }


def _answer(
    body: dict[str, Any], headers: Mapping[str, str] | None = None, *, status: int = 200
) -> Response:
    # orjson writes neither asyncpg's UUIDs nor decimals by itself.
    return Response(orjson.dumps(body, default=str), status, headers, "application/json")


app = FastAPI(lifespan=lifespan)
app.add_api_route("/v1/conversations", inbox, methods=["GET"])
app.add_api_route("/v1/conversations/{conversation_id}/messages", send, methods=["POST"])
app.add_api_route("/v1/gigs/{gig_id}", gig, methods=["GET"])
