"""Hostile frames by the ten thousand: each gets the answer that the protocol names.

The seed is fixed; `PARLEY_TEST_FUZZ_SEED` names another one.
"""

import asyncio
import itertools
import os
import random
from collections import Counter
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from protocol.errors import ErrorCode
from server.ws.session import HALF_PAIR_BYTES
from tests.contract.hostile import Frame, Known, Maker
from tests.contract.malformed import half_pairs, malformed, understood
from tests.wire import FORMATS, pack, unpack

FRAMES = 20_000
CONNECTIONS = 4
BATCH = 48
ANSWER_S = 20.0
FRAME_BYTES = 65_536
CODES = {code.value for code in ErrorCode} - {"internal"}
SEED = int(os.environ.get("PARLEY_TEST_FUZZ_SEED", "20261120"))


class Attacker:
    """One person's connection after another, each fed frames until the server has had enough."""

    def __init__(self, app, person, maker: Maker) -> None:
        self.app = app
        self.person = person
        self.maker = maker
        self.sent = 0
        self.answers: Counter[str] = Counter()
        self._socket: ClientConnection | None = None

    async def attack(self, frames: Iterator[Frame]) -> None:
        """Send frames in batches, each batch answered before the next one."""
        await self._connect()
        while batch := list(itertools.islice(frames, BATCH)):
            replies = await self._exchange(_with_pings(batch, self.maker))
            for reply in replies:
                error = reply.get("error")
                self.answers[error["code"] if error else "ok"] += 1
        assert self._socket is not None
        await self._socket.close()

    async def strike_out(self) -> None:
        """Ten bad frames in a row: ten answers, then the end; and a new connection."""
        bad = self.maker.bad(b"\xc1", "the last straw")
        replies = await self._exchange([bad] * 9)
        assert {reply["error"]["code"] for reply in replies} == {"bad_request"}
        await self._send(bad)
        assert (await self._replies(1))[0]["error"]["code"] == "bad_request"
        assert await self._ended() == 4002

    async def go_too_far(self) -> None:
        """The largest frame is answered; a byte more is the end; and a new connection."""
        largest = self.maker.command("ping", {"pad": "x" * 65_000}, "any")
        pad = "x" * (65_000 + FRAME_BYTES - len(largest.data))
        largest = self.maker.command("ping", {"pad": pad}, "any")
        assert len(largest.data) == FRAME_BYTES
        await self._exchange([largest])
        await self._send(self.maker.command("ping", {"pad": pad + "x"}, "any"))
        assert await self._ended() == 1009

    async def _connect(self) -> None:
        self._socket = await connect(
            f"ws://127.0.0.1:{self.app.app.ws_port}/v1/ws",
            subprotocols=[Subprotocol(f"parley.v1.{self.maker.form}")],
            compression=None,
            ping_interval=None,
            max_size=None,
            proxy=None,
        )
        hello = pack(self.maker.form, {"id": 1, "op": "hello", "d": {"token": self.person.token}})
        await self._socket.send(hello)
        assert "d" in (await self._replies(1))[0]

    async def _send(self, frame: Frame) -> None:
        assert self._socket is not None
        self.sent += 1
        await self._socket.send(frame.data, text=frame.text)

    async def _ended(self) -> int | None:
        """The code of the end that must now come; a new connection is there after it."""
        assert self._socket is not None
        async with asyncio.timeout(ANSWER_S):
            await self._socket.wait_closed()
        code = self._socket.close_code
        await self._connect()
        return code

    async def _exchange(self, frames: list[Frame]) -> list[dict[str, Any]]:
        for frame in frames:
            await self._send(frame)
        try:
            replies = await self._replies(len(frames))
        except (TimeoutError, ConnectionClosed) as error:
            raise AssertionError(f"{error!r} among the answers to {frames}") from error
        _judge(frames, replies)
        return replies

    async def _replies(self, count: int) -> list[dict[str, Any]]:
        """So many replies; events in between are left aside."""
        assert self._socket is not None
        replies: list[dict[str, Any]] = []
        async with asyncio.timeout(ANSWER_S):
            while len(replies) < count:
                value = unpack(self.maker.form, await self._socket.recv())
                if "re" in value:
                    replies.append(value)
        return replies


def _with_pings(frames: list[Frame], maker: Maker) -> list[Frame]:
    """The frames, with a good one wherever too many in a row may be bad."""
    told: list[Frame] = []
    row = 0
    for frame in frames:
        if row == 9:
            told.append(maker.ping())
            row = 0
        row = row + 1 if frame.answer in {"bad", "either"} else 0
        told.append(frame)
    return [*told, maker.ping()] if row else told


def _judge(frames: list[Frame], replies: list[dict[str, Any]]) -> None:
    """Every frame has its own answer, of the kind it must have."""
    codes = {reply["error"]["code"] for reply in replies if "error" in reply}
    assert codes <= CODES, f"{codes - CODES} among the answers to {frames}"
    by_id = {reply["re"]: reply for reply in replies if reply["re"] is not None}
    not_understood = [reply for reply in replies if reply["re"] is None]
    assert all(reply["error"]["code"] == "bad_request" for reply in not_understood)
    kinds = Counter(frame.answer for frame in frames)
    assert kinds["bad"] <= len(not_understood) <= kinds["bad"] + kinds["either"], [
        frame for frame in frames if frame.answer == "bad" or frame.id not in by_id
    ]
    for frame in frames:
        if frame.answer in {"invalid", "any"}:
            assert frame.id in by_id, f"no answer to {frame}"
        if frame.answer == "invalid":
            error = by_id[frame.id].get("error", {})
            assert error.get("code") == "validation_failed", f"{error} to {frame}"


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.timeout(300)
async def test_every_frame_is_answered_as_the_protocol_names(app, form, logs, caplog):
    people = await app.people("anna", "ben", "carl", "dora")
    known = await _something_to_find(app, people)
    makers = [Maker(form, known, random.Random(SEED + number)) for number in range(CONNECTIONS)]
    attackers = [Attacker(app, person, maker) for person, maker in zip(people, makers, strict=True)]
    beside = asyncio.create_task(_talk(app))
    async with asyncio.TaskGroup() as group:
        for number, attacker in enumerate(attackers):
            group.create_task(attacker.attack(_share(attacker.maker, number)))
    beside.cancel()
    with pytest.raises(asyncio.CancelledError):
        await beside
    async with asyncio.TaskGroup() as group:
        for attacker in attackers:
            group.create_task(_twice(attacker))
    answers = sum((attacker.answers for attacker in attackers), Counter())
    assert sum(attacker.sent for attacker in attackers) >= FRAMES
    # Some of it got through to every layer.
    assert {"ok", "bad_request", "unknown_op", "validation_failed", "not_found"} <= set(answers)
    assert (await app.http("GET", "/readyz")).status == 200
    _nothing_went_wrong(logs, caplog)


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.timeout(120)
async def test_a_connection_that_does_not_begin_with_hello_is_answered_and_ended(
    app, form, logs, caplog
):
    maker = Maker(form, Known([], [], []), random.Random(SEED))
    frames = [
        *list(malformed(maker))[::4],
        *understood(maker),
        *half_pairs(maker),
        *(maker.mutated() for _ in range(40)),
    ]
    for frame in frames:
        wire = await app.open(form)
        await wire.socket.send(frame.data, text=frame.text)
        assert await wire.closed() == 4001, frame
        (reply,) = wire.frames
        if frame.answer == "bad":
            assert reply["re"] is None and reply["error"]["code"] == "bad_request", frame
        if frame.answer == "invalid" and len(frame.data) <= HALF_PAIR_BYTES:
            assert (reply["re"], reply["error"]["code"]) == (frame.id, "validation_failed"), frame
        assert reply["error"]["code"] in CODES
    _nothing_went_wrong(logs, caplog)


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.timeout(120)
async def test_peers_that_vanish_with_commands_under_way(app, form, logs, caplog):
    people = await app.people("anna", "ben", "carl", "dora")
    known = await _something_to_find(app, people)
    maker = Maker(form, known, random.Random(SEED))
    for number in range(40):
        wire = await app.connect(people[number % 4], form)
        for _ in range(30):
            frame = maker.nonsense()
            await wire.send_frame(frame.data.decode() if frame.text else frame.data)
        for op in ("presence.set", "typing.start", "presence.watch"):
            right = {
                "status": "away",
                "conversation_id": known.conversations[0],
                "user_ids": known.users,
            }
            await wire.tell(op, right)
        if number % 2:
            wire.socket.transport.abort()
        await wire.close()
    async with asyncio.timeout(ANSWER_S):
        while len(app.app.core.connections.registry):
            await asyncio.sleep(0.01)
    _nothing_went_wrong(logs, caplog)


async def _something_to_find(app, people) -> Known:
    """Rooms of all the attackers, with messages in them."""
    owner = await app.connect(people[0])
    others = [str(person.id) for person in people[1:]]
    rooms, messages = [], []
    for _ in range(5):
        made = await owner.ask("conversation.create", type="group", participant_ids=others)
        rooms.append(made["conversation"]["id"])
        for content in ("one", "two"):
            send = {"conversation_id": rooms[-1], "client_id": str(uuid4()), "content": content}
            messages.append((await owner.ask("message.send", send))["message"]["id"])
    await owner.close()
    return Known(rooms, messages, [str(person.id) for person in people])


def _share(maker: Maker, number: int) -> Iterator[Frame]:
    """One attacker's part: of what is systematic each a fourth, the rest by chance."""
    systematic = itertools.chain(
        malformed(maker), understood(maker), half_pairs(maker), maker.wrong_fields()
    )
    count = FRAMES // CONNECTIONS
    for frame in itertools.islice(systematic, number, None, CONNECTIONS):
        count -= 1
        yield frame
    for _ in range(count):
        yield maker.mutated() if maker.chance.random() < 0.4 else maker.nonsense()


async def _twice(attacker: Attacker) -> None:
    await attacker._connect()
    for _ in range(2):
        await attacker.strike_out()
        await attacker.go_too_far()


async def _talk(app) -> None:
    """Two others go on talking all the time, each message arriving in order."""
    anna, ben = await app.people("anna", "ben")
    a, b = await app.connect(anna, "json"), await app.connect(ben, "msgpack")
    made = await a.ask("conversation.create", type="direct", participant_ids=[ben.id])
    room = made["conversation"]["id"]
    for seq in itertools.count(1):
        await a.ask("message.send", conversation_id=room, client_id=uuid4(), content=f"{seq}")
        event = await b.expect("message.created")
        assert event["d"]["message"]["seq"] == seq
        await a.flushed()


def _nothing_went_wrong(logs, caplog) -> None:
    wrong = [
        line for line in logs if "exc_info" in line or line["log_level"] in {"error", "critical"}
    ]
    assert wrong == []
    assert [record for record in caplog.records if record.levelname in {"ERROR", "CRITICAL"}] == []
