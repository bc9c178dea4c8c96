"""`parley emails`: what an operator is shown of accounts that have to change their address."""

from pathlib import Path

import asyncpg

from tests.program import Ended, command, parley

REGISTER = """
    with person as (
        insert into users (display_name, kind) values ('somebody', 'both') returning id
    )
    insert into user_private (user_id, email) select id, $1 from person returning user_id
"""


async def test_accounts_that_have_to_change_their_address_are_listed(
    data_dir: Path, database_url: str, owner: asyncpg.Connection
) -> None:
    async def emails(doing: str, **other: str) -> Ended:
        named = {"PARLEY_DATABASE_URL": database_url} | other
        return await command("emails", doing, data_dir=data_dir, **named)

    named = {"PARLEY_DATABASE_URL": database_url}
    nothing = await parley("emails", "list", data_dir=data_dir, **named)
    assert (nothing.code, nothing.output) == (0, "no account has to change its address\n")
    connection = await asyncpg.connect(database_url, timeout=10)
    try:
        older, younger, wrong, _ = [
            str(await connection.fetchval(REGISTER, email))
            for email in (
                "anna@xn--bcher-kva.example",
                "anna@bücher.example",
                "a..b@example.org",
                "ben@example.org",
            )
        ]
        filled = await emails("fill")
        assert (filled.code, filled.output) == (0, "1 account more in one spelling\n")
        assert (await emails("fill")).output == "0 accounts more in one spelling\n"
        lines = [line.split(maxsplit=3) for line in (await emails("list")).output.splitlines()]
        header, *accounts = lines
        assert header[:2] == ["user", "address"]
        listed = {user: others for user, *others in accounts}
        assert listed.keys() == {younger, wrong}
        address = "anna@b\\xfccher.example"
        assert listed[younger] == [address, older, "another account has this address"]
        assert listed[wrong][:2] == ["a..b@example.org", "-"]
        await owner.execute("drop index user_private_email_key; drop view if exists x")
        await owner.execute("alter table user_private drop column email_canonical cascade")
        old = await emails("list")
        assert (old.code, "run parley migrate" in old.complaint) == (1, True)
        away = await emails("list", PARLEY_DATABASE_URL="postgresql://parley@127.0.0.1:1/parley")
        assert (away.code, "PostgreSQL does not answer" in away.complaint) == (1, True)
    finally:
        await connection.close()
