"""How often: commands over both doors, registrations and logins, refusals that are ignored."""

import asyncio
from ipaddress import ip_network

import pytest

from tests.integration.limits.scene import make_room
from tests.integration.sending.scene import cancel_waiting, keys_locked
from tests.wire import open_wire

SLOW = 0.001
"""Tokens a second: nothing comes back in the course of a test."""


def is_refused(error, least_s=0.0):
    return (
        error["code"] == "rate_limited"
        and error.get("retryable", True)  # over HTTP the status says so
        and error["details"]["limit"] == "commands"
        and error["details"]["retry_after_s"] > least_s
    )


async def test_commands_burst_is_of_a_person_over_both_doors(serve):
    limits = {"commands_per_s": SLOW, "commands_burst": 3}
    async with serve(rate_limits=True, limits=limits) as app:
        anna, ben = await app.people("anna", "ben")
        a, tablet = await app.connect(anna), await app.connect(anna, "msgpack")
        assert a.hello["limits"]["burst"] == 3
        await a.ask("block.list")
        await tablet.ask("block.list")
        assert (await app.command("block.list", anna)).status == 200
        for wire in (a, tablet):
            assert is_refused(await wire.refusal("block.list"), least_s=900)
        for answer in (
            await app.command("block.list", anna),
            await app.http("GET", "/v1/conversations", anna),
        ):
            assert answer.status == 429
            assert is_refused(answer.body["error"], least_s=900)
            assert 900 < int(answer.headers["Retry-After"]) <= 1000
        # Nobody else pays for it.
        await (await app.connect(ben)).ask("block.list")


async def test_commands_burst_is_one_for_all_processes(serve):
    limits = {"commands_per_s": SLOW, "commands_burst": 3}
    async with (
        serve(rate_limits=True, limits=limits) as app,
        serve(rate_limits=True, limits=limits) as other,
    ):
        anna = await app.person("anna")
        here, there = await app.connect(anna), await other.connect(anna)
        asked = [await wire.tell("block.list") for wire in (here, there) for _ in range(3)]
        replies = [
            await wire.reply(number)
            for wire, number in zip([here] * 3 + [there] * 3, asked, strict=True)
        ]
        assert sum("d" in reply for reply in replies) == 3
        assert all(is_refused(r["error"]) for r in replies if "error" in r)


async def test_commands_per_s_brings_back_what_the_refusal_said(serve):
    limits = {"commands_per_s": 5, "commands_burst": 1}
    async with serve(rate_limits=True, limits=limits) as app:
        wire = await app.connect(await app.person())
        assert wire.hello["limits"]["commands_per_s"] == 5
        asked = [await wire.tell("block.list") for _ in range(3)]
        replies = [await wire.reply(number) for number in asked]
        refused = [reply["error"] for reply in replies if "error" in reply]
        assert refused
        delay_s = refused[-1]["details"]["retry_after_s"]
        assert 0 < delay_s <= 0.2
        await asyncio.sleep(delay_s)  # what the client is told to do
        await wire.ask("block.list")


async def test_commands_burst_counts_the_cost_of_a_command(serve):
    limits = {"commands_per_s": SLOW, "commands_burst": 2}
    async with serve(rate_limits=True, limits=limits) as app:
        dear, cheap = [await app.connect(person) for person in await app.people("anna", "ben")]
        await dear.ask("sync")
        assert is_refused(await dear.refusal("ping"))
        for _ in range(15):
            await cheap.ask("ping")


async def test_commands_burst_counts_commands_that_are_refused_for_other_reasons(serve):
    limits = {"commands_per_s": SLOW, "commands_burst": 2}
    async with serve(rate_limits=True, limits=limits) as app:
        anna, ben = await app.people("anna", "ben")
        wire = await app.connect(anna)
        for op, fields in (("message.history", {"limit": "x"}), ("token.refresh", {"token": "x"})):
            assert (await wire.refusal(op, fields))["code"] != "rate_limited"
        for op, fields in (("message.history", {"limit": "x"}), ("token.refresh", {"token": "x"})):
            assert is_refused(await wire.refusal(op, fields))
        answers = [await app.command("message.history", ben, {"limit": "x"}) for _ in range(3)]
        assert [answer.status for answer in answers] == [422, 422, 429]


async def test_ignored_refusals(serve):
    limits = {"commands_per_s": SLOW, "commands_burst": 1, "ignored_refusals": 3}
    async with serve(rate_limits=True, limits=limits) as app:
        wire = await app.connect(await app.person())
        await wire.ask("block.list")
        for _ in range(2):
            assert is_refused(await wire.refusal("block.list"))
        await wire.tell("block.list")
        assert await wire.closed() == 4008


async def test_ignored_refusals_are_counted_in_a_row(serve):
    limits = {"commands_per_s": SLOW, "commands_burst": 1.5, "ignored_refusals": 2}
    async with serve(rate_limits=True, limits=limits) as app:
        wire = await app.connect(await app.person())
        await wire.ask("block.list")
        for _ in range(2):
            await wire.refusal("block.list")
            await wire.ask("ping")  # half a token is left for these


async def test_ignored_refusals_counts_sends_that_wait_for_a_refused_one(serve):
    limits = {"commands_per_s": SLOW, "commands_burst": 4, "ignored_refusals": 4}
    async with serve(rate_limits=True, limits=limits) as app:
        room = await make_room(app)
        while "d" in await room.a.reply(await room.a.tell("block.list")):
            pass  # until the tokens are spent, and one refusal counted
        first = room.message()
        assert is_refused(await room.a.refusal("message.send", first))
        waits = await room.refused_send()
        assert (waits["code"], waits["retryable"]) == ("unavailable", True)
        assert waits["details"] == {"after": first["client_id"]}
        await room.a.tell("message.send", room.message())
        assert await room.a.closed() == 4008


async def test_refused_send_s(serve, owner):
    limits = {"refused_send_s": 0.5}
    async with serve(limits=limits) as app:
        room = await make_room(app)
        first = room.message("given up")
        async with keys_locked(room):
            given_up = await room.a.tell("message.send", first)
            await cancel_waiting(room, owner)
            assert (await room.a.reply(given_up))["error"]["details"] == {}
        refused_at = asyncio.get_running_loop().time()
        # Each of these is refused because of the first, and prolongs nothing.
        send, refusals = room.message("stays"), 0
        async with asyncio.timeout(5):
            while "error" in (reply := await room.a.reply(await room.a.tell("message.send", send))):
                assert reply["error"]["details"] == {"after": first["client_id"]}
                refusals += 1
        assert reply["d"]["message"]["seq"] == 1
        assert refusals > 1
        assert asyncio.get_running_loop().time() - refused_at > 0.4


async def test_registrations_per_hour(serve):
    async with serve(rate_limits=True, limits={"registrations_per_hour": 1}) as app:
        answers = [
            await app.http(
                "POST",
                "/v1/auth/register",
                None,
                {
                    "email": f"{name}@example.org",
                    "password": "correct horse battery",
                    "display_name": name,
                    "kind": "both",
                },
            )
            for name in ("anna", "ben")
        ]
        assert [answer.status for answer in answers] == [201, 429]
        error = answers[1].body["error"]
        assert error["code"] == "rate_limited"
        assert 0 < error["details"]["retry_after_s"] <= 3600


async def test_logins_per_minute(serve):
    async with serve(rate_limits=True, limits={"logins_per_minute": 1}) as app:
        body = {"email": "anna@example.org", "password": "a wrong password"}
        answers = [await app.http("POST", "/v1/auth/login", None, body) for _ in range(2)]
        assert [answer.status for answer in answers] == [401, 429]
        assert 0 < answers[1].body["error"]["details"]["retry_after_s"] <= 60
        other = body | {"email": "ben@example.org"}
        assert (await app.http("POST", "/v1/auth/login", None, other)).status == 401


PROXIES = {"trusted_proxies": (ip_network("127.0.0.0/8"),)}
"""So that a request may come from anywhere."""


async def guess(app, address, **other):
    """A login with a wrong password from an address, or with another one."""
    body = {"email": "anna@example.org", "password": "a wrong password"} | other
    headers = {"X-Forwarded-For": address}
    return await app.http("POST", "/v1/auth/login", None, body, headers=headers)


async def test_account_logins_per_minute(serve):
    limits = {"account_logins_per_minute": 2, "login_delay_s": 30}
    async with serve(rate_limits=True, limits=limits, **PROXIES) as app:
        for address in ("192.0.2.1", "198.51.100.1"):
            assert (await guess(app, address)).status == 401
        delayed = asyncio.create_task(guess(app, "203.0.113.1"))
        async with asyncio.timeout(10):
            assert (await guess(app, "203.0.113.1", email="ben@example.org")).status == 401
        assert not delayed.done()
        delayed.cancel()
        await asyncio.wait([delayed])


async def test_login_delay_s(serve):
    limits = {"account_logins_per_minute": 1, "login_delay_s": 1}
    async with serve(rate_limits=True, limits=limits, **PROXIES) as app:
        assert (await guess(app, "192.0.2.1")).status == 401
        began = asyncio.get_running_loop().time()
        assert (await guess(app, "198.51.100.1")).status == 401
        assert asyncio.get_running_loop().time() - began >= 1


@pytest.mark.parametrize(("days", "is_known"), [(0, False), (1, True)])
async def test_login_network_days(serve, days, is_known):
    limits = {"account_logins_per_minute": 1, "login_delay_s": 2, "login_network_days": days}
    async with serve(rate_limits=True, limits=limits, **PROXIES) as app:
        anna = {
            "email": "anna@example.org",
            "password": "correct horse battery",
            "display_name": "Anna",
            "kind": "both",
        }
        at_home = {"X-Forwarded-For": "192.0.2.1"}
        registered = await app.http("POST", "/v1/auth/register", None, anna, headers=at_home)
        assert registered.status == 201
        assert (await guess(app, "198.51.100.1")).status == 401
        began = asyncio.get_running_loop().time()
        assert (await guess(app, "192.0.2.9", password=anna["password"])).status == 200
        assert (asyncio.get_running_loop().time() - began < 2) is is_known


async def test_rates_are_off_where_they_are_switched_off(serve):
    async with serve(limits={"commands_per_s": SLOW, "commands_burst": 1}) as app:
        room = await make_room(app)
        for _ in range(5):
            await room.send()


async def test_bad_tokens_per_minute(serve):
    limits = {"bad_tokens_per_minute": 3}
    async with serve(limits=limits, rate_limits=True) as app:
        person, other = await app.people("anna", "ben")
        assert (await app.http("GET", "/v1/me", person)).status == 200
        junk = [f"Bearer {'x' * 42}{n}" for n in range(6)]
        said = [await app.http("GET", "/v1/me", headers={"Authorization": one}) for one in junk]
        assert [one.status for one in said] == [401] * 3 + [429] * 3
        assert int(said[-1].headers["Retry-After"]) <= 20
        # There is a copy of her session; a person without one has to wait.
        assert (await app.http("GET", "/v1/me", person)).status == 200
        assert (await app.http("GET", "/v1/me", other)).status == 429
        wire = await open_wire(app.app.ws_port, "json")
        refused = await wire.refusal("hello", token="y" * 43)
        assert (refused["code"], refused["retryable"]) == ("rate_limited", True)
        await wire.ask("hello", token=person.token)
        await wire.close()
