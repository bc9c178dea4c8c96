"""First messages: how long one takes to somebody whose connection has heard nothing of the group.

    python -m loadtests.bench.first [--groups 300] [--quiet 6] [--rounds 3]

Groups of two, one message under way at a time, from the send to the arrival of `message.created`
at the other one, who connects anew before each case and resumes nothing:

* created: the group is made, and its maker writes as soon as the reply has come;
* quiet: the group has not changed for some seconds, then somebody writes;
* later: the message after that one, on the same connections, for comparison;
* edited: after as much quiet a message is edited, and its author writes when the reply has come;
* active: as edited, in a group to which a message was written just before the reader connected.

The creation and the edit reach the reader by the relay, the message by the writer. Counted is how
the reader learned of the earlier change: before the message, after it, by `resync`, or not at all.
"""

import contextlib
import select
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, Self

import msgspec
import orjson

from loadtests.bench import figures, rounds
from loadtests.bench.drivers import dialect, parley
from loadtests.bench.drivers.turns import without_collector
from loadtests.bench.target import database
from loadtests.bench.target.accounts import Login
from loadtests.bench.target.instance import Instance

_WRITERS = 10
_CREATED = "conversation.created"
_EDITED = "message.updated"
_MESSAGE = "message.created"
_RESYNC = "resync"
_SETTLE_S = 2.0
"""What has not been told so long after the last message of a case is not told."""
_TIMEOUT_S = 10.0
_MILLI = 1e3
_SHARES = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
OUTCOMES = ("before the message", "after the message", "by resync", "not at all")
"""How the change before a message is told."""


class Case(msgspec.Struct):
    """One kind of message in one round."""

    latencies_s: list[float] = []
    outcomes: Counter[str] = msgspec.field(default_factory=Counter)
    """How the earlier change was told, counted."""
    resyncs: int = 0


class Round(msgspec.Struct, frozen=True):
    """All cases of one round."""

    created: Case
    quiet: Case
    later: Case
    edited: Case
    active: Case


class First:
    """People who write first messages to each other."""

    def __init__(self, groups: int = 300, quiet_s: float = 6.0) -> None:
        self.sockets = groups + _WRITERS
        self._groups = groups
        self._quiet_s = quiet_s
        self._rounds: list[Round] = []

    def round(self, server: Instance) -> None:
        """Every case once, in new groups. Raises `rounds.FAILURES`."""
        logins = database.people(server, _WRITERS + self._groups)
        with contextlib.ExitStack() as stack:
            writers = [stack.enter_context(Writer(server.ws, one)) for one in logins[:_WRITERS]]
            stack.enter_context(without_collector())
            groups = [
                Group(writers[number % _WRITERS], reader)
                for number, reader in enumerate(logins[_WRITERS:])
            ]
            self._rounds.append(_round(server.ws, groups, self._quiet_s))

    def report(self) -> str:
        """A table a case."""
        title = f"first: one message under way, {self._groups} groups"
        tables = [
            figures.table(f"{title}; {name}", _rows([getattr(one, name) for one in self._rounds]))
            for name in Round.__struct_fields__
        ]
        return "\n\n".join(tables)


class Writer:
    """One connection that makes groups, writes and edits. Ended with a `with` block.

    Its methods raise `RefusedError`, `ConnectionLostError`, `TimeoutError`.
    """

    def __init__(self, ws_url: str, login: Login) -> None:
        self._connection = parley.connect(ws_url, login.token)
        self._command_id = 1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def ask(self, op: str, d: dict[str, Any]) -> dict[str, Any]:
        """One command and its reply."""
        self._command_id += 1
        return parley.ask(self._connection, op, d, self._command_id)

    def send(self, commands: parley.Commands) -> int:
        """Send a message, without waiting for its reply; its number."""
        self._command_id += 1
        self._connection.send(commands.message(self._command_id))
        return self._command_id

    def await_reply(self) -> dict[str, Any]:
        """The reply to what was sent last."""
        while True:
            for payload in self._connection.receive():
                is_reply = payload.startswith(parley.REPLY)
                if is_reply and parley.command_id_of(payload) == self._command_id:
                    reply: dict[str, Any] = orjson.loads(payload)["d"]
                    return reply


class Group:
    """A conversation of two: its writer, and who reads."""

    def __init__(self, writer: Writer, reader: Login) -> None:
        self.writer = writer
        self.reader = reader
        self._conversation_id = ""
        self._message_id = ""
        self._commands = parley.Commands("")

    def create(self) -> None:
        """Make the conversation. Raises as `Writer`."""
        d = {"type": "group", "participant_ids": [self.reader.user_id]}
        made = self.writer.ask("conversation.create", d)["conversation"]
        self._conversation_id = made["id"]
        self._commands = parley.Commands(made["id"])

    def edit(self) -> None:
        """Edit the message that was written last. Raises as `Writer`."""
        self.writer.ask(
            "message.edit",
            {
                "conversation_id": self._conversation_id,
                "message_id": self._message_id,
                "content": "The draft of the third page is in the folder.",
            },
        )

    def write(self) -> None:
        """Write while nobody reads. Raises as `Writer`."""
        self.writer.send(self._commands)
        self._message_id = self.writer.await_reply()["message"]["id"]

    def message_s(self, listener: "Listener") -> float:
        """Write, and wait for the arrival: seconds. Raises as `Writer`."""
        began = time.perf_counter()
        number = self.writer.send(self._commands)
        arrived = listener.await_message(number)
        self._message_id = self.writer.await_reply()["message"]["id"]
        return arrived - began


class Listener:
    """One connection of a reader, which keeps the names of the events that it is told."""

    def __init__(self, ws_url: str, login: Login) -> None:
        self.connection = parley.connect(ws_url, login.token)
        self.connection.set_blocking(_TIMEOUT_S)
        self.told: list[str] = []

    def await_message(self, number: int) -> float:
        """When this message arrives. Raises `ConnectionLostError`, `TimeoutError`."""
        while True:
            payloads = self.connection.receive()
            now = time.perf_counter()
            for payload in payloads:
                self._keep(payload)
            messages = [one for one in payloads if one.startswith(parley.MESSAGE_CREATED)]
            if any(dialect.sent_number(one) == number for one in messages):
                return now

    def take(self) -> None:
        """Keep what has come. Raises `ConnectionLostError`."""
        for payload in self.connection.receive():
            self._keep(payload)

    def _keep(self, payload: bytes) -> None:
        self.told.append(orjson.loads(payload).get("ev", ""))


def outcome(told: Sequence[str], change: str) -> str:
    """How an event named `change` was told beside the message: one of `OUTCOMES`."""
    if change in told:
        is_before = told.index(change) < told.index(_MESSAGE)
        return "before the message" if is_before else "after the message"
    return "by resync" if _RESYNC in told else "not at all"


def _round(ws_url: str, groups: Sequence[Group], quiet_s: float) -> Round:
    done = Round(Case(), Case(), Case(), Case(), Case())

    def created(group: Group, listener: Listener) -> None:
        group.create()
        done.created.latencies_s.append(group.message_s(listener))

    def quiet(group: Group, listener: Listener) -> None:
        done.quiet.latencies_s.append(group.message_s(listener))
        done.later.latencies_s.append(group.message_s(listener))

    def edited(case: Case) -> Callable[[Group, Listener], None]:
        def act(group: Group, listener: Listener) -> None:
            group.edit()
            case.latencies_s.append(group.message_s(listener))

        return act

    pause_s = max(quiet_s, _SETTLE_S)
    _count(done.created, _CREATED, _heard(ws_url, groups, created, pause_s))
    # The messages of this case change nothing that the relay tells of.
    _count(done.quiet, "", _heard(ws_url, groups, quiet, quiet_s))
    _count(done.edited, _EDITED, _heard(ws_url, groups, edited(done.edited), _SETTLE_S))
    heard = _heard(ws_url, groups, edited(done.active), _SETTLE_S, beforehand=Group.write)
    _count(done.active, _EDITED, heard)
    return done


def _heard(
    ws_url: str,
    groups: Sequence[Group],
    act: Callable[[Group, Listener], None],
    settle_s: float,
    beforehand: Callable[[Group], None] | None = None,
) -> list[Listener]:
    """One case in each group, to a reader who has just connected; what each was told.

    `beforehand` is done while nobody reads.
    """
    listeners: list[Listener] = []
    try:
        for group in groups:
            if beforehand is not None:
                beforehand(group)
            listeners.append(Listener(ws_url, group.reader))
            act(group, listeners[-1])
        _settle(listeners, settle_s)
    finally:
        for listener in listeners:
            listener.connection.close()
    return listeners


def _settle(listeners: Sequence[Listener], for_s: float) -> None:
    """Stay connected and keep what is told."""
    by_descriptor = {one.connection.fileno(): one for one in listeners}
    until = time.monotonic() + for_s
    with select.epoll() as poll:
        for descriptor in by_descriptor:
            poll.register(descriptor, select.EPOLLIN)
        while (left_s := until - time.monotonic()) > 0:
            for descriptor, _events in poll.poll(left_s):
                by_descriptor[descriptor].take()


def _count(case: Case, change: str, listeners: Sequence[Listener]) -> None:
    """Add how an event was told, if there was any, and the resyncs."""
    if change:
        case.outcomes.update(outcome(listener.told, change) for listener in listeners)
    case.resyncs += sum(listener.told.count(_RESYNC) for listener in listeners)


def _rows(told: Sequence[Case]) -> dict[str, list[float]]:
    rows = {
        f"{name} ms": [figures.quantile(one.latencies_s, share) * _MILLI for one in told]
        for name, share in _SHARES.items()
    }
    if any(one.outcomes for one in told):
        for fate in OUTCOMES:
            rows[f"the change told {fate}"] = [float(one.outcomes[fate]) for one in told]
    rows["resyncs"] = [float(one.resyncs) for one in told]
    return rows


def main(argv: Sequence[str] | None = None) -> int:
    """Run it alone."""
    parser = rounds.parser("first", __doc__)
    parser.add_argument("--groups", type=int, default=300, help="messages of each case")
    parser.add_argument("--quiet", type=float, default=6.0, help="seconds before the quiet case")
    given = parser.parse_args(argv)
    first = First(given.groups, given.quiet)
    return rounds.run({"first": first}, given.rounds, given.data_dir)


if __name__ == "__main__":
    sys.exit(main())
