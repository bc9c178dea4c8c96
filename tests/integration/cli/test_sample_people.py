"""The sample people of a first start: where others reach the server, none whom everybody knows."""

import signal
from pathlib import Path

import aiohttp
import pytest

from server.seed import ACCOUNTS
from storage.people.passwords import SAMPLE_PASSWORD
from tests.program import Serving, parley, serving
from tests.wire import WAIT_S

FIRST = ACCOUNTS[0].email
OUTSIDE = {"PARLEY_HOST": "0.0.0.0", "PARLEY_PROVIDER": "none"}


async def answer(server: Serving, path: str, **body: str) -> tuple[int, str]:
    """The status, and the code of an error."""
    url = f"{server.http_url}/v1/auth/{path}"
    timeout = aiohttp.ClientTimeout(WAIT_S)
    async with (
        aiohttp.ClientSession(timeout=timeout) as http,
        http.post(url, json=body) as answered,
    ):
        said = await answered.json(content_type=None)
        return answered.status, said.get("error", {}).get("code", "")


async def login(server: Serving, password: str) -> tuple[int, str]:
    return await answer(server, "login", email=FIRST, password=password)


@pytest.mark.timeout(240)
async def test_a_server_that_others_reach_has_none_unless_told_to(data_dir: Path) -> None:
    async with serving(data_dir, **OUTSIDE) as server:
        assert FIRST not in server.welcome
        assert await login(server, SAMPLE_PASSWORD) == (403, "forbidden")
        assert (await login(server, "another password"))[0] == 401
        for setting in ("PARLEY_SECRET_KEY", "PARLEY_PUBLIC_URL"):
            await server.logged("insecure_setting", setting=setting)
        assert await server.end(signal.SIGINT) == 0
    async with serving(data_dir, PARLEY_SAMPLE_PEOPLE="always", **OUTSIDE) as server:
        password = server.welcome.split("have the password ")[1].split(";")[0]
        assert len(password) >= 16
        assert (await login(server, password))[0] == 200
        assert await login(server, SAMPLE_PASSWORD) == (403, "forbidden")
        assert await server.end(signal.SIGINT) == 0
    async with serving(data_dir) as server:
        # It was told once, and the public one is not theirs.
        assert FIRST not in server.welcome
        assert (await login(server, SAMPLE_PASSWORD))[0] == 401
        assert (await login(server, password))[0] == 200
        assert await server.end(signal.SIGINT) == 0


@pytest.mark.timeout(240)
async def test_sample_people_of_before_cannot_log_in_once_others_reach_the_server(
    data_dir: Path,
) -> None:
    async with serving(data_dir) as server:
        assert (await login(server, SAMPLE_PASSWORD))[0] == 200
        assert await server.end(signal.SIGINT) == 0
    async with serving(data_dir, **OUTSIDE) as server:
        await server.logged("sample_password_refused")
        # A full-width letter has the same hash.
        for password in (SAMPLE_PASSWORD, SAMPLE_PASSWORD.replace("p", "\uff50")):
            assert await login(server, password) == (403, "forbidden")
            fresh = {"email": "anna@example.org", "display_name": "Anna", "kind": "both"}
            refused = await answer(server, "register", password=password, **fresh)
            assert refused == (422, "validation_failed")
        assert await server.end(signal.SIGINT) == 0


async def test_seeding_by_command_makes_a_password_where_others_reach_the_server(
    data_dir: Path, database_url: str
) -> None:
    named = {"PARLEY_DATABASE_URL": database_url}
    seeded = await parley("seed", data_dir=data_dir, **OUTSIDE, **named)
    assert seeded.code == 0
    assert "seeded\nthe sample people have the password " in seeded.output
    assert SAMPLE_PASSWORD not in seeded.output
    again = await parley("seed", data_dir=data_dir, **OUTSIDE, **named)
    assert again.output == "there are people already; nothing done\n"


async def test_a_start_that_is_told_so_makes_none(data_dir: Path) -> None:
    async with serving(data_dir, PARLEY_SAMPLE_PEOPLE="never") as server:
        assert FIRST not in server.welcome
        assert (await login(server, SAMPLE_PASSWORD))[0] == 401
        assert await server.end(signal.SIGINT) == 0
