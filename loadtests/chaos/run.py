"""The chaos run.

    python -m loadtests.chaos.run [--messages 200000] [--faults 150] [--seed N] [--minutes M]

Clients talk over several processes; in between sit proxies, and one fault after the other strikes.
The exit code is 1 when a message was lost, duplicated or reordered, anything drifted, or a promise
of the wire was broken. Traffic and the schedule of faults derive from the seed. Ctrl-C, or the time
given, ends it early, with the table.
"""

import asyncio
import gc
import random
import signal
import sys
import time
from collections import defaultdict
from collections.abc import Awaitable, Sequence
from typing import TypeVar

import structlog
import uvloop

from loadtests.chaos import options, report, world
from loadtests.chaos.faults import FAULTS, schedule
from loadtests.chaos.faults.fault import Fault
from loadtests.chaos.judges.violations import Violations
from loadtests.chaos.options import Options
from loadtests.chaos.people.roaming import ROAMERS
from loadtests.chaos.recovery import Recovery
from loadtests.chaos.report import Outcome
from loadtests.chaos.servers import journal
from loadtests.chaos.servers.nodes import Node
from loadtests.chaos.world import World

T = TypeVar("T")

_ERROR = 40
_FAULT_S = 90.0
_CALM_S = 120.0
_HEAD_START = 200
"""Messages that may be sent at least beyond what the faults so far allow: people go on while a
fault strikes and all recover.
"""
_SETTLED_S = 30.0
_POLL_S = 0.02


def main(argv: Sequence[str] | None = None) -> int:
    """Run, print the table, and say by the exit code whether all was well."""
    given = options.parse((__doc__ or "").split("\n", 1)[0], argv)
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(_ERROR),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    print(f"make chaos SEED={given.seed}", flush=True)
    outcome, violations = uvloop.run(run(given))
    print(report.text(outcome, violations))
    return int(bool(violations))


async def run(given: Options) -> tuple[Outcome, Violations]:
    """One run from its servers' start to their end."""
    began = time.monotonic()
    async with world.standing(given) as standing:
        _collect_less()
        show = _Show(given, standing)
        recoveries = await show.play()
        stored = await show.end()
        minutes = (time.monotonic() - began) / 60
        outcome = _outcome(given, standing, recoveries, (stored, minutes))
        outcome.spent = show.spent
        return outcome, standing.violations


def _outcome(
    given: Options,
    standing: World,
    recoveries: list[tuple[str, float]],
    figures: tuple[int, float],
) -> Outcome:
    stage = standing.stage
    stored, minutes = figures
    closes, errors = journal.read(node.log_file for node in stage.nodes)
    records = [device.record for device in stage.cast.devices]
    listeners = standing.listeners
    return Outcome(
        title=(
            f"seed {given.seed}: {len(recoveries)} faults, {given.nodes} nodes, "
            f"{len(records)} devices, {len(stage.cast.rooms)} conversations, {minutes:.1f} min"
        ),
        sent=stage.oracle.sent,
        acknowledged=stage.oracle.acknowledged,
        unanswered=stage.traffic.unanswered + _pending(standing),
        stored=stored,
        delivered=sum(record.delivered for record in records),
        resumed=sum(record.resumed for record in records),
        synced=sum(record.synced for record in records),
        wire=(
            sum(listener.opened for listener in listeners),
            sum(listener.resumed for listener in listeners),
            sum(listener.judge.events for listener in listeners),
            sum(listener.judge.repeated for listener in listeners),
        ),
        moves=standing.roaming.moves,
        edited=stage.traffic.changed,
        closes=closes,
        errors=errors,
        refused=stage.traffic.refused,
        evidence=stage.evidence,
        recoveries=recoveries,
    )


def _pending(standing: World) -> int:
    senders = (listener.sender for listener in standing.listeners)
    return sum(sender.pending for sender in senders if sender is not None)


class _Show:
    """Faults, one after the other, while people talk."""

    def __init__(self, given: Options, standing: World) -> None:
        self._given = given
        self._standing = standing
        self._stage = standing.stage
        self._violations = standing.violations
        self._checkpoint = standing.checkpoint
        stage = standing.stage
        self._is_ended = asyncio.Event()
        """Set by Ctrl-C or when the time is over: what was done so far is judged."""
        loop = asyncio.get_running_loop()
        for sign in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(sign, self._is_ended.set)
        if given.minutes is not None:
            loop.call_later(given.minutes * 60, self._is_ended.set)
        self._recovery = Recovery(stage.cast, stage.oracle, standing.violations)
        self.spent: dict[str, float] = defaultdict(float)
        """Seconds, by what was waited for."""

    async def play(self) -> list[tuple[str, float]]:
        """All faults; how long each took to recover from, by name."""
        given, traffic = self._given, self._stage.traffic
        faults = _faults(given)
        share = given.messages / (len(faults) + 1)
        recoveries = []
        roaming = self._standing.roaming
        head_start = max(_HEAD_START, int(share))
        async with traffic.running(*map(roaming.run, range(ROAMERS))):
            for number, fault in enumerate(faults, 1):
                traffic.due = int(number * share) + head_start
                await self._timed("messages", self._sent(int(number * share)))
                if self._is_ended.is_set():
                    break
                recoveries.append((fault.name, await self._strike(number, fault)))
                if number % given.checkpoint == 0:
                    await self._timed("comparisons", self._compare(number))
            traffic.due = given.messages
            await self._timed("messages", self._sent(given.messages))
        return recoveries

    async def end(self) -> int:
        """The last comparison; how many messages are stored."""
        self._violations.context = "in the end"
        node = self._stage.nodes[0]
        await node.up()
        deadline = time.monotonic() + _SETTLED_S
        while _pending(self._standing) and time.monotonic() < deadline:
            await asyncio.sleep(_POLL_S)
        await self._recovery.seconds(self._stage.oracle.tops())
        return await self._checkpoint.compare_all(_websocket(node), self._stage.postgres)

    async def _strike(self, number: int, fault: Fault) -> float:
        self._violations.context = f"{number}: {fault.name}"
        before = self._stage.oracle.acknowledged
        async with asyncio.timeout(_FAULT_S):
            await self._timed("faults", fault.strike(self._stage))
        meanwhile = self._stage.oracle.acknowledged - before
        whole = self._recovery.seconds(self._stage.oracle.tops())
        seconds = await self._timed("recoveries", whole)
        wrong = "" if not self._violations else f"   {self._violations.summary()}"
        print(
            f"{number:>4} {fault.name:<40} {meanwhile:>5} acknowledged meanwhile, "
            f"whole again after {seconds:6.2f} s{wrong}",
            flush=True,
        )
        return seconds

    async def _timed(self, name: str, work: Awaitable[T]) -> T:
        began = time.monotonic()
        try:
            return await work
        finally:
            self.spent[name] += time.monotonic() - began

    async def _compare(self, number: int) -> None:
        self._violations.context = f"calm after {number}"
        await self._stage.traffic.pause(_CALM_S)
        for node in self._stage.nodes:
            await node.up()
        await self._checkpoint.compare(_websocket(self._stage.nodes[0]))
        self._stage.traffic.go_on()

    async def _sent(self, count: int) -> None:
        while self._stage.oracle.sent < count and not self._is_ended.is_set():
            await asyncio.sleep(_POLL_S)


def _faults(given: Options) -> list[Fault]:
    if not given.only:
        return list(schedule(random.Random(f"{given.seed}/schedule"), given.faults))
    chosen = [fault for fault in FAULTS if any(word in fault.name for word in given.only)]
    return [chosen[number % len(chosen)] for number in range(given.faults)]


def _websocket(node: Node) -> str:
    host, port = node.websocket
    return f"ws://{host}:{port}/v1/ws"


def _collect_less() -> None:
    """Millions of messages are kept to the end: looking through them again and again is in vain."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(200_000, 50, 1_000)


if __name__ == "__main__":
    sys.exit(main())
