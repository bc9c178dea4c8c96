"""`parley` as programs, but for `chat`: what a person and an operator see."""

import asyncio
import signal
from pathlib import Path

import asyncpg
import pytest

from server.seed import ACCOUNTS
from storage.database import migrate
from storage.embedded import data_directory
from storage.embedded.data_directory import addresses_of
from tests.program import (
    DOWN_S,
    Ended,
    Serving,
    chatting,
    command,
    direct_of,
    parley,
    serving,
)
from tests.seeding import Seeder

VERSIONS = Path(migrate.__file__).parents[1] / "migrations" / "versions"
AT_HEAD = f"the schema is at {max(path.name for path in VERSIONS.glob('0*.py'))[:4]}\n"


_LISTED = ["realtime", "receipt", "3", "2026-11-21", "10:00:00+00:00", "KeyError:", "x"]


def embedded_in(data_dir: Path) -> list[Path]:
    """The logs of servers of its own that an instance has started."""
    return list(data_dir.glob("*/server.log"))


def kept_in(data_dir: Path) -> list[str] | None:
    """What is in the directory; None when it is not there."""
    return sorted(path.name for path in data_dir.iterdir()) if data_dir.exists() else None


def other_directory(data_dir: Path) -> None:
    """A directory that no server knows."""
    data_dir.mkdir()
    (data_dir / "notes.txt").write_text("of something else")


async def say(server: Serving, text: str) -> list[str | None]:
    """One says it, the other hears it; what both have said so far."""
    async with chatting(server) as (one, other):
        key = direct_of(one)
        sent = await one.send(key, text)
        await other.until(lambda: other.state.conversations[key].last_seq == sent.seq)
        page = await other.history(key)
        return [message.content for message in page.messages]


@pytest.mark.timeout(240)
async def test_serve_keeps_what_was_said(data_dir: Path) -> None:
    async with serving(data_dir) as server:
        for account in ACCOUNTS[:2]:
            assert f"--email {account.email} --password {account.password}" in server.welcome
        assert str(data_dir) in server.welcome
        first = await say(server, "before the end")
        assert len(first) == 5  # four were seeded
        busy = await parley("serve", data_dir=data_dir)
        assert busy.code == 1
        assert "another parley runs in" in busy.complaint
        # The schema and the seed of a running instance are looked at, and are as they should be.
        assert (await parley("migrate", data_dir=data_dir)).output.startswith(AT_HEAD)
        seeded = await parley("seed", data_dir=data_dir)
        assert (seeded.code, seeded.output) == (0, "there are people already; nothing done\n")
        assert await server.end(signal.SIGINT) == 0
    assert addresses_of(data_dir) is None
    async with serving(data_dir) as server:
        second = await say(server, "before the crash")
        assert second == [*first, "before the crash"]
        assert await server.end(signal.SIGKILL) == -signal.SIGKILL
    async with serving(data_dir) as server:
        assert await say(server, "after the crash") == [*second, "after the crash"]
        assert await server.end(signal.SIGTERM) == 0


@pytest.mark.timeout(120)
async def test_clients_that_stay_do_not_hold_up_the_end(data_dir: Path) -> None:
    async with serving(data_dir, PARLEY_DRAIN_S="1") as server, chatting(server) as (one, _):
        heard = one.changes()
        assert await server.end(signal.SIGINT) == 0
        async with asyncio.timeout(DOWN_S):
            assert "session.lost" in [(await anext(heard)).name for _ in range(2)]


@pytest.mark.timeout(120)
async def test_other_servers_are_used_when_named(
    data_dir: Path, empty_database_url: str, redis_url: str
) -> None:
    urls = {"PARLEY_DATABASE_URL": empty_database_url, "PARLEY_REDIS_URL": redis_url}
    migrated = await parley("migrate", data_dir=data_dir, **urls)
    assert (migrated.code, migrated.output) == (0, AT_HEAD)
    seeded = await parley("seed", data_dir=data_dir, **urls)
    assert (seeded.code, seeded.output) == (0, "seeded\n")
    async with serving(data_dir, **urls) as server:
        assert ACCOUNTS[0].password not in server.welcome
        assert len(await say(server, "hello")) == 5
        assert await server.end(signal.SIGINT) == 0
    wrong = await parley("migrate", "--back-to", "nowhere", data_dir=data_dir, **urls)
    assert (wrong.code, wrong.output) == (2, "")
    assert wrong.complaint.startswith("parley migrate: --back-to: 'nowhere' is no step")
    back = await parley("migrate", "--back-to", "base", data_dir=data_dir, **urls)
    assert (back.code, back.output) == (0, "the schema is at nothing\n"), back.complaint
    assert not embedded_in(data_dir)


async def test_migrate_makes_the_partitions_that_lack(
    data_dir: Path, database_url: str, owner_database_url: str, redis_url: str
) -> None:
    urls = {
        "PARLEY_DATABASE_URL": database_url,
        "PARLEY_OWNER_DATABASE_URL": owner_database_url,
        "PARLEY_REDIS_URL": redis_url,
    }
    connection = await asyncpg.connect(owner_database_url, timeout=10)
    try:
        newest = await connection.fetchval(
            "SELECT max(relname::text) FROM pg_class WHERE relispartition "
            "AND relname LIKE 'messages_____\\___' AND relkind = 'r'"
        )
        await connection.execute(f"DROP TABLE {newest}")
        assert (await parley("migrate", data_dir=data_dir, **urls)).output == AT_HEAD
        assert await connection.fetchval("SELECT to_regclass($1) IS NOT NULL", newest)
        # A table that cannot be attached is in the way.
        await connection.execute(f"DROP TABLE {newest}; CREATE TABLE {newest} (strange text)")
        failed = await parley("migrate", data_dir=data_dir, **urls)
        assert (failed.code, failed.output) == (1, AT_HEAD)
        assert f"partitions not made: {newest}" in failed.complaint
    finally:
        await connection.close()


async def test_what_the_outbox_has_set_aside_is_shown_retried_and_dropped(
    data_dir: Path, database_url: str, owner_database_url: str, redis_url: str
) -> None:
    urls = {"PARLEY_DATABASE_URL": database_url, "PARLEY_REDIS_URL": redis_url}

    async def aside(*words: str, **other: str) -> Ended:
        return await command("outbox", "aside", *words, data_dir=data_dir, **urls | other)

    nothing = await parley("outbox", "aside", "list", data_dir=data_dir, **urls)
    assert (nothing.code, nothing.output) == (0, "nothing is set aside\n")
    connection = await asyncpg.connect(owner_database_url, timeout=10)
    try:
        await connection.execute(
            """
            insert into outbox_aside (id, consumer, kind, created_at, tries, error, set_aside_at)
            select id, 'realtime', kind, now(), 3, 'KeyError: x', '2026-11-21 10:00:00+00'
            from (values (7, 'receipt'), (8, 'receipt'), (9, 'bogus.kind'), (10, 'bogus.kind'))
                 rows (id, kind)
            """
        )
        listed = await aside("list", "--kind", "receipt")
        assert listed.code == 0
        assert [line.split() for line in listed.output.splitlines()] == [
            ["id", "consumer", "kind", "tries", "set", "aside", "error"],
            *([number, *_LISTED] for number in ("7", "8")),
        ]
        for words in (["retry"], ["drop", "--all", "7"], ["drop", "--kind", "receipt", "--all"]):
            wrong = await aside(*words)
            assert wrong.code == 2, words
            assert "name rows by their ids" in wrong.complaint
        some = await aside("retry", "7", "99")
        assert (some.code, some.output) == (1, "")
        assert some.complaint.endswith("1 row put back; not set aside: 99\n")
        assert (await aside("drop", "--kind", "bogus.kind")).output == "2 rows dropped\n"
        assert (await aside("retry", "--all")).output == "1 row put back\n"
        left = await connection.fetch("select id, kind, tries from outbox order by id")
        assert [tuple(row) for row in left] == [(7, "receipt", 0), (8, "receipt", 0)]
        assert await connection.fetchval("select count(*) from outbox_aside") == 0
        away = await aside("list", PARLEY_DATABASE_URL="postgresql://parley@127.0.0.1:1/parley")
        assert away.code == 1
        assert "PostgreSQL does not answer" in away.complaint
        await connection.execute("drop table outbox_aside")
        old = await aside("list")
        assert (old.code, "run parley migrate" in old.complaint) == (1, True)
    finally:
        await connection.close()


@pytest.mark.parametrize(
    "words",
    [["outbox", "aside", "list"], ["outbox", "aside", "drop", "--all"], ["migrate"], ["seed"]],
)
async def test_a_wrong_data_directory_is_told_and_stays_as_it_is(
    data_dir: Path, words: list[str]
) -> None:
    told = await parley(*words, data_dir=data_dir)
    assert (told.code, told.output) == (2, "")
    assert f"there is no database in {data_dir}" in told.complaint
    assert kept_in(data_dir) is None
    other_directory(data_dir)
    assert (await parley(*words, data_dir=data_dir)).code == 2
    assert kept_in(data_dir) == ["notes.txt"]


async def test_only_the_database_is_started_for_a_command(
    data_dir: Path, database_url: str
) -> None:
    listed = await parley(
        *("outbox", "aside", "list"), data_dir=data_dir, PARLEY_DATABASE_URL=database_url
    )
    assert (listed.code, listed.output) == (0, "nothing is set aside\n")
    assert kept_in(data_dir) is None


@pytest.mark.timeout(120)
async def test_a_command_finds_the_database_of_an_instance_that_has_ended(data_dir: Path) -> None:
    async with data_directory.running(data_dir, valkey=False, durable=False) as servers:
        assert servers.database_url is not None
        aside = ("outbox", "aside", "list")
        assert (await parley(*aside, data_dir=data_dir)).complaint.endswith("run parley migrate\n")
    assert (await parley("migrate", data_dir=data_dir)).output.startswith(AT_HEAD)
    assert (await parley(*aside, data_dir=data_dir)).output == "nothing is set aside\n"
    assert addresses_of(data_dir) is None
    assert kept_in(data_dir) == ["lock", "postgres"]


async def test_config_shows_what_is_in_force_and_no_secret(data_dir: Path) -> None:
    secret = {
        "PARLEY_DATABASE_URL": "postgresql://parley:hunter2@db.example.org/parley",
        "PARLEY_SECRET_KEY": "a key of sixteen letters or more",
    }
    shown = await parley(
        "config", "--heartbeat-s", "5", "--limit-pins", "7", data_dir=data_dir, **secret
    )
    assert shown.code == 0
    values = dict(line.split("#")[0].strip().split("=", 1) for line in shown.output.splitlines())
    assert values["PARLEY_HEARTBEAT_S"] == "5.0"
    assert values["PARLEY_LIMIT_PINS"] == "7"
    assert values["PARLEY_DATA_DIR"] == str(data_dir)
    assert values["PARLEY_SECRET_KEY"] == "(hidden)"
    assert values["PARLEY_DATABASE_URL"] == "postgresql://(hidden)@db.example.org/parley"
    assert "hunter2" not in shown.output + shown.complaint
    assert not list(data_dir.parent.iterdir())


@pytest.mark.parametrize("doing", ["serve", "config"])
async def test_a_wrong_value_names_itself(data_dir: Path, doing: str) -> None:
    wrong = {"PARLEY_WS_PORT": "many", "PARLEY_LIMIT_PINS": "-1", "PARLEY_REDIS_URL": "http://x"}
    ended = await command(doing, data_dir=data_dir, **wrong)
    assert ended.code == 2
    for name in wrong:
        assert f"{name}: " in ended.complaint


async def test_a_name_that_is_no_setting_is_told(data_dir: Path) -> None:
    misspelt = await command("config", data_dir=data_dir, PARLEY_WSPORT="1")
    assert misspelt.code == 0
    assert "PARLEY_WSPORT: not a setting of Parley" in misspelt.complaint


async def test_reactions_of_before_are_told_and_merged(
    data_dir: Path, database_url: str, owner: asyncpg.Connection
) -> None:
    urls = {"PARLEY_DATABASE_URL": database_url}
    connection = await asyncpg.connect(database_url, timeout=10)
    try:
        seeder = Seeder(owner)
        person = await seeder.user("anna")
        here = await seeder.conversation(person, await seeder.user("ben"))
        for seq in range(1, 4):
            await seeder.message(here)
            await seeder.react(here, seq, "\u2764", person)
        await connection.execute("update backfills set done_at = null where name = 'reactions'")
        told = await parley("migrate", data_dir=data_dir, **urls)
        assert told.output.startswith(AT_HEAD)
        assert "reactions" in told.output
        merge = ("reactions", "merge")
        done = await parley(*merge, data_dir=data_dir, **urls)
        assert (done.code, done.output) == (0, "3 messages with reactions looked at, 3 changed\n")
        assert (await parley("migrate", data_dir=data_dir, **urls)).output == AT_HEAD
        again = await parley(*merge, data_dir=data_dir, **urls)
        assert again.output == "0 messages with reactions looked at, 0 changed\n"
        anew = await parley(*merge, "--again", data_dir=data_dir, **urls)
        assert anew.output == "3 messages with reactions looked at, 0 changed\n"
        await owner.execute("drop table backfills")
        old = await parley(*merge, data_dir=data_dir, **urls)
        assert (old.code, "run parley migrate" in old.complaint) == (1, True)
    finally:
        await connection.close()
