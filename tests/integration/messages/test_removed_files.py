"""A file that is removed while a message with it is being stored."""

import asyncio

import asyncpg

from protocol.errors import ErrorCode, RequestError
from protocol.requests import AttachmentRef
from tests.integration.marketplace import make_conversation, make_users
from tests.integration.messages.test_writer import Writing, writing

__all__ = ["writing"]


async def test_a_message_with_a_file_that_is_being_removed_is_refused_alone(
    writing: Writing, owner: asyncpg.Connection
) -> None:
    people = await make_users(writing.pool, 2)
    conversation = await make_conversation(writing.pool, people)
    file_id = await writing.pool.fetchval(
        """
        INSERT INTO files (owner_id, name, mime, bytes, checksum)
        VALUES ($1, 'a', 'text/plain', 1, '') RETURNING id
        """,
        people[0],
    )
    async with writing.pool.acquire() as removing, removing.transaction():
        assert await removing.fetchval("SELECT remove_file($1, $2)", file_id, people[0]) == "ok"
        with_file = asyncio.create_task(
            writing.send(conversation, people[0], attachments=[AttachmentRef(file_id)])
        )
        beside = asyncio.create_task(writing.send(conversation, people[1]))
        # The file is found ready, since its removal is not committed: the foreign key waits for it.
        async with asyncio.timeout(5):
            while not await owner.fetchval(
                "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'transactionid'"
            ):
                await asyncio.sleep(0.01)
    refused, stored = await asyncio.gather(with_file, beside, return_exceptions=True)
    assert isinstance(refused, RequestError)
    assert refused.code == ErrorCode.VALIDATION_FAILED
    assert refused.details["path"] == "attachments"
    assert not isinstance(stored, BaseException)
    assert stored.seq == 1
