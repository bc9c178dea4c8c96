"""The chaos run.

    python -m loadtests.chaos.run [--messages 200000] [--faults 150] [--seed N]

Clients talk over several processes; in between sit proxies, and one fault after the other strikes.
The exit code is 1 when a message was lost, duplicated, reordered, or anything drifted. Traffic and
the schedule of faults derive from the seed.
"""

import argparse
import asyncio
import contextlib
import gc
import itertools
import random
import secrets
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import structlog
import uvloop

from loadtests.bench.accounts import logins
from loadtests.chaos import journal, report, stores
from loadtests.chaos.cast import Scale, assembled
from loadtests.chaos.checkpoint import Checkpoint
from loadtests.chaos.faults import FAULTS, schedule
from loadtests.chaos.faults.fault import Fault
from loadtests.chaos.listener import Listener
from loadtests.chaos.nodes import Node, backends
from loadtests.chaos.oracle import Oracle
from loadtests.chaos.proxy import Address
from loadtests.chaos.recovery import Recovery
from loadtests.chaos.report import Outcome
from loadtests.chaos.stage import Stage
from loadtests.chaos.traffic import Traffic
from loadtests.chaos.violations import Violations

_HOUR_S = 3_600.0
_FAULT_S = 90.0
_CALM_S = 120.0
_HEAD_START = 200
"""Messages that may be sent beyond what the faults so far allow."""
_POLL_S = 0.02


class Options(msgspec.Struct, frozen=True):
    """What to run."""

    messages: int = 200_000
    faults: int = 150
    seed: str = "1"
    nodes: int = 3
    rate: float = 400.0
    """Messages a second, at the most."""
    checkpoint: int = 25
    """Faults between two comparisons."""
    only: str = ""
    """Strike only faults with this in their name."""
    scale: Scale = Scale()
    data_dir: Path | None = None


def main(argv: Sequence[str] | None = None) -> int:
    """Run, print the table, and say by the exit code whether all was well."""
    options = _parse(argv)
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(40),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    print(f"make chaos SEED={options.seed}", flush=True)
    outcome, violations = uvloop.run(run(options))
    print(report.text(outcome, violations))
    return int(bool(violations))


async def run(options: Options) -> tuple[Outcome, Violations]:
    """One run from its servers' start to their end."""
    began = time.monotonic()
    violations = Violations()
    oracle = Oracle(violations)
    async with contextlib.AsyncExitStack() as stack:
        data_dir = stack.enter_context(_directory(options.data_dir))
        postgres, valkey = await stack.enter_async_context(stores.running(data_dir))
        nodes = [Node(f"node{n}", data_dir, postgres, valkey) for n in range(options.nodes)]
        for node in nodes:
            await stack.enter_async_context(node)
        await asyncio.gather(*(node.up() for node in nodes))
        people = await asyncio.to_thread(
            logins, nodes[0].http, options.scale.people, data_dir / "logins.json", for_s=_HOUR_S
        )
        turns = itertools.count()

        def balanced() -> list[Address]:
            return backends(nodes, next(turns))

        chance = random.Random(f"{options.seed}/cast")
        cast = await stack.enter_async_context(
            assembled(
                options.scale,
                people,
                (oracle, violations),
                balanced,
                chance,
            )
        )
        listeners = [
            Listener(f"listener {n}", login, balanced, violations, options.seed)
            for n, login in enumerate(people[: options.scale.listeners])
        ]
        for listener in listeners:
            await stack.enter_async_context(listener)
        traffic = Traffic(cast, oracle, violations, options.seed, options.rate)
        chance = random.Random(f"{options.seed}/faults")
        stage = Stage(nodes, postgres, valkey, cast, oracle, traffic, chance)
        everybody = {login.user_id: login for login in people}
        show = _Show(options, stage, violations, Checkpoint(cast, oracle, violations, everybody))
        _collect_less()
        recoveries = await show.play()
        stored = await show.end()
        closes, errors = journal.read(node.log_file for node in nodes)
        records = [device.record for device in cast.devices]
        minutes = (time.monotonic() - began) / 60
        title = (
            f"seed {options.seed}: {len(recoveries)} faults, {options.nodes} nodes, "
            f"{len(cast.devices)} devices, {len(cast.rooms)} conversations, {minutes:.1f} min"
        )
        outcome = Outcome(
            title=title,
            sent=oracle.sent,
            acknowledged=oracle.acknowledged,
            unanswered=traffic.unanswered,
            stored=stored,
            delivered=sum(record.delivered for record in records),
            resumed=sum(record.resumed for record in records),
            synced=sum(record.synced for record in records),
            wire=_sums(listeners),
            closes=closes,
            errors=errors,
            refused=traffic.refused,
            evidence=stage.evidence,
            recoveries=recoveries,
        )
    return outcome, violations


def _sums(listeners: list[Listener]) -> tuple[int, int, int, int]:
    return (
        sum(listener.opened for listener in listeners),
        sum(listener.resumed for listener in listeners),
        sum(listener.judge.events for listener in listeners),
        sum(listener.judge.repeated for listener in listeners),
    )


class _Show:
    """Faults, one after the other, while people talk."""

    def __init__(
        self, options: Options, stage: Stage, violations: Violations, checkpoint: Checkpoint
    ) -> None:
        self._options = options
        self._stage = stage
        self._violations = violations
        self._checkpoint = checkpoint
        self._recovery = Recovery(stage.cast, stage.oracle, violations)

    async def play(self) -> list[tuple[str, float]]:
        """All faults; how long each took to recover from, by name."""
        options, traffic = self._options, self._stage.traffic
        faults = list(schedule(random.Random(f"{options.seed}/schedule"), options.faults))
        if options.only:
            chosen = [fault for fault in FAULTS if options.only in fault.name]
            faults = [chosen[n % len(chosen)] for n in range(options.faults)]
        share = options.messages / (len(faults) + 1)
        recoveries = []
        async with traffic.running():
            for number, fault in enumerate(faults, 1):
                traffic.due = int(number * share) + _HEAD_START
                await self._sent(int(number * share))
                recoveries.append((fault.name, await self._strike(number, fault)))
                if number % options.checkpoint == 0:
                    await self._compare(number)
            traffic.due = options.messages
            await self._sent(options.messages)
        return recoveries

    async def end(self) -> int:
        """The last comparison; how many messages are stored."""
        self._violations.context = "in the end"
        node = self._stage.nodes[0]
        await node.up()
        await self._recovery.seconds(self._stage.oracle.tops())
        return await self._checkpoint.compare_all(_websocket(node), self._stage.postgres)

    async def _strike(self, number: int, fault: Fault) -> float:
        self._violations.context = f"{number}: {fault.name}"
        before = self._stage.oracle.acknowledged
        async with asyncio.timeout(_FAULT_S):
            await fault.strike(self._stage)
        meanwhile = self._stage.oracle.acknowledged - before
        seconds = await self._recovery.seconds(self._stage.oracle.tops())
        wrong = "" if not self._violations else f"   {self._violations.summary()}"
        print(
            f"{number:>4} {fault.name:<40} {meanwhile:>5} acknowledged meanwhile, "
            f"whole again after {seconds:6.2f} s{wrong}",
            flush=True,
        )
        return seconds

    async def _compare(self, number: int) -> None:
        self._violations.context = f"calm after {number}"
        await self._stage.traffic.pause(_CALM_S)
        for node in self._stage.nodes:
            await node.up()
        await self._checkpoint.compare(_websocket(self._stage.nodes[0]))
        self._stage.traffic.go_on()

    async def _sent(self, count: int) -> None:
        while self._stage.oracle.sent < count:
            await asyncio.sleep(_POLL_S)


def _websocket(node: Node) -> str:
    host, port = node.websocket
    return f"ws://{host}:{port}/v1/ws"


@contextlib.contextmanager
def _directory(given: Path | None) -> Iterator[Path]:
    if given is not None:
        yield given
        return
    made = Path(tempfile.mkdtemp(prefix="parley-chaos-"))
    # As root PostgreSQL runs under another account, which must pass through.
    made.chmod(0o711)
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _collect_less() -> None:
    """Millions of messages are kept to the end: looking through them again and again is in vain."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(200_000, 50, 1_000)


def _parse(argv: Sequence[str] | None) -> Options:
    parser = argparse.ArgumentParser(
        prog="python -m loadtests.chaos.run", description=(__doc__ or "").split("\n")[0]
    )
    default = Options(seed=str(secrets.randbelow(1_000_000)))
    parser.add_argument("--messages", type=int, default=default.messages)
    parser.add_argument("--faults", type=int, default=default.faults)
    parser.add_argument("--seed", default=default.seed)
    parser.add_argument("--nodes", type=int, default=default.nodes)
    parser.add_argument("--rate", type=float, default=default.rate)
    parser.add_argument("--checkpoint", type=int, default=default.checkpoint)
    parser.add_argument("--only", default=default.only, help="faults with this in their name")
    parser.add_argument("--data-dir", type=Path, default=None, help="kept, with logs")
    given = parser.parse_args(argv)
    return Options(**vars(given))


if __name__ == "__main__":
    sys.exit(main())
