"""How the peers are spoken to: Socket.IO's protocol, and the JSON of the Channels server."""

import base64
import hashlib
import hmac
import time

import orjson

from loadtests.bench.drivers.dialect import CONTENT, NEVER, RefusedError, number_behind
from loadtests.bench.drivers.wire import Connection

_TIMEOUT_S = 10.0
_LASTS_S = 86_400


def token(user_id: str, secret: str) -> str:
    """A JSON Web Token for this user (RFC 7519), signed with HMAC and SHA-256."""
    claims = {"sub": user_id, "exp": int(time.time()) + _LASTS_S}
    said = ".".join(
        map(_base64, (orjson.dumps({"alg": "HS256", "typ": "JWT"}), orjson.dumps(claims)))
    )
    return f"{said}.{_base64(hmac.digest(secret.encode(), said.encode(), hashlib.sha256))}"


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class _Commands:
    """Messages to one conversation, all but their number written beforehand."""

    __slots__ = ("_message",)

    def __init__(self, message: str) -> None:
        self._message = message.encode()

    def message(self, command_id: int) -> bytes:
        """One message."""
        return self._message % (command_id, command_id)

    def receipt(self, _command_id: int, _seq: int) -> bytes:
        """Peers have none. `NotImplementedError`."""
        raise NotImplementedError("peers have no receipts")


class SocketIo:
    """Socket.IO 5 within Engine.IO 4: packets of text, a digit or two in front.

    https://socket.io/docs/v4/socket-io-protocol/ and …/engine-io-protocol/
    """

    reply = b"43"
    delivery = b'42["message",'
    receipt = NEVER
    ping, pong = b"2", b"3"
    is_gapless = False

    def connect(self, url: str, credential: str) -> Connection:
        """A connection to the main namespace, in its rooms."""
        connection = Connection.open(
            f"{url}/socket.io/?EIO=4&transport=websocket", timeout_s=_TIMEOUT_S
        )
        try:
            connection.send(b"40" + orjson.dumps({"token": credential}))
            _await(connection, self._joined)
        except BaseException:
            connection.close()
            raise
        return connection

    def commands(self, conversation_id: str) -> _Commands:
        """Events with an acknowledgement, whose id is the command's."""
        said = f'{{"conversation_id":"{conversation_id}","content":"{CONTENT}"}}'
        return _Commands(f'42%d["message",{said}]')

    def command_id_of(self, reply: bytes) -> int:
        """The id of the acknowledgement. Raises `RefusedError`."""
        bracket = reply.index(b"[")
        if not reply.startswith(b'[{"message":', bracket):
            raise RefusedError(reply.decode())
        return int(reply[2:bracket])

    def number_of(self, delivery: bytes) -> int:
        """The message's id."""
        return number_behind(b'"id":', delivery)

    def __init__(self, joined: bytes) -> None:
        self._joined = joined


class Channels:
    """JSON as Python's own encoder writes it, with blanks."""

    reply = b'{"ack":'
    delivery = b'{"message":'
    receipt = ping = pong = NEVER
    is_gapless = False

    def connect(self, url: str, credential: str) -> Connection:
        """A connection; the handshake ends when it is in its groups."""
        headers = {"Authorization": f"Bearer {credential}", "Origin": "http://127.0.0.1"}
        return Connection.open(f"{url}/chat", headers, timeout_s=_TIMEOUT_S)

    def commands(self, conversation_id: str) -> _Commands:
        """Messages with an id."""
        return _Commands(
            f'{{"id": %d, "conversation_id": "{conversation_id}", "content": "{CONTENT}"}}'
        )

    def command_id_of(self, reply: bytes) -> int:
        """The `ack`. Raises `RefusedError`."""
        comma = reply.index(b",")
        if not reply.startswith(b' "message"', comma + 1):
            raise RefusedError(reply.decode())
        return int(reply[len(self.reply) : comma])

    def number_of(self, delivery: bytes) -> int:
        """The message's id."""
        return number_behind(b'"id":', delivery)


def _await(connection: Connection, beginning: bytes) -> None:
    """Wait for a payload that begins so. Raises `RefusedError` for Socket.IO's refusal."""
    while True:
        for payload in connection.receive():
            if payload.startswith(b"44"):
                raise RefusedError(payload.decode())
            if payload.startswith(beginning):
                return
