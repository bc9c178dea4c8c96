"""E-mail addresses of before: migrated, filled in, registered by the version before meanwhile."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from server.processes import migration
from server.processes.migration import Database
from storage.database import migrate
from storage.database.lock_retries import WAIT_S
from storage.people import email_upkeep
from storage.people.emails import canonical_or_none
from tests.integration.database.test_migrations import revisions

STEP = "0011"
BEFORE = revisions()[revisions().index(STEP) - 1]
OLD_REGISTER = """
    with person as (
        insert into users (display_name, kind) values ('somebody', 'both') returning id
    ), private as (
        insert into user_private (user_id, email, login_count, last_login_at)
        select id, $1::text::citext, 1, now() from person
    ), login as (
        insert into sessions (user_id, access_hash, access_expires_at, refresh_hash,
                              refresh_expires_at, ip, created_at)
        select id, sha256(id::text::bytea), now(), sha256((id::text || 'r')::bytea), now(),
               $2::text::inet, now() - $3 * interval '1 day'
        from person
    )
    select id from person
"""
"""As the version before registers; it knows a taken address by the name of the constraint."""
OLD_LOGIN = "select user_id from user_private where email = $1::text::citext"
SPELLED = "select email_canonical::text from user_private where user_id = $1"


class Before:
    """A database at the schema before, and those who have registered there."""

    def __init__(self, url: str, connection: asyncpg.Connection) -> None:
        self.url = url
        self.connection = connection

    async def register(self, email: str, ip: str | None = None, days: int = 0) -> UUID:
        user_id: UUID = await self.connection.fetchval(OLD_REGISTER, email, ip, days)
        return user_id

    async def verify(self, user_id: UUID) -> None:
        await self.connection.execute(
            "update user_private set email_verified_at = now() where user_id = $1", user_id
        )

    async def migrate(self) -> int:
        await migrate.upgrade(self.url, STEP)
        return await email_upkeep.fill(self.connection)

    async def spelling(self, user_id: UUID) -> str | None:
        spelling: str | None = await self.connection.fetchval(SPELLED, user_id)
        return spelling


@pytest.fixture
async def before(empty_database_url: str) -> AsyncIterator[Before]:
    await migrate.upgrade(empty_database_url, BEFORE)
    connection = await asyncpg.connect(empty_database_url, timeout=10)
    yield Before(empty_database_url, connection)
    await connection.close()


async def test_old_addresses_get_their_spelling_and_nothing_else_changes(before: Before) -> None:
    plain = await before.register("Anna@Example.org")
    others = {
        "ben@Bücher.example": "ben@xn--bcher-kva.example",
        "e\u0301@example.org": "\u00e9@example.org",
        "İan@example.org": "İan@example.org",
    }
    registered = {await before.register(email): spelled for email, spelled in others.items()}
    invalid = [await before.register(email) for email in ("a..b@example.org", "<a@example.org>")]
    states = "select to_jsonb(p) - 'email_canonical' from user_private p order by user_id"
    was = await before.connection.fetch(states)
    audited = await before.connection.fetchval("select count(*) from audit_log")
    assert await before.migrate() == 4
    assert await before.spelling(plain) == "Anna@example.org"
    for user_id, spelled in registered.items():
        assert await before.spelling(user_id) == spelled
    assert [await before.spelling(user_id) for user_id in invalid] == [None, None]
    assert await before.connection.fetch(states) == was
    assert await before.connection.fetchval("select count(*) from audit_log") == audited
    assert await email_upkeep.fill(before.connection) == 0
    without = await email_upkeep.list_without(before.connection, 10)
    assert {one.user_id for one in without} == set(invalid)
    assert all("before the @" in one.reason and one.holder is None for one in without)
    # `email` is unique no more: these two are one to citext, and of two domains.
    await before.connection.execute(
        "update user_private set email = 'c@i.example', email_canonical = 'c@i.example' "
        "where user_id = $1",
        plain,
    )
    await before.connection.execute(
        "update user_private set email = 'c@İ.example', email_canonical = 'c@xn--i-9bb.example' "
        "where user_id = $1",
        invalid[0],
    )


async def test_a_start_does_not_wait_for_the_spellings_and_the_command_does(
    before: Before,
) -> None:
    person = await before.register("ben@Bücher.example")
    await migration.at_start(Database(before.url), WAIT_S, is_own=False)
    assert await before.spelling(person) is None
    said = await migration.bring_up(Database(before.url), WAIT_S)
    assert "e-mail addresses in one spelling: 1 more accounts" in said
    assert await before.spelling(person) == "ben@xn--bcher-kva.example"


async def test_of_two_accounts_the_verified_else_the_older_has_the_address(before: Before) -> None:
    older = await before.register("anna@bücher.example")
    verified = await before.register("anna@xn--bcher-kva.example")
    younger = await before.register("anna@BU\u0308CHER.example")
    await before.verify(verified)
    first = await before.register("ben@ｅxample.org")
    second = await before.register("ben@example.org")
    await before.migrate()
    assert await before.spelling(verified) == "anna@xn--bcher-kva.example"
    assert await before.spelling(first) == "ben@example.org"
    without = await email_upkeep.list_without(before.connection, 10)
    assert {one.user_id: one.holder for one in without} == {
        older: verified,
        younger: verified,
        second: first,
    }
    assert {one.reason for one in without} == {"another account has this address"}
    assert len(await email_upkeep.list_without(before.connection, 1)) == 1
    # Whose owner proves the address, has it.
    await before.verify(second)
    assert await email_upkeep.fill(before.connection) == 1
    assert await before.spelling(second) == "ben@example.org"
    assert await before.spelling(first) is None


async def test_filling_goes_on_where_it_ended(
    before: Before, monkeypatch: pytest.MonkeyPatch
) -> None:
    # By their ids, as they are filled: of one millisecond they are in any order.
    people = sorted([await before.register(f"person{i}@example.org") for i in range(7)])
    await migrate.upgrade(before.url, STEP)
    monkeypatch.setattr(email_upkeep, "BATCH", 2)
    fill, batches = email_upkeep._fill, 0

    async def ended_in_the_third(*arguments: Any) -> int:
        nonlocal batches
        batches += 1
        if batches == 3:
            raise ConnectionResetError
        return await fill(*arguments)

    monkeypatch.setattr(email_upkeep, "_fill", ended_in_the_third)
    with pytest.raises(ConnectionResetError):
        await email_upkeep.fill(before.connection)
    done = [await before.spelling(person) is not None for person in people]
    assert done == [True] * 4 + [False] * 3
    assert await email_upkeep.fill(before.connection) == 3


async def test_two_that_fill_at_once_do_it_once(before: Before) -> None:
    people = [await before.register(f"person{i}@bücher.example") for i in range(30)]
    for i in range(30):
        await before.register(f"PERSON{i}@xn--bcher-kva.example")
    await migrate.upgrade(before.url, STEP)
    done = await asyncio.gather(*(email_upkeep.fill_at(before.url) for _ in range(3)))
    assert sum(done) == 30
    assert None not in [await before.spelling(person) for person in people]


async def test_the_version_before_registers_and_logs_in_meanwhile(before: Before) -> None:
    await before.migrate()
    plain = await before.register("Anna@Example.org")
    assert await before.spelling(plain) == "Anna@example.org"
    other = await before.register("ben@bücher.example")
    assert await before.spelling(other) is None
    assert await before.connection.fetchval(OLD_LOGIN, "BEN@bücher.example") == other
    taken = ("anna@example.org", "Ben@bücher.example")
    for email in taken:
        with pytest.raises(asyncpg.UniqueViolationError) as caught:
            await before.register(email)
        assert caught.value.constraint_name == "user_private_email_key"
    # In another spelling it is an account until the next round, as it was for the version before.
    double = await before.register("ben@xn--bcher-kva.example")
    assert await email_upkeep.fill(before.connection) == 1
    assert [await before.spelling(one) for one in (other, double)] == [
        "ben@xn--bcher-kva.example",
        None,
    ]


@pytest.mark.parametrize("email", ["anna@example.org", "anna@bücher.example"])
async def test_the_version_before_makes_one_account_of_an_address_at_once(
    before: Before, email: str
) -> None:
    await before.migrate()
    connections = [await asyncpg.connect(before.url, timeout=10) for _ in range(4)]
    answers = await asyncio.gather(
        *(connection.fetchval(OLD_REGISTER, email, None, 0) for connection in connections),
        return_exceptions=True,
    )
    for connection in connections:
        await connection.close()
    refused = [answer for answer in answers if isinstance(answer, asyncpg.UniqueViolationError)]
    assert [error.constraint_name for error in refused] == ["user_private_email_key"] * 3


async def test_an_address_that_is_changed_is_spelled_anew_and_a_new_version(before: Before) -> None:
    await before.migrate()
    person = await before.register("anna@example.org")
    change = "update user_private set email = $2 where user_id = $1 returning version"
    assert await before.connection.fetchval(change, person, "ANNA@Example.com") == 2
    assert await before.spelling(person) == "ANNA@example.com"
    assert await before.connection.fetchval(change, person, "anna@bücher.example") == 3
    assert await before.spelling(person) is None
    assert await email_upkeep.fill(before.connection) == 1
    audit = await before.connection.fetchval(
        "select string_agg(a::text, '') from audit_log a where entity_type = 'user_private'"
    )
    assert "***" in audit
    assert "anna" not in audit.lower() and "bcher" not in audit


async def test_what_needs_no_table_of_unicode_is_spelled_by_the_database_alike(
    before: Before,
) -> None:
    await before.migrate()
    parts = [
        "",
        "a",
        "A-b",
        "-a",
        "a-",
        "a.b",
        "xn--bcher-kva",
        "x" * 63,
        "x" * 64,
        "7",
        "a_b",
        "a+b",
    ]
    addresses = [
        f"{local}@{label}{end}"
        for local in (*parts, "a" * 65, "a..b", ".a", "<a", "é", "İ", "a b", "a@b")
        for label in (*parts, ".".join(["x" * 63] * 3), ".".join(["y" * 63] * 4), "bücher", "ſ")
        for end in (".example", ".COM", "", ".", ".12", ".x1", ".xn--p1ai", "\n")
    ]
    spell = "select plain_email(email)::text from unnest($1::text[]) email"
    plain = [row[0] for row in await before.connection.fetch(spell, addresses)]
    assert sum(one is not None for one in plain) > 100
    for address, spelled in zip(addresses, plain, strict=True):
        is_plain = address.isascii() and "xn--" not in address.partition("@")[2].lower()
        assert spelled == (canonical_or_none(address) if is_plain else None), address


async def test_networks_of_the_last_month_are_taken_over(before: Before) -> None:
    person = await before.register("anna@example.org", "192.0.2.77", 3)
    await before.register("ben@example.org", "2001:db8:1:2:3::4", 29)
    await before.register("cleo@example.org", "198.51.100.1", 31)
    await before.register("dora@example.org")
    await before.migrate()
    networks = "select network::text from login_networks order by network"
    assert await before.connection.fetch(networks) == []
    lately = "insert into login_networks values ($1, '192.0.2.0/24', now())"
    await before.connection.execute(lately, person)
    fill = "select backfill_login_networks(2)"
    assert [await before.connection.fetchval(fill) for _ in range(3)] == [2, 2, 0]
    newest = "select max(last_login_at) > now() - interval '1 hour' from login_networks"
    assert await before.connection.fetchval(newest)
    found = [row[0] for row in await before.connection.fetch(networks)]
    assert found == ["192.0.2.0/24", "2001:db8:1:2::/64"]
    await before.connection.execute("delete from users where id = $1", person)
    assert len(await before.connection.fetch(networks)) == 1


async def test_the_step_back_keeps_the_addresses(before: Before) -> None:
    person = await before.register("anna@bücher.example")
    await before.migrate()
    await migrate.downgrade(before.url, BEFORE)
    assert await before.connection.fetchval(OLD_LOGIN, "anna@bücher.example") == person
    with pytest.raises(asyncpg.UniqueViolationError):
        await before.register("ANNA@bücher.example")
    await before.migrate()
    assert await before.spelling(person) == "anna@xn--bcher-kva.example"


async def test_logins_go_on_while_indexes_are_made_ahead_beside_an_open_transaction(
    before: Before, logs: list[Any]
) -> None:
    person = await before.register("anna@example.org")
    count = "update user_private set login_count = login_count + 1 where user_id = $1"
    holder = await asyncpg.connect(before.url, timeout=10)
    await holder.execute("begin; select count(*) from user_private")
    waiting = "select exists (select from pg_locks where not granted)"
    logins = 0

    async def log_in(until: asyncio.Task[Any]) -> None:
        nonlocal logins
        while not until.done():
            await before.connection.execute(count, person, timeout=5)
            logins += 1

    async with asyncio.timeout(50), asyncio.TaskGroup() as group:
        migration = group.create_task(migrate.upgrade(before.url, STEP))
        group.create_task(log_in(migration))
        waits = 0
        # A login may wait behind what the migration waits for: the holder looks meanwhile.
        while waits < 5 or logins < 5:
            assert not migration.done()
            waits += await holder.fetchval(waiting)
        await holder.execute("commit")
    assert migration.result() == STEP
    await holder.close()


async def test_instances_that_start_at_once_prepare_it_once(before: Before) -> None:
    await before.register("anna@example.org")
    assert (
        await asyncio.gather(*(migrate.upgrade(before.url, STEP) for _ in range(3))) == [STEP] * 3
    )
    names = (
        "select indexrelid::regclass::text from pg_index where indrelid = 'user_private'::regclass"
    )
    assert sorted(row[0] for row in await before.connection.fetch(names)) == [
        "user_private_email_idx",
        "user_private_email_key",
        "user_private_phone_index_key",
        "user_private_pkey",
        "user_private_wechat_id_index_key",
        "user_private_without_canonical",
    ]


async def test_an_index_that_was_left_unfinished_is_made_anew(before: Before) -> None:
    await before.connection.execute(
        """
        alter table user_private add column email_canonical citext;
        create index user_private_email_idx on user_private using hash (email);
        update pg_index set indisvalid = false
        where indexrelid = 'user_private_email_idx'::regclass
        """
    )
    await before.migrate()
    invalid = "select count(*) from pg_index where not indisvalid"
    assert await before.connection.fetchval(invalid) == 0
