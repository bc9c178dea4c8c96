"""Which addresses take no mail, by what was told of them."""

import asyncio
import datetime as dt

import asyncpg
import pytest

from storage.mail.port import MailOutcome
from storage.mail.sending import Tried, Wanted, record, stopped
from storage.mail.suppressions import AddressKeys, Noted, SoftRules, Suppressions

BEN = "ben@example.org"
HOUR = dt.timedelta(hours=1)


@pytest.fixture
async def pool(database_url):
    pool = await asyncpg.create_pool(database_url, min_size=1, max_size=4)
    yield pool
    await pool.close()


@pytest.fixture
def suppressions(pool):
    return Suppressions(pool, AddressKeys("the secret of this test"), SoftRules())


@pytest.fixture
def now():
    return dt.datetime.now(dt.UTC)


async def reason(suppressions, address=BEN):
    (found,) = await suppressions.of([address])
    return found and found.reason


def soft(event, at, address=BEN):
    return Noted(address, "soft", event, at, "4.2.2")


async def test_a_hard_bounce_suppresses_at_once_and_every_spelling(suppressions, now):
    assert await suppressions.note([Noted("Ben@bücher.example", "hard", "1", now, "5.1.1")]) == 1
    addresses = ["ben@xn--bcher-kva.example", "BEN@BÜCHER.example", BEN, "no address"]
    found = await suppressions.of(addresses)
    assert [one and (one.reason, one.code, one.until) for one in found] == [
        ("hard", "5.1.1", None),
        ("hard", "5.1.1", None),
        None,
        None,
    ]
    assert found[0].since == now
    assert await suppressions.note([Noted("Ben@bücher.example", "hard", "2", now, "5.1.1")]) == 0


async def test_no_address_is_in_the_table(suppressions, pool, now):
    await suppressions.note([Noted(BEN, "hard", f"event of {BEN}", now, "5.1.1"), soft("a@b", now)])
    rows = await pool.fetch("select m::text as told from mail_suppressions m")
    assert rows
    assert not [row["told"] for row in rows if "ben" in row["told"] or "@" in row["told"]]
    assert await Suppressions(pool, AddressKeys("another secret"), SoftRules()).of([BEN]) == [None]


@pytest.mark.parametrize(
    ("hours_ago", "suppressed"),
    [([1, 1], None), ([30, 20, 1], "soft"), ([71, 1, 0], "soft"), ([73, 1, 0], None)],
)
async def test_three_soft_bounces_within_three_days(suppressions, now, hours_ago, suppressed):
    for number, hours in enumerate(hours_ago):
        await suppressions.note([soft(str(number), now - hours * HOUR)])
    assert await reason(suppressions) == suppressed
    if suppressed:
        (found,) = await suppressions.of([BEN])
        assert found.until - found.since == dt.timedelta(days=7)
        assert (found.stops("message"), found.stops("security")) == (True, False)


async def test_the_same_event_counts_once_in_one_call_and_in_several(suppressions, now):
    for _ in range(3):
        assert await suppressions.note([soft("1", now), soft("1", now), soft("2", now)]) == 0
    assert await reason(suppressions) is None
    assert await suppressions.note([soft("3", now), soft("1", now)]) == 1


async def test_a_mail_that_arrives_after_all_was_no_bounce(suppressions, now):
    greylisted = MailOutcome("retry", "4.2.0", "greylisted", is_of_address=True)
    sent = MailOutcome("sent", "2.0.0", "Ok")
    for number in range(5):
        name = f"<{number}@parley.example>"
        assert await record(suppressions, [Tried(BEN, name, greylisted, now)]) == 0
        assert await record(suppressions, [Tried(BEN, name, greylisted, now)]) == 0
        await record(suppressions, [Tried(BEN, name, sent, now)])
    assert await reason(suppressions) is None
    for number in range(3):
        await record(suppressions, [Tried(BEN, f"<{number}@x>", greylisted, now)])
    assert await reason(suppressions) == "soft"


@pytest.mark.parametrize(
    ("code", "of_address", "suppressed"),
    [("5.1.1", True, "hard"), ("5.7.1", False, None), ("5.2.2", True, None), ("", False, None)],
)
async def test_a_reply_counts_by_what_it_is_about(suppressions, now, code, of_address, suppressed):
    outcome = MailOutcome("rejected", code, "no", of_address)
    await record(suppressions, [Tried(BEN, "<1@x>", outcome, now)])
    assert await reason(suppressions) == suppressed


async def test_a_complaint_stops_all_but_security_and_a_hard_bounce_that_too(suppressions, now):
    wanted = [Wanted(BEN, "message"), Wanted(BEN, "security"), Wanted("ada@example.org", "job")]
    await suppressions.note([Noted(BEN, "complaint", "1", now)])
    found = await stopped(suppressions, wanted)
    assert [one and one.reason for one in found] == ["complaint", None, None]
    await suppressions.note([Noted(BEN, "hard", "2", now, "5.1.1")])
    found = await stopped(suppressions, wanted)
    assert [one and one.reason for one in found] == ["hard", "hard", None]
    await suppressions.note([Noted(BEN, "complaint", "3", now), soft("4", now)])
    assert await reason(suppressions) == "hard"
    assert await stopped(suppressions, []) == []


async def test_a_soft_one_ends_by_itself_and_can_come_again(pool, now):
    rules = SoftRules(count=2, window_s=3600.0, lasts_s=60.0)
    suppressions = Suppressions(pool, AddressKeys("the secret of this test"), rules)
    minute = dt.timedelta(minutes=1)
    await suppressions.note([soft("1", now - 3 * minute), soft("2", now - 2 * minute)])
    assert await reason(suppressions) is None
    assert await suppressions.note([soft("3", now)]) == 1
    assert await reason(suppressions) == "soft"


async def test_what_was_before_the_release_counts_no_more(suppressions, now):
    await suppressions.note([Noted(BEN, "hard", "1", now, "5.1.1")])
    assert await suppressions.release(f" {BEN.upper()} ")
    assert await reason(suppressions) is None
    assert not await suppressions.release(BEN)
    assert await suppressions.note([Noted(BEN, "hard", "1", now, "5.1.1")]) == 0
    later = dt.datetime.now(dt.UTC)
    assert await suppressions.note([Noted(BEN, "hard", "2", later, "5.1.1")]) == 1


async def test_batches_about_the_same_addresses_do_not_wait_for_each_other_for_ever(
    suppressions, now
):
    addresses = [f"person-{number}@example.org" for number in range(100)]
    batches = [
        [soft(f"{batch}", now, one) for one in addresses[:: 1 if batch % 2 else -1]]
        for batch in range(8)
    ]
    counts = await asyncio.gather(*map(suppressions.note, batches))
    assert sum(counts) == 100
    assert all(one is not None for one in await suppressions.of(addresses))


async def test_what_takes_mail_is_forgotten_in_time(suppressions, pool, now):
    await suppressions.note([Noted(BEN, "hard", "1", now, "5.1.1"), soft("1", now, "a@b.org")])
    assert await suppressions.prune(3600) == 0
    assert await pool.fetchval("select count(*) from mail_suppressions") == 2
    assert await suppressions.prune(0) == 1
    assert await pool.fetchval("select count(*) from mail_suppressions") == 1
    assert await reason(suppressions) == "hard"
