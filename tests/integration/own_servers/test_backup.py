"""The documented backup restores on a new server, which then serves what was in it."""

import contextlib
import re
from pathlib import Path

import pytest

from server.seed import ACCOUNTS
from tests.directories import server_directory
from tests.integration.own_servers.guide import script
from tests.integration.own_servers.servers import (
    newest_tools,
    postgres,
    programs,
    redis_server,
)
from tests.integration.own_servers.walking import (
    begun,
    serving,
    shell,
    variables,
    visiting,
    works,
)
from tests.program import Serving, instance
from tests.program import serving as embedded

pytestmark = pytest.mark.timeout(300)  # programs, migrations and servers, one after the other

SERVES = "\nparley serve\n"


async def holds_what_was_there(server: Serving) -> None:
    """The sample people log in and find their conversations; new things are taken."""
    async with visiting(server) as visitor:
        await visitor.log_in(ACCOUNTS[0].email, ACCOUNTS[0].password)
        _, found = await visitor.ask("GET", "/v1/conversations")
        # Beside them are the rooms of sample contracts.
        talks = [one for one in found["data"] if one["type"] != "contract_discussion"]
        assert len(talks) == 2
        assert all(one["last_message"]["content"] for one in talks)
        await works(visitor)


async def leaves_out_pgvector(above: Path) -> None:
    """The guide's list for a server without pgvector lacks what needs it, and nothing else."""
    without = script("--list parley.dump")
    await shell(f"{without}\npg_restore --list parley.dump > all.list", above, variables(above))
    kept = set((above / "without.list").read_text().splitlines())
    left = [one for one in (above / "all.list").read_text().splitlines() if one not in kept]
    assert any(" EXTENSION - vector " in one for one in left)
    assert any(" TABLE public embeddings " in one for one in left)
    assert any(" INDEX public embeddings_near " in one for one in left)
    assert not [one for one in left if not re.search(r"EXTENSION|embeddings", one)]
    assert not [one for one in kept if "embeddings" in one]


def tools_of(version: int) -> Path:
    """pg_dump and pg_restore of the version that is restored to; psql goes with them."""
    return newest_tools() if version == 18 else programs(version)


@pytest.mark.parametrize(("before", "after"), [(15, 15), (17, 18)])
async def test_a_dump_restores_on_a_new_server(before: int, after: int) -> None:
    if not (tools_of(after) / "pg_dump").exists():
        pytest.skip(f"no pg_dump {after} here: postgresql-client-{after} of Debian")
    async with contextlib.AsyncExitStack() as stack:
        above = stack.enter_context(server_directory())
        redis_url = await stack.enter_async_context(redis_server(above))
        old = await stack.enter_async_context(postgres(before, above))
        names = variables(above, old, tools_of(after))
        exports, rest = begun(old, redis_url)
        dump = script('pg_dump --format=custom --file=parley.dump "$PARLEY_OWNER')
        await shell(f"{exports}\n{rest}\nparley seed\n{dump}", above, names)

        (above / "new").mkdir()
        new = await stack.enter_async_context(postgres(after, above / "new"))
        names = variables(above / "new", new, tools_of(after))
        exports, _ = begun(new, redis_url)
        restore = script("pg_restore --exit-on-error --no-comments")
        assert restore.endswith(SERVES)
        await shell(f"{exports}\n{restore.removesuffix(SERVES)}", above, names)
        server = await stack.enter_async_context(serving(exports, above, names))
        assert "login_has_more_rights" not in server.said
        await holds_what_was_there(server)


async def test_a_dump_of_the_embedded_server_restores_in_a_new_directory() -> None:
    with (
        server_directory() as above,
        instance(above / "data") as old,
        instance(above / "new" / "data") as new,
    ):
        async with embedded(old) as server:
            async with visiting(server) as visitor:
                await works(visitor)
            dump = script("parley postgres pg_dump")
            await shell(dump, above, variables(above))
        await leaves_out_pgvector(above)
        (above / "new").mkdir()
        restore = script("parley postgres pg_restore").removesuffix("parley serve\n")
        await shell(
            restore.replace("parley.dump", "../parley.dump"),
            above / "new",
            variables(above / "new"),
        )
        async with embedded(new) as server:
            await holds_what_was_there(server)
