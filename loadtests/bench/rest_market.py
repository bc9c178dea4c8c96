"""Reads of the marketplace at 100,000 gigs, 100,000 jobs and 20,000 profiles, over HTTP.

`python -m loadtests.bench.rest_market` fills a server of its own and asks each question, first cold
(neither PostgreSQL nor Redis has answered it), then again. Milliseconds at one client. Last, what
it takes to count a view of 200 gigs at once, and how much of the database that writes.
"""

import argparse
import asyncio
import json
import re
import statistics
import time
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import asyncpg

from loadtests.bench.figures import quantile
from loadtests.bench.target.accounts import logins
from loadtests.bench.target.instance import started

_PEOPLE = 20_000
_LISTINGS = 100_000
_ROUNDS = 30
_VIEWED = 200
_COUNTING = 20

_LOOK_UP = re.compile(
    r'^parley_cache_total\{cache="(\w+)",outcome="(\w+)"\} ([\d.e+]+)$', re.MULTILINE
)
_COUNT = (
    "select count_views($1::text[], $2::uuid[], $3::uuid[], $4::inet[], $5::text[], $6::text[],"
    " $7::timestamptz[])"
)
_FILL = Path(__file__).parent / "sql" / "rest_market.sql"

COMMON = {
    "newest gigs": "/v1/gigs?limit=20",
    "gigs of a category": "/v1/gigs?category_id={category}&limit=20",
    "top gigs of a category": "/v1/gigs?category_id={category}&sort=-rating&limit=20",
    "trending gigs": "/v1/gigs?sort=-trend_score&limit=20",
    "trending gigs of a category": "/v1/gigs?category_id={category}&sort=-trend_score&limit=20",
    "most ordered gigs": "/v1/gigs?sort=-order_count&limit=20",
    "cheapest gigs": "/v1/gigs?sort=starting_price&limit=20",
    "featured gigs": "/v1/gigs?is_featured=true&sort=-rating&limit=20",
    "newest jobs": "/v1/jobs?limit=20",
    "best paid jobs": "/v1/jobs?sort=-budget_max&limit=20",
    "jobs by deadline": "/v1/jobs?sort=deadline&limit=20",
    "best profiles": "/v1/freelancer-profiles?sort=-rating&limit=20",
    "own gigs": "/v1/gigs?freelancer_id=me&limit=20",
    "one gig": "/v1/gigs/{gig}",
    "one job": "/v1/jobs/{job}",
}
COMPLEX = {
    "one gig, expanded": "/v1/gigs/{gig}?expand=packages,freelancer_profile.skills,reviews",
    "20 gigs, expanded": "/v1/gigs?limit=20&expand=freelancer,packages,category",
    "20 jobs, expanded": "/v1/jobs?limit=20&expand=client,skills.skill,category",
    "gigs with a tag": "/v1/gigs?tags=t33&limit=20",
    "gigs by price": "/v1/gigs?starting_price_gte=290.00&starting_price_lte=295.00&limit=20",
    "gigs with a tag that none has": "/v1/gigs?tags=none&limit=20",
    "gigs dearer than all": "/v1/gigs?starting_price_gte=9999.00&limit=20",
    "jobs paid better than all": "/v1/jobs?budget_max_gte=90000.00&limit=20",
    "gigs below a category": "/v1/gigs?in_category={category}&limit=20",
    "gigs within two days": "/v1/gigs?delivery_days_lte=2&limit=20",
    "favourite gigs": "/v1/gigs?is_favorite=true&limit=20",
    "gigs, favourites told": "/v1/gigs?limit=20&expand=is_favorite",
    "jobs by a skill": "/v1/jobs?skill_id={skill}&limit=20",
    "profiles by a skill": "/v1/freelancer-profiles?skill_id={skill}&limit=20",
    "search, total of a common word": "/v1/search/gigs?q=video&limit=20&total=true",
    "search, facets of a word": "/v1/search/jobs?q=wedding&facets=category_id&limit=20",
    "packages of a gig": "/v1/gig-packages?gig_id={gig}&limit=20",
    "search, a common word": "/v1/search/gigs?q=video&limit=20",
    "search, three words": "/v1/search/jobs?q=wedding%20film%20drone&limit=20",
    "search, Chinese": "/v1/search/gigs?q=剪辑&limit=20",
    "search, misspelt": "/v1/search/gigs?q=anymation%20weding&limit=20",
    "recommendations": "/v1/recommendations/jobs?limit=20",
    "page 200 of gigs": "{deep}",
    "page 20 of trending gigs": "{trending}",
}

IDS = {
    "category": "select id::text from categories offset 50 limit 1",
    "skill": "select id::text from skills offset 50 limit 1",
    "gig": "select id::text from gigs where status = 'active' offset 777 limit 1",
    "job": "select id::text from jobs where status = 'open' offset 777 limit 1",
}
"""What the paths name, of the rows that are there."""


async def _fill(dsn: str, me: str, scale: float) -> dict[str, str]:
    connection = await asyncpg.connect(dsn, command_timeout=3600)
    if not await connection.fetchval("select exists (select from gigs where slug = 'gig-1')"):
        sql = _FILL.read_text(encoding="utf-8")
        sql = sql.replace("{people}", str(int(_PEOPLE * scale)))
        await connection.execute(sql.replace("{listings}", str(int(_LISTINGS * scale))))
        await connection.execute(
            "insert into user_skills (user_id, skill_id) select $1, id from skills limit 5", me
        )
        await connection.execute(
            "update gigs set freelancer_id = $1 where slug like 'gig-77__'", me
        )
        await connection.execute("vacuum analyze")
    ids = {name: await connection.fetchval(sql) for name, sql in IDS.items()}
    await connection.close()
    return ids


async def _counting(dsn: str) -> None:
    """What the views of 200 gigs cost, a group at a time as the server writes them."""
    connection = await asyncpg.connect(dsn, command_timeout=600)
    of = "select array_agg(id) from (select id from gigs where status = 'active' limit $1) g"
    ids = await connection.fetchval(of, _VIEWED)
    await connection.execute("checkpoint")
    columns = [["gig"] * len(ids), ids, *([None] * len(ids) for _ in range(4))]
    columns.append([datetime.now(UTC)] * len(ids))
    taken, before = [], await connection.fetchval("select pg_current_wal_lsn()")
    for _ in range(_COUNTING):
        began = time.perf_counter()
        await connection.execute(_COUNT, *columns)
        taken.append((time.perf_counter() - began) * 1000)
    written = await connection.fetchval("select pg_current_wal_lsn() - $1::pg_lsn", before)
    await connection.close()
    kilobytes = int(written) / 1024 / _COUNTING
    print(
        f"views of {len(ids)} gigs counted in {statistics.median(taken):.1f} ms p50, "
        f"{quantile(taken, 0.95):.1f} ms p95, {kilobytes:,.0f} KB of log"
    )


async def _deep(session: aiohttp.ClientSession, sort: str = "-created_at") -> str:
    """The path of a page far back."""
    path = f"/v1/gigs?limit=200&fields=id&sort={sort}"
    following = path
    for _ in range(20):
        async with session.get(following) as answer:
            page = await answer.json()
        if page["next_cursor"] is None:
            break
        following = f"{path}&cursor={page['next_cursor']}"
    return following


async def _times(session: aiohttp.ClientSession, path: str) -> list[float]:
    taken = []
    for _ in range(_ROUNDS):
        began = time.perf_counter()
        async with session.get(path) as answer:
            body = await answer.read()
        taken.append((time.perf_counter() - began) * 1000)
        if answer.status != 200:
            raise SystemExit(f"{path}: {answer.status} {body[:300]!r}")
    return taken


async def _measure(http: str, token: str, ids: dict[str, str]) -> None:
    headers = {"Authorization": f"Bearer {token}"}
    async with aiohttp.ClientSession(http, headers=headers) as session:
        ids["deep"] = await _deep(session)
        ids["trending"] = await _deep(session, "-trend_score")
        for title, questions, bound in (("common", COMMON, 100), ("complex", COMPLEX, 500)):
            print(f"{title}, to be under {bound} ms{'cold':>22}{'warm p50':>10}{'warm p95':>10}")
            for name, path in questions.items():
                cold, *warm = await _times(session, path.format(**ids))
                row = (cold, statistics.median(warm), quantile(warm, 0.95))
                over = "  over" if row[2] > bound else ""
                print(f"  {name:<34}" + "".join(f"{ms:>10.1f}" for ms in row) + over)
        async with session.get("/metrics") as answer:
            found = _LOOK_UP.findall(await answer.text())
    counts = {(name, outcome): float(count) for name, outcome, count in found}
    for name in sorted({name for name, _outcome in counts}):
        hits, misses = (counts.get((name, outcome), 0.0) for outcome in ("hit", "miss"))
        print(f"copies: {name:<12}{hits / (hits + misses):>6.1%} of {hits + misses:,.0f} found")


def main() -> None:
    """Fill, ask, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0, help="1 is 100,000 of each listing")
    parser.add_argument(
        "--data-dir", type=Path, help="keep the server's data here, to ask again without filling"
    )
    options = parser.parse_args()
    with started(options.data_dir) as instance:
        (me,) = logins(instance.http, 1, instance.data_dir / "bench_accounts.json", for_s=3600)
        dsn = json.loads((instance.data_dir / "servers.json").read_bytes())["owner_database_url"]
        began = time.perf_counter()
        ids = asyncio.run(_fill(dsn, me.user_id, options.scale))
        print(f"filled in {time.perf_counter() - began:.0f} s")
        asyncio.run(_measure(instance.http, me.token, ids))
        asyncio.run(_counting(dsn))


if __name__ == "__main__":
    main()
