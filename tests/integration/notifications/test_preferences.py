"""`preference.get` and `preference.set` over both doors, and beside the two resources."""

import asyncio
import datetime as dt
from itertools import product
from typing import Any

import asyncpg
import pytest

from protocol.notifications.categories import CATEGORIES, CHANNELS, is_on_by_default
from protocol.notifications.quiet_hours import QuietHours
from protocol.notifications.wishes import Digest
from storage.database.change_call import ChangeCalls
from storage.notifications.preferences import Preferences

SET, GET = "/v1/commands/preference.set", "/v1/commands/preference.get"
SETTINGS, PAIRS = "/v1/notification-settings", "/v1/notification-preferences"
NIGHTS = [{"weekday": day, "from": "22:00:00", "until": "07:00:00"} for day in range(7)]
WEEKEND = [
    {"weekday": 4, "from": "18:30:00", "until": "00:00:00"},
    {"weekday": 5, "from": "00:00:00", "until": "12:00:00"},
    {"weekday": 5, "from": "13:00:00", "until": "09:00:00"},
]
SNOOZED = "2030-01-01T00:00:00.000Z"
BY_DEFAULT: dict[str, Any] = {
    "preferences": [
        {
            "category": category,
            "channel": channel,
            "is_enabled": is_on_by_default(category, channel),
        }
        for category, channel in product(CATEGORIES, CHANNELS)
    ],
    "quiet_hours": [],
    "digest": {"every": "off", "hour": 9, "weekday": 0},
    "snooze_until": None,
    "show_text": True,
}


def pair(category, channel, is_enabled):
    return {"category": category, "channel": channel, "is_enabled": is_enabled}


@pytest.fixture
async def anna(app):
    return await app.person("anna")


@pytest.mark.parametrize("form", ["json", "msgpack"])
async def test_who_has_set_nothing_is_shown_all_of_it_by_default(app, anna, form):
    assert await (await app.connect(anna, form)).ask("preference.get") == BY_DEFAULT
    answer = await app.http("POST", GET, anna, {})
    assert (answer.status, answer.body) == (200, BY_DEFAULT)


async def test_what_is_set_over_one_door_is_shown_over_the_other(app, anna):
    wire = await app.connect(anna)
    changes = [pair("job", "email", False), pair("review", "push", True)]
    whole = {
        "quiet_hours": WEEKEND,
        "digest": {"every": "weekly", "hour": 18, "weekday": 6},
        "snooze_until": SNOOZED,
        "show_text": False,
    }
    told = await wire.ask("preference.set", preferences=changes, **whole)
    assert {name: told[name] for name in whole} == whole
    assert [one for one in told["preferences"] if one not in BY_DEFAULT["preferences"]] == changes
    assert (await app.http("POST", GET, anna, {})).body == told

    # Only what is said is otherwise; hours take the place of those before, and null ends a snooze.
    answer = await app.http("POST", SET, anna, {"digest": {"every": "hourly"}})
    assert answer.body == told | {"digest": {"every": "hourly", "hour": 18, "weekday": 6}}
    answer = await app.http(
        "POST", SET, anna, {"quiet_hours": WEEKEND[:1], "snooze_until": None, "preferences": []}
    )
    assert answer.body["quiet_hours"] == WEEKEND[:1]
    assert (answer.body["snooze_until"], answer.body["show_text"]) == (None, False)
    assert answer.body["preferences"] == told["preferences"]
    back = await wire.ask(
        "preference.set", preferences=[pair("job", "email", True)], quiet_hours=[]
    )
    assert back["quiet_hours"] == []
    assert back == await wire.ask("preference.set")
    assert back["preferences"][4] == pair("job", "email", True)


async def test_the_preferences_of_others_stay(app, anna):
    ben = await app.person("ben")
    await (await app.connect(anna)).ask("preference.set", quiet_hours=NIGHTS, show_text=False)
    assert await (await app.connect(ben)).ask("preference.get") == BY_DEFAULT


@pytest.mark.parametrize(
    ("wrong", "path", "reason"),
    [
        ({"preferences": [pair("gossip", "email", True)]}, "preferences[0].category", "security"),
        ({"preferences": [pair("job", "sms", True)]}, "preferences[0].channel", "in_app"),
        ({"preferences": [{"category": "job", "channel": "push"}]},
         "preferences[0].is_enabled", "missing"),
        ({"preferences": [pair("job", "push", True), pair("payment", "email", False)]},
         "preferences[1].is_enabled", "payment cannot be turned off for email"),
        ({"preferences": [pair("security", "in_app", False)]},
         "preferences[0].is_enabled", "security cannot be turned off for in_app"),
        ({"preferences": [pair("job", "push", True), pair("job", "push", False)]},
         "preferences[1]", "preferences[0]"),
        ({"quiet_hours": [{"weekday": 1, "from": "22:00:00", "until": "22:00:00"}]},
         "quiet_hours[0].until", "another time than from"),
        ({"quiet_hours": [{"weekday": 7, "from": "22:00:00", "until": "23:00:00"}]},
         "quiet_hours[0].weekday", "from 0 to 6"),
        ({"quiet_hours": [{"weekday": 1, "from": "22:00:00+02:00", "until": "23:00:00"}]},
         "quiet_hours[0].from", "a time of day"),
        ({"quiet_hours": [{"weekday": 1, "from": "22:00:00", "until": "24:00:00"}]},
         "quiet_hours[0].until", "a time of day"),
        ({"quiet_hours": [*NIGHTS, {"weekday": 0, "from": "06:00:00", "until": "06:30:00"}]},
         "quiet_hours[7]", "must not overlap quiet_hours[6]"),
        ({"quiet_hours": [{"weekday": day, "from": f"{at}:00:00", "until": f"{12 - at:02}:00:00"}
                          for day in range(7) for at in (12, 0) if at] + [
                          {"weekday": day, "from": "00:00:00", "until": "12:00:00"}
                          for day in range(7)]},
         "quiet_hours", "must leave some time of the week"),
        ({"digest": {"every": "yearly"}}, "digest.every", "hourly"),
        ({"digest": {"every": "daily", "hour": 24}}, "digest.hour", "from 0 to 23"),
        ({"digest": {"hour": 8}}, "digest.every", "missing"),
        ({"snooze_until": "2030-01-01T00:00:00"}, "snooze_until", "a time with its zone"),
        ({"snooze_until": "9999-01-01T00:00:00Z"}, "snooze_until", "2199-12-31"),
        ({"show_text": "no"}, "show_text", "true or false"),
    ],
)  # fmt: skip
async def test_of_a_set_that_is_wrong_nothing_is_set(app, anna, wrong, path, reason):
    right = {
        "preferences": [pair("message", "email", False)],
        "quiet_hours": NIGHTS,
        "show_text": False,
    }
    answer = await app.http("POST", SET, anna, right | wrong)
    assert answer.status == 422
    assert [e["message"] for e in answer.body["errors"] if e["path"] == path], answer.body
    assert all(reason in e["message"] for e in answer.body["errors"])
    wire = await app.connect(anna)
    error = await wire.refusal("preference.set", **right | wrong)
    assert (error["code"], error["details"]["path"]) == ("validation_failed", path)
    assert reason in error["details"]["reason"]
    assert await wire.ask("preference.get") == BY_DEFAULT


async def test_all_that_is_wrong_is_told_at_once(app, anna):
    body = {
        "preferences": [pair("security", "email", False), pair("payment", "in_app", False)],
        "quiet_hours": [{"weekday": 1, "from": "22:00:00", "until": "22:00:00"}],
        "snooze_until": "1800-01-01T00:00:00Z",
    }
    answer = await app.http("POST", SET, anna, body)
    assert [error["path"] for error in answer.body["errors"]] == [
        "preferences[0].is_enabled",
        "preferences[1].is_enabled",
        "quiet_hours[0].until",
        "snooze_until",
    ]


async def test_push_of_security_and_payment_may_be_turned_off(app, anna):
    changes = [pair(category, "push", False) for category in ("payment", "security")]
    told = await (await app.connect(anna)).ask("preference.set", preferences=changes)
    assert all(one in told["preferences"] for one in changes)


async def test_two_sets_at_once_are_one_after_the_other(app, anna):
    def all_of(is_on, hours, every):
        return {
            "preferences": [pair(c, "push", is_on) for c in CATEGORIES],
            "quiet_hours": hours,
            "digest": {"every": every, "hour": 7, "weekday": 1},
            "show_text": is_on,
        }

    one = all_of(True, NIGHTS, "daily")
    # The same pairs in another order: whoever comes second waits for the first.
    other = all_of(False, WEEKEND, "hourly")
    other["preferences"].reverse()
    for _ in range(12):
        answers = await asyncio.gather(
            *(app.http("POST", SET, anna, body) for body in (one, other, one, other))
        )
        assert [answer.status for answer in answers] == [200] * 4
        kept = (await app.http("POST", GET, anna, {})).body
        wanted = one if kept["show_text"] else other
        assert kept["quiet_hours"] == wanted["quiet_hours"]
        assert kept["digest"] == wanted["digest"]
        pushed = {p["is_enabled"] for p in kept["preferences"] if p["channel"] == "push"}
        assert pushed == {wanted["show_text"]}


async def test_the_settings_show_what_the_command_has_set_and_the_other_way_round(app, anna):
    wire = await app.connect(anna)
    await wire.ask("preference.set", quiet_hours=NIGHTS, snooze_until=SNOOZED)
    one = f"{SETTINGS}/{anna.id}"
    shown = (await app.http("GET", one, anna)).body
    assert (shown["quiet_from"], shown["quiet_until"]) == ("22:00:00", "07:00:00")
    assert (shown["snooze_until"], shown["digest"], shown["show_text"]) == (SNOOZED, "off", True)

    changed = await app.http("PATCH", one, anna, {"quiet_from": "21:00:00", "digest": "hourly"})
    assert changed.status == 200 and changed.body["updated_at"] > shown["updated_at"]
    told = await wire.ask("preference.get")
    assert told["quiet_hours"] == [hours | {"from": "21:00:00"} for hours in NIGHTS]
    assert told["digest"] == {"every": "hourly", "hour": 9, "weekday": 0}

    # Days that differ are no hours of every day, and stay when others are changed.
    await wire.ask("preference.set", quiet_hours=WEEKEND)
    shown = (await app.http("PATCH", one, anna, {"show_text": False})).body
    assert (shown["quiet_from"], shown["quiet_until"]) == (None, None)
    assert (await wire.ask("preference.get"))["quiet_hours"] == WEEKEND
    half = await app.http("PATCH", one, anna, {"quiet_from": "21:00:00"})
    assert (half.status, half.body["errors"][0]["path"]) == (422, "quiet_until")
    await app.http("PATCH", one, anna, {"quiet_from": None, "quiet_until": None})
    assert (await wire.ask("preference.get"))["quiet_hours"] == []


async def test_settings_that_are_made_are_what_the_command_shows(app, anna):
    body = {"quiet_from": "23:00:00", "quiet_until": "05:00:00", "digest_hour": 20}
    made = await app.http("POST", SETTINGS, anna, body)
    assert (made.status, made.body["digest"]) == (201, "off")
    told = (await app.http("POST", GET, anna, {})).body
    assert told["quiet_hours"][6] == {"weekday": 6, "from": "23:00:00", "until": "05:00:00"}
    assert (len(told["quiet_hours"]), told["digest"]["hour"]) == (7, 20)
    assert (await app.http("POST", SETTINGS, anna, {})).status == 409


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"quiet_from": "22:00:00", "quiet_until": "22:00:00"}, "quiet_until"),
        ({"quiet_from": "22:00:00Z", "quiet_until": "07:00:00"}, "quiet_from"),
        ({"digest": "yearly"}, "digest"),
        ({"digest_hour": 24}, "digest_hour"),
        ({"digest_weekday": 7}, "digest_weekday"),
        ({"snooze_until": "2200-01-01T00:00:00Z"}, "snooze_until"),
        ({"show_text": None}, "show_text"),
    ],
)
async def test_the_settings_refuse_what_the_command_refuses(app, anna, body, path):
    refused = await app.http("POST", SETTINGS, anna, body)
    assert (refused.status, refused.body["errors"][0]["path"]) == (422, path)


async def test_the_resource_of_pairs_keeps_on_what_stays_on(app, anna):
    for category, channel in product(("security", "payment"), ("in_app", "email")):
        refused = await app.http("POST", PAIRS, anna, pair(category, channel, False))
        (error,) = refused.body["errors"]
        assert (refused.status, error["path"]) == (422, "is_enabled")
        assert "cannot be turned off" in error["message"]
        made = await app.http("POST", PAIRS, anna, pair(category, channel, True))
        assert made.status == 201
        one = made.headers["Location"]
        assert (await app.http("PATCH", one, anna, {"is_enabled": False})).status == 422
        assert (await app.http("DELETE", one, anna)).status == 204
    made = await app.http("POST", PAIRS, anna, pair("security", "push", False))
    wire = await app.connect(anna)
    assert pair("security", "push", False) in (await wire.ask("preference.get"))["preferences"]
    await wire.ask("preference.set", preferences=[pair("security", "push", True)])
    shown = (await app.http("GET", made.headers["Location"], anna)).body
    assert shown["is_enabled"] and shown["updated_at"] > made.body["updated_at"]
    await app.http("DELETE", made.headers["Location"], anna)
    assert await wire.ask("preference.get") == BY_DEFAULT


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        (("insert into notification_preferences (user_id, category, channel, is_enabled)"
         " values ($1, 'payment', 'email', false)"), "notification_preferences_is_enabled_always"),
        ("insert into quiet_hours values ($1, 0, '08:00', '08:00')", "quiet_hours_until_other"),
        ("insert into quiet_hours values ($1, 7, '08:00', '09:00')", "quiet_hours_weekday_known"),
        ("insert into quiet_hours values ($1, 0, '08:00', '24:00')", "quiet_hours_until_day"),
        (("insert into notification_settings (user_id, quiet_from, quiet_until)"
         " values ($1, '08:00', '08:00')"), "notification_settings_quiet_until_other"),
        ("insert into notification_settings (user_id, snooze_until) values ($1, 'infinity')",
         "notification_settings_snooze_until_calendar"),
    ],
)  # fmt: skip
async def test_the_database_refuses_what_nobody_may_have(app, anna, statement, constraint):
    with pytest.raises(asyncpg.CheckViolationError) as refused:
        await app.app.core.foundation.pool.execute(statement, anna.id)
    assert refused.value.constraint_name == constraint


async def test_quiet_hours_are_nobody_else_s_to_read(app, anna):
    for statement in ("select * from quiet_hours", "delete from quiet_hours"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await app.as_owner(f"set role parley_app; {statement}")


async def test_what_many_want_is_read_at_once(app, anna):
    ben = await app.person("ben")
    await (await app.connect(anna)).ask(
        "preference.set",
        preferences=[pair("marketing", "push", True), pair("message", "push", False)],
        quiet_hours=WEEKEND,
        digest={"every": "daily"},
        snooze_until=SNOOZED,
        show_text=False,
    )
    pool = app.app.core.foundation.pool
    await pool.execute(
        "update users set timezone = 'Asia/Shanghai', locale = 'zh' where id = $1", anna.id
    )
    preferences = Preferences(ChangeCalls(pool, lambda: None))
    found = await preferences.of_users([anna.id, ben.id])
    assert set(found) == {anna.id, ben.id}
    hers, his = found[anna.id], found[ben.id]
    assert (hers.zone, hers.locale, hers.show_text) == ("Asia/Shanghai", "zh", False)
    assert hers.digest == Digest("daily", 9, 0)
    assert hers.snooze_until == dt.datetime(2030, 1, 1, tzinfo=dt.UTC)
    assert hers.quiet_hours[2] == QuietHours(5, dt.time(13), dt.time(9))
    assert hers.is_on("marketing", "push") and not hers.is_on("message", "push")
    assert hers.is_on("message", "email") and not hers.is_on("marketing", "email")
    assert (his.chosen, his.quiet_hours, his.digest, his.zone) == ({}, (), Digest(), "UTC")
    assert his.is_on("message", "push") and not his.is_on("marketing", "push")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"timezone": "Asia/Shanghai"}, 200),
        ({"timezone": "America/Argentina/Buenos_Aires"}, 200),
        ({"timezone": "UTC"}, 200),
        ({"timezone": "+02:00"}, 422),
        ({"timezone": "UTC+2"}, 422),
        ({"timezone": "Mars/Olympus"}, 422),
        ({"timezone": "europe/berlin"}, 422),
        ({"timezone": "../../etc/passwd"}, 422),
        ({"timezone": ""}, 422),
        ({"locale": "zh-Hans-CN"}, 200),
        ({"locale": "sl-rozaj-biske-1994"}, 200),
        ({"locale": "de-DE-u-co-phonebk"}, 200),
        ({"locale": "es-419-x-home"}, 200),
        ({"locale": "zh_CN"}, 422),
        ({"locale": "de-"}, 422),
        ({"locale": "English (US)"}, 422),
        ({"locale": "e"}, 422),
        ({"locale": ""}, 422),
    ],
)
async def test_zone_and_locale_are_held_to_their_standards(app, anna, body, status):
    before = await app.http("GET", "/v1/me", anna)
    held = {"If-Match": before.headers["ETag"]}
    answer = await app.http("PATCH", "/v1/me", anna, body, headers=held)
    assert answer.status == status, answer.body
    ((name, value),) = body.items()
    if status == 200:
        assert answer.body[name] == value
    else:
        (error,) = answer.body["errors"]
        assert error["path"] == name
        assert {"timezone": "IANA", "locale": "BCP 47"}[name] in error["message"]
