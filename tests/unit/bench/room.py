"""The server's ends of connections, and what a Socket.IO server would say there."""

import socket

from loadtests.bench.drivers.wire import Connection
from loadtests.peers.dialects import SocketIo

FIRST_ID = 1_000
DIALECT = SocketIo(joined=b"40{")


class Ends:
    """A pair of sockets for each of some people: `theirs` is the server's, `ours` the driver's."""

    def __init__(self, people: int) -> None:
        pairs = [socket.socketpair() for _ in range(people)]
        self.theirs = [one for one, _other in pairs]
        self.ours = [Connection(other) for _one, other in pairs]

    def close(self) -> None:
        for end in self.theirs:
            end.close()


def say(to: socket.socket, payload: str) -> None:
    """One text frame of a server, which masks nothing."""
    to.sendall(bytes([0x81, len(payload)]) + payload.encode())


def acknowledge(to: socket.socket, command_id: int) -> None:
    say(to, f'43{command_id}[{{"message":{{}}}}]')


def deliver(to: socket.socket, command_id: int, number: int = 1) -> None:
    text = f"have a look tonight? {command_id:012x}"
    say(to, f'42["message",{{"id":{number},"content":"{text}"}}]')


def heard(end: socket.socket) -> int:
    """How many messages the driver has sent here, which are taken."""
    end.setblocking(False)
    try:
        return end.recv(10_000).count(b'["message",')
    except BlockingIOError:
        return 0
