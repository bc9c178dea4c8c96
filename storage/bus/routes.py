"""The channels to which an event of a conversation is published.

Up to 32 people it goes to each person's own channel; above, to the conversation's. For a while
after the growth it goes to both, and on a person's channel it says to join the conversation's.
"""

from collections.abc import Iterable, Sequence

from protocol.bus import JOINS_ROUTE, LEAVES_ROUTE, BusEvent, pack
from storage.bus.publisher import (
    CONVERSATION,
    DURABLE,
    JOINS,
    LEAVES,
    Publication,
    to_each,
)


def routed(event: BusEvent, fanout: str, people: Iterable[str]) -> list[Publication]:
    """A durable event of a conversation; `fanout` is `user`, `both` or `conversation`.

    `people` are ignored if it is `conversation`.
    """
    if fanout == "user":
        return [to_each(people, DURABLE, pack(event))]
    shared = _shared(event)
    if fanout == "conversation":
        return [shared]
    return [_joining(event, people), shared]


def routed_arrival(event: BusEvent, fanout: str, people: Iterable[str]) -> list[Publication]:
    """An event for `people` alone, who join a conversation with it."""
    return routed(event, fanout, people) if fanout == "user" else [_joining(event, people)]


def routed_departure(
    event: BusEvent, fanout: str, people: Iterable[str], person: Sequence[str]
) -> list[Publication]:
    """An event for all: `person` has left the conversation, or nobody if it is empty."""
    if fanout == "user":
        return routed(event, fanout, people)
    others = [one for one in people if one not in person]
    leaving = to_each(person, LEAVES, pack(event._replace(route=LEAVES_ROUTE)))
    return [*([leaving] if person else []), *routed(event, fanout, others)]


def _joining(event: BusEvent, people: Iterable[str]) -> Publication:
    return to_each(people, JOINS, pack(event._replace(route=JOINS_ROUTE)))


def _shared(event: BusEvent) -> Publication:
    return to_each([event.conversation_id.decode()], CONVERSATION, pack(event))
