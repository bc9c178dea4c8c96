"""People of a Parley server taken to their places before a load: in pairs, or as one group."""

import signal
import sys
from collections.abc import Sequence

from loadtests.bench.drivers import parley
from loadtests.bench.drivers.audience import Audience
from loadtests.bench.drivers.dialect import RefusedError
from loadtests.bench.drivers.turns import StalledError, Turns
from loadtests.bench.drivers.wire import ConnectionLostError
from loadtests.bench.target import accounts, instance
from loadtests.bench.target.cpu import ProcessGoneError

_CREATE_ID = 2

FAILURES = (
    accounts.AccountsError,
    instance.InstanceError,
    RefusedError,
    ConnectionLostError,
    OSError,
    ProcessGoneError,
    StalledError,
)
"""What a load that failed raises."""


def end_when_told() -> None:
    """Exit when told to terminate, so that what was started is ended also then."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))


def pairs(ws_url: str, people: Sequence[accounts.Login]) -> Turns:
    """Every two of these who follow each other, in their direct conversation. Raises `FAILURES`."""
    turns = Turns()
    try:
        for one, other in zip(people[::2], people[1::2], strict=True):
            first = parley.connect(ws_url, one.token)
            second = parley.connect(ws_url, other.token)
            turns.add((first, second), *parley.direct_conversation(first, other.user_id))
    except BaseException:
        turns.close()
        raise
    return turns


def group(ws_url: str, people: Sequence[accounts.Login]) -> Audience:
    """A new group of these, whose first is the sender. Raises `FAILURES`."""
    dialect = parley.Parley()
    sender = parley.connect(ws_url, people[0].token)
    made = parley.ask(
        sender,
        "conversation.create",
        {"type": "group", "participant_ids": [each.user_id for each in people[1:]]},
        _CREATE_ID,
    )
    audience = Audience(dialect, sender, made["conversation"]["id"])
    try:
        # Who connects now is joined before the greeting is answered.
        audience.add([dialect.connect(ws_url, each.token) for each in people[1:]])
    except BaseException:
        audience.close()
        raise
    return audience
