"""Holding the declarations: what is added, what stays for the version before, what goes at last."""

import asyncio
import contextlib
from dataclasses import replace

import asyncpg
import pytest

from handlers.resources.shared_fields import COUNTED, OWN, child_of, in_state, mine
from protocol.errors import ErrorCode, RequestError
from server.processes.migration import DECLARED
from storage.database.lock_retries import MigrationBlockedError
from storage.database.postgres import connect_pool
from storage.resources.access import APP, READONLY, SERVICE
from storage.resources.kinds import INT
from storage.resources.reading import Selection
from storage.resources.resource import Field
from storage.resources.rule import where
from storage.resources.store import ResourceStore, Row
from storage.resources.upkeep.holding import AccessError, Held, find_differences, hold
from tests.integration.database.test_partitions import WAITING, guest_of
from tests.integration.resources.declaring import (
    ANNA,
    BEN,
    PEOPLE,
    TOOL,
    TOOLS,
    TOOLS_TABLE,
    as_app,
    declared_with,
    resource_of,
)

NEW = declared_with(TOOLS, machines=[TOOL])
SEES = "select count(*) from user_tools"
NAMES = "select policyname from pg_policies where tablename = 'user_tools'"


@pytest.fixture
async def connection(owner_database_url):
    """A database in which the table is, and two people."""
    connection = await asyncpg.connect(owner_database_url, timeout=10)
    await connection.execute(TOOLS_TABLE)
    await connection.execute(PEOPLE, ANNA, BEN)
    yield connection
    await connection.close()


@pytest.fixture
async def store(owner_database_url):
    pool = await connect_pool(owner_database_url, size=1, statement_timeout_ms=5_000)
    yield ResourceStore(pool, {r.path: r for r in NEW.resources})
    await pool.close()


async def add_tool(connection, user=ANNA):
    return await connection.fetchval(
        "insert into user_tools (user_id, name) values ($1, 'Saw') returning id", user
    )


async def test_a_new_resource_needs_its_table_and_nothing_else(
    owner_database_url, connection, store
):
    assert await hold(owner_database_url, NEW) == Held(("user_tools",), ())
    made = await store.create(TOOLS, {"name": "Saw"}, ANNA)
    assert isinstance(made, Row)
    assert made.version == 1
    assert (await store.change(TOOLS, made.key, {"name": "A saw"}, [1], ANNA)).version == 2
    assert (await store.change(TOOLS, made.key, {"name": "My saw"}, [2], ANNA)).version == 3
    with pytest.raises(RequestError) as late:
        await store.change(TOOLS, made.key, {"name": "Your saw"}, [2], ANNA)
    assert late.value.code == ErrorCode.PRECONDITION_FAILED
    with pytest.raises(RequestError) as strange:
        await store.change(TOOLS, made.key, {"name": "Ben's saw"}, None, BEN)
    assert strange.value.code == ErrorCode.FORBIDDEN
    shown = await store.get(TOOLS, made.key, Selection(("name",), {}), None)
    assert shown is not None
    assert (shown.body, shown.version) == ('{"name":"My saw"}', 3)
    # A figure makes no version, a column that is shown to nobody does, and copies are told of.
    await connection.execute("delete from outbox")
    await connection.execute("update user_tools set used_count = 1")
    assert await connection.fetchval("select version from user_tools") == 3
    await connection.execute("update user_tools set note = 'blunt'")
    assert await connection.fetchval("select version from user_tools") == 4
    told = await connection.fetch("select kind from outbox where consumer = 'copies'")
    assert [row["kind"] for row in told] == ["user_tools"]  # of the figure, which is shown
    await connection.execute("update user_tools set status = 'worn'")
    with pytest.raises(asyncpg.CheckViolationError, match="worn does not become new"):
        await connection.execute("update user_tools set status = 'new'")
    async with as_app(connection, ANNA):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("update user_tools set used_count = 9")
    assert not await find_differences(owner_database_url, NEW)


async def test_two_that_start_at_once_take_turns(owner_database_url, connection, logs):
    done = await asyncio.gather(*(hold(owner_database_url, NEW) for _ in range(3)))
    assert ("user_tools",) in {held.changed for held in done}
    changes = [line for line in logs if line["event"] == "access_changed"]
    assert [list(line["statements"]) for line in changes] == [["user_tools"]]


async def test_a_version_before_takes_nothing_from_the_one_after(owner_database_url, connection):
    await hold(owner_database_url, NEW)
    assert await hold(owner_database_url, DECLARED) == Held((), ("user_tools",))
    assert not await find_differences(owner_database_url, NEW)


async def test_a_policy_of_before_stays_until_the_contract(owner_database_url, connection):
    """Whoever sees or writes by the one or the other form goes on."""
    await hold(owner_database_url, NEW)
    narrow = replace(
        TOOLS, public=None, readers={OWN: mine("user_id")}, while_=in_state("new"), cache_s=0
    )
    after = declared_with(narrow, machines=[TOOL])
    await add_tool(connection)
    await connection.execute("update user_tools set status = 'worn'")
    assert await hold(owner_database_url, after) == Held(("user_tools",), ("user_tools",))
    changes = "update user_tools set name = 'Axe' returning 1"
    async with as_app(connection, BEN):
        assert await connection.fetchval(SEES) == 1
    async with as_app(connection, ANNA):
        assert await connection.fetchval(changes) == 1
    (left,) = await find_differences(owner_database_url, after)
    assert left.adds == ()
    assert "DROP POLICY user_tools_read ON user_tools;" in left.removes
    assert await hold(owner_database_url, after, contracts=True) == Held(("user_tools",), ())
    async with as_app(connection, BEN):
        assert await connection.fetchval(SEES) == 0
    async with as_app(connection, ANNA):
        assert await connection.fetchval(SEES) == 1
        assert await connection.fetchval(changes) is None
    # What is left has its own name again.
    names = await connection.fetch(NAMES)
    wanted = after.access({})["user_tools"].policies
    assert {row["policyname"] for row in names} == {policy.name for policy in wanted}
    assert not await find_differences(owner_database_url, after)


async def test_adding_and_contracting_at_once_ends_with_what_is_declared(
    owner_database_url, connection
):
    await hold(owner_database_url, NEW)
    after = declared_with(replace(TOOLS, public=where("name", "Saw")), machines=[TOOL])
    assert await hold(owner_database_url, after, contracts=True) == Held(("user_tools",), ())
    assert not await find_differences(owner_database_url, after)


async def test_what_is_no_longer_declared_goes_with_the_contract(owner_database_url, connection):
    await hold(owner_database_url, NEW)
    await add_tool(connection)
    assert (await hold(owner_database_url, DECLARED, contracts=True)).changed == ("user_tools",)
    async with as_app(connection, ANNA):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.fetchval("select id from user_tools")
    async with connection.transaction():
        await connection.execute(f"set local role {SERVICE}")
        assert await connection.fetchval(SEES) == 1
    # Nothing holds the status any more, and versions go on.
    await connection.execute("update user_tools set status = 'lent'")
    assert await connection.fetchval("select version from user_tools") == 2
    rows = "select count(*) from status_transitions where table_name = 'user_tools'"
    assert await connection.fetchval(rows) == 0
    assert not await find_differences(owner_database_url, DECLARED)


async def test_what_others_have_put_there_stays(owner_database_url, connection):
    """Rights of roles that are none of ours."""
    await hold(owner_database_url, NEW)
    await connection.execute(
        """
        grant usage on schema public to pg_monitor;
        grant select on user_tools to pg_monitor;
        create policy user_tools_create_2 on user_tools to pg_monitor using (true);
        """
    )
    assert not await find_differences(owner_database_url, NEW)
    later = declared_with(replace(TOOLS, creates=where("name", "Saw")), machines=[TOOL])
    await hold(owner_database_url, later)
    await hold(owner_database_url, DECLARED, contracts=True)
    assert not await find_differences(owner_database_url, DECLARED)
    async with connection.transaction():
        await connection.execute("set local role pg_monitor")
        assert await connection.fetchval(SEES) == 0
    left = await connection.fetch(NAMES)
    assert [row["policyname"] for row in left] == ["user_tools_create_2"]
    secured = "select relrowsecurity from pg_class where relname = 'user_tools'"
    assert await connection.fetchval(secured), "it hides rows from the owner's other roles"


async def test_a_right_to_the_whole_table_goes_and_those_to_its_columns_stay(
    owner_database_url, connection
):
    await hold(owner_database_url, NEW)
    await connection.execute(f"grant select, truncate on user_tools to {APP}, {READONLY}")
    assert await hold(owner_database_url, NEW) == Held((), ("user_tools",))
    await hold(owner_database_url, NEW, contracts=True)
    assert not await find_differences(owner_database_url, NEW)
    async with as_app(connection, ANNA):
        await connection.fetch("select name from user_tools")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.fetch("select note from user_tools")


@contextlib.asynccontextmanager
async def rolled_back(connection):
    undone = connection.transaction()
    await undone.start()
    yield
    await undone.rollback()


async def touched(connection, change):
    """Whether a change makes a new version."""
    before = await connection.fetchval("select version from user_tools")
    await connection.execute(f"update user_tools set {change}")
    return await connection.fetchval("select version from user_tools") > before


async def test_triggers_follow_the_columns(owner_database_url, connection):
    await hold(owner_database_url, NEW)
    await add_tool(connection)
    await connection.execute("alter table user_tools add column lent_count integer")
    assert not await touched(connection, "lent_count = 1")
    assert await hold(owner_database_url, NEW) == Held(("user_tools",), ())
    assert await touched(connection, "lent_count = 2")
    # That it is a figure is known to the version after alone: the one before counts it as a change.
    counting = replace(TOOLS, fields=(*TOOLS.fields, Field("lent_count", INT, figure=COUNTED)))
    after = declared_with(counting, machines=[TOOL])
    assert await hold(owner_database_url, after) == Held(("user_tools",), ("user_tools",))
    assert await touched(connection, "lent_count = 3")
    await hold(owner_database_url, after, contracts=True)
    assert not await touched(connection, "lent_count = 4")
    assert await touched(connection, "note = 'blunt'")
    assert not await find_differences(owner_database_url, after)


async def test_where_there_are_no_figures_new_columns_count_at_once(owner_database_url, connection):
    fields = tuple(f for f in TOOLS.fields if f.name != "used_count")
    plain = declared_with(replace(TOOLS, fields=fields), machines=[TOOL])
    await hold(owner_database_url, plain)
    await add_tool(connection)
    await connection.execute("alter table user_tools add column lent_count integer")
    assert await touched(connection, "lent_count = 1")
    assert not await find_differences(owner_database_url, plain)
    await connection.execute("alter table user_tools drop column lent_count")


async def test_triggers_that_are_off_or_partial_are_made_whole(owner_database_url, connection):
    await hold(owner_database_url, NEW)
    await add_tool(connection)
    await connection.execute(
        """
        alter table user_tools disable trigger user_tools_guarded;
        drop trigger user_tools_touch on user_tools;
        create trigger touched before update on user_tools for each row
            when (old.name = new.name) execute function touch_row();
        """
    )
    assert await hold(owner_database_url, NEW) == Held(("user_tools",), ())
    assert await touched(connection, "name = 'Axe'")
    with pytest.raises(asyncpg.CheckViolationError):
        await connection.execute("update user_tools set status = 'lent'")
    assert not await find_differences(owner_database_url, NEW)


async def test_a_trigger_of_a_partitioned_table_is_replaced_in_its_partitions(
    owner_database_url, connection
):
    await connection.execute("alter table transactions add column note text")
    assert await hold(owner_database_url, DECLARED) == Held(("transactions",), ())
    await connection.execute(
        "insert into transactions (type, payer_id, gross_amount, net_amount)"
        " values ('payment', $1, 10, 9)",
        ANNA,
    )
    await connection.execute("update transactions set note = 'rent'")
    assert await connection.fetchval("select version from transactions") == 2
    assert not await find_differences(owner_database_url, DECLARED)


async def test_transitions_are_added_and_go_with_the_contract(owner_database_url, connection):
    await hold(owner_database_url, NEW)
    await add_tool(connection)
    (add, _wear) = TOOL.transitions
    lend = replace(add, action="lend", sources=("new",), target="lent")
    other = replace(TOOL, transitions=(add, lend))
    after = declared_with(TOOLS, machines=[other])
    await hold(owner_database_url, after)
    for status in ("lent", "worn"):
        async with rolled_back(connection):
            await connection.execute("update user_tools set status = $1", status)
    await hold(owner_database_url, after, contracts=True)
    async with rolled_back(connection):
        await connection.execute("update user_tools set status = 'lent'")
    with pytest.raises(asyncpg.CheckViolationError):
        await connection.execute("update user_tools set status = 'worn'")
    assert not await find_differences(owner_database_url, after)


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (replace(TOOLS, fields=(*TOOLS.fields, Field("size", INT))), 'column "size"'),
        (replace(TOOLS, readers={OWN: child_of("owners", "user_id")}), 'relation "owners"'),
        (replace(TOOLS, creates=where("nowhere")), "nowhere"),
        (replace(TOOLS, table="tools_of_old"), 'relation "tools_of_old"'),
    ],
)
async def test_what_cannot_be_names_itself(owner_database_url, connection, other, said):
    wrong = declared_with(other)
    assert other.table in {
        difference.table for difference in await find_differences(owner_database_url, wrong)
    }
    with pytest.raises(AccessError, match=said):
        await hold(owner_database_url, wrong)


async def test_a_login_that_owns_nothing_looks_and_makes_nothing(owner_database_url, connection):
    async with guest_of(connection, owner_database_url) as url:
        (lacking,) = await find_differences(url, NEW)
        assert lacking.table == "user_tools"
        with pytest.raises(AccessError, match="not owned by this login: user_tools"):
            await hold(url, NEW)
    assert await find_differences(owner_database_url, NEW) == [lacking]


async def test_a_long_read_holds_up_its_table_alone(owner_database_url, connection):
    reader = await asyncpg.connect(owner_database_url, timeout=10)
    await reader.execute("begin; select from user_tools")
    later = declared_with(TOOLS, resource_of("gigs", creates=where("is_featured")), machines=[TOOL])
    with pytest.raises(MigrationBlockedError, match="user_tools is left as it was: within 1 s"):
        async with asyncio.timeout(20):
            await hold(owner_database_url, later, 1.0)
    assert [d.table for d in await find_differences(owner_database_url, later) if d.adds] == [
        "user_tools"
    ]
    async with asyncio.timeout(20), asyncio.TaskGroup() as group:
        holding = group.create_task(hold(owner_database_url, later))
        while not await connection.fetchval(WAITING):
            await asyncio.sleep(0.01)
        assert await connection.fetchval(SEES) == 0  # behind who waits, for a moment
        await reader.execute("commit")
    assert holding.result().changed == ("user_tools",)
    await reader.close()
