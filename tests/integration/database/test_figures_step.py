"""The step after which figures are right from a profile's making, on profiles of before."""

import asyncpg

from storage.database import migrate

BEFORE = "0037"
ROWS = """
    insert into users (display_name, kind) values ('anna', 'both'), ('ben', 'both');
    set session_replication_role = replica;
    insert into client_profiles (user_id, company_name)
    select id, 'Anna Ltd' from users where display_name = 'anna';
    insert into freelancer_profiles (user_id) select id from users where display_name = 'ben';
    insert into freelancer_private (user_id, total_earnings, currency)
    select id, -90, 'JPY' from users where display_name = 'ben';
    insert into contracts (client_id, freelancer_id, gig_id, title, total_amount, status, deadline)
    select a.id, b.id, uuid7(), 'Film', 100, 'completed', '2026-05-05' from users a, users b
    where a.display_name = 'anna' and b.display_name = 'ben';
    insert into milestones (contract_id, seq, title, amount, status, funded_at, submitted_at)
    select id, 1, 'All', 100, 'paid', '2026-05-01', '2026-05-05T23:59:59Z' from contracts;
    insert into releases (id, kind, contract_id, client_id, freelancer_id, user_id, journal_id,
                          gross, fee, refunded, refunded_fee, currency, created_at, updated_at)
    select uuid7(), 'tip', c.id, c.client_id, c.freelancer_id, c.freelancer_id, uuid7(),
           g, f, d, e, of, at, at
    from contracts c, (values (100, 10, 20, 2, 'USD', '2026-05-06T00:00:00Z'::timestamptz),
                              (900, 0, 0, 0, 'JPY', '2026-05-07T00:00:00Z')) r(g, f, d, e, of, at);
    set session_replication_role = origin;
"""


async def test_profiles_of_before_get_their_figures(empty_database_url):
    await migrate.upgrade(empty_database_url, BEFORE)
    connection = await asyncpg.connect(empty_database_url, timeout=10)
    try:
        await connection.execute(ROWS)
        await migrate.upgrade(empty_database_url)
        for query, wanted in {
            "select jobs_completed, success_rate, on_time_rate, reputation"
            " from freelancer_profiles": (1, 100, 100, 100),
            "select currency, total_earnings from freelancer_private": ("USD", 72),
            "select currency, total_spent from client_private": ("USD", 80),
        }.items():
            assert [tuple(row) for row in await connection.fetch(query)] == [wanted]
    finally:
        await connection.close(timeout=10)
