"""One edit of typing in a word is forgiven, where the words themselves do not fill a page."""

import pytest


@pytest.fixture
async def pool(app):
    return app.app.core.foundation.pool


@pytest.fixture
async def shelf(app, pool):
    """Gigs, jobs, profiles and skills to find."""
    await pool.execute("insert into categories (slug, name) values ('video', 'Video')")
    anna, ben = await app.people("anna", "ben")
    for title, description in (
        ("Professional video editing", "Colours and sound"),
        ("Logo design", "Illustrations of Köln"),
        ("Перевод текста", "Быстро"),
        ("हिन्दी अनुवाद", "x"),
    ):
        await pool.execute(
            """
            insert into gigs (freelancer_id, title, slug, description, category_id)
            select $1, $2, 's' || gen_random_uuid(), $3, c.id from categories c
            """,
            anna.id, title, description,
        )  # fmt: skip
    await pool.execute("update gigs set status = 'active'")
    await pool.execute(
        "insert into jobs (client_id, title, description, category_id)"
        " select $1, 'Wedding film', 'x', c.id from categories c limit 1",
        ben.id,
    )
    await pool.execute("update jobs set status = 'open'")
    await pool.execute(
        "insert into freelancer_profiles (user_id, tagline) values ($1, 'Drone photographer')",
        anna.id,
    )
    await pool.execute(
        """
        insert into skills (name, names) values ('Photography', '{"de": "Fotografie"}'),
                                                ('Python', '{}')
        """
    )
    return anna, ben


async def found(app, path):
    answer = await app.http("GET", path)
    assert answer.status == 200, answer.body
    return answer.body["data"]


@pytest.mark.parametrize(
    ("area", "query", "shown"),
    [
        # A swap, a drop, an insertion, another letter.
        ("gigs", "lgoo", "Logo design"),
        ("gigs", "desgn", "Logo design"),
        ("gigs", "vidoe editing", "Professional video editing"),
        ("gigs", "viddeo", "Professional video editing"),
        ("gigs", "videa edtiing", "Professional video editing"),
        ("gigs", "ilustration", "Logo design"),
        ("gigs", "sounds colous", "Professional video editing"),
        ("gigs", "koeln", "Logo design"),
        ("gigs", "kölnn", "Logo design"),
        ("gigs", "превод", "Перевод текста"),
        ("gigs", "अनवाद", "हिन्दी अनुवाद"),
        ("jobs", "wedidng", "Wedding film"),
        ("jobs", "filn", "Wedding film"),
        ("freelancers", "dron", "Drone photographer"),
        ("freelancers", "fhotographer", "Drone photographer"),
        ("skills", "pyhton", "Python"),
        ("skills", "fotografi", "Photography"),
        ("skills", "photograpy", "Photography"),
    ],
)
async def test_one_edit_of_typing_finds(app, shelf, area, query, shown):
    rows = await found(app, f"/v1/search/{area}?q={query}")
    titles = [row.get("title") or row.get("name") or row.get("tagline") for row in rows]
    assert titles == [shown]


@pytest.mark.parametrize(
    ("query", "is_found"), [("logo", True), ("lgo", False), ("xqzo", False), ("wlogox", False)]
)
async def test_short_words_and_more_edits_do_not(app, shelf, query, is_found):
    assert bool(await found(app, f"/v1/search/gigs?q={query}")) is is_found


async def test_what_has_the_words_comes_first_and_fills_the_page(app, pool, shelf):
    """What is meant is not looked for where the words themselves fill a page."""
    anna = shelf[0]
    await pool.execute(
        """
        insert into gigs (freelancer_id, title, slug, description, category_id)
        select $1, case when n < 4 then 'Wooden table' else 'Wooden cable' end, 's' || n, 'x', c.id
        from categories c, generate_series(1, 9) n;
        """.replace("$1", f"'{anna.id}'")
    )
    await pool.execute("update gigs set status = 'active' where status = 'draft'")
    rows = await found(app, "/v1/search/gigs?q=table&limit=3")
    assert {row["title"] for row in rows} == {"Wooden table"}
    seen, following = [], "/v1/search/gigs?q=table&limit=4"
    while following:
        answer = await app.http("GET", following)
        seen += [(row["title"], row["id"]) for row in answer.body["data"]]
        cursor = answer.body["next_cursor"]
        following = f"/v1/search/gigs?q=table&limit=4&cursor={cursor}" if cursor else ""
    assert [title for title, _ in seen] == ["Wooden table"] * 3 + ["Wooden cable"] * 6
    assert len(set(seen)) == len(seen)


@pytest.mark.parametrize("query", ["a", "é", "я", "a\u200b", "!"])
async def test_a_query_is_long_enough(app, shelf, query):
    answer = await app.http("GET", f"/v1/search/gigs?q={query}")
    assert answer.status == 422
    assert answer.body["errors"][0]["path"] == "q"


async def test_a_skills_search_is_kept_for_nobody(app, pool, shelf):
    answer = await app.http("GET", "/v1/search/skills?q=python", shelf[0])
    assert [row["name"] for row in answer.body["data"]] == ["Python"]
    await app.http("GET", "/v1/search/gigs?q=logo", shelf[0])
    async with pool.acquire() as connection:
        while not await connection.fetchval("select count(*) from search_history"):
            await connection.execute("select pg_sleep(0.2)")
        kinds = await connection.fetch("select search_type from search_history")
    assert [row["search_type"] for row in kinds] == ["gigs"]


async def test_until_a_column_is_filled_the_one_of_before_is_searched(app, owner, shelf):
    await owner.execute("alter table gigs disable trigger gigs_terms")
    await owner.execute("update gigs set search_terms = null")
    await owner.execute("alter table gigs enable trigger gigs_terms")
    await owner.execute("update search_rebuilds set finished_at = null where subject = 'gigs'")
    titles = [row["title"] for row in await found(app, "/v1/search/gigs?q=logo")]
    assert titles == ["Logo design"]


async def test_the_first_six_words_may_be_mistyped(pool, shelf):
    """Each costs a search, and anybody may ask."""
    others = "aaaa bbbb cccc dddd eeee"
    for query, is_meant in ((f"{others} lgoo", True), (f"{others} ffff lgoo", False)):
        meant = await pool.fetchval("select typed_query($1, 20)::text", query)
        assert (meant is not None) == is_meant
