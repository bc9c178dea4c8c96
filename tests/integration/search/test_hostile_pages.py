"""What one member writes to cost time does not hold up the search of others."""

import random

import pytest

from server.outbox.indexer import indexer
from storage.database.postgres import connect_pool
from tests import fold
from tests.seeding import Seeder

PAGE = 32
LENGTH = 1_550
"""A page of such messages is just short enough to be kept."""


@pytest.fixture
async def impatient(database_url):
    pool = await connect_pool(database_url, size=2, statement_timeout_ms=3_000)
    yield pool
    await pool.close()


def swollen() -> list[str]:
    """A page whose replaced characters are many, and whose text is eighteen times as long."""
    mapped = [char for char in fold.characters() if fold.is_known(char) and fold.mapped(char)]
    return ["".join(mapped)[:LENGTH], *["\ufdfa" * LENGTH] * (PAGE - 1)]


def unspaced() -> list[str]:
    """A page of runs that are cut into pairs."""
    draw = random.Random(15)
    return ["".join(chr(draw.randrange(0x4E00, 0x9FFF)) for _ in range(LENGTH))] * PAGE


@pytest.mark.parametrize(("texts", "is_kept"), [(swollen(), False), (unspaced(), True)])
async def test_a_page_that_is_made_to_cost_time(impatient, owner, texts, is_kept):
    seeder = Seeder(owner)
    to = await seeder.conversation(await seeder.user())
    for text in texts:
        await seeder.message(to, text)
    await impatient.execute(
        "insert into outbox (consumer, kind, conversation_ids, seqs)"
        " values ('search', 'message.updated', array[$1::uuid], array[32::bigint])",
        to.id,
    )
    await impatient.execute("update outbox set available_at = now()")
    while (await indexer(impatient).consume()).rows:
        pass
    kept = await impatient.fetch("select tokens is not null as is_kept, fold from message_words")
    assert [tuple(row) for row in kept] == [(is_kept, 1)]
