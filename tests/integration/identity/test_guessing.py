"""Guessing a password: it is slow from one network and from many, and keeps no owner out."""

import asyncio

import pytest

from handlers.people import login_limits
from protocol.errors import ErrorCode
from protocol.limits import Limits
from storage.people.identity import Origin
from tests.integration.identity.house import ANNA, HOME, PASSWORD, House, refusal

WRONG = "guess number 1"


class Waits:
    """In the place of asyncio.sleep: what was waited for, and no time passes."""

    def __init__(self):
        self.told_s = []

    async def sleep(self, delay_s):
        self.told_s.append(delay_s)


@pytest.fixture
def waits(monkeypatch):
    waits = Waits()
    monkeypatch.setattr(login_limits, "asyncio", waits)
    return waits


def house_of(pool, client, **limits):
    return House(pool, client, limits=Limits(**limits))


def from_network(number, host=1):
    return Origin(f"198.51.{number}.{host}", "curl")


async def guess(house, origin, email="anna@example.org"):
    return (await refusal(house.login(email, WRONG, origin))).code


async def test_ten_wrong_logins_lock_out_their_own_network_and_not_the_owner(pool, client):
    house = House(pool, client)
    await house.identity.register(HOME, ANNA)
    for host in range(10):
        assert await guess(house, from_network(7, host)) is ErrorCode.UNAUTHENTICATED
    error = await refusal(house.login(origin=from_network(7, 200)))
    assert error.code is ErrorCode.RATE_LIMITED
    assert 0 < error.details["retry_after_s"] <= 6
    assert len(house.passwords.verified) == 10
    assert await house.login(origin=from_network(8))
    assert await house.login()
    keys = [key.decode() for key in await client.keys("parley:ratelimit:*")]
    assert not any("anna" in key.lower() for key in keys)


@pytest.mark.parametrize(
    ("one", "other", "are_one"),
    [
        ("192.0.2.1", "192.0.2.255", True),
        ("192.0.2.1", "::ffff:192.0.2.9", True),
        ("192.0.2.1", "192.0.3.1", False),
        ("2001:db8:0:1::1", "2001:db8:0:1:ffff::", True),
        ("2001:db8:0:1::1", "2001:db8:0:2::1", False),
        (None, None, True),
    ],
)
async def test_attempts_at_an_account_are_limited_by_network(pool, client, one, other, are_one):
    house = house_of(pool, client, logins_per_minute=1)
    await guess(house, Origin(one, None))
    expected = ErrorCode.RATE_LIMITED if are_one else ErrorCode.UNAUTHENTICATED
    assert await guess(house, Origin(other, None)) is expected


async def test_beyond_the_limit_of_an_account_everybody_waits_but_where_it_is_known(
    pool, client, waits
):
    house = house_of(pool, client, account_logins_per_minute=3, login_delay_s=4)
    await house.identity.register(HOME, ANNA)
    for number in range(3):
        await guess(house, from_network(number))
    assert waits.told_s == []
    assert await guess(house, from_network(3)) is ErrorCode.UNAUTHENTICATED
    assert waits.told_s == [4]
    # Where the owner has registered, or logged in, nothing is waited for; elsewhere it is, once.
    await house.login()
    await house.login(origin=Origin("192.0.2.200", None))
    assert waits.told_s == [4]
    elsewhere = Origin("203.0.113.5", None)
    await house.login(origin=elsewhere)
    assert waits.told_s == [4, 4]
    await house.login(origin=elsewhere)
    assert waits.told_s == [4, 4]


async def test_an_unknown_account_waits_likewise(pool, client, waits):
    house = house_of(pool, client, account_logins_per_minute=2, login_delay_s=4)
    for number in range(4):
        assert await guess(house, from_network(number)) is ErrorCode.UNAUTHENTICATED
    assert waits.told_s == [4, 4]
    assert len(house.passwords.verified) == 4


async def test_a_network_is_forgotten_a_month_after_the_last_login(pool, client, waits):
    house = house_of(pool, client, account_logins_per_minute=1, login_delay_s=4)
    await house.identity.register(HOME, ANNA)
    age = "update login_networks set last_login_at = now() - $1 * interval '1 hour'"
    await guess(house, from_network(1))
    await pool.execute(age, 30 * 24 - 1)
    await house.sessions.prune(3600)
    await house.login()
    assert waits.told_s == []
    await pool.execute(age, 30 * 24 + 1)
    await house.login()
    assert waits.told_s == [4]
    await pool.execute(age, 30 * 24 + 1)
    await house.sessions.prune(3600)
    assert await pool.fetchval("select count(*) from login_networks") == 0


async def test_a_wrong_login_makes_no_network_known(pool, client, waits):
    house = house_of(pool, client, account_logins_per_minute=1, login_delay_s=4)
    await house.identity.register(HOME, ANNA)
    for _ in range(3):
        await guess(house, from_network(1))
    assert waits.told_s == [4, 4]
    # Nor does a login of another account.
    ben = type(ANNA)("ben@example.org", PASSWORD, "Ben", "both")
    await house.identity.register(from_network(1), ben)
    await guess(house, from_network(1))
    assert waits.told_s == [4, 4, 4]


@pytest.mark.parametrize(
    ("registered", "spellings"),
    [
        (None, ["Ian@example.org", "IAN@Example.org", "İan@example.org"]),
        ("Ian@example.org", ["ian@example.org", "İan@EXAMPLE.ORG", "İAN@example.org"]),
        (None, ["a@bücher.example", "a@BÜCHER.example", "a@xn--bcher-kva.example"]),
        ("a@bücher.example", ["A@xn--bcher-kva.example", "a@BU\u0308CHER.example"]),
        (None, ["é@example.org", "e\u0301@example.org", "E\u0301@example.org"]),
        (None, ["<a@x>", "<A@x>"]),
    ],
)
async def test_spellings_of_an_account_have_its_limit_together(pool, client, registered, spellings):
    house = house_of(pool, client, logins_per_minute=len(spellings) - 1)
    if registered:
        await house.identity.register(HOME, type(ANNA)(registered, PASSWORD, "Ian", "both"))
    answers = [await guess(house, from_network(1), email) for email in spellings]
    assert answers[:-1] == [ErrorCode.UNAUTHENTICATED] * (len(spellings) - 1)
    assert answers[-1] is ErrorCode.RATE_LIMITED


async def test_who_waits_holds_nobody_up(pool, client):
    house = house_of(pool, client, account_logins_per_minute=1, login_delay_s=30)
    await house.identity.register(HOME, ANNA)
    await guess(house, from_network(0))
    waiting = [asyncio.create_task(guess(house, from_network(n))) for n in range(1, 20)]
    async with asyncio.timeout(20):
        await house.login()
    assert not any(task.done() for task in waiting)
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)


async def test_without_redis_the_limits_hold_too(pool, away):
    house = house_of(pool, away, logins_per_minute=2)
    for _ in range(2):
        assert await guess(house, from_network(1)) is ErrorCode.UNAUTHENTICATED
    assert await guess(house, from_network(1, 9)) is ErrorCode.RATE_LIMITED
    assert await guess(house, from_network(2)) is ErrorCode.UNAUTHENTICATED
