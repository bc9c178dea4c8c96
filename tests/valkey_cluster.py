"""A real Valkey Cluster for tests: three masters, a replica each, from the wheel's own server."""

import asyncio
import contextlib
import secrets
import signal
import socket
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, cast

import psutil
from redis.asyncio import Redis
from redis.crc import key_slot
from redis.exceptions import RedisError

from storage.embedded.processes import (
    account_for,
    end,
    last_lines,
    launch,
    let_read,
    private_directory,
    private_file,
)
from storage.embedded.valkey import program

MASTERS = 3
SLOTS = 16_384
START_S = 20.0
NODE_TIMEOUT_MS = 1_000
_POLL_S = 0.02

_SETTINGS = """\
bind 127.0.0.1
port {port}
cluster-enabled yes
cluster-port {bus_port}
cluster-config-file nodes.conf
cluster-node-timeout {timeout_ms}
cluster-require-full-coverage no
cluster-allow-replica-migration no
cluster-replica-validity-factor 0
repl-diskless-sync-delay 0
requirepass {password}
primaryauth {password}
dir {directory}
save ""
appendonly no
maxmemory-policy noeviction
"""


class ClusterNode:
    """One server of the cluster and a client of its own."""

    def __init__(self, directory: Path, password: str, ports: tuple[int, int]) -> None:
        self._directory = directory
        self._password = password
        self._process: psutil.Popen | None = None
        self.port, self.bus_port = ports
        self.client = Redis(port=self.port, password=password, socket_timeout=10)
        self.id = ""

    @property
    def is_running(self) -> bool:
        """False once it is killed."""
        return self._process is not None

    @property
    def pid(self) -> int:
        """The process id of the running server."""
        assert self._process is not None
        return self._process.pid

    async def start(self) -> None:
        """Start the server and await its first answer."""
        account = account_for(self._directory)
        private_directory(self._directory, account)
        let_read([program().parent] if account else [])
        settings = _SETTINGS.format(
            port=self.port,
            bus_port=self.bus_port,
            timeout_ms=NODE_TIMEOUT_MS,
            password=self._password,
            directory=self._directory,
        )
        private_file(self._directory / "valkey.conf", settings, account)
        self._process = launch(
            [program(), self._directory / "valkey.conf"],
            self._directory,
            account,
            self._directory / "server.log",
        )
        await until(self._answers, f"{self._directory.name} answers", self.words)
        self.id = (await self.ask("CLUSTER", "MYID")).decode()

    async def ask(self, *words: Any) -> Any:
        """One command to this very node."""
        return await self.client.execute_command(*words)

    async def info(self) -> dict[str, str]:
        """What CLUSTER INFO says."""
        lines = (await self.ask("CLUSTER", "INFO")).decode().split()
        return dict(line.split(":", 1) for line in lines)

    async def slots(self) -> set[int]:
        """The slots that it owns, by its own word."""
        mine: set[int] = set()
        for line in (await self.ask("CLUSTER", "NODES")).decode().splitlines():
            words = line.split()
            if "myself" in words[2] and "master" in words[2]:
                for part in (word for word in words[8:] if not word.startswith("[")):
                    first, _, last = part.partition("-")
                    mine.update(range(int(first), int(last or first) + 1))
        return mine

    async def kill(self) -> None:
        """As a machine that loses its power."""
        if self._process is not None:
            process, self._process = self._process, None
            await end(process, ask=signal.SIGKILL, insist=signal.SIGKILL)

    async def close(self) -> None:
        """Nothing of it is left."""
        await self.client.aclose()
        await self.kill()

    def words(self) -> str:
        """The end of its log, for the message of a failed test."""
        return last_lines(self._directory / "server.log")

    async def _answers(self) -> bool:
        try:
            return bool(await cast("Any", self.client.ping()))
        except (RedisError, OSError):
            return False


class ValkeyCluster:
    """The nodes; slots are owned by the masters in thirds."""

    def __init__(self, directory: Path) -> None:
        self.password = secrets.token_urlsafe(12)
        ports = _free_ports(4 * MASTERS)
        self.nodes = [
            ClusterNode(directory / f"node{number}", self.password, (ports.pop(), ports.pop()))
            for number in range(2 * MASTERS)
        ]

    @property
    def url(self) -> str:
        """The address of one node; the others are found from it."""
        return f"redis://:{self.password}@127.0.0.1:{self.nodes[0].port}/0"

    async def start(self) -> None:
        """Start all, let them meet, and await that all agree."""
        await asyncio.gather(*(node.start() for node in self.nodes))
        for number, node in enumerate(self.nodes):
            await node.ask("CLUSTER", "SET-CONFIG-EPOCH", number + 1)
        first = self.nodes[0]
        for node in self.nodes[1:]:
            await node.ask("CLUSTER", "MEET", "127.0.0.1", first.port, first.bus_port)
        for node in self.nodes:
            await until(partial(self._knows_all, node), "the nodes have met", node.words)
        bounds = [SLOTS * number // MASTERS for number in range(MASTERS + 1)]
        for number in range(MASTERS):
            master, replica = self.nodes[number], self.nodes[MASTERS + number]
            await master.ask("CLUSTER", "ADDSLOTSRANGE", bounds[number], bounds[number + 1] - 1)
            await replica.ask("CLUSTER", "REPLICATE", master.id)
        for node in self.nodes:
            await until(partial(self._is_ready, node), "the cluster is ready", node.words)

    def slot_of(self, channel: bytes) -> int:
        """The slot of a key or channel."""
        return key_slot(channel)

    async def owner(self, slot: int) -> ClusterNode:
        """The node that owns a slot, as the nodes themselves say."""
        for node in self.nodes:
            if node.is_running and slot in await node.slots():
                return node
        raise AssertionError(f"nobody owns slot {slot}")

    async def begin_move(self, slot: int, source: ClusterNode, target: ClusterNode) -> None:
        """From now on the source asks those who look for what it has not to go to the target."""
        await target.ask("CLUSTER", "SETSLOT", slot, "IMPORTING", source.id)
        await source.ask("CLUSTER", "SETSLOT", slot, "MIGRATING", target.id)

    async def move_keys(self, slot: int, source: ClusterNode, target: ClusterNode) -> int:
        """Move what the slot holds; how many keys."""
        moved = 0
        while keys := await source.ask("CLUSTER", "GETKEYSINSLOT", slot, 20):
            words = ["MIGRATE", "127.0.0.1", target.port, "", 0, 5000, "AUTH", self.password]
            await source.ask(*words, "KEYS", *keys)
            moved += len(keys)
        return moved

    async def end_move(self, slot: int, source: ClusterNode, target: ClusterNode) -> None:
        """The slot is the target's."""
        for node in (target, source):
            await node.ask("CLUSTER", "SETSLOT", slot, "NODE", target.id)

    async def move_at_once(self, slot: int, source: ClusterNode, target: ClusterNode) -> None:
        """As Valkey 9 does it: the slot goes over whole, nobody is asked to look elsewhere."""
        await source.ask("CLUSTER", "MIGRATESLOTS", "SLOTSRANGE", slot, slot, "NODE", target.id)

        async def is_there() -> bool:
            return slot in await target.slots()

        await until(is_there, "the slot has gone over", source.words)

    async def hand_over(self, master: ClusterNode) -> ClusterNode:
        """The replica takes over from a master that lives; the new master."""
        await self.replica_of(master).ask("CLUSTER", "FAILOVER")
        return await self.succeeded(master)

    async def succeeded(self, master: ClusterNode) -> ClusterNode:
        """Await that a replica has taken a dead or frozen master's place; the new master."""
        replica = self.replica_of(master)

        async def is_master() -> bool:
            return bool((await replica.ask("ROLE"))[0] == b"master")

        await until(is_master, "the replica has taken over", replica.words)
        return replica

    async def stop(self) -> None:
        """End all servers."""
        await asyncio.gather(*(node.close() for node in self.nodes))

    def replica_of(self, master: ClusterNode) -> ClusterNode:
        """Who takes over from a master of the beginning, or whom it takes over from."""
        return self.nodes[(self.nodes.index(master) + MASTERS) % len(self.nodes)]

    async def _knows_all(self, node: ClusterNode) -> bool:
        lines = (await node.ask("CLUSTER", "NODES")).decode().splitlines()
        return len(lines) == len(self.nodes) and "handshake" not in str(lines)

    async def _is_ready(self, node: ClusterNode) -> bool:
        info = await node.info()
        role = await node.ask("ROLE")
        linked = role[0] == b"master" or role[3] == b"connected"
        everybody = len(await node.ask("CLUSTER", "SLOTS")) == MASTERS
        return linked and everybody and info["cluster_state"] == "ok"


def _free_ports(count: int) -> list[int]:
    """Different ones: each is held until all are found."""
    with contextlib.ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]


async def until(
    is_so: Callable[[], Any], what: str, words: Callable[[], str] = str, within_s: float = START_S
) -> None:
    """Ask a state of other processes again and again, within a bounded time."""
    deadline = time.monotonic() + within_s
    while not await is_so():
        assert time.monotonic() < deadline, f"not within {within_s} s: {what}\n{words()}"
        await asyncio.sleep(_POLL_S)
