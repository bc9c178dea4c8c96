"""A PostgreSQL without room on its disk: what it cannot store may be sent again."""

import re

from tests.integration.limits.scene import make_room
from tests.integration.sending.scene import Sends

FULL = """
create table full_disk ();
insert into full_disk default values;
create function refuse() returns trigger language plpgsql as $$ begin
    if exists (select from full_disk) then
        raise disk_full;
    end if;
    return new;
end $$;
create trigger refuse before insert on messages for each row execute function refuse();
create trigger refuse before insert on conversations for each row execute function refuse();
"""
"""Raised as PostgreSQL raises it when a table cannot be extended."""


async def test_what_a_full_disk_refuses_is_unavailable_until_there_is_room(serve, logs):
    async with serve() as app:
        sends = Sends(await make_room(app), *"abc")
        await app.as_owner(FULL)
        assert await sends.replies(1, 2, 3) == [
            ("unavailable", None),
            ("unavailable", 1),
            ("unavailable", 1),
        ]
        room = {"type": "group", "participant_ids": [str(sends.room.ben.id)]}
        answer = await app.command("conversation.create", sends.room.anna, room)
        assert answer.status == 503
        await app.as_owner("truncate full_disk")
        assert await sends.replies(1, 2, 3) == [1, 2, 3]
    told = [line for line in logs if re.match("(command|group)_", str(line["event"]))]
    assert {line["reason"] for line in told} == {"DiskFullError"}
