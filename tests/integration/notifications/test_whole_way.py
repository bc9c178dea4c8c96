"""From what happens to the socket, the browser and the mailbox: two nodes, a real mail server and
push service, and what somebody does in the grace before it goes out.
"""

import email
import email.policy
import re
from collections.abc import Awaitable, Callable
from email.message import EmailMessage
from urllib.parse import urlsplit

import pytest

from tests.integration.notifications.stage import AN_HOUR, Json, Stage

HEADERS = {
    *("List-Unsubscribe", "List-Unsubscribe-Post", "From", "To", "Subject", "Date", "Message-ID"),
    *("Auto-Submitted", "MIME-Version", "Content-Type", "Content-Language"),
}
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


async def test_socket_browser_and_mailbox(staged):
    async with staged() as stage:
        sent = await stage.say("Is the logo done?")
        told = (await stage.wire.expect("notification.created"))["d"]
        assert told["notification"]["type"] == "message.run"
        assert told["unread"] == {"messages": 1, "notifications": 0}
        shown = await stage.pushed()
        assert shown["id"] == told["notification"]["id"]
        assert "Is the logo done?" in shown["body"] and "\n" not in shown["title"]
        assert shown["url"] == f"/conversations/{stage.conversation}"
        mail = await stage.mailed()
        for part in ("plain", "html"):
            assert "Is the logo done?" in mail.get_body((part,)).get_content()
        assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        await stage.decided("sent", "sent")
        assert len(stage.inbox.arrived) == 1 and sent["seq"] == 1


async def test_an_edit_in_the_grace_is_what_is_told(staged):
    async with staged(wait_s=AN_HOUR) as stage:
        sent = await stage.say("a wrong word", names_ben=True)
        await stage.told()
        await stage.by_ada("message.edit", message_id=sent["id"], content="the right word")
        await stage.due()
        assert "the right word" in (await stage.pushed())["body"]
        _says(await stage.mailed(), "the right word", "a wrong word")
        await stage.decided("sent", "sent")
        assert len(stage.pushes.arrived) == len(stage.inbox.arrived) == 1


@pytest.mark.parametrize("deletes", [False, True], ids=["edited", "deleted"])
async def test_what_was_pushed_is_mailed_as_it_is_by_then(staged, deletes):
    async with staged(mail_wait_s=AN_HOUR) as stage:
        sent = await stage.say("a wrong word")
        assert "a wrong word" in (await stage.pushed())["body"]
        if deletes:
            await stage.by_ada("message.delete", message_id=sent["id"])
        else:
            await stage.by_ada("message.edit", message_id=sent["id"], content="the right word")
        await stage.due()
        if deletes:
            await stage.decided("deleted", "sent")
            assert not stage.inbox.arrived
        else:
            _says(await stage.mailed(), "the right word", "a wrong word")


@pytest.mark.parametrize(
    ("reason", "act"),
    [
        ("deleted", lambda stage, sent: stage.by_ada("message.delete", message_id=sent["id"])),
        (
            "read",
            lambda stage, sent: stage.wire.ask(
                "receipt.read", conversation_id=stage.conversation, seq=sent["seq"]
            ),
        ),
        ("blocked", lambda stage, _sent: stage.wire.ask("block.add", user_id=stage.ada.id)),
        (
            "muted",
            lambda stage, _sent: stage.wire.ask(
                "conversation.settings", conversation_id=stage.conversation, is_muted=True
            ),
        ),
    ],
    ids=["deleted", "read", "blocked", "muted"],
)
async def test_what_is_done_in_the_grace_cancels(
    staged, reason: str, act: Callable[[Stage, Json], Awaitable[None]]
):
    async with staged(wait_s=AN_HOUR) as stage:
        sent = await stage.say("for nothing", names_ben=True)
        await stage.told()
        await act(stage, sent)
        await stage.due()
        await stage.decided(reason, reason)
        assert not stage.pushes.arrived and not stage.inbox.arrived


async def test_a_login_that_has_ended_gets_no_push(staged):
    async with staged(wait_s=AN_HOUR) as stage:
        other = await stage.nodes[0].login(stage.ben)
        told = await _told_of(stage, "before the logout")
        assert (await stage.nodes[1].http("POST", "/v1/auth/logout", stage.ben)).status < 300
        stage.ben, stage.wire = other, await stage.nodes[1].connect(other)
        await stage.due()
        await stage.mailed()
        await stage.decided("device_gone", "sent")
        became = {d["channel"]: d["status"] for d in await stage.deliveries(told["id"])}
        assert became == {"email": "sent", "push": "suppressed"}
        # Of what comes later none is queued for that browser.
        await stage.read(told)
        after = await _told_of(stage, "after the logout")
        assert [one["channel"] for one in await stage.deliveries(after["id"])] == ["email"]
        assert not stage.pushes.arrived


def _says(mail: EmailMessage, words: str, not_these: str) -> None:
    for part in ("plain", "html"):
        body = mail.get_body((part,))
        assert body is not None
        text = body.get_content()
        assert words in text and not_these not in text


async def _told_of(stage: Stage, content: str) -> Json:
    await stage.say(content, names_ben=True)
    return await stage.told()


async def test_a_name_injects_nothing_and_an_idn_address_is_reached(staged):
    async with staged() as stage:
        await stage.owner.execute(
            """
            update user_private set email = 'Ben@bücher.example',
                email_canonical = 'Ben@xn--bcher-kva.example'
            where user_id = $1
            """,
            stage.ben.id,
        )
        await stage.say('"quoted"\r\nBcc: more@example.org\r\n\r\n<b>not bold</b>', names_ben=True)
        await stage.mailed()
        (arrived,) = stage.inbox.arrived
    assert arrived.recipients == ["Ben@xn--bcher-kva.example"]
    assert arrived.content.isascii()
    for policy in (email.policy.default, email.policy.compat32):
        mail = email.message_from_bytes(arrived.content, policy=policy)
        # Each once, and none that a name has made.
        assert sorted(mail.keys()) == sorted(HEADERS)
        assert mail.defects == []
    mail = arrived.message
    assert mail["Subject"] == 'Ada Bcc: all@example.org "the" first mentioned you'
    assert [one.addr_spec for one in mail["To"].addresses] == ["Ben@xn--bcher-kva.example"]
    assert [one.addr_spec for one in mail["From"].addresses] == ["no-reply@parley.example"]
    html = mail.get_body(("html",)).get_content()
    assert "&lt;b&gt;not bold&lt;/b&gt;" in html and "&quot;the&quot; first" in html


async def test_a_scanner_follows_links_and_changes_nothing_and_one_click_does(staged):
    async with staged() as stage:
        node = stage.nodes[1]
        before = (await node.command("preference.get", stage.ben)).body
        told = await _told_of(stage, "with links")
        mail = await stage.mailed()
        link = mail["List-Unsubscribe"].strip("<>")
        texts = [mail.get_body((part,)).get_content() for part in ("plain", "html")]
        assert all(link in text for text in texts)
        links = {
            one for text in texts for one in re.findall(r"https://parley\.example[^\s\"<]*", text)
        }
        for one in links | {link}:
            for method in ("GET", "HEAD"):
                await node.http(method, urlsplit(one).path)
        path = urlsplit(link).path
        assert (await node.http("GET", path)).status == 200
        assert (await node.command("preference.get", stage.ben)).body == before

        # One that waits is cancelled, and of a later one none is queued.
        await stage.owner.execute(
            "update platform_settings set value = '3600' where key = 'mail_wait_seconds'"
        )
        await stage.read(told)
        waiting = await _told_of(stage, "before the click")
        assert (await node.http("POST", path, data=ONE_CLICK)).status == 200
        after = (await node.command("preference.get", stage.ben)).body
        changed = [p for p in after["preferences"] if p not in before["preferences"]]
        assert changed == [{"category": "message", "channel": "email", "is_enabled": False}]
        await stage.due()
        await stage.decided("capped", "preference_off", "sent", "sent")
        became = {d["channel"]: d["reason"] for d in await stage.deliveries(waiting["id"])}
        assert became == {"email": "preference_off", "push": "capped"}
        await stage.read(waiting)
        later = await _told_of(stage, "after the click")
        assert [one["channel"] for one in await stage.deliveries(later["id"])] == ["push"]
        assert len(stage.inbox.arrived) == 1
