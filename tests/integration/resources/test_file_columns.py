"""Every column of the catalogue that holds ids of files keeps them, and lets go of them."""

import asyncpg
import pytest

from storage.files.blobs import LocalBlobs
from storage.files.sweep import FileSweep
from tests.integration.resources.world import uid

COLUMNS = """
    select c.relname::text as table_name, a.attname::text as column_name,
           a.atttypid = 'uuid[]'::regtype as is_array
    from pg_attribute a join pg_class c on c.oid = a.attrelid
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
      and a.attnum > 0 and not a.attisdropped
      and a.atttypid in ('uuid'::regtype, 'uuid[]'::regtype)
      and (a.attname ~ '(^|_)(file|attachment)s?(_ids?)?$'
           or exists (select from pg_constraint k
                      where k.conrelid = c.oid and k.confrelid = 'files'::regclass
                        and a.attnum = any (k.conkey)))
      and c.relname not in ('file_uploads', 'file_removals')
"""
"""By name, and by what refers to files. Of the two left out, one is of files that are not there
yet, the other of those that are gone.
"""

ROWS = {
    "contract_answers": 52, "data_requests": 91, "deliverables": 55, "disputes": 73,
    "identity_verifications": 89, "jobs": 40, "portfolio_items": 24, "proposals": 43,
    "support_tickets": 74,
}  # fmt: skip
"""A row of the world in each table; messages have tests of their own."""
SECOND = {("disputes", "answer_file_ids"): "disputes_answer"}
TRIGGERS = """
    select tgname::text from pg_trigger where tgrelid = $1::text::regclass and not tgisinternal
"""


@pytest.fixture
def pool(world):
    return world.app.app.core.foundation.pool


async def test_every_column_is_known(pool):
    columns = await pool.fetch(COLUMNS)
    tables = {row["table_name"] for row in columns}
    assert tables == {*ROWS, "message_attachments"}, "a new column: see is_file_in_rows"
    # Each has its triggers by the name of the table; a second one of a table by its own.
    assert len(tables) + len(SECOND) == len(columns)
    for row in columns:
        table, column = row["table_name"], row["column_name"]
        of = SECOND.get((table, column), table)
        triggers = {trigger[0] for trigger in await pool.fetch(TRIGGERS, table)}
        wanted = (
            {"message_attachments_released"}
            if table == "message_attachments"
            else {f"{of}_files_named", f"{of}_files_released"}
        )
        assert wanted <= triggers, (table, column)


async def test_a_file_stays_while_a_column_names_it(world, pool):
    app, anna = world.app, world.people["owner"]
    sweep = FileSweep(pool, LocalBlobs(app.settings.files_dir), 86_400)
    for row in await pool.fetch(COLUMNS):
        table, column = row["table_name"], row["column_name"]
        if table not in ROWS:
            continue
        sent = (await app.upload(anna)).body["file"]
        value = "array[$1::text::uuid]" if row["is_array"] else "$1::text::uuid"
        name = f"update {table} set {column} = {value} where id = $2"
        await pool.execute(name, sent["file_id"], uid(ROWS[table]))
        path = f"/v1/files/{sent['file_id']}"
        answer = await app.http("DELETE", path, anna)
        assert (answer.status, answer.body["error"]["code"]) == (409, "conflict"), table
        await _age(pool)
        await sweep.turn()
        assert (await app.http("GET", path, anna)).status == 200, table
        assert (await app.http("GET", sent["url"])).status == 200, table

        nothing = "'{}'" if row["is_array"] else "null"
        await pool.execute(
            f"update {table} set {column} = {nothing} where id = $1", uid(ROWS[table])
        )
        assert (await app.http("GET", path, anna)).status == 200, table
        assert (await app.http("GET", sent["url"])).status == 404, "its link has ended"
        await sweep.turn()
        assert (await app.http("GET", path, anna)).status == 200, "its time begins anew"
        await _age(pool)
        await sweep.turn()
        assert (await app.http("GET", path, anna)).status == 404, table
        if table != "data_requests":  # which has a foreign key
            await pool.execute("insert into file_removals (file_id) values ($1)", sent["file_id"])
        with pytest.raises(asyncpg.ForeignKeyViolationError) as refused:
            await pool.execute(name, sent["file_id"], uid(ROWS[table]))
        assert refused.value.constraint_name == f"{table}_{column}_fkey"


async def test_a_file_that_two_rows_name_is_let_go_by_the_second(world, pool):
    app, anna = world.app, world.people["owner"]
    sent = (await app.upload(anna)).body["file"]
    names = "update jobs set attachment_ids = array[$1::text::uuid] where id = any ($2)"
    await pool.execute(names, sent["file_id"], [uid(40), uid(45)])
    for job, status in ((uid(40), 200), (uid(45), 404)):
        await pool.execute("update jobs set attachment_ids = '{}' where id = $1", job)
        assert (await app.http("GET", sent["url"])).status == status
    assert (await app.http("DELETE", f"/v1/files/{sent['file_id']}", anna)).status == 204


async def test_a_row_that_goes_lets_its_files_go(world, pool):
    app, anna = world.app, world.people["owner"]
    sent = (await app.upload(anna)).body["file"]
    item = {"title": "Mine", "file_ids": [sent["file_id"]]}
    made = await app.http("POST", "/v1/portfolio-items", anna, item)
    path = f"/v1/files/{sent['file_id']}"
    assert (await app.http("DELETE", path, anna)).status == 409
    gone = await app.http(
        "DELETE", f"/v1/portfolio-items/{made.body['id']}", anna, headers={"If-Match": '"1"'}
    )
    assert gone.status == 204, gone.body
    assert (await app.http("GET", sent["url"])).status == 404
    assert (await app.http("DELETE", path, anna)).status == 204
    refused = await app.http("POST", "/v1/portfolio-items", anna, item)
    assert refused.status == 422, "it has just been removed"
    assert refused.body["errors"][0]["path"] == "file_ids"


async def _age(pool):
    await pool.execute(
        """
        update files set created_at = created_at - interval '25 hours',
                         unnamed_since = unnamed_since - interval '25 hours'
        """
    )
