"""All that a run consists of, put up in order and taken down in reverse."""

import asyncio
import contextlib
import itertools
import random
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

from loadtests.bench.target.accounts import logins
from loadtests.chaos.checkpoint import Checkpoint
from loadtests.chaos.judges.oracle import Oracle
from loadtests.chaos.judges.violations import Violations
from loadtests.chaos.options import Options
from loadtests.chaos.people.cast import assembled
from loadtests.chaos.people.listener import Listener
from loadtests.chaos.people.roaming import Roaming
from loadtests.chaos.people.sender import WireSender
from loadtests.chaos.people.trace import Write
from loadtests.chaos.people.traffic import Traffic
from loadtests.chaos.servers import stores
from loadtests.chaos.servers.nodes import Node, backends
from loadtests.chaos.servers.proxy import Address
from loadtests.chaos.stage import Stage

_LOGIN_S = 7_200.0


@dataclass(frozen=True, slots=True)
class World:
    """The stage, those on the bare wire, those who come and go, and those who judge."""

    stage: Stage
    listeners: list[Listener]
    roaming: Roaming
    checkpoint: Checkpoint
    violations: Violations


@contextlib.asynccontextmanager
async def standing(options: Options) -> AsyncIterator[World]:
    """Servers, nodes, people and conversations, as long as the block lasts."""
    violations = Violations()
    oracle = Oracle(violations)
    scale, seed = options.scale, options.seed
    turns = itertools.count()
    async with contextlib.AsyncExitStack() as stack:
        data_dir = stack.enter_context(_directory(options.data_dir))
        postgres, valkey = await stack.enter_async_context(stores.running(data_dir))
        nodes = [
            # The last one has a supervisor.
            Node(f"node{left}", data_dir, postgres, valkey, workers=1 if left else options.workers)
            for left in reversed(range(options.nodes))
        ]
        for node in nodes:
            await stack.enter_async_context(node)
        await asyncio.gather(*(node.up() for node in nodes))

        def balanced() -> list[Address]:
            return backends(nodes, next(turns))

        file = data_dir / "logins.json"
        people = await asyncio.to_thread(logins, nodes[0].http, scale.people, file, for_s=_LOGIN_S)
        chance = random.Random(f"{seed}/cast")
        judges = oracle, violations
        write = stack.enter_context(_writing(options.trace))
        cast = await stack.enter_async_context(
            assembled(scale, people, judges, balanced, chance, write)
        )
        traffic = Traffic(cast, oracle, violations, seed, options.rate)
        on_wire = [*people[: scale.listeners], *people[: scale.twins]]
        listeners = [
            Listener(f"listener {number}", login, balanced, violations, seed, write)
            for number, login in enumerate(on_wire)
        ]
        for listener in [*listeners[scale.listeners :], *listeners][: scale.senders]:
            judge = listener.judge
            listener.sender = WireSender(judge, listener.user_id, traffic, violations, seed)
        for listener in listeners:
            await stack.enter_async_context(listener)
        chance = random.Random(f"{seed}/faults")
        stage = Stage(nodes, postgres, valkey, cast, oracle, traffic, chance)
        by_id = {login.user_id: login for login in people}
        checkpoint = Checkpoint(cast, listeners, (oracle, violations), by_id)
        yield World(stage, listeners, Roaming(cast, traffic, seed), checkpoint, violations)


@contextlib.contextmanager
def _writing(file: Path | None) -> Iterator[Write | None]:
    if file is None:
        yield None
        return
    with file.open("w") as opened:
        yield lambda line: print(line, file=opened)


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
