"""`parley timers`, and the clock that a start looks at."""

from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from server.config import Settings
from server.processes import clock_check, failures
from server.processes.clock_check import ClockMovedError
from tests.program import Ended, command, parley

ROW = (
    "INSERT INTO timers (machine, entity_id, action, state, start, seconds, moves_money, parked_at,"
    " attempts, last_error, next_attempt_at)"
    " VALUES ($1, uuid7(), 'clear', 'pending', now() - interval '2 days', $2, $3, $4, $5, $6, $7)"
    " RETURNING id"
)


async def test_timers_are_shown_retried_and_resumed(
    data_dir: Path, database_url: str, owner: asyncpg.Connection
) -> None:
    async def timers(*words: str) -> Ended:
        return await command("timers", *words, data_dir=data_dir, PARLEY_DATABASE_URL=database_url)

    assert (await timers()).output == "no timer is due or parked\n"
    now = await owner.fetchval("SELECT now()")
    due = await owner.fetchval(ROW, "release", 86_400, True, None, 0, None, None)
    parked = await owner.fetchval(ROW, "release", 600, True, now, 10, "Fault: two\nlines", now)
    later = await owner.fetchval(
        ROW, "release", 60, False, None, 3, "busy", await owner.fetchval("SELECT now() + '1 hour'")
    )
    running = await owner.fetchval(ROW, "release", 30 * 86_400, True, None, 0, None, None)
    shown = await timers("list")
    assert shown.code == 0, shown.complaint
    head, *lines = shown.output.splitlines()
    assert head.split() == ["id", "stands", "due", "machine", "row", "action", "tries", "error"]
    stands = {line.split()[0]: line.split()[1] for line in lines}
    assert stands == {str(due): "due", str(parked): "parked", str(later): "failing"}
    assert str(running) not in shown.output
    assert lines[1].endswith("10     Fault: two lines")

    await owner.execute("INSERT INTO timers_paused (since, reason) VALUES ($1, 'a jump')", now)
    first, *rest = (await timers()).output.splitlines()
    assert first.startswith("timers that move money are paused since ")
    assert first.endswith(": a jump")
    assert [line.split()[1] for line in rest[1:]] == ["failing", "parked", "paused"]
    assert (await timers("resume")).output == "timers that move money go on\n"
    assert (await timers("resume")).output == "timers that move money were not paused\n"
    assert await owner.fetchval("SELECT count(*) FROM timers_paused") == 0

    again = await timers("retry", str(parked), str(due))
    assert (again.code, again.output) == (1, "")
    assert again.complaint == f"1 timer is tried again; not parked: {due}\n"
    row = await owner.fetchrow("SELECT attempts, parked_at FROM timers WHERE id = $1", parked)
    assert row is not None
    assert tuple(row) == (0, None)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("retry",), "name timers by the ids"),
        (("resume", str(uuid4())), "parley timers resume: takes no ids"),
        (("retry", "seven"), "'seven' is not an id that `list` shows"),
        (("forget",), "invalid choice"),
    ],
)
async def test_what_makes_no_sense_is_told(
    data_dir: Path, database_url: str, words: tuple[str, ...], says: str
) -> None:
    ended = await command("timers", *words, data_dir=data_dir, PARLEY_DATABASE_URL=database_url)
    assert ended.code == 2
    assert says in ended.complaint


async def test_a_clock_that_a_test_has_moved_is_no_clock_for_others(
    data_dir: Path, database_url: str, redis_url: str, owner: asyncpg.Connection
) -> None:
    settings = Settings(database_url=database_url)
    await clock_check.check(settings)
    await owner.execute("UPDATE workflow_clock SET ahead = '1 day'")
    with pytest.raises(ClockMovedError) as found:
        await clock_check.check(settings)
    line = failures.expected(found.value, settings)
    assert line is not None
    assert line.startswith(
        "a test has moved the clock of this database by 86400 s: set PARLEY_TEST"
    )
    await clock_check.check(Settings(database_url=database_url, test_clock=True))

    ended = await parley(
        "serve", data_dir=data_dir, PARLEY_DATABASE_URL=database_url, PARLEY_REDIS_URL=redis_url
    )
    assert (ended.code, ended.output) == (1, "")
    assert ended.complaint.splitlines()[-1] == line
