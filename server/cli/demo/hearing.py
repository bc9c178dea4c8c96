"""What sockets hear, compared with what they are to hear: each event once, and in its order."""

import asyncio
from collections.abc import Sequence
from typing import NamedTuple

from client.state.changes import Event
from protocol.events import ConversationEvent, MessageEvent
from server.cli.demo.person import DemoError, Person

WAIT_S = 30.0
"""For what the server tells after a step."""


class Told(NamedTuple):
    """Names of events that sockets are to hear, in the order in which they come: both, and then
    either. `say:ACTION` is a system message and `room` a new conversation; these come apart.
    """

    both: str = ""
    client: str = ""
    freelancer: str = ""


NOTHING = Told()


async def taken(person: Person, names: str, *, is_alone: bool) -> list[Event]:
    """The events of these names, taken from what a person has heard: those of rows, and then those
    of conversations. With others on the server, theirs are passed over.

    Raises `DemoError` where others come, or none.
    """
    wanted = names.split()
    found = []
    for heard, keys in (
        (person.rows, [key for key in wanted if not _is_of_room(key)]),
        (person.room, [key for key in wanted if _is_of_room(key)]),
    ):
        events = await _awaited(person, heard, keys, is_alone=is_alone)
        person.see_whole()
        came = [key_of(event) for event in events]
        if came != keys:
            raise _other(person, keys, came)
        for event in events:
            heard.remove(event)
        found += events
    return found


def key_of(event: Event) -> str:
    """What an event is called here."""
    match event.d:
        case ConversationEvent():
            return "room"
        case MessageEvent(message=message) if message.system:
            return f"say:{message.system.action}"
        case _:
            return event.name


async def _awaited(
    person: Person, heard: Sequence[Event], keys: Sequence[str], *, is_alone: bool
) -> list[Event]:
    try:
        async with asyncio.timeout(WAIT_S):
            while True:
                events = _first(heard, keys, is_alone=is_alone)
                if events is not None:
                    return events
                person.news.clear()
                await person.news.wait()
    except TimeoutError:
        raise _other(person, keys, [key_of(event) for event in heard]) from None


def _first(heard: Sequence[Event], keys: Sequence[str], *, is_alone: bool) -> list[Event] | None:
    """The first events, as many as there are keys; None until they have come."""
    if is_alone:
        return list(heard[: len(keys)]) if len(heard) >= len(keys) else None
    left, found = list(keys), []
    for event in heard:
        if key_of(event) in left:
            left.remove(key_of(event))
            found.append(event)
    return None if left else found


def _other(person: Person, keys: Sequence[str], came: Sequence[str]) -> DemoError:
    heard = " ".join(came) or "nothing"
    return DemoError(f"the {person.name} was to hear {' '.join(keys)}, and heard {heard}")


def _is_of_room(key: str) -> bool:
    return key == "room" or key.startswith(("say:", "message."))
