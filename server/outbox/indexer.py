"""Keeps message search quick: keeps the words of the pages that the outbox names.

A search reads what is not worked off, so that nothing waits for the next turn.
"""

import asyncpg

from server.outbox.consumer import Observe, OutboxConsumer, Pace
from server.outbox.forms import Transacted
from storage.messages.search import claim_pages, keep_words
from storage.outbox.failures import OutboxFailures
from storage.outbox.rows import Batch

CONSUMER = "search"
KINDS = ("message.created", "message.updated")
PACE = Pace(Batch(rows=64, refs=4_096), retry_s=2.0, retry_max_s=30.0)
"""A row may refer to a whole group of 256 messages."""


def indexer(
    pool: "asyncpg.Pool[asyncpg.Record]",
    observe: Observe = lambda _consumer, _seconds: None,
) -> OutboxConsumer:
    """The consumer that keeps words; every process runs one, one at a time does the work."""
    failures = OutboxFailures(pool, CONSUMER, KINDS)
    form = Transacted(pool, failures, claim_pages, keep_words)
    return OutboxConsumer(CONSUMER, form, failures, PACE, observe)
