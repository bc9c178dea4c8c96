"""The rule after a refused send, with a client that goes back to it and refusals of every kind."""

from collections import deque
from dataclasses import dataclass, field
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from server.ws.refused_sends import RefusedSends

LASTS_S = 5.0
QUEUE_MAX = 3


def sends() -> RefusedSends[str, int]:
    return RefusedSends(LASTS_S)


def test_later_sends_wait_for_the_refused_one() -> None:
    refused = sends()
    assert not refused.in_force
    assert refused.add("a", 1, 1, 0.0) is None
    assert [refused.before("a", n, n, 0.1) for n in (2, 3)] == [1, 1]
    assert refused.before("b", 4, 4, 0.1) is None
    assert refused.before("a", 1, 5, 0.2) is None
    assert not refused.in_force
    assert refused.before("a", 2, 6, 0.2) is None


def test_a_refusal_by_the_rule_neither_replaces_nor_prolongs_it() -> None:
    refused = sends()
    refused.add("a", 1, 1, 0.0)
    assert refused.add("a", 2, 2, 4.0) == 1
    assert refused.before("a", 3, 3, 4.9) == 1
    assert refused.before("a", 3, 4, 5.0) is None


def test_one_refused_again_is_in_force_anew() -> None:
    refused = sends()
    refused.add("a", 1, 1, 0.0)
    assert refused.add("a", 1, 2, 4.0) is None
    assert refused.before("a", 2, 3, 8.9) == 1


def test_an_earlier_send_that_is_refused_later_is_in_force_instead() -> None:
    refused = sends()
    refused.add("a", 3, 3, 0.0)
    assert refused.before("a", 2, 2, 0.1) is None  # it came before, and waited in its lane
    assert refused.add("a", 1, 1, 0.2) is None
    assert [refused.before("a", n, n, 0.3) for n in (2, 4)] == [1, 1]


def test_what_has_expired_is_not_kept() -> None:
    refused = sends()
    for n in range(100):
        refused.add(str(n), n, n, n / 100)
    refused.add("0", 0, 100, 2.0)
    assert refused.before("other", 101, 101, 6.5) is None
    assert list(refused.in_force) == ["0"]
    assert refused.before("other", 102, 102, 7.0) is None
    assert not refused.in_force


class Told(NamedTuple):
    """A reply: the message, and whether and because of which other it was refused."""

    name: int
    is_refused: bool
    after: int | None = None


@dataclass
class Client:
    """Sends its messages in order, and goes back to the one that was refused."""

    next: int = 0
    replies: deque[Told] = field(default_factory=deque)

    def hear(self) -> None:
        told = self.replies.popleft()
        if told.is_refused and told.after is None:
            self.next = min(self.next, told.name)


@dataclass
class Server:
    """One connection and the writer: what is refused is refused with all that is held behind it."""

    client: Client
    refused: RefusedSends[str, int] = field(default_factory=sends)
    socket: deque[int] = field(default_factory=deque)
    queue: deque[tuple[int, int]] = field(default_factory=deque)
    stored: list[int] = field(default_factory=list)
    position: int = 0

    def take(self, *, has_token: bool) -> None:
        name = self.socket.popleft()
        self.position += 1
        if not has_token:
            self._refuse(name, self.position)
        elif (after := self.refused.before("a", name, self.position, 0.0)) is not None:
            self.client.replies.append(Told(name, True, after))
        elif len(self.queue) == QUEUE_MAX:
            self._refuse(name, self.position)
        else:
            self.queue.append((name, self.position))

    def store(self) -> None:
        name, _position = self.queue.popleft()
        if name not in self.stored:
            self.stored.append(name)
        self.client.replies.append(Told(name, False))

    def refuse(self) -> None:
        while self.queue:
            self._refuse(*self.queue.popleft())

    def _refuse(self, name: int, position: int) -> None:
        after = self.refused.add("a", name, position, 0.0)
        self.client.replies.append(Told(name, True, after))


STEPS = ["send", "send", "take", "take without a token", "store", "refuse", "hear"]


@given(st.lists(st.sampled_from(STEPS), max_size=120), st.integers(1, 8))
def test_whatever_is_refused_the_messages_are_stored_in_the_order_sent(
    steps: list[str], count: int
) -> None:
    client = Client()
    server = Server(client)

    def step(name: str) -> None:
        if name == "send" and client.next < count:
            server.socket.append(client.next)
            client.next += 1
        elif name.startswith("take") and server.socket:
            server.take(has_token=name == "take")
        elif name == "store" and server.queue:
            server.store()
        elif name == "refuse":
            server.refuse()
        elif name == "hear" and client.replies:
            client.hear()

    for name in steps:
        step(name)
        assert server.stored == list(range(len(server.stored)))
    while client.next < count or server.socket or server.queue or client.replies:
        for name in ("send", "take", "store", "hear"):
            step(name)
    assert server.stored == list(range(count))
