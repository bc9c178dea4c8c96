"""Files that rows of the marketplace name: whoever sees the row has the file."""

from tests.integration.resources.world import uid


async def test_a_file_is_for_who_sees_the_row_that_names_it(world):
    app, people = world.app, world.people
    # Where: who uploads and names it there, and who else may have it then.
    cases = {
        ("portfolio_items", "file_ids", uid(24)): ("owner", {"counterparty", "stranger", "staff"}),
        ("jobs", "attachment_ids", uid(40)): ("owner", {"counterparty", "stranger", "staff"}),
        ("jobs", "attachment_ids", uid(45)): ("owner", {"counterparty"}),
        ("jobs", "attachment_ids", uid(49)): ("owner", set()),
        ("proposals", "attachment_ids", uid(46)): ("counterparty", {"owner"}),
        ("deliverables", "file_ids", uid(55)): ("counterparty", {"owner"}),
        ("contract_answers", "file_ids", uid(52)): ("owner", {"counterparty"}),
    }
    for (table, column, row), (uploader, others) in cases.items():
        sent = await app.upload(people[uploader])
        assert sent.status == 201, sent.body
        file_id = sent.body["file"]["file_id"]
        for role in {"owner", "counterparty", "stranger", "staff"} - {uploader}:
            assert (await app.http("GET", f"/v1/files/{file_id}", people[role])).status == 404
        await app.app.core.foundation.pool.execute(
            f"update {table} set {column} = array[$1::text::uuid] where id = $2", file_id, row
        )
        for role in ("owner", "counterparty", "stranger", "staff"):
            answer = await app.http("GET", f"/v1/files/{file_id}", people[role])
            may = role in others | {uploader}
            assert answer.status == (200 if may else 404), (table, row, role)


async def test_a_row_of_before_that_names_somebody_elses_file_shows_it_to_nobody(world, owner):
    app, people = world.app, world.people
    secret = (await app.upload(people["counterparty"])).body["file"]["file_id"]
    await owner.execute(
        "set session_replication_role = replica;"
        f"update portfolio_items set file_ids = '{{{secret}}}' where id = '{uid(24)}'"
    )
    for role in ("owner", "stranger"):
        assert (await app.http("GET", f"/v1/files/{secret}", people[role])).status == 404


async def test_ones_uploads_are_listed(world):
    app, people = world.app, world.people
    sent = (await app.upload(people["stranger"], name="cut.txt")).body["file"]
    listed = (await app.http("GET", "/v1/files?mime=text/plain", people["stranger"])).body["data"]
    assert [(row["id"], row["name"], row["bytes"]) for row in listed] == [
        (sent["file_id"], "cut.txt", sent["bytes"])
    ]


async def test_an_upload_that_is_sent_again_is_the_same_file(world):
    app, person = world.app, world.people["stranger"]
    key = {"headers": {"Idempotency-Key": "one"}}

    async def send(data, name="a.txt"):
        return await app.http("POST", f"/v1/files?name={name}", person, data=data, **key)

    first, again = await send(b"the same"), await send(b"the same")
    assert (first.status, again.status) == (201, 201), again.body
    assert again.body["file"]["file_id"] == first.body["file"]["file_id"]
    for other in (await send(b"other"), await send(b"the same", "b.txt")):
        assert (other.status, other.body["error"]["code"]) == (422, "duplicate_mismatch")
    listed = (await app.http("GET", "/v1/files", person)).body["data"]
    assert [row["id"] for row in listed] == [first.body["file"]["file_id"]]
    stored = [path for path in app.settings.files_dir.rglob("*") if path.is_file()]
    assert len(stored) == 1, "the bytes of the repeats are gone"
