"""What a load driver says to Parley and reads of its answers, with as little work as possible.

Answers are read by position, as the server writes them: `re` or `ev` first, no blanks. A run that
meets others stops for want of progress rather than measuring something else.
"""

import uuid
from typing import Any

import orjson

from loadtests.bench.drivers import dialect
from loadtests.bench.drivers.dialect import CONTENT, NEVER, number_behind
from loadtests.bench.drivers.wire import Connection

RefusedError = dialect.RefusedError
REPLY = b'{"re":'
MESSAGE_CREATED = b'{"ev":"message.created"'
RECEIPT_READ = b'{"ev":"receipt.read"'

_SEQ = b'"seq":'
_HELLO_ID = 1
_TIMEOUT_S = 10.0


class Commands:
    """The commands of one member in one conversation, all but what changes written beforehand."""

    __slots__ = ("_message", "_receipt")

    def __init__(self, conversation_id: str) -> None:
        conversation = f'"conversation_id":"{conversation_id}"'
        # 74 random bits a run and member stay; the number of the command makes it the message's.
        client_id = str(uuid.uuid4())[:-12]
        self._message = (
            '{"id":%d,"op":"message.send","d":{'
            f'{conversation},"client_id":"{client_id}%012x","content":"{CONTENT}"}}}}'
        ).encode()
        self._receipt = f'{{"id":%d,"op":"receipt.read","d":{{{conversation},"seq":%d}}}}'.encode()

    def message(self, command_id: int) -> bytes:
        """A `message.send` with a `client_id` of its own."""
        return self._message % (command_id, command_id, command_id)

    def receipt(self, command_id: int, seq: int) -> bytes:
        """A `receipt.read`."""
        return self._receipt % (command_id, seq)


class Parley:
    """The dialect, as the shared drivers take it."""

    reply = REPLY
    delivery = MESSAGE_CREATED
    receipt = RECEIPT_READ
    ping = pong = NEVER
    is_gapless = True

    def connect(self, url: str, credential: str) -> Connection:
        """As `connect`."""
        return connect(url, credential)

    def commands(self, conversation_id: str) -> Commands:
        """The commands of one member."""
        return Commands(conversation_id)

    def command_id_of(self, reply: bytes) -> int:
        """As `command_id_of`."""
        return command_id_of(reply)

    def number_of(self, delivery: bytes) -> int:
        """The `seq`."""
        return seq_of(delivery)


def command_id_of(reply: bytes) -> int:
    """The command that a reply answers. Raises `RefusedError` for an error."""
    comma = reply.find(b",", 6)
    if reply.startswith(b'"error"', comma + 1):
        raise RefusedError(reply.decode())
    return int(reply[6:comma])


def seq_of(event: bytes) -> int:
    """The `seq` of the message that an event tells."""
    return number_behind(_SEQ, event)


def connect(ws_url: str, token: str) -> Connection:
    """A connection that has said hello; `ask` serves it until the driver polls it.

    Raises `ConnectionLostError`, `RefusedError`, `OSError`.
    """
    headers = {
        "Authorization": f"Bearer {token}",
        "Sec-WebSocket-Protocol": "parley.v1.json",
    }
    connection = Connection.open(ws_url, headers, timeout_s=_TIMEOUT_S)
    try:
        ask(connection, "hello", {"client": {"name": "bench"}}, _HELLO_ID)
    except BaseException:
        connection.close()
        raise
    return connection


def ask(connection: Connection, op: str, d: dict[str, Any], command_id: int) -> dict[str, Any]:
    """Send one command and wait for its reply, for preparing a run; events meanwhile are dropped.

    Raises `RefusedError`, `ConnectionLostError`, `TimeoutError`.
    """
    connection.set_blocking(_TIMEOUT_S)
    connection.send(orjson.dumps({"id": command_id, "op": op, "d": d}))
    while True:
        for payload in connection.receive():
            answer = orjson.loads(payload)
            if answer.get("re", 0) == command_id:
                if "error" in answer:
                    raise RefusedError(f"{op}: {answer['error']}")
                reply: dict[str, Any] = answer["d"]
                return reply


def say(connection: Connection, commands: Commands, command_id: int) -> int:
    """Send a message and wait until it is stored, with the rev returned. Raises as `ask`."""
    connection.set_blocking(_TIMEOUT_S)
    connection.send(commands.message(command_id))
    while True:
        for payload in connection.receive():
            if payload.startswith(REPLY) and command_id_of(payload) == command_id:
                rev: int = orjson.loads(payload)["d"]["message"]["rev"]
                return rev


def direct_conversation(connection: Connection, with_user_id: str) -> tuple[str, int]:
    """The one direct conversation with this user: its id and `last_seq`. Raises as `ask`."""
    d = {"type": "direct", "participant_ids": [with_user_id]}
    conversation = ask(connection, "conversation.create", d, _HELLO_ID + 1)["conversation"]
    return conversation["id"], conversation["last_seq"]
