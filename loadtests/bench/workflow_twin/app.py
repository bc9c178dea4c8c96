"""The service: five requests, each one transaction. Run by uvicorn on uvloop and httptools.

It authenticates Parley's own tokens by one query and has as many connections. What it spares
itself: limits, row-level security, the history's guard in the database, reminders of timers, teams
and shares, receipts of its messages, and telling anybody of its events: they are taken from the
outbox and dropped.
"""

import asyncio
import contextlib
import hashlib
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import FastAPI, Header, HTTPException, Request, Response
from pydantic import BaseModel
from sqlalchemy import delete, select, text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.schema import CreateSchema

from loadtests.bench.workflow_twin import acceptance, work
from loadtests.bench.workflow_twin.execution import Execution
from loadtests.bench.workflow_twin.models import SCHEMA, Base, Outbox

_POOL = 16
_RELAY_S = 0.05
_RELAYED = 500
_USER = text("""
SELECT s.user_id
FROM public.sessions s
JOIN public.users u ON u.id = s.user_id
WHERE s.access_hash = :access_hash
    AND s.revoked_at IS NULL
    AND s.access_expires_at > clock_timestamp()
    AND u.status = 'active'
""")

Act = Callable[[Execution], Awaitable[tuple[int, dict[str, Any]]]]
Key = Annotated[str, Header(alias="Idempotency-Key")]


class Fund(BaseModel):
    """What a milestone is funded from."""

    wallet: bool


class Submit(BaseModel):
    """What is handed in."""

    description: str


class Approve(BaseModel):
    """What the client says of the work."""

    feedback: str | None = None


@contextlib.asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Makes the tables that are missing, and relays while the service runs."""
    address = os.environ["TWIN_DATABASE_URL"].replace("postgresql://", "postgresql+asyncpg://")
    engine = create_async_engine(address, pool_size=_POOL, max_overflow=0)
    async with engine.begin() as connection:
        is_there = text("SELECT to_regclass(:name) IS NOT NULL")
        if not await connection.scalar(is_there, {"name": f"{SCHEMA}.outbox"}):
            await connection.execute(CreateSchema(SCHEMA))
            await connection.run_sync(Base.metadata.create_all)
    app.state.sessions = async_sessionmaker(engine, expire_on_commit=False)
    relay = asyncio.create_task(_relay(app.state.sessions))
    try:
        yield
    finally:
        relay.cancel()
        await engine.dispose()


async def _relay(sessions: async_sessionmaker[AsyncSession]) -> None:
    """Take events from the outbox, in their order."""
    oldest = select(Outbox.id).order_by(Outbox.id).limit(_RELAYED)
    taken = delete(Outbox).where(Outbox.id.in_(oldest.with_for_update(skip_locked=True)))
    while True:
        async with sessions.begin() as session:
            await session.execute(
                taken.returning(Outbox.name, Outbox.data),
                execution_options={"synchronize_session": False},
            )
        await asyncio.sleep(_RELAY_S)


async def _executed(request: Request, key: str, act: Act) -> Response:
    """One transaction: who asks, the key, the transition, the answer. Raises `HTTPException`."""
    token = request.headers.get("authorization", "").removeprefix("Bearer ")
    access_hash = hashlib.sha256(token.encode()).digest()
    async with request.app.state.sessions.begin() as session:
        user_id: UUID | None = await session.scalar(_USER, {"access_hash": access_hash})
        if user_id is None:
            raise HTTPException(401)
        execution = Execution(session, user_id)
        kept = await execution.once(key, await request.body(), request.url.path)
        if kept.body is None:
            kept.status, body = await act(execution)
            await session.flush()
            kept.body = orjson.dumps(body, default=str)
    return Response(kept.body, kept.status or 200, None, "application/json")


async def accept_proposal(
    request: Request, key: Key, proposal_id: UUID, if_match: Annotated[str, Header()]
) -> Response:
    """The client's answer to a proposal."""
    version = int(if_match.strip('"'))
    return await _executed(
        request, key, lambda to: acceptance.accept_proposal(to, proposal_id, version)
    )


async def accept_contract(request: Request, key: Key, contract_id: UUID) -> Response:
    """The freelancer's answer to a contract."""
    return await _executed(request, key, lambda to: acceptance.accept_contract(to, contract_id))


async def fund(request: Request, key: Key, milestone_id: UUID, _body: Fund) -> Response:
    """Money is held."""
    return await _executed(request, key, lambda to: work.fund(to, milestone_id))


async def submit(request: Request, key: Key, milestone_id: UUID, body: Submit) -> Response:
    """Work is handed in."""
    return await _executed(request, key, lambda to: work.submit(to, milestone_id, body.description))


async def approve(request: Request, key: Key, milestone_id: UUID, body: Approve) -> Response:
    """Work is paid."""
    return await _executed(request, key, lambda to: work.approve(to, milestone_id, body.feedback))


app = FastAPI(lifespan=lifespan)
for path, act in {
    "/v1/proposals/{proposal_id}/accept": accept_proposal,
    "/v1/contracts/{contract_id}/accept": accept_contract,
    "/v1/milestones/{milestone_id}/fund": fund,
    "/v1/milestones/{milestone_id}/submit": submit,
    "/v1/milestones/{milestone_id}/approve": approve,
}.items():
    app.add_api_route(path, act, methods=["POST"])
