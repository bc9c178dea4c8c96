"""Whether the Redis that is named can be used, asked once at a start.

One that does not answer is no reason to end: it may come later, and until then the server does
without. One of a wrong version, or that refuses the login, would never serve.
"""

import asyncio
from typing import Any
from urllib.parse import urlsplit

import redis.asyncio
import structlog
from redis.exceptions import (
    AuthenticationError,
    AuthorizationError,
    InvalidResponse,
    NoPermissionError,
    RedisError,
    ResponseError,
)

log = structlog.get_logger()

OLDEST = 7
ASK_S = 2.0


class RedisUnusableError(RuntimeError):
    """The Redis that is named cannot be used; the message is one line that says what to do."""


async def check(url: str, *, is_cluster: bool) -> None:
    """Look at the server of `PARLEY_REDIS_URL`. Raises `RedisUnusableError`."""
    parts = urlsplit(url)
    place = parts.path if parts.scheme == "unix" else f"{parts.hostname}:{parts.port or 6379}"
    try:
        client = redis.asyncio.Redis.from_url(
            url, socket_timeout=ASK_S, socket_connect_timeout=ASK_S, retry=None
        )
    except ValueError as error:
        raise RedisUnusableError(f"PARLEY_REDIS_URL: {error}") from error
    try:
        async with asyncio.timeout(2 * ASK_S):
            found: dict[str, Any] = await client.info("everything")
    except NoPermissionError:
        return  # A managed server may keep this to itself.
    except (AuthenticationError, AuthorizationError) as error:
        raise RedisUnusableError(
            f"Redis at {place} refuses the login: correct the password in PARLEY_REDIS_URL"
        ) from error
    except (ResponseError, InvalidResponse) as error:
        raise RedisUnusableError(
            f"what listens at {place} is no Redis {OLDEST} ({error}): correct PARLEY_REDIS_URL"
        ) from error
    except (RedisError, OSError, TimeoutError) as error:
        log.warning(
            "redis_away_at_start",
            reason=f"{place} does not answer: {error}",
            do="start it, or correct PARLEY_REDIS_URL; until then nobody is told of new messages",
        )
        return
    finally:
        await client.aclose()
    if problem := _problem(found, place, is_cluster=is_cluster):
        raise RedisUnusableError(problem)
    policy = found.get("maxmemory_policy", "noeviction")
    if policy != "noeviction":
        log.warning("redis_evicts", policy=policy, do="set maxmemory-policy to noeviction")


def _problem(found: dict[str, Any], place: str, *, is_cluster: bool) -> str | None:
    version = str(found.get("redis_version", OLDEST))
    if int(version.partition(".")[0]) < OLDEST:
        return f"Redis {version} at {place} is too old: Parley needs {OLDEST} or newer, or Valkey"
    has_slots = bool(found.get("cluster_enabled", is_cluster))
    if has_slots and not is_cluster:
        return f"Redis at {place} is a node of a cluster: set PARLEY_REDIS_CLUSTER=1"
    if is_cluster and not has_slots:
        return f"Redis at {place} is no node of a cluster: unset PARLEY_REDIS_CLUSTER"
    return None
