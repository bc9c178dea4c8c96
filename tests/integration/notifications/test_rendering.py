"""What rows say is made of facts as they are when somebody looks."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from handlers.workflows import WORKFLOWS
from protocol.notifications.kinds import KINDS
from storage.notifications.rendering import Renderer, Shown
from tests.app import Person, Served
from tests.integration.transitions.contracts.conftest import Deal


@pytest.fixture
def pool(app: Served) -> Any:
    """The pool of the app at hand."""
    return app.app.core.foundation.pool


@pytest.fixture
def renderer(pool: Any) -> Renderer:
    """A renderer on the app's pool."""
    return Renderer(pool)


async def test_the_subjects_of_all_kinds_are_read(pool: Any) -> None:
    text = await pool.fetchval("SELECT pg_get_functiondef('notification_subjects'::regproc)")
    events = {kind.event for kind in KINDS.values()}
    for workflow in WORKFLOWS.values():
        machine = workflow.machine
        told = {e for t in machine.transitions for s in t.sources for e in machine.told_of(t, s)}
        if told & events:
            assert f"s.type = '{workflow.resource}'" in text, workflow.resource


async def test_a_page_is_told_in_each_readers_language(
    pool: Any, renderer: Renderer, deal: Deal
) -> None:
    await pool.execute(
        "UPDATE users SET locale = 'zh-CN', timezone = 'Asia/Shanghai' WHERE id = $1",
        deal.client.id,
    )
    title = deal.contract["title"]
    data = {"due_at": "2027-03-12T22:05:00.000Z"}
    milestone = UUID(deal.parts[0])
    rows = [
        _row(deal.client, "milestone.approval_due", "milestones", milestone, data=data),
        _row(deal.client, "contract.accepted", "contracts", UUID(deal.id), deal.freelancer),
        _row(deal.freelancer, "contract.offered", "contracts", UUID(deal.id), deal.client),
        _row(
            deal.freelancer, "payment.received", "milestones", milestone,
            data={"amount": "270.00", "currency": "USD"},
        ),
    ]  # fmt: skip
    due, accepted, offered, paid = await renderer.render(rows)
    assert due.title.endswith("即将自动通过")
    assert "2027年3月13日 06:05（CST）" in due.content
    assert "300.00 USD" in due.content
    assert accepted.title == f"Fred 接受了合同“{title}”"
    assert accepted.action_url == f"/contracts/{deal.id}"
    assert offered.title == f"Clara offers you the contract “{title}”"
    assert "It is worth 1,000.00 USD." in offered.content
    assert paid.title == "You earned 270.00 USD"
    assert f"in “{title}”." in paid.content


async def test_another_locale_may_be_asked_for(renderer: Renderer, deal: Deal) -> None:
    row = _row(deal.client, "contract.completed", "contracts", UUID(deal.id))
    english, chinese = await renderer.render([row, row], [None, "zh"])
    assert english.title.endswith("is completed")
    assert chinese.title.endswith("已完成")


async def test_what_is_gone_has_a_word(pool: Any, renderer: Renderer, app: Served) -> None:
    ada, ben = await app.people("Ada", "Ben")
    rows = [
        _row(ada, "contract.accepted", "contracts", uuid4(), ben),
        _row(ada, "message.mention", None, None),
    ]
    await pool.execute("UPDATE users SET status = 'deleted' WHERE id = $1", ben.id)
    gone, nobody = await renderer.render(rows)
    assert gone.title == "Deleted user accepted the contract [deleted]"
    assert nobody == ("Somebody mentioned you", "", None)
    assert await renderer.render([]) == []


async def test_the_text_is_the_newest_and_only_for_who_may_read_it(
    renderer: Renderer, app: Served
) -> None:
    ada, ben = await app.people("Ada", "Ben")
    wire = await app.connect(ada)
    made = await wire.ask(
        "conversation.create", type="group", title="Design", participant_ids=[str(ben.id)],
        client_id=str(uuid4()),
    )  # fmt: skip
    conversation = made["conversation"]["id"]
    sent = await wire.ask(
        "message.send", conversation_id=conversation, content="first\nwords", client_id=str(uuid4())
    )
    message = sent["message"]
    data = {"senders": [str(ada.id)]}
    row = _row(
        ben, "message.run", "conversation", UUID(conversation), ada, data=data, seq=message["seq"]
    )

    async def told(*, show_text: bool = True) -> tuple[str, str]:
        (rendered,) = await renderer.render([row], show_text=show_text)
        assert rendered.action_url == f"/conversations/{conversation}"
        return rendered.title, rendered.content

    assert await told() == ("New message from Ada", "Design: first words")
    assert await told(show_text=False) == ("New message from Ada", "Design")
    about = {"conversation_id": conversation, "message_id": message["id"]}
    await wire.ask("message.edit", **about, content="other words")
    assert (await told())[1] == "Design: other words"
    await app.command("conversation.leave", ben, {"conversation_id": conversation})
    assert (await told())[1] == "Design"
    await wire.ask("message.delete", **about)
    assert (await told())[1] == "Design"


async def test_a_deleted_text_is_not_told(renderer: Renderer, app: Served) -> None:
    ada, ben = await app.people("Ada", "Ben")
    wire = await app.connect(ada)
    made = await wire.ask(
        "conversation.create", type="direct", participant_ids=[str(ben.id)], client_id=str(uuid4())
    )
    conversation = made["conversation"]["id"]
    sent = await wire.ask(
        "message.send", conversation_id=conversation, content="secret", client_id=str(uuid4())
    )
    row = _row(
        ben, "message.reply", "conversation", UUID(conversation), ada, seq=sent["message"]["seq"]
    )
    (before,) = await renderer.render([row], show_text=[True])
    assert before.content == "secret"
    about = {"conversation_id": conversation, "message_id": sent["message"]["id"]}
    await wire.ask("message.delete", **about)
    (after,) = await renderer.render([row], show_text=[True])
    assert after.content == ""


def _row(
    reader: Person,
    kind: str,
    subject_type: str | None,
    subject_id: UUID | None,
    actor: Person | None = None,
    **more: Any,
) -> Shown:
    actor_id = None if actor is None else actor.id
    about = {"subject_type": subject_type, "subject_id": subject_id, "actor_id": actor_id}
    return Shown(user_id=reader.id, type=kind, **{"data": {}, **about, **more})
