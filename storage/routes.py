"""Which channels an event of a conversation is published to.

Up to 32 people each has it on the own channel; above, the conversation has one. For a while after
the growth both are used, and each person's channel says that the conversation's is to be joined.
"""

from collections.abc import Iterable
from typing import Literal

from protocol.bus import JOINS_ROUTE
from storage.publisher import CONVERSATION, DURABLE, JOINS, Target

Fanout = Literal["user", "both", "conversation"]


def targets_of(fanout: str, conversation_id: str, people: Iterable[str]) -> list[Target]:
    """The targets of a durable event; `people` do not matter when the fanout is `conversation`."""
    if fanout == "user":
        return [(person, DURABLE) for person in people]
    shared = (conversation_id, CONVERSATION)
    if fanout == "conversation":
        return [shared]
    return [*((person, JOINS) for person in people), shared]


def route_of(fanout: str) -> bytes:
    """What `BusEvent.route` says in an event that goes to `targets_of(fanout, …)`."""
    return JOINS_ROUTE if fanout == "both" else b""
