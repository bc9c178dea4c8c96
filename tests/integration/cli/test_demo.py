"""`parley demo` on an instance of its own, and on a server with its sample people."""

from pathlib import Path

import pytest

from server.cli.demo import command
from server.seed import ACCOUNTS, seed
from storage.embedded.data_directory import has_database
from storage.people.passwords import SAMPLE_PASSWORD
from tests import demo_page
from tests.app import Served
from tests.program import parley_within


@pytest.mark.timeout(demo_page.PLAYED_S + 20)
async def test_the_page_is_what_it_prints(data_dir: Path) -> None:
    # What the environment says is of another instance.
    elsewhere = {"PARLEY_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing"}
    ended = await parley_within(demo_page.PLAYED_S, "demo", data_dir=data_dir, **elsewhere)
    assert (ended.code, ended.complaint) == (0, "")
    assert demo_page.page(ended.output) == demo_page.PAGE.read_text(), (
        "run: .venv/bin/python -m tests.demo_page"
    )
    assert not has_database(data_dir)


async def _played(app: Served, password: str = SAMPLE_PASSWORD) -> tuple[str | None, list[str]]:
    http_url = f"http://127.0.0.1:{app.app.http_port}"
    ws_url = f"ws://127.0.0.1:{app.app.ws_port}/v1/ws"
    lines: list[str] = []
    return await command.on_server(http_url, ws_url, password, lines.append), lines


async def test_sample_people_play_it_again_and_again(app: Served, database_url: str) -> None:
    assert await seed(database_url)
    for _ in range(2):
        fault, lines = await _played(app)
        assert fault is None
        text = "\n".join(lines)
        assert "withdrawal-1 of 20.00 USD is requested" in text
        assert "freelancer * withdrawal.paid withdrawal-1 by nobody" in text
        assert text.count("left out: nobody moves the clock") == 3
        assert "test-clock" not in text


async def test_what_is_not_as_it_should_be_is_told_with_its_step(
    app: Served, database_url: str
) -> None:
    fault, _lines = await _played(app)
    assert fault is not None
    assert fault.startswith(f"the client cannot log in as {ACCOUNTS[0].email}: ")
    assert await seed(database_url)
    pool = app.app.core.foundation.pool
    await pool.execute("update fee_structure set effective_until = now() where kind = 'platform'")
    fault, _lines = await _played(app)
    assert fault == "step 3: They publish it.: POST /v1/jobs/job-1/publish: 409"
