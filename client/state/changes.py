"""What the state tells: the events as applied, whatever way they came."""

from dataclasses import dataclass
from typing import Any, Literal

from protocol.text import Id

Origin = Literal["event", "reply", "sync"]


@dataclass(frozen=True, slots=True)
class Event:
    """An event as received; `d` is a struct of `protocol.events`, a map for names unknown here."""

    name: str
    d: Any
    eid: str | None = None
    at: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is now different.

    `name` is an event's name and `d` its body, also when it came by a reply or a sync: every
    message appears as `message.created` once, however it arrived. Besides, there are
    `conversation.gone`, `conversation.reset`, `session.opened`, `session.synced`, `session.lost`.
    """

    name: str
    d: Any = None
    conversation_id: Id | None = None
    origin: Origin = "event"


@dataclass(frozen=True, slots=True)
class Revised:
    """A durable change of a conversation: from `prev_rev` to `rev`."""

    name: str
    d: Any
    rev: int
    prev_rev: int
    origin: Origin = "event"
