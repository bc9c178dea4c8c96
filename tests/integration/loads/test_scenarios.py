"""`make load` on a running server: every scenario measures, and failures are failures."""

import asyncio
import re
import sys

import pytest

from loadtests.scenarios.__main__ import SCENARIOS
from tests.program import Ended

ROOM = {"unauthenticated_per_address": 1_000, "connections_per_address": 1_000}
MEASURED = {
    "pairs": ["message.send, acknowledged", "message.send, received"],
    "busy group": ["message.send, acknowledged", "message.send, received"],
    "inbox": ["conversation.list, acknowledged", "message.send, received"],
    "receipts": ["receipt.read, acknowledged", "receipt.read, received"],
    "storm": ["hello, acknowledged", "back, resumed and complete"],
    "mixed day": ["message.send, acknowledged", "message.send, received"],
}


async def load(app, report, *options) -> Ended:
    """Runs `python -m loadtests.scenarios` to its end."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "loadtests.scenarios", "--report", str(report)),
        *("--http", f"http://127.0.0.1:{app.app.http_port if app else 1}"),
        *("--ws", f"ws://127.0.0.1:{app.app.ws_port if app else 1}/v1/ws"),
        *options,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, complaint = await process.communicate()
    assert process.returncode is not None
    return Ended(process.returncode, output.decode(), complaint.decode())


async def test_every_scenario_measures_what_is_acknowledged_and_received(serve, tmp_path):
    assert len(MEASURED) == len(SCENARIOS)
    async with serve(limits=ROOM) as app:
        ended = await load(
            app,
            tmp_path,
            *("--scenario", "all", "--users", "12", "--rate", "12"),
            *("--time", "7", "--storm-every", "2"),
        )
    table = (tmp_path / "table.txt").read_text()
    assert ended.code == 0, ended.complaint + table
    for scenario, names in MEASURED.items():
        for name in names:
            line = rf"^WS +{scenario}: {name} +[1-9]\d* +0\(0.00%\)"
            assert re.search(line, table, re.MULTILINE), name
    assert "<title>Locust" in (tmp_path / "load.html").read_text()


async def test_what_the_server_refuses_is_a_failure(serve, tmp_path):
    async with serve(limits=ROOM | {"content_chars": 3}) as app:
        ended = await load(
            app, tmp_path, "--scenario", "pairs", "--users", "1", "--rate", "1", "--time", "3"
        )
    assert ended.code == 1
    table = (tmp_path / "table.txt").read_text()
    assert re.search(
        r"^\d+ +WS pairs: message.send, acknowledged: .*validation_failed", table, re.MULTILINE
    )


@pytest.mark.parametrize("is_there", [True, False])
async def test_a_server_that_takes_no_load_is_named(serve, tmp_path, is_there):
    async with serve(rate_limits=True) as app:
        ended = await load(app if is_there else None, tmp_path, "--time", "3")
    assert ended.code == 2
    assert ("PARLEY_RATE_LIMITS=off" if is_there else "no server at") in ended.complaint
    assert not (tmp_path / "table.txt").exists()
