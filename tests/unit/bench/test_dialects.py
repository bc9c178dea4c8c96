"""Each kind of server is understood: frames as they were recorded from running ones."""

import pytest

from loadtests.bench.drivers.dialect import RefusedError, sent_number
from loadtests.bench.drivers.parley import Parley
from loadtests.peers.dialects import Channels, SocketIo

CONTENT = "The draft of the second page is in the folder, have a look tonight? 0000000003e8"
ROOM = "294662aa-8346-49db-a6f3-2f01d9f553ac"
SENDER = "6d0112a9-4f0c-460b-9494-7675d2f5a2e9"

PARLEY_MESSAGE = (
    f'{{"message":{{"id":"01a1fead-1e08-7058-8906-6b6400000007","conversation_id":"{ROOM}","seq":7,'
    f'"rev":8,"sender_id":"{SENDER}","client_id":"01c60fe7-d298-4c13-82c3-0000000003e8",'
    f'"type":"text","content":"{CONTENT}","created_at":"2026-11-21T15:15:20.712Z","attachments":[],'
    '"parent_id":null,"reply_count":0,"last_reply_at":null,"mentions":[],"reactions":{},'
    '"reaction_counts":{},"is_pinned":false,"is_deleted":false,"edited_at":null}'
)
PARLEY_EVENT = (
    f'{{"ev":"message.created","eid":"{ROOM}.8","at":"1795274120668-0","d":{PARLEY_MESSAGE},'
    '"rev":8,"prev_rev":7}}'
)
PARLEY_REFUSAL = (
    '{"re":1000,"error":{"code":"forbidden","message":"not allowed here","details":{},'
    '"retryable":false}}'
)
SOCKET_IO_MESSAGE = (
    f'{{"id":7,"conversation_id":"{ROOM}","sender_id":"{SENDER}","content":"{CONTENT}",'
    '"created_at":"2026-11-21T15:15:24.404Z"}'
)
CHANNELS_MESSAGE = (
    f'{{"id": 7, "conversation_id": "{ROOM}", "sender_id": "{SENDER}", "content": "{CONTENT}", '
    '"created_at": "2026-11-21T15:16:25.771992+00:00"}'
)

SOCKET_IO = SocketIo(joined=b"40{")
SPOKEN = {
    "Parley": (
        Parley(),
        f'{{"id":1000,"op":"message.send","d":{{"conversation_id":"{ROOM}","client_id":"',
        f'{{"re":1000,"d":{PARLEY_MESSAGE}}}}}',
        PARLEY_REFUSAL,
        PARLEY_EVENT,
    ),
    "Socket.IO": (
        SOCKET_IO,
        f'421000["message",{{"conversation_id":"{ROOM}","content":"{CONTENT}"}}]',
        f'431000[{{"message":{SOCKET_IO_MESSAGE}}}]',
        '431000[{"error":"forbidden"}]',
        f'42["message",{SOCKET_IO_MESSAGE}]',
    ),
    "Channels": (
        Channels(),
        f'{{"id": 1000, "conversation_id": "{ROOM}", "content": "{CONTENT}"}}',
        f'{{"ack": 1000, "message": {CHANNELS_MESSAGE}}}',
        '{"ack": 1000, "error": "forbidden"}',
        f'{{"message": {CHANNELS_MESSAGE}}}',
    ),
}

each = pytest.mark.parametrize(
    ("dialect", "command", "reply", "refusal", "delivery"), SPOKEN.values(), ids=SPOKEN
)


@each
def test_a_command_is_what_the_server_takes(dialect, command, reply, refusal, delivery):
    said = dialect.commands(ROOM).message(1000).decode()
    assert said.startswith(command)
    assert CONTENT in said


@each
def test_an_acknowledgement_is_told_from_a_delivery(dialect, command, reply, refusal, delivery):
    assert reply.encode().startswith(dialect.reply)
    assert not reply.encode().startswith(dialect.delivery)
    assert delivery.encode().startswith(dialect.delivery)
    assert not delivery.encode().startswith(dialect.reply)
    assert dialect.command_id_of(reply.encode()) == 1000


@each
def test_a_refusal_is_no_acknowledgement(dialect, command, reply, refusal, delivery):
    assert refusal.encode().startswith(dialect.reply)
    with pytest.raises(RefusedError, match="forbidden"):
        dialect.command_id_of(refusal.encode())


@each
def test_a_delivery_tells_its_number_and_the_command_that_sent_it(
    dialect, command, reply, refusal, delivery
):
    assert dialect.number_of(delivery.encode()) == 7
    assert sent_number(delivery.encode()) == 1000


@pytest.mark.parametrize(
    "other",
    ['{"ev":"typing","d":{}}', '{"ev":"conversation.created","d":{"conversation":{"last_seq":0}}}'],
)
def test_what_else_parley_tells_is_neither(other):
    dialect = Parley()
    assert not other.encode().startswith((dialect.reply, dialect.delivery, dialect.receipt))


def test_socket_io_is_answered_its_ping():
    assert (SOCKET_IO.ping, SOCKET_IO.pong) == (b"2", b"3")
    assert not SOCKET_IO.ping.startswith((SOCKET_IO.reply, SOCKET_IO.delivery))
