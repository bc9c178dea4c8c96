"""The order of commands of one connection, conversation by conversation. Pure.

Sends pipeline: they are started as they come, and the writer keeps their order. Any other command
on the conversation waits for those before it, and those after it wait for it. After a retryable
refusal of a send, the sends that wait are refused too, so that nothing overtakes; those that come
later are the matter of `server/ws/refused_sends.py`.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, NamedTuple, TypeVar

T = TypeVar("T")


@dataclass(slots=True)
class _Lane(Generic[T]):
    """What runs (sends, or one other command) and what waits: (is it a send, the command)."""

    running: int = 0
    is_sending: bool = False
    waiting: list[tuple[bool, T]] = field(default_factory=list)


class Released(NamedTuple, Generic[T]):
    """What the end of a command sets free: to start now, and to refuse."""

    start: Sequence[T]
    refuse: Sequence[T]


_NOTHING: Released[Any] = Released((), ())


class Lanes(Generic[T]):
    """A lane a conversation that has commands under way."""

    def __init__(self) -> None:
        self._lanes: dict[Hashable, _Lane[T]] = {}

    def enter(self, key: Hashable, command: T, *, is_send: bool) -> bool:
        """True when the command may start now; else it waits and `leave` releases it."""
        lane = self._lanes.get(key)
        if lane is None:
            lane = self._lanes[key] = _Lane()
        if not lane.waiting and _fits(lane, is_send=is_send):
            lane.running += 1
            lane.is_sending = is_send
            return True
        lane.waiting.append((is_send, command))
        return False

    def leave(self, key: Hashable, *, refuse_sends: bool = False) -> Released[T]:
        """A command has ended; `refuse_sends` when it was a send that may be sent again."""
        lane = self._lanes[key]
        lane.running -= 1
        if not lane.waiting:
            if not lane.running:
                del self._lanes[key]
            return _NOTHING
        refuse: list[T] = []
        if refuse_sends:
            refuse = [command for is_send, command in lane.waiting if is_send]
            lane.waiting = [item for item in lane.waiting if not item[0]]
        start: list[T] = []
        while lane.waiting and _fits(lane, is_send=lane.waiting[0][0]):
            is_send, command = lane.waiting.pop(0)
            lane.running += 1
            lane.is_sending = is_send
            start.append(command)
        if not lane.running:
            del self._lanes[key]
        return Released(start, refuse)


def _fits(lane: _Lane[T], *, is_send: bool) -> bool:
    return lane.running == 0 or (is_send and lane.is_sending)
