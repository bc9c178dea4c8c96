"""One sender and many members: what is counted, and that nobody may be left out."""

import socket

import pytest

from loadtests.bench import audience
from loadtests.bench.audience import Audience
from loadtests.bench.turns import StalledError
from loadtests.bench.wire import Connection
from loadtests.peers.dialects import SocketIo

FIRST_ID = 1_000


class Room:
    """The server's ends of a sender and its members."""

    def __init__(self, members: int) -> None:
        ends = [socket.socketpair() for _ in range(1 + members)]
        self.sender, *self.members = [theirs for theirs, _ours in ends]
        sender, *others = [Connection(ours) for _theirs, ours in ends]
        self.audience = Audience(SocketIo(joined=b"40{"), sender, "room")
        self.audience.add(others)

    def say(self, to: socket.socket, payload: str) -> None:
        """One text frame of a server, which masks nothing."""
        to.sendall(bytes([0x81, len(payload)]) + payload.encode())

    def acknowledge(self, command_id: int) -> None:
        self.say(self.sender, f'43{command_id}[{{"message":{{}}}}]')

    def deliver(self, to: socket.socket, command_id: int) -> None:
        self.say(to, f'42["message",{{"id":1,"content":"have a look tonight? {command_id:012x}"}}]')


@pytest.fixture
def room(monkeypatch):
    monkeypatch.setattr(audience, "_DRAIN_S", 0.2)
    made = Room(3)
    yield made
    made.audience.close()
    for theirs in (made.sender, *made.members):
        theirs.close()


def test_a_window_is_sent_and_an_acknowledgement_sends_the_next(room):
    room.audience.begin(2)
    assert room.audience.sent == 2
    room.acknowledge(FIRST_ID)
    room.deliver(room.members[0], FIRST_ID)
    tally = room.audience.run(0.05)
    assert room.audience.sent == 3
    assert len(tally.to_reply) == 1
    assert tally.deliveries == len(tally.to_received) == 1


def test_all_got_all(room):
    room.audience.begin(1)
    room.acknowledge(FIRST_ID)
    for member in room.members:
        room.deliver(member, FIRST_ID)
    room.audience.end()


def test_a_member_that_was_left_out_is_noticed(room):
    room.audience.begin(1)
    room.acknowledge(FIRST_ID)
    for member in room.members[1:]:
        room.deliver(member, FIRST_ID)
    with pytest.raises(StalledError, match="1 of 3 members"):
        room.audience.end()


def test_a_member_that_was_told_twice_is_noticed(room):
    room.audience.begin(1)
    room.acknowledge(FIRST_ID)
    for member in (*room.members, room.members[0]):
        room.deliver(member, FIRST_ID)
    with pytest.raises(StalledError, match="1 of 3 members"):
        room.audience.end()


def test_what_is_not_acknowledged_is_noticed(room):
    room.audience.begin(1)
    for member in room.members:
        room.deliver(member, FIRST_ID)
    with pytest.raises(StalledError, match="1 were not acknowledged"):
        room.audience.end()


def test_a_ping_within_the_payload_is_answered(room):
    room.audience.begin(1)
    room.say(room.members[0], "2")
    room.deliver(room.members[1], FIRST_ID)
    room.audience.run(0.05)
    # Masked by zero, as the driver does.
    assert room.members[0].recv(100) == b"\x81\x81\0\0\0\x003"
