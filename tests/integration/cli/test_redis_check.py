"""The Redis that a start is told of: what cannot be used ends it, what is away does not."""

import asyncio
from urllib.parse import urlsplit

import pytest
import redis.asyncio

from server.processes import redis_check
from server.processes.redis_check import RedisUnusableError, check


async def test_one_that_can_be_used(redis_url: str, logs: list[dict[str, object]]) -> None:
    await check(redis_url, is_cluster=False)
    assert logs == []


async def test_one_that_is_away_may_come_later(logs: list[dict[str, object]]) -> None:
    await check("redis://127.0.0.1:1/0", is_cluster=False)
    (line,) = logs
    assert line["event"] == "redis_away_at_start"
    assert "PARLEY_REDIS_URL" in str(line["do"])


async def test_a_wrong_password(redis_url: str) -> None:
    for login in (":wrong@", ""):
        url = f"redis://{login}127.0.0.1:{urlsplit(redis_url).port}/0"
        with pytest.raises(RedisUnusableError, match="correct the password in PARLEY_REDIS_URL"):
            await check(url, is_cluster=False)


async def test_an_address_that_is_none(redis_url: str) -> None:
    with pytest.raises(RedisUnusableError, match="PARLEY_REDIS_URL: Invalid value for 'db'"):
        await check(f"{redis_url}?db=none", is_cluster=False)


async def test_one_that_is_too_old(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_check, "OLDEST", 99)
    with pytest.raises(RedisUnusableError, match="is too old: Parley needs 99 or newer"):
        await check(redis_url, is_cluster=False)


async def test_a_single_server_named_as_a_cluster(redis_url: str) -> None:
    with pytest.raises(RedisUnusableError, match="unset PARLEY_REDIS_CLUSTER"):
        await check(redis_url, is_cluster=True)


async def test_something_else_on_the_port() -> None:
    async def answer(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        with pytest.raises(RedisUnusableError, match="is no Redis 7"):
            await check(f"redis://127.0.0.1:{port}/0", is_cluster=False)
    finally:
        server.close()


async def test_one_that_evicts_is_told(redis_url: str, logs: list[dict[str, object]]) -> None:
    client = redis.asyncio.Redis.from_url(redis_url, socket_timeout=5)
    await client.config_set("maxmemory-policy", "allkeys-lru")
    try:
        await check(redis_url, is_cluster=False)
    finally:
        await client.config_set("maxmemory-policy", "noeviction")
        await client.aclose()
    assert [line["event"] for line in logs] == ["redis_evicts"]
