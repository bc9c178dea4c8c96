"""The client for commands: redis-py's own for a single Redis, and the same commands on a cluster.

redis-py has a cluster client, but it closes connections that others use, sends ASKING and the
command over different connections, and fails everybody's calls with one node's
(docs/decisions/0012-redis-cluster.md). This one sends a command to the owner of its key, follows
redirections a bounded number of times and keeps the nodes apart.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.client import Pipeline
from redis.commands.core import AsyncScript
from redis.crc import key_slot
from redis.exceptions import (
    AskError,
    ClusterDownError,
    MovedError,
    NoScriptError,
    RedisError,
    TryAgainError,
)
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from storage.redis.connection import connection_options
from storage.redis.keys import shard_of
from storage.redis.node_map import Address, NodeMap

WAIT_S = 2.0
"""For a connection, and in a cluster for an answer."""
PATIENCE_S = 0.4
"""Whoever gave up after so long had reason to: the node is tried before others wait for it."""
PAUSES_S: Final = (0.0, 0.0, 0.02, 0.05, 0.1)
"""Before a command that was redirected is sent again; after the last one it is given up."""

_REDIRECTED = (MovedError, AskError, TryAgainError, ClusterDownError)
_EVERYWHERE = {"PING", "SCRIPT LOAD"}
_SCRIPTS = {"EVAL", "EVALSHA"}

Words = tuple[Any, ...]
Options = Mapping[str, Any]
Command = tuple[Words, Options]


class ScriptCall(NamedTuple):
    """What a script is called with."""

    keys: Sequence[str]
    args: Sequence[str | bytes | int | float]


class NodeSilentError(RedisConnectionError):
    """The one node that owns a key does not answer; the others may."""

    def __init__(self, node: Address) -> None:
        super().__init__(f"{node.host}:{node.port} does not answer")


def connect_redis(nodes: NodeMap, *, connections: int) -> Redis:
    """A client with at most so many connections (a node); to be closed by its `aclose`."""
    if nodes.is_cluster:
        return ClusterRedis(nodes, connections)
    return _client(nodes, next(iter(nodes.owners())), connections)


def is_split(client: Redis) -> bool:
    """True on a cluster: there the keys of one script call have to be of one shard."""
    return isinstance(client, ClusterRedis)


def by_shard(client: Redis, names: Iterable[str]) -> list[list[str]]:
    """The users or conversations of each script call: all, on a cluster those of one shard."""
    if not is_split(client):
        everybody = list(names)
        return [everybody] if everybody else []
    shards: dict[int, list[str]] = defaultdict(list)
    for name in names:
        shards[shard_of(name)].append(name)
    return list(shards.values())


async def call_each(client: Redis, script: AsyncScript, calls: Sequence[ScriptCall]) -> list[Any]:
    """The answers of calls of one script, each of one shard; a node gets all of its own at once.

    Raises the first error once all have been called.
    """
    if len(calls) == 1:
        return [await script(*calls[0])]
    pipeline = client.pipeline(transaction=False)
    for keys, args in calls:
        pipeline.execute_command("EVALSHA", script.sha, len(keys), *keys, *args)
    answers = await pipeline.execute(raise_on_error=False)
    for number, answer in enumerate(answers):
        if isinstance(answer, NoScriptError):
            answers[number] = await script(*calls[number])
    for answer in answers:
        if isinstance(answer, Exception):
            raise answer
    return answers


class ClusterRedis(Redis):
    """The commands of `Redis` on a cluster, each at the node that owns its key.

    A command with several keys needs them in one slot. A pipeline goes to all nodes at once and is
    no transaction. A node that is silent is not waited for: `NodeSilentError`.
    """

    def __init__(self, nodes: NodeMap, connections: int) -> None:
        super().__init__()
        self._nodes = nodes
        self._connections = connections
        self._clients: dict[Address, Redis] = {}

    async def aclose(self, close_connection_pool: bool | None = None) -> None:  # noqa: FBT001 - as redis-py has it
        """Close the connections to all nodes."""
        for client in self._clients.values():
            await client.aclose()
        await super().aclose(close_connection_pool)

    def pipeline(
        self,
        transaction: bool = True,  # noqa: FBT001, FBT002 - as redis-py has it
        shard_hint: str | None = None,
    ) -> Pipeline:
        """Commands sent together, those of a node in one write; `transaction` must be false."""
        if transaction:
            raise ValueError("a cluster has no transactions over several nodes")
        return _ClusterPipeline(self, self.connection_pool, shard_hint)

    async def execute_command(self, *args: Any, **options: Any) -> Any:
        """The answer of the node that owns the key; of `PING` and `SCRIPT LOAD`, one of all."""
        if args[0] in _EVERYWHERE:
            return await self._everywhere(args, options)
        slot = _slot(args)
        step = _Step(await self._owner(slot))
        for pause_s in PAUSES_S:
            try:
                return await self._send(step, args, options)
            except _REDIRECTED as error:
                step = await self._redirected(slot, step, error, pause_s)
        return await self._send(step, args, options)

    async def execute_all(self, commands: Sequence[Command]) -> list[Any]:
        """The answers of many commands, in order; errors are among them."""
        answers: list[Any] = [None] * len(commands)
        at: dict[Address, list[int]] = defaultdict(list)
        for number, (args, _options) in enumerate(commands):
            try:
                at[await self._owner(_slot(args))].append(number)
            except RedisConnectionError as error:
                answers[number] = error
        await asyncio.gather(
            *(self._send_all(address, commands, at[address], answers) for address in at)
        )
        for number, (args, options) in enumerate(commands):
            if isinstance(answers[number], _REDIRECTED):
                try:
                    answers[number] = await self.execute_command(*args, **options)
                except RedisError as error:
                    answers[number] = error
        return answers

    async def _send(self, step: "_Step", args: Words, options: Options) -> Any:
        client = self._client(step.node)
        if not step.is_asking:
            return await self._heard(step.node, lambda: client.execute_command(*args, **options))  # type: ignore[no-untyped-call]  # redis-py leaves it untyped
        # Both in one write: the permission is the connection's, for one command.
        pipeline = client.pipeline(transaction=False)
        pipeline.execute_command("ASKING")
        pipeline.execute_command(*args, **options)
        answers: list[Any] = await self._heard(step.node, pipeline.execute)
        return answers[1]

    async def _send_all(
        self,
        node: Address,
        commands: Sequence[Command],
        numbers: Sequence[int],
        answers: list[Any],
    ) -> None:
        pipeline = self._client(node).pipeline(transaction=False)
        for number in numbers:
            args, options = commands[number]
            pipeline.execute_command(*args, **options)
        told: list[Any]
        try:
            told = await self._heard(node, lambda: pipeline.execute(raise_on_error=False))
        except RedisError as error:
            told = [error] * len(numbers)
        for number, answer in zip(numbers, told, strict=True):
            answers[number] = answer

    async def _redirected(
        self, slot: int, step: "_Step", error: Exception, pause_s: float
    ) -> "_Step":
        """Where a command goes next."""
        if isinstance(error, AskError) and not isinstance(error, MovedError):
            return _Step(Address(error.host or step.node.host, error.port), is_asking=True)
        await asyncio.sleep(pause_s)
        if isinstance(error, MovedError):
            self._nodes.moved(slot, Address(error.host or step.node.host, error.port))
        else:
            self._nodes.disturbed()
        return _Step(await self._owner(slot))

    async def _everywhere(self, args: Words, options: Options) -> Any:
        """At every owner; a script may be missing at a node that is away, a ping may not."""
        if not self._nodes.owners():
            await self._nodes.refresh()
        answers = await asyncio.gather(
            *(self._send(_Step(node), args, options) for node in self._nodes.owners()),
            return_exceptions=True,
        )
        errors = [answer for answer in answers if isinstance(answer, BaseException)]
        if errors and (args[0] == "PING" or len(errors) == len(answers)):
            raise errors[0]
        return next(answer for answer in answers if not isinstance(answer, BaseException))

    async def _owner(self, slot: int) -> Address:
        owner = self._nodes.owner(slot)
        if owner is None:
            await self._nodes.refresh()
            owner = self._nodes.owner(slot)
        if owner is None:
            raise RedisConnectionError(f"no node owns the slot {slot}")
        return owner

    async def _heard(self, node: Address, operation: Callable[[], Awaitable[Any]]) -> Any:
        if self._nodes.is_silent(node):
            raise NodeSilentError(node)
        began = time.monotonic()
        try:
            async with asyncio.timeout(WAIT_S):
                return await operation()
        except (RedisConnectionError, RedisTimeoutError, OSError) as error:
            self._nodes.lost(node)
            raise NodeSilentError(node) from error
        except asyncio.CancelledError:
            if time.monotonic() - began > PATIENCE_S:
                self._nodes.lost(node)  # most likely it was too long for the caller
            raise

    def _client(self, node: Address) -> Redis:
        client = self._clients.get(node)
        if client is None:
            client = self._clients[node] = _client(self._nodes, node, self._connections)
        return client


class _Step(NamedTuple):
    """Where a command is sent: to the owner, or to a node that is about to be."""

    node: Address
    is_asking: bool = False


class _ClusterPipeline(Pipeline):
    """The commands of a pipeline, each to its own node."""

    def __init__(self, cluster: ClusterRedis, pool: Any, shard_hint: str | None) -> None:
        super().__init__(pool, cluster.response_callbacks, transaction=False, shard_hint=shard_hint)
        self._cluster = cluster

    async def execute(self, raise_on_error: bool = True) -> list[Any]:  # noqa: FBT001, FBT002  # as redis-py has it
        """The answers in order; with `raise_on_error` the first error is raised instead."""
        commands, self.command_stack = self.command_stack, []
        answers = await self._cluster.execute_all(commands)
        errors = [answer for answer in answers if isinstance(answer, Exception)]
        if errors and raise_on_error:
            raise errors[0]
        return answers


def _slot(args: Sequence[Any]) -> int:
    name = args[3] if args[0] in _SCRIPTS else args[1]
    return key_slot(name.encode() if isinstance(name, str) else name)


def _client(nodes: NodeMap, node: Address, connections: int) -> Redis:
    # `from_pool` hands the pool over, to be closed with the client.
    return Redis.from_pool(
        BlockingConnectionPool(
            **connection_options(nodes.options_of(node)),
            max_connections=connections,
            timeout=WAIT_S,
            socket_connect_timeout=WAIT_S,
        )
    )
