"""The step that puts the counters of listings beside them, on those of the version before."""

import asyncpg
import pytest

from server.processes import migration
from server.processes.migration import Database
from storage.database import migrate
from storage.database.lock_retries import WAIT_S

ROWS = """
    insert into users (display_name, kind) values ('anna', 'both'), ('ben', 'both');
    insert into categories (slug, name) values ('video', 'Video');
    set session_replication_role = replica;
    insert into gigs (freelancer_id, title, slug, description, category_id, status, view_count,
                      order_count, favorite_count, trend_score)
    select u.id, 'Cut', 'g' || n, 'All', c.id, 'active', n, n + 1, n + 2, n + 0.5
    from users u, categories c, generate_series(1, 5) n where u.display_name = 'anna';
    insert into jobs (client_id, title, description, category_id, status, view_count,
                      proposal_count)
    select u.id, 'Cut', 'All', c.id, 'open', n, n + 1
    from users u, categories c, generate_series(1, 5) n where u.display_name = 'anna';
    set session_replication_role = origin;
"""
OF_GIGS = """
    select status, view_count, order_count, favorite_count, trend_score from {}
    order by view_count, order_count
"""
OF_JOBS = "select status, view_count, proposal_count from {} order by view_count"
FAVORITE = """
    insert into favorites (user_id, favorited_type, favorited_id)
    select u.id, 'gig', g.id from users u, gigs g where u.display_name = 'ben' and g.slug = 'g1'
"""
VIEWED = """
    select count_views(array['gig', 'job'], array[g.id, j.id], array[null, null]::uuid[],
                       array[null, null]::inet[], array['', ''], array['', ''],
                       array[now(), now()])
    from (select id from gigs where slug = 'g1') g, (select id from jobs order by id limit 1) j
"""
NEW = """
    insert into gigs (freelancer_id, title, slug, description, category_id)
    select freelancer_id, title, 'new', description, category_id from gigs limit 1
"""
COLUMNS = """
    select table_name::text, column_name::text from information_schema.columns
    where table_name in ('gigs', 'jobs') and column_name ~ '_count$|^trend' order by 1, 2
"""


@pytest.fixture
async def connection(empty_database_url):
    """Listings of the version before, and their counters beside them."""
    await migrate.upgrade(empty_database_url, "0016")
    connection = await asyncpg.connect(empty_database_url, timeout=10)
    await connection.execute(ROWS)
    before = [await connection.fetch(OF_GIGS.format("gigs"))]
    before.append(await connection.fetch(OF_JOBS.format("jobs")))
    await migrate.upgrade(empty_database_url)
    assert await connection.fetch(OF_GIGS.format("gig_counters")) == before[0]
    assert await connection.fetch(OF_JOBS.format("job_counters")) == before[1]
    yield connection
    await connection.close()


async def test_what_counts_writes_nothing_into_the_listing(connection):
    listings = "select array_agg(xmin::text order by id) from gigs"
    written = await connection.fetchval(listings)
    await connection.execute(FAVORITE)
    await connection.execute(VIEWED)
    assert await connection.fetchval(listings) == written
    counted = (await connection.fetch(OF_GIGS.format("gig_counters")))[0]
    assert tuple(counted)[:4] == ("active", 2, 2, 4)
    assert counted["trend_score"] > 50
    await connection.execute("update gigs set status = 'paused' where slug = 'g1'")
    counted = (await connection.fetch(OF_GIGS.format("gig_counters")))[0]
    assert counted["status"] == "paused"


async def test_what_is_left_of_the_version_before_counts_too(connection):
    """It writes the columns that it knows."""
    await connection.execute("update gigs set view_count = view_count + 3 where slug = 'g5'")
    await connection.execute("update jobs set proposal_count = 9 where proposal_count = 6")
    assert await connection.fetchval("select max(view_count) from gig_counters") == 8
    assert await connection.fetchval("select max(proposal_count) from job_counters") == 9


async def test_the_columns_of_before_stay_until_the_contract(connection, empty_database_url):
    database = Database(empty_database_url)
    said = await migration.bring_up(database, WAIT_S)
    assert any("left over from before: " in line and "gigs, jobs" in line for line in said)
    # Of jobs, revisions are counted in the row.
    assert len(await connection.fetch(COLUMNS)) == 7
    await migration.bring_up(database, WAIT_S, contracts=True)
    left = [tuple(row) for row in await connection.fetch(COLUMNS)]
    assert left == [("jobs", "revision_count")]
    await connection.execute(NEW)
    assert await connection.fetchval("select count(*) from gig_counters") == 6
    await connection.execute("delete from gigs where slug = 'new'")
    assert await connection.fetchval("select count(*) from gig_counters") == 5
    await connection.execute(VIEWED)
    gigs = await connection.fetch(OF_GIGS.format("gig_counters"))
    await migrate.downgrade(empty_database_url, "0016")
    assert await connection.fetch(OF_GIGS.format("gigs")) == gigs
