"""What a back end would do with the generated Python client: `use_python.py ADDRESS GUIDE`.

The package `parley_client` is made by the test that runs this, and is on its path then only.
"""

import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from parley_client import AuthenticatedClient, Client, models
from parley_client.api.accounts import get_me, log_in, register
from parley_client.api.catalogue import get_gig, list_gigs
from parley_client.api.discovery import search_gigs
from parley_client.api.files import download_file, upload_file
from parley_client.api.messaging import create_conversation, list_messages, send_message
from parley_client.api.people import list_categories
from parley_client.api.work import change_job, create_job, get_job, list_jobs
from parley_client.types import File


def main(address: str, guide: Path) -> None:
    """Go through it, and the guide; an `AssertionError` tells what is not as generated."""
    anonymous = Client(address)
    client, other = _person(anonymous, "Ada"), _person(anonymous, "Ben")
    me = get_me.sync(client=client)
    assert isinstance(me, models.Me) and me.display_name == "Ada"
    refused = log_in.sync(client=anonymous, body=models.Login("nobody@example.org", "wrong words"))
    assert isinstance(refused, models.Problem) and refused.error.code == "unauthenticated"
    _catalogue(client)
    _guide(client, guide)
    _jobs(client)
    _messages(client, get_me.sync(client=other).id)
    sent = upload_file.sync(
        client=client, body=models.FileUpload(File(b"some text\n", "notes.txt", "text/plain"))
    )
    assert isinstance(sent, models.FileReply) and sent.file.name == "notes.txt"
    assert download_file.sync(sent.file.file_id, client=client).payload.read() == b"some text\n"


def _person(anonymous: Client, name: str) -> AuthenticatedClient:
    body = models.Register(
        f"{name.lower()}-{uuid4().hex}@example.org",
        "a password of four words",
        name,
        models.RegisterKind.BOTH,
    )
    signed_in = register.sync(client=anonymous, body=body)
    assert isinstance(signed_in, models.SignedIn), signed_in
    return AuthenticatedClient(anonymous._base_url, signed_in.access_token)


def _catalogue(client: AuthenticatedClient) -> None:
    page = list_gigs.sync(
        client=client,
        limit=1,
        sort=models.ListGigsSort.RATING_DESCENDING,
        expand="packages,freelancer",
    )
    assert isinstance(page, models.GigPage), page
    (gig,) = page.data
    assert isinstance(gig.created_at, datetime) and isinstance(gig.status, models.GigStatus)
    assert isinstance(gig.freelancer, models.PublicUser)
    assert isinstance(gig.packages.data[0], models.GigPackage) and not gig.packages.truncated
    whole = get_gig.sync(gig.id, client=client)
    assert isinstance(whole, models.Gig) and whole.title == gig.title
    found = search_gigs.sync(client=client, q=gig.title)
    assert isinstance(found, models.GigSearchPage) and gig.id in [one.id for one in found.data]
    missing = get_gig.sync(uuid4(), client=client)
    assert isinstance(missing, models.Problem) and missing.status == 404


def _guide(client: AuthenticatedClient, guide: Path) -> None:
    """The guide's function makes a gig once, and changes it by its tag."""
    (block,) = re.findall(
        r"```python\n((?:(?!```).)*def tagged_gig.*?)```", guide.read_text(), re.DOTALL
    )
    names: dict[str, Any] = {"AuthenticatedClient": AuthenticatedClient}
    exec(block, names)  # the guide's own words
    (category, *_others) = list_categories.sync(client=client).data
    gig = names["tagged_gig"](client, category.id)
    assert isinstance(gig, models.Gig) and (gig.tags, gig.version) == (["vlog"], 2)


def _jobs(client: AuthenticatedClient) -> None:
    page = list_jobs.sync(client=client, expand="client,category,skills")
    assert isinstance(page, models.JobPage) and page.data, page
    assert isinstance(page.data[0].client, models.PublicUser)
    (category, *_others) = list_categories.sync(client=client).data
    body = models.JobCreate(
        title="Cut my film",
        description="All of it",
        category_id=category.id,
        deadline=datetime(2030, 1, 1, tzinfo=UTC),
        tags=["travel"],
    )
    made = create_job.sync_detailed(client=client, body=body, idempotency_key=str(uuid4()))
    assert made.status_code == 201 and isinstance(made.parsed, models.Job), made
    job, tag = made.parsed, made.headers["ETag"]
    mine = list_jobs.sync(client=client, client_id="me")
    assert [one.id for one in mine.data] == [job.id]
    change = models.JobChange(title="Cut all my films")
    changed = change_job.sync(job.id, client=client, body=change, if_match=tag)
    assert isinstance(changed, models.Job) and changed.title == "Cut all my films"
    late = change_job.sync_detailed(job.id, client=client, body=change, if_match=tag)
    assert late.status_code == 412 and isinstance(late.parsed, models.Problem)
    assert get_job.sync(job.id, client=client).version == changed.version


def _messages(client: AuthenticatedClient, other: object) -> None:
    create = models.ConversationCreate(models.ConversationCreateType.DIRECT, [other])
    conversation = create_conversation.sync(client=client, body=create).conversation
    for number in range(3):
        body = models.MessageSendBody(uuid4(), content=f"number {number}")
        sent = send_message.sync(conversation.id, client=client, body=body)
        assert isinstance(sent, models.MessageReply) and sent.message.seq == number + 1
    repeated = [
        send_message.sync(
            conversation.id,
            client=client,
            body=models.MessageSendBody(content="number 3"),
            idempotency_key="any key",
        )
        for _ in range(2)
    ]
    assert repeated[0].message.id == repeated[1].message.id and repeated[0].message.seq == 4
    newest = list_messages.sync(conversation.id, client=client, limit=3)
    assert isinstance(newest, models.MessagesPage)
    older = list_messages.sync(conversation.id, client=client, cursor=newest.next_cursor)
    said = [message.content for message in [*older.data, *newest.data]]
    assert said == [f"number {number}" for number in range(4)] and older.next_cursor is None


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
