"""Finding things: by words, by misspelt words, in Chinese; what trends; who leads; what fits."""

import base64
import datetime as dt
import math
from uuid import uuid4

import msgspec
import pytest

from tests.integration.resources.world import told


@pytest.fixture
async def pool(app):
    return app.app.core.foundation.pool


@pytest.fixture
async def shelf(app, pool):
    """Gigs, jobs and profiles to find."""
    await pool.execute("insert into categories (slug, name) values ('video', 'Video')")
    anna, ben, carl = await app.people("anna", "ben", "carl")
    gigs = {}
    for title, description, tags in (
        ("Professional video editor for your channel", "Cuts, colours and sound", ["vlog"]),
        ("Logo design", "A video of it is made too", []),
        ("短视频剪辑师", "专业剪辑", []),
        ("Drone pictures", "From above", ["aerial", "video"]),
    ):
        gigs[title] = await pool.fetchval(
            """
            insert into gigs (freelancer_id, title, slug, description, category_id, tags)
            select $1, $2, 's' || gen_random_uuid(), $3, c.id, $4 from categories c
            returning id::text
            """,
            anna.id, title, description, tags,
        )  # fmt: skip
    await pool.execute("update gigs set status = 'active'")
    await pool.execute(
        "insert into freelancer_profiles (user_id, tagline) values ($1, '视频剪辑 editor')",
        anna.id,
    )
    return anna, ben, carl, gigs


async def found(app, path, person=None):
    answer = await app.http("GET", path, person)
    assert answer.status == 200, answer.body
    return answer.body["data"]


async def test_words_are_ranked_by_where_they_stand(app, shelf):
    titles = [g["title"] for g in await found(app, "/v1/search/gigs?q=video")]
    assert titles[0].startswith("Professional video editor")
    assert set(titles) == {
        "Professional video editor for your channel",
        "Logo design",
        "Drone pictures",
    }


async def test_misspelt_words_find(app, shelf):
    titles = [g["title"] for g in await found(app, "/v1/search/gigs?q=viedo%20editor")]
    assert titles == ["Professional video editor for your channel"]
    assert await found(app, "/v1/search/gigs?q=quantum%20chemistry") == []


@pytest.mark.parametrize("query", ["剪辑", "短视频", "剪"])
async def test_two_characters_of_chinese_find(app, shelf, query):
    titles = [g["title"] for g in await found(app, f"/v1/search/gigs?q={query}")]
    assert titles == ["短视频剪辑师"]


async def test_profiles_are_found(app, shelf):
    anna = shelf[0]
    for query in ("剪辑", "editor"):
        rows = await found(app, f"/v1/search/freelancers?q={query}&expand=user")
        assert [row["user"]["id"] for row in rows] == [str(anna.id)]


async def test_nobody_finds_what_is_not_public(app, pool, shelf):
    anna, _, _, _ = shelf
    await pool.execute("update gigs set status = 'paused' where title = 'Logo design'")
    for person in (None, anna):
        titles = [g["title"] for g in await found(app, "/v1/search/gigs?q=logo", person)]
        assert "Logo design" not in titles


async def test_pages_of_a_search_follow_each_other(app, pool, shelf):
    anna = shelf[0]
    await pool.execute(
        """
        insert into gigs (freelancer_id, title, slug, description, category_id)
        select $1, 'Wedding film', 's' || n, 'x', c.id from categories c, generate_series(1, 25) n
        """,
        anna.id,
    )
    await pool.execute("update gigs set status = 'active' where status = 'draft'")
    for query in ("wedding", "weddding"):
        seen, path = [], f"/v1/search/gigs?q={query}&limit=10&fields=id"
        following: str | None = path
        while following:
            answer = await app.http("GET", following)
            seen += [row["id"] for row in answer.body["data"]]
            cursor = answer.body["next_cursor"]
            following = f"{path}&cursor={cursor}" if cursor else None
        assert (len(seen), len(set(seen))) == (25, 25)


@pytest.mark.parametrize(
    ("query", "stage"), [("wedding", False), ("weddi fil", True), ("weddding", "typing")]
)
async def test_the_version_before_reads_cursors_of_the_stages_that_it_knows(
    app, pool, shelf, query, stage
):
    await pool.execute(
        """
        insert into gigs (freelancer_id, title, slug, description, category_id)
        select $1, 'Wedding film', 's' || n, 'x', c.id from categories c, generate_series(1, 3) n
        """,
        shelf[0].id,
    )
    await pool.execute("update gigs set status = 'active' where status = 'draft'")
    path = f"/v1/search/gigs?q={query}&limit=2"
    page = (await app.http("GET", path)).body
    signed = base64.urlsafe_b64decode(page["next_cursor"] + "==")
    assert msgspec.msgpack.decode(signed[16:])[2] == stage
    rest = (await app.http("GET", f"{path}&cursor={page['next_cursor']}")).body["data"]
    assert len({row["id"] for row in page["data"] + rest}) == 3


async def test_a_search_again_is_not_asked_again_until_something_changes(app, shelf):
    anna = shelf[0]
    await told(app)
    for _ in range(3):  # kept when it comes again
        await found(app, "/v1/search/gigs?q=drone")
    metrics = (await app.http("GET", "/metrics")).body.decode()
    assert 'parley_cache_total{cache="search",outcome="hit"} 1.0' in metrics
    gig = next(g for g in await found(app, "/v1/search/gigs?q=drone"))
    change = {"title": "Balloon pictures"}
    path = f"/v1/gigs/{gig['id']}"
    await app.http("PATCH", path, anna, change, headers={"If-Match": "*"})
    assert await found(app, "/v1/search/gigs?q=drone") == []


async def test_views_are_counted_in_groups_and_trend(app, pool, shelf):
    _, ben, _, gigs = shelf
    ids = list(gigs.values())
    for person in (ben, ben, None):
        await app.http("GET", f"/v1/gigs/{ids[0]}", person)
    await app.http("GET", "/v1/search/gigs?q=video", ben)
    async with pool.acquire() as connection:
        while not await connection.fetchval("select count(*) from search_history"):
            await connection.execute("select pg_sleep(0.2)")
        row = await connection.fetchrow(
            "select * from gigs join gig_counters on gig_id = id where id::text = $1", ids[0]
        )
        assert (row["view_count"], row["version"]) == (2, 2)
        assert await connection.fetchval("select query from search_history") == "video"
    trending = await found(app, "/v1/gigs?sort=-trend_score&status=active")
    assert trending[0]["id"] == ids[0]


async def test_trends_decay_by_half_in_three_days(pool):
    """Two views three days ago weigh as much as one now."""
    old, new = await pool.fetchrow(
        "select trend_after(0, 2, now() - interval '3 days'), trend_after(0, 1, now())"
    )
    assert math.isclose(old, new, abs_tol=1e-6)
    twice = await pool.fetchval("select trend_after($1, 1, now())", new)
    assert math.isclose(twice, new + 1, abs_tol=1e-3)


async def test_recommendations_fit_skills(app, pool, shelf):
    anna, ben, _, _ = shelf
    await pool.execute("insert into skills (name) values ('Cutting'), ('Sound')")
    await pool.execute(
        """
        insert into user_skills (user_id, skill_id)
        select $1, id from skills where name = 'Cutting'
        """,
        anna.id,
    )
    for title, skills in (
        ("both", ["Cutting", "Sound"]),
        ("one", ["Cutting"]),
        ("none", ["Sound"]),
    ):
        await pool.execute(
            """
            with job as (
                insert into jobs (client_id, title, description, category_id)
                values ($1, $2, 'x', (select id from categories limit 1)) returning id
            )
            insert into job_skills (job_id, skill_id)
            select job.id, s.id from job, skills s where s.name = any ($3)
            """,
            ben.id, title, skills,
        )  # fmt: skip
    await pool.execute("update jobs set status = 'open'")
    rows = await found(app, "/v1/recommendations/jobs", anna)
    assert [(row["job"]["title"], row["match_score"]) for row in rows] == [
        ("one", 1.0),
        ("both", 0.5),
    ]


async def test_ratings_follow_published_reviews(app, pool, shelf):
    anna, ben, _, gigs = shelf
    gig = gigs["Logo design"]
    contract = await pool.fetchval(
        """
        insert into contracts (gig_id, client_id, freelancer_id, title, total_amount, status)
        values ($1::text::uuid, $2, $3, 'x', 10, 'pending_payment') returning id
        """,
        gig, ben.id, anna.id,
    )  # fmt: skip
    for status in ("active", "completed"):
        await pool.execute("update contracts set status = $1", status)
    await pool.execute(
        "insert into review_invitations (contract_id, reviewer_id, reviewee_id)"
        " values ($1, $2, $3), ($1, $3, $2)",
        contract, ben.id, anna.id,
    )  # fmt: skip
    await pool.execute("update platform_settings set value = '0' where key = 'review_least_amount'")
    made = await app.http(
        "POST", "/v1/reviews", ben, {"contract_id": str(contract), "overall_rating": 4}
    )
    assert made.status == 201, made.body
    assert made.body["reviewee_id"] == str(anna.id)
    assert (await found(app, "/v1/gigs?slug=x&fields=id")) == []
    assert (await app.http("GET", f"/v1/user-ratings/{anna.id}")).body["total_reviews"] == 0
    await pool.execute("update reviews set status = 'published'")
    assert (await app.http("GET", f"/v1/user-ratings/{anna.id}")).body["average_rating"] == 4.0
    profile = await app.http("GET", f"/v1/freelancer-profiles/{anna.id}")
    assert profile.body["rating"] == 4.0
    shown = await app.http("GET", f"/v1/gigs/{gig}?fields=rating,total_reviews")
    assert (shown.body["rating"], shown.body["total_reviews"]) == (4.0, 1)
    rating = await pool.fetchrow("select * from calculate_user_rating($1)", anna.id)
    assert (float(rating["average_rating"]), rating["total_reviews"]) == (4.0, 1)
    leaders = await found(app, "/v1/leaderboards/freelancers")
    assert leaders == [{"rank": 1, "user": {"id": str(anna.id), "display_name": "anna"}}]
    assert await found(app, "/v1/leaderboards/earners?month=2026-01") == []


async def test_a_dashboard_and_a_jobs_figures_are_ones_own(app, pool, shelf):
    anna, ben, carl, _ = shelf
    job = await pool.fetchval(
        "insert into jobs (client_id, title, description, category_id)"
        " values ($1, 'x', 'x', (select id from categories limit 1)) returning id",
        ben.id,
    )
    await pool.execute("update jobs set status = 'open'")
    proposal = {"job_id": str(job), "cover_letter": "me", "amount": "10.00"}
    for person in (anna, carl):
        assert (await app.http("POST", "/v1/proposals", person, proposal)).status == 201
    assert (await app.http("POST", "/v1/proposals", ben, proposal)).status == 403
    (stats,) = await found(app, "/v1/job-stats", ben)
    assert (stats["total_proposals"], stats["average_amount"]) == (2, "10.00")
    assert await found(app, "/v1/job-stats", anna) == []
    (board,) = await found(app, "/v1/user-dashboard", anna)
    assert board["freelancer"]["pending_proposals"] == 1
    schemas = (await app.http("GET", "/v1/openapi.json")).body["components"]["schemas"]
    for role in ("client", "freelancer"):
        of, _null = schemas["UserDashboard"]["properties"][role]["anyOf"]
        described = schemas[of["$ref"].rpartition("/")[2]]
        assert board[role].keys() == described["properties"].keys() == set(described["required"])
    shown = await app.http("GET", f"/v1/jobs/{job}?expand=proposals", anna)
    assert len(shown.body["proposals"]["data"]) == 1
    assert shown.body["proposal_count"] == 2


async def test_expansions_say_when_they_are_cut(app, pool, shelf):
    _, _, _, gigs = shelf
    await pool.execute(
        """
        insert into gig_faqs (gig_id, question, answer)
        select $1::text::uuid, 'q' || n, 'a' from generate_series(1, 25) n
        """,
        gigs["Logo design"],
    )
    shown = await app.http(
        "GET", f"/v1/gigs/{gigs['Logo design']}?expand=faqs,freelancer_profile.gigs"
    )
    assert (len(shown.body["faqs"]["data"]), shown.body["faqs"]["truncated"]) == (20, True)
    assert shown.body["freelancer_profile"]["gigs"]["truncated"] is False
    assert shown.headers["ETag"].startswith("W/")
    deep = await app.http("GET", f"/v1/gigs/{gigs['Logo design']}?expand=freelancer.skills.skill")
    assert deep.status == 422
    assert (await app.http("GET", f"/v1/gigs/{uuid4()}?expand=faqs")).status == 404


async def test_shelves_of_the_catalogue(app, pool, owner, shelf):
    """Recent, featured, top of a category, cheapest and trending: sorts and filters of one list."""
    anna = shelf[0]
    await pool.execute("update gigs set status = 'suspended'")
    await owner.execute(
        """
        insert into categories (slug, name) values ('sound', 'Sound'), ('design', 'Design');
        set session_replication_role = replica;
        insert into gigs (freelancer_id, title, slug, description, category_id, status, rating,
                          is_featured, starting_price, created_at)
        select u.id, g.title, g.title, 'x', c.id, 'active', g.rating, g.featured, g.price,
               now() - make_interval(hours => g.age)
        from users u, (values
            ('a', 'sound', 4.5, true, 30, 3), ('b', 'sound', 5.0, false, 20, 2),
            ('c', 'design', 4.0, true, 10, 1)
        ) g(title, slug, rating, featured, price, age)
        join categories c on c.slug = g.slug where u.display_name = 'anna';
        insert into gig_counters (gig_id, status, trend_score)
        select id, status, position(title in 'acb') from gigs where title in ('a', 'b', 'c');
        set session_replication_role = origin
        """
    )
    sound = await pool.fetchval("select id::text from categories where slug = 'sound'")
    for query, wanted in {
        "": "cba",
        "is_featured=true": "ca",
        "is_featured=true&sort=-rating": "ac",
        f"category_id={sound}&sort=-rating": "ba",
        "sort=-trend_score": "bca",
        "sort=starting_price": "cba",
        "freelancer_id=me&status=active&sort=-rating": "bac",
    }.items():
        rows = await found(app, f"/v1/gigs?{query}", anna)
        assert "".join(row["title"] for row in rows) == wanted, query


async def test_who_was_paid_most_is_told_by_currency_and_without_sums(app, owner):
    anna, ben, carl = await app.people("anna", "ben", "carl")
    for person, gross, refunded, currency, month in (
        (anna, 700, 0, "USD", 5), (anna, 300, 50, "USD", 5), (ben, 20_000, 0, "JPY", 5),
        (ben, 3000, 3000, "USD", 5), (carl, 900, 0, "USD", 5), (carl, 500, 0, "JPY", 5),
        (carl, 5000, 0, "USD", 6),
    ):  # fmt: skip
        await owner.execute(
            """
            with replica as (select set_config('session_replication_role', 'replica', true))
            insert into releases (id, kind, job_id, client_id, freelancer_id, user_id, journal_id,
                                  gross, fee, refunded, currency, created_at, updated_at)
            select uuid7(), 'external', uuid7(), $1, $2, $2, uuid7(), $3, 0, $4, $5, $6, $6
            from replica
            """,
            carl.id, person.id, gross, refunded, currency,
            dt.datetime(2026, month, 9, tzinfo=dt.UTC),
        )  # fmt: skip

    async def board(query: str) -> list[str]:
        rows = await found(app, f"/v1/leaderboards/earners?month=2026-{query}")
        assert [row["rank"] for row in rows] == [*range(1, len(rows) + 1)]
        assert all(row.keys() == {"rank", "user"} for row in rows)
        return [row["user"]["display_name"] for row in rows]

    # 950, 900, and nothing of 3000: without a currency they are dollars.
    assert await board("05") == await board("05&currency=USD") == ["anna", "carl"]
    assert await board("05&currency=JPY") == ["ben", "carl"]
    assert await board("06") == ["carl"]
    assert await board("05&currency=EUR") == []
    for query in ("earners?currency=usd", "earners?currency=XXX", "freelancers?currency=USD"):
        assert (await app.http("GET", f"/v1/leaderboards/{query}")).status == 422
