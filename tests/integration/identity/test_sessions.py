"""Logins: rotation, reuse, revocation, and what goes on while a server is away."""

import asyncio
import logging
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import msgspec
import pytest
import structlog

from protocol.errors import ErrorCode
from protocol.identity import ChangePassword, Refresh, Register, SessionList
from protocol.limits import Limits
from server.background import poll_revoked
from storage.database.queries import load_queries
from storage.people.identity import Origin, SessionTimes
from storage.people.sessions import Session
from storage.people.tokens import new_pair, token_hash
from tests.integration.identity.house import ANNA, HOME, PASSWORD, House, refusal

OPEN = load_queries("people/identity")["open_session"]


async def test_rotation_replaces_both_tokens(house):
    first = await house.identity.register(HOME, ANNA)
    assert await house.is_live(first)
    second = await house.refresh(first)
    assert not await house.is_live(first)
    assert await house.is_live(second)
    assert (await house.caller(second)).user_id == UUID(first.user.id)
    assert await house.pool.fetchval("select count(*) from sessions") == 1


async def test_a_lost_reply_does_not_sign_out(house):
    first = await house.identity.register(HOME, ANNA)
    await house.refresh(first)  # the reply is lost
    second = await house.refresh(first)
    assert await house.is_live(second)
    assert await house.is_live(await house.refresh(second))
    assert not house.woken


async def test_the_grace_is_once(house):
    first = await house.identity.register(HOME, ANNA)
    await house.refresh(first)
    second = await house.refresh(first)
    assert (await refusal(house.refresh(first))).code is ErrorCode.UNAUTHENTICATED
    assert not await house.is_live(second)
    assert (await refusal(house.refresh(second))).code is ErrorCode.UNAUTHENTICATED


async def test_the_grace_ends_after_ten_seconds(house):
    first = await house.identity.register(HOME, ANNA)
    second = await house.refresh(first)
    await house.pool.execute("update sessions set rotated_at = rotated_at - interval '9.5 s'")
    third = await house.refresh(first)
    assert await house.is_live(third)
    await house.pool.execute("update sessions set rotated_at = rotated_at - interval '10 s'")
    assert (await refusal(house.refresh(second))).code is ErrorCode.UNAUTHENTICATED
    assert not await house.is_live(third)


async def test_any_older_refresh_token_that_returns_ends_the_login_everywhere(house):
    thief = await house.identity.register(HOME, ANNA)
    other = await house.login()
    latest = thief
    for _ in range(3):
        latest = await house.refresh(latest)
    assert await house.is_live(latest)
    before = datetime.now(UTC)
    await refusal(house.refresh(thief))
    assert not await house.is_live(latest)
    assert await house.is_live(other)
    row = await house.pool.fetchrow("select * from outbox")
    session_id = await house.pool.fetchval(
        "select id from sessions where revoked_reason = 'refresh_reused'"
    )
    assert (row["consumer"], row["kind"]) == ("realtime", "session.revoked")
    assert row["user_ids"] == [UUID(thief.user.id)]
    assert msgspec.json.decode(row["data"]) == {"session_ids": [str(session_id)]}
    assert house.woken == [1]
    assert await house.sessions.revoked_since(before) == [session_id]
    await refusal(house.refresh(thief))  # it is over: no second row
    assert await house.pool.fetchval("select count(*) from outbox") == 1


async def test_two_exchanges_of_one_token_at_once_give_one_working_pair_in_the_end(house):
    first = await house.identity.register(HOME, ANNA)
    pairs = await asyncio.gather(house.refresh(first), house.refresh(first))
    assert sorted([await house.is_live(pair) for pair in pairs]) == [False, True]
    assert (await refusal(house.refresh(first))).code is ErrorCode.UNAUTHENTICATED


async def test_tokens_end_with_their_time(house):
    signed_in = await house.identity.register(HOME, ANNA)
    assert await house.is_live(signed_in)
    key = f"parley:session:{token_hash(signed_in.access_token).hex()}"
    assert 0 < await house.redis.ttl(key) <= 300
    copy = msgspec.json.decode(await house.redis.get(key), type=Session)
    late = msgspec.structs.replace(copy, expires_at=datetime.now(UTC))
    await house.redis.set(key, msgspec.json.encode(late))
    assert not await house.is_live(signed_in)
    await house.redis.delete(key)
    assert await house.is_live(signed_in)
    await house.redis.delete(key)
    await house.pool.execute("update sessions set access_expires_at = now()")
    assert not await house.is_live(signed_in)
    signed_in = await house.refresh(signed_in)
    assert await house.is_live(signed_in)
    await house.pool.execute("update sessions set refresh_expires_at = now()")
    assert (await refusal(house.refresh(signed_in))).code is ErrorCode.UNAUTHENTICATED


async def test_a_copy_never_outlives_its_token(pool, client):
    house = House(pool, client, SessionTimes(access_ttl_s=60))
    signed_in = await house.identity.register(HOME, ANNA)
    assert await house.is_live(signed_in)
    assert 0 < await client.ttl(f"parley:session:{token_hash(signed_in.access_token).hex()}") <= 60


async def test_logging_out_ends_this_login_only(house):
    phone, laptop = await house.identity.register(HOME, ANNA), await house.login()
    await house.identity.logout(await house.caller(phone))
    assert not await house.is_live(phone)
    assert (await refusal(house.refresh(phone))).code is ErrorCode.UNAUTHENTICATED
    assert await house.is_live(laptop)
    assert house.woken == [1]


async def test_the_logins_are_listed_and_revoked_by_their_owner(house):
    phone = await house.identity.register(HOME, ANNA)
    laptop = await house.login(origin=Origin("2001:db8::1", None))
    bob = await house.identity.register(
        HOME, Register("bob@example.org", PASSWORD, "Bob", "freelancer")
    )
    me, stranger = await house.caller(phone), await house.caller(bob)
    page = await house.identity.list_sessions(me, SessionList())
    assert [(s.ip, s.user_agent, s.is_current) for s in page.data] == [
        ("2001:db8::1", None, False),
        ("192.0.2.7", "Firefox", True),
    ]
    one = await house.identity.list_sessions(me, SessionList(limit=1))
    two = await house.identity.list_sessions(me, SessionList(one.next_cursor, limit=1))
    assert [*one.data, *two.data] == page.data
    assert two.next_cursor is None

    other = UUID(page.data[0].id)
    missing = await refusal(house.identity.revoke_session(me, uuid4()))
    theirs = await refusal(house.identity.revoke_session(stranger, other))
    assert missing.body() == theirs.body()
    assert missing.code is ErrorCode.NOT_FOUND
    assert await house.is_live(laptop)
    await house.identity.revoke_session(me, other)
    assert not await house.is_live(laptop)
    assert [s.id for s in (await house.identity.list_sessions(me, SessionList())).data] == [
        page.data[1].id
    ]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        (SessionList(cursor="forged"), ErrorCode.BAD_REQUEST),
        (SessionList(limit=201), ErrorCode.VALIDATION_FAILED),
    ],
)
async def test_a_page_of_logins_that_cannot_be(house, query, code):
    caller = await house.caller(await house.identity.register(HOME, ANNA))
    assert (await refusal(house.identity.list_sessions(caller, query))).code is code


async def test_a_copy_read_just_before_the_revocation_is_not_put_back(
    house, pool, client, monkeypatch
):
    signed_in = await house.identity.register(HOME, ANNA)
    colleague = House(pool, client)  # another process
    kept = asyncio.Event()
    revoked = asyncio.Event()
    keep = colleague.sessions._keep

    async def keep_late(key, session):
        kept.set()
        await revoked.wait()
        await keep(key, session)

    monkeypatch.setattr(colleague.sessions, "_keep", keep_late)
    reading = asyncio.create_task(colleague.sessions.authenticate(signed_in.access_token))
    await kept.wait()
    session = await house.sessions.authenticate(signed_in.access_token)
    await client.flushdb()
    await house.sessions.revoke(session.user_id, None, "account")
    revoked.set()
    await reading
    assert not await colleague.is_live(signed_in)


async def test_a_copy_that_redis_was_not_told_of_is_refused_after_the_poll(
    house, pool, client, away
):
    signed_in = await house.identity.register(HOME, ANNA)
    before = datetime.now(UTC)
    session = await house.sessions.authenticate(signed_in.access_token)
    without_redis = House(pool, away)
    await without_redis.sessions.revoke(session.user_id, [session.session_id], "revoked")
    assert await house.is_live(signed_in)  # from its copy
    assert await house.sessions.revoked_since(before) == [session.session_id]
    assert not await house.is_live(signed_in)
    assert not await House(pool, client).is_live(signed_in)  # told by that poll


async def test_all_goes_on_without_redis(pool, away):
    house = House(pool, away, limits=Limits(logins_per_minute=3))
    async with asyncio.timeout(5):
        first = await house.identity.register(HOME, ANNA)
        second = await house.refresh(first)
        assert not await house.is_live(first)
        for _ in range(3):
            await house.login()
        assert (await refusal(house.login())).code is ErrorCode.RATE_LIMITED
        await house.identity.logout(await house.caller(second))
        assert not await house.is_live(second)


async def test_without_postgresql_it_is_unavailable_and_known_sessions_go_on(house):
    signed_in = await house.identity.register(HOME, ANNA)
    assert await house.is_live(signed_in)
    await house.pool.close()
    assert await house.is_live(signed_in)
    for call in (house.login(), house.refresh(signed_in), house.identity.register(HOME, ANNA)):
        error = await refusal(call)
        assert (error.code, error.retryable) == (ErrorCode.UNAVAILABLE, True)


@pytest.mark.parametrize("token", ["", "x", "x" * 43, "x" * 10_000, "ü" * 43, "\x00" * 43])
async def test_what_is_no_token(house, token):
    error = await refusal(house.sessions.authenticate(token))
    assert error.code is ErrorCode.UNAUTHENTICATED
    error = await refusal(house.identity.refresh(HOME, Refresh(token)))
    assert error.code is ErrorCode.UNAUTHENTICATED


async def test_what_ended_long_ago_is_forgotten(house):
    ended, live = await house.identity.register(HOME, ANNA), await house.login()
    live = await house.refresh(live)
    await house.identity.logout(await house.caller(ended))
    await house.sessions.prune(keep_s=3600)
    assert await house.pool.fetchval("select count(*) from sessions") == 2
    await house.pool.execute(
        "update sessions set revoked_at = revoked_at - interval '2 h' where revoked_at is not null"
    )
    await house.sessions.prune(keep_s=3600)
    assert await house.pool.fetchval("select count(*) from sessions") == 1
    assert await house.is_live(live)
    count = "select count(*) from session_replaced_tokens"
    assert await house.pool.fetchval(count) == 1
    await house.pool.execute(
        "update session_replaced_tokens set replaced_at = now() - interval '31 days'"
    )
    await house.sessions.prune(keep_s=3600)
    assert await house.pool.fetchval(count) == 0


async def test_neither_tokens_nor_passwords_are_shown_or_stored(house, away, pool, caplog):
    caplog.set_level(logging.DEBUG)
    with structlog.testing.capture_logs() as logged:
        signed_in = await house.identity.register(HOME, ANNA)
        signed_in = await house.refresh(signed_in)
        await refusal(house.login(password="wrong password"))
        without_redis = House(pool, away)
        await without_redis.is_live(signed_in)
    shown = f"{logged} {caplog.text} {ANNA!r} {signed_in!r} {Refresh(signed_in.refresh_token)!r}"
    tables = ["users", "user_private", "user_secrets", "sessions", "session_replaced_tokens"]
    for table in tables:
        shown += str(await house.pool.fetch(f"select t::text from {table} t"))
    for key in await house.redis.keys("*"):
        shown += f"{key} {await house.redis.get(key)}"
    for secret in (PASSWORD, "wrong password", signed_in.access_token, signed_in.refresh_token):
        assert secret not in shown
    assert "redis_away" in shown


def another(password=PASSWORD, new="another horse battery"):
    return ChangePassword(password, new)


async def test_a_changed_password_ends_every_session(house):
    here = await house.identity.register(HOME, ANNA)
    elsewhere = await house.login()
    caller = await house.caller(here)
    now = await house.identity.change_password(caller, HOME, another())
    assert [await house.is_live(one) for one in (here, elsewhere, now)] == [False, False, True]
    assert house.woken
    assert (await refusal(house.login())).code is ErrorCode.UNAUTHENTICATED
    assert await house.is_live(await house.login(password="another horse battery"))


async def test_a_password_is_changed_by_who_knows_it_only(house):
    here = await house.identity.register(HOME, ANNA)
    caller = await house.caller(here)
    wrong = await refusal(house.identity.change_password(caller, HOME, another("a wrong password")))
    assert (wrong.code, wrong.details["path"]) == (ErrorCode.VALIDATION_FAILED, "password")
    short = await refusal(house.identity.change_password(caller, HOME, another(new="short")))
    assert short.details["path"] == "new_password"
    assert await house.is_live(here)
    for _ in range(20):
        refused = await refusal(
            house.identity.change_password(caller, HOME, another("guess no. 1"))
        )
        if refused.code is ErrorCode.RATE_LIMITED:
            break
    assert refused.code is ErrorCode.RATE_LIMITED


async def test_a_login_that_comes_before_a_change_of_the_password_is_ended(house):
    await house.identity.register(HOME, ANNA)
    checked = (await house.accounts.credentials("anna@example.org")).found
    tokens, hour = new_pair(), timedelta(hours=1)
    values = [token_hash(tokens.access), hour, token_hash(tokens.refresh), hour, None, None, None]
    async with house.pool.acquire() as login, login.transaction():
        assert await login.fetchval(OPEN, checked.user_id, checked.password_hash, *values)
        changed = asyncio.create_task(house.sessions.change_password(checked, "new"))
        await is_waiting_for_a_lock(house.pool)
    assert await changed
    live = "select count(*) from sessions where revoked_at is null"
    assert await house.pool.fetchval(live) == 0


async def test_a_login_that_comes_after_a_change_of_the_password_is_refused(house):
    await house.identity.register(HOME, ANNA)
    checked = (await house.accounts.credentials("anna@example.org")).found
    async with house.pool.acquire() as change, change.transaction():
        await change.execute("update user_secrets set password_hash = 'new'")
        login = asyncio.create_task(house.accounts.open_session(checked, new_pair(), HOME))
        await is_waiting_for_a_lock(house.pool)
    assert await login is None


async def is_waiting_for_a_lock(pool):
    """Waits until somebody waits."""
    async with asyncio.timeout(5):
        while not await pool.fetchval("select count(*) from pg_locks where not granted"):
            await asyncio.sleep(0.01)


async def test_a_process_that_begins_knows_what_was_revoked_while_redis_was_away(house, away):
    """Redis comes back with a copy that says live."""
    here = await house.identity.register(HOME, ANNA)
    caller = await house.caller(here)  # the copy
    cut_off = House(house.pool, away)
    await cut_off.sessions.revoke(caller.user_id, None, "account")
    fresh = House(house.pool, house.redis)
    assert await fresh.is_live(here)  # by the copy
    ended: set[str] = set()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.3):
            await poll_revoked(fresh.sessions.revoked_since, ended.update)
    assert ended == {str(caller.session_id)}
    assert not await fresh.is_live(here)
