"""From empty servers of each version to a running Parley, by the words of the operations guide."""

import asyncio
import contextlib
import shutil
from typing import NamedTuple

import pytest

from server.processes.redis_check import check
from tests.directories import server_directory
from tests.integration.own_servers.servers import VERSIONS, Address, postgres, redis_server
from tests.integration.own_servers.walking import (
    CATEGORY,
    Visitor,
    begun,
    serving,
    shell,
    variables,
    visiting,
    works,
)
from tests.program import Serving

pytestmark = pytest.mark.timeout(300)  # programs, migrations and servers, one after the other

LOSES_A_ROLE = 16
BACK_S = 15.0


class Loss(NamedTuple):
    """What an administrator does by mistake, what is said of it, and how it is mended."""

    statement: str
    said: str
    mend: str


LOSES_THE_SERVICE = "REVOKE parley_service FROM parley_server"
GETS_IT_BACK = "GRANT parley_service TO parley_server WITH INHERIT FALSE, SET TRUE"
NEW_CONNECTIONS = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'parley_server'
"""
LOSSES = (
    Loss(
        "ALTER ROLE parley_app RENAME TO lost",
        "the roles parley_app are missing",
        "psql -X -d postgres -c 'ALTER ROLE lost RENAME TO parley_app'",
    ),
    Loss(
        "REVOKE parley_app FROM parley_server",
        "the login parley_server may not act as parley_app",
        "psql -X -d postgres -f superuser.sql",
    ),
)


async def test_a_redis_of_ones_own_is_accepted() -> None:
    if shutil.which("redis-server") is None:
        pytest.skip("no redis-server on the PATH (Debian: redis-server): the tests run on Valkey")
    with server_directory() as above:
        async with redis_server(above) as url:
            await check(url, is_cluster=False)


# The oldest is set up by the same script in test_backup.py.
@pytest.mark.parametrize("version", VERSIONS[1:])
async def test_an_empty_server_is_set_up_by_the_words_of_the_guide(version: int) -> None:
    async with contextlib.AsyncExitStack() as stack:
        above = stack.enter_context(server_directory())
        redis_url = await stack.enter_async_context(redis_server(above))
        address = await stack.enter_async_context(postgres(version, above))
        names = variables(above, address)
        exports, rest = begun(address, redis_url)
        await shell(f"{exports}\n{rest}", above, names)
        await address.run(CATEGORY, database="parley")
        server = await stack.enter_async_context(serving(exports, above, names))
        assert "login_has_more_rights" not in server.said
        visitor = await stack.enter_async_context(visiting(server))
        await works(visitor)
        if version == LOSES_A_ROLE:
            for lost in LOSSES:
                await address.run(lost.statement)
                await _is_told(server, visitor, lost)
                await shell(lost.mend, above, names)
                await works(visitor)
            await _outlives_its_service(address, server, visitor)


async def _is_told(server: Serving, visitor: Visitor, lost: Loss) -> None:
    """It is no client's fault, and an operator reads what to do, without a traceback."""
    status, body = await visitor.ask("GET", "/readyz")
    # The other nodes lack it too, and conversations go on.
    assert (status, body["status"]) == (200, "degraded")
    (warning,) = body["warnings"]
    assert lost.said in warning
    assert (await visitor.ask("GET", "/v1/conversations"))[0] == 200
    assert "--print-superuser" in warning
    seen = len(server.log)
    for asked in (("GET", "/v1/gigs"), ("POST", "/v1/gigs", visitor.gig)):
        status, body = await visitor.ask(*asked)
        assert (status, body["error"]["code"]) == (500, "internal"), asked
        seen = await server.logged("role_lacking", after=seen)
        assert "--print-superuser" in server.log[seen - 1]["reason"]
        assert "exception" not in server.log[seen - 1]


async def _outlives_its_service(address: Address, server: Serving, visitor: Visitor) -> None:
    """As without PostgreSQL: new connections can do nothing, and it goes on once they can."""
    seen = len(server.log)
    await address.run(LOSES_THE_SERVICE, NEW_CONNECTIONS)
    seen = await server.logged("role_lacking", after=seen)
    reason = server.log[seen - 1]["reason"]
    assert "does not act as parley_service" in reason
    assert "--print-superuser" in reason
    status, body = await visitor.ask("GET", "/readyz")
    assert (status, body["status"], body["warnings"]) == (503, "unavailable", [reason])
    status, body = await visitor.ask("GET", "/v1/conversations")
    assert (status, body["error"]["code"]) == (503, "unavailable")
    await address.run(GETS_IT_BACK)
    async with asyncio.timeout(BACK_S):
        while (await visitor.ask("GET", "/readyz"))[0] != 200:
            await asyncio.sleep(0.1)
    await works(visitor)
    assert not [one for one in server.log if one["level"] == "error" and "exception" in one]
