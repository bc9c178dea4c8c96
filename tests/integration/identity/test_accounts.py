"""Registering and signing in: what a user, a guesser and a robot would see."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec
import pytest

from protocol.errors import ErrorCode, RequestError
from protocol.identity import Register
from protocol.limits import Limits
from storage.people.identity import Origin
from storage.people.passwords import Passwords
from tests.integration.identity.house import ANNA, HOME, PASSWORD, House, refusal


async def test_registering_signs_in(house):
    signed_in = await house.identity.register(HOME, ANNA)
    assert signed_in.expires_in == 900
    assert signed_in.user.display_name == "Anna"
    assert signed_in.user.email == "Anna@Example.org"
    assert UUID(signed_in.user.id).version == 7
    session = await house.sessions.authenticate(signed_in.access_token)
    assert (str(session.user_id), session.display_name) == (signed_in.user.id, "Anna")
    assert timedelta(minutes=14) < session.expires_at - datetime.now(UTC) <= timedelta(minutes=15)
    assert await house.identity.me(await house.caller(signed_in)) == signed_in.user


async def test_one_account_an_address_in_any_case(house):
    await house.identity.register(HOME, ANNA)
    again = msgspec.structs.replace(ANNA, email="aNNa@example.ORG")
    assert (await refusal(house.identity.register(HOME, again))).code is ErrorCode.CONFLICT
    assert (await house.login("ANNA@EXAMPLE.ORG")).user.display_name == "Anna"


async def test_two_registrations_at_once_make_one_account(house):
    answers = await asyncio.gather(
        *(house.identity.register(HOME, ANNA) for _ in range(4)), return_exceptions=True
    )
    refused = [answer for answer in answers if isinstance(answer, RequestError)]
    assert [error.code for error in refused] == [ErrorCode.CONFLICT] * 3


@pytest.mark.parametrize(
    ("member", "value", "is_right"),
    [
        ("email", "anna@example.org", True),
        ("email", "ä.b+c@bücher.example", True),
        ("email", "anna", False),
        ("email", "anna@localhost", False),
        ("email", "a b@example.org", False),
        ("email", "a\x01b@example.org", False),
        ("email", "a@b@example.org", False),
        ("email", "a@example..org", False),
        ("email", "a" * 64 + "@example.org", True),
        ("email", "a" * 65 + "@example.org", False),
        ("email", "a..b@example.org", False),
        ("email", "<a@example.org>", False),
        ("password", "x" * 9, False),
        ("password", "x" * 10, True),
        ("password", "字" * 200, True),
        ("password", "x" * 201, False),
        ("display_name", "", False),
        ("display_name", " \u3000", False),
        ("display_name", "安", True),
        ("display_name", "\N{WOMAN}\u200d\N{PERSONAL COMPUTER}" * 26, True),
        ("display_name", "x" * 80, True),
        ("display_name", "x" * 81, False),
        ("display_name", "a\nb", False),
        ("display_name", "a\u2028b", False),
        ("display_name", "a\u202eb", False),
        ("display_name", "\u3164\u200b", False),
        ("display_name", "Parley", False),
        ("display_name", "ΡаrIеу Ѕuрроrt", False),
        ("display_name", "Parley Pratt", True),
    ],
)
async def test_what_may_be_registered(house, member, value, is_right):
    request = msgspec.structs.replace(ANNA, **{member: value})
    if is_right:
        await house.identity.register(HOME, request)
        return
    error = await refusal(house.identity.register(HOME, request))
    assert (error.code, error.details["path"]) == (ErrorCode.VALIDATION_FAILED, member)


async def test_an_unknown_address_is_as_much_work_as_a_wrong_password(house):
    await house.identity.register(HOME, ANNA)
    wrong = await refusal(house.login(password="wrong password"))
    unknown = await refusal(house.login("nobody@example.org", "wrong password"))
    assert wrong.body() == unknown.body()
    assert wrong.code is ErrorCode.UNAUTHENTICATED
    (known_hash, _), (dummy_hash, _) = house.passwords.verified
    assert known_hash != dummy_hash
    assert known_hash.split("$")[:4] == dummy_hash.split("$")[:4]  # algorithm and costs


@pytest.mark.parametrize("status", ["suspended", "pending_verification", "deleted", "anonymized"])
async def test_an_account_that_is_not_active_stays_outside(house, owner, status):
    signed_in = await house.identity.register(HOME, ANNA)
    # Past the guard of the machine: what counts is where an account stands, not how it came there.
    await owner.execute("alter table users disable trigger user")
    await house.pool.execute("update users set status = $1", status)
    await owner.execute("alter table users enable trigger user")
    right = await refusal(house.login())
    wrong = await refusal(house.login(password="wrong password"))
    held = status in {"suspended", "pending_verification"}
    assert right.code is (ErrorCode.FORBIDDEN if held else ErrorCode.UNAUTHENTICATED)
    assert wrong.code is ErrorCode.UNAUTHENTICATED
    assert not await house.is_live(signed_in)
    assert (await refusal(house.refresh(signed_in))).code is ErrorCode.UNAUTHENTICATED


async def test_a_password_composed_otherwise_is_the_same(house):
    composed = "caf\u00e9 au lait"
    request = msgspec.structs.replace(ANNA, password=composed)
    await house.identity.register(HOME, request)
    assert await house.login(password="cafe\u0301 au lait")


async def test_a_hash_with_old_parameters_is_made_anew_at_login(house):
    await house.identity.register(HOME, ANNA)
    old = await house.pool.fetchval("select password_hash from user_secrets")
    house.identity._passwords = Passwords(memory_kib=128, time_cost=1)
    await house.login()
    new = await house.pool.fetchval("select password_hash from user_secrets")
    assert "m=64," in old
    assert "m=128," in new
    await house.login()
    assert await house.pool.fetchval("select password_hash from user_secrets") == new


async def test_a_login_with_a_password_just_changed_opens_nothing(house, monkeypatch):
    await house.identity.register(HOME, ANNA)
    checked = await house.accounts.credentials("anna@example.org")
    await house.pool.execute("update user_secrets set password_hash = 'another'")
    monkeypatch.setattr(house.accounts, "credentials", lambda *_: asyncio.sleep(0, checked))
    assert (await refusal(house.login())).code is ErrorCode.UNAUTHENTICATED
    assert await house.pool.fetchval("select count(*) from sessions") == 1


async def test_attempts_are_limited_by_address(pool, client):
    house = House(pool, client, limits=Limits(logins_per_minute=1))
    for i in range(30):
        await refusal(house.login(f"nobody{i}@example.org"))
    assert (await refusal(house.login("nobody30@example.org"))).code is ErrorCode.RATE_LIMITED
    elsewhere = await refusal(house.login("nobody31@example.org", origin=Origin("::1", None)))
    assert elsewhere.code is ErrorCode.UNAUTHENTICATED


@pytest.mark.parametrize(
    ("one", "other", "are_one"),
    [
        ("192.0.2.1", "192.0.2.2", False),
        ("192.0.2.1", "::ffff:192.0.2.1", True),
        ("2001:db8:0:1::1", "2001:db8:0:1:ffff::", True),
        ("2001:db8:0:1::1", "2001:db8:0:2::1", False),
        (None, None, True),
    ],
)
async def test_registrations_are_limited_by_address(pool, client, one, other, are_one):
    house = House(pool, client, limits=Limits(registrations_per_hour=1))
    await house.identity.register(Origin(one, None), ANNA)
    bob = Register("bob@example.org", PASSWORD, "Bob", "both")
    if are_one:
        error = await refusal(house.identity.register(Origin(other, None), bob))
        assert error.code is ErrorCode.RATE_LIMITED
    else:
        await house.identity.register(Origin(other, None), bob)


async def test_a_flood_of_logins_is_turned_away_and_others_go_on(house):
    answers = await asyncio.gather(
        *(house.passwords.hash(PASSWORD) for _ in range(70)), return_exceptions=True
    )
    refused = [answer for answer in answers if isinstance(answer, RequestError)]
    assert [error.code for error in refused] == [ErrorCode.UNAVAILABLE] * 6
    assert await house.passwords.hash(PASSWORD)
