"""Keeps message search fast: stores the words of the pages of messages that the outbox names.

A search reads pages that are not indexed yet in full, so new messages are found at once.
"""

import asyncpg

from server.outbox.claiming import Transacted
from server.outbox.consumer import Observe, OutboxConsumer, Pace
from storage.messages.search import claim_pages, keep_words
from storage.outbox.failed_rows import OutboxFailures
from storage.outbox.rows import Batch

CONSUMER = "search"
KINDS = ("message.created", "message.updated")
PACE = Pace(Batch(rows=64, refs=4_096), retry_s=2.0, retry_max_s=30.0)
"""A row may refer to a whole group of 256 messages."""


def indexer(
    pool: "asyncpg.Pool[asyncpg.Record]",
    observe: Observe = lambda _consumer, _seconds: None,
) -> OutboxConsumer:
    """The consumer that stores words; every process runs one, and one at a time works."""
    failures = OutboxFailures(pool, CONSUMER, KINDS)
    form = Transacted(pool, failures, claim_pages, keep_words)
    return OutboxConsumer(CONSUMER, form, failures, PACE, observe)
