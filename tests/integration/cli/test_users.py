"""`parley user`: an account as an operator sees and changes it."""

from pathlib import Path

import asyncpg

from tests.app import Served
from tests.program import Ended, command, parley


async def test_an_account_is_shown_verified_and_made_staff(
    data_dir: Path, app: Served, database_url: str, owner: asyncpg.Connection
) -> None:
    async def user(*words: str) -> Ended:
        return await command("user", *words, data_dir=data_dir, PARLEY_DATABASE_URL=database_url)

    person = await app.person()
    email = await owner.fetchval(
        "update user_private set email = 'anna@bücher.example',"
        " email_canonical = 'anna@xn--bcher-kva.example', email_verified_at = null"
        " where user_id = $1 returning email_canonical",
        person.id,
    )
    shown = await user("show", email.upper())
    assert shown.code == 0, shown.complaint
    lines = dict(line.split("  ", 1) for line in shown.output.splitlines())
    told = {name: value.strip() for name, value in lines.items()}
    assert told["id"] == str(person.id)
    assert told["address"] == "anna@b\\xfccher.example"
    assert (told["verified"], told["staff"], told["status"]) == ("no", "no", "active")
    assert told["open logins"] == "1"

    assert (await app.http("GET", "/v1/audit-log", person)).body["data"] == []
    promoted = await user("promote", "anna@bücher.example", "admin")
    assert (promoted.code, promoted.output) == (0, "anna@b\\xfccher.example is admin\n")
    assert (await app.http("GET", "/v1/me", person)).body["staff_role"] == "admin"
    seen = (await app.http("GET", "/v1/audit-log", person)).body["data"]
    assert "admin" in str(seen)
    assert (await user("promote", str(person.id), "none")).code == 0
    assert (await app.http("GET", "/v1/audit-log", person)).body["data"] == []

    verified = await user("verify", str(person.id))
    assert verified.output == "anna@b\\xfccher.example is verified; the account is active\n"
    since = (await app.http("GET", "/v1/me", person)).body["email_verified_at"]
    assert since is not None
    await user("verify", str(person.id))
    assert (await app.http("GET", "/v1/me", person)).body["email_verified_at"] == since


async def test_what_may_not_be_is_told(
    data_dir: Path, app: Served, database_url: str, owner: asyncpg.Connection
) -> None:
    async def user(*words: str) -> Ended:
        return await command("user", *words, data_dir=data_dir, PARLEY_DATABASE_URL=database_url)

    unknown = await parley(
        "user", "show", "nobody@example.org", data_dir=data_dir, PARLEY_DATABASE_URL=database_url
    )
    assert (unknown.code, unknown.output) == (1, "")
    assert unknown.complaint.endswith("no account has the address or id nobody@example.org\n")
    person = await app.person()
    await owner.execute("update users set status = 'suspended' where id = $1", person.id)
    refused = await user("promote", str(person.id), "admin")
    assert refused.code == 1
    assert "is suspended: only an active account is staff" in refused.complaint
    assert (await user("verify", str(person.id))).output.endswith("the account is suspended\n")
    assert await owner.fetchval("select staff_role from users where id = $1", person.id) is None
    held = await owner.fetchval(
        "with one as (insert into users (display_name, kind, status)"
        " values ('Ben', 'both', 'pending_verification') returning id)"
        " insert into user_private (user_id, email) select id, 'ben@example.org' from one"
        " returning user_id"
    )
    assert (await user("verify", "BEN@example.org")).output.endswith("the account is active\n")
    assert await owner.fetchval("select status from users where id = $1", held) == "active"
