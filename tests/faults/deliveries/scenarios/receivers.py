"""The far ends: a mailbox and a push service that keep what they take, and workers that die there.

The senders are the server's own: they judge, find words and compose. Only the last step is ours, so
that a worker can be ended just before and just after it.
"""

import asyncio
import email
import email.policy
import re
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass
from uuid import UUID

import msgspec

from storage.mail.port import Mail, MailOutcome
from storage.push.port import Push, PushOutcome
from tests.faults.deliveries.scenarios.script import Channel

WORD = re.compile(r"\bw(\d+)v(\d+)\b")
_LINK = re.compile(r"/conversations/([0-9a-f-]{36})")
_KINDS = {"message.run": "run", "message.mention": "mention", "message.reply": "reply"}
UNDER_WAY: ContextVar[UUID] = ContextVar("under_way")
"""The delivery that its sender is handing over."""
_OF_SUBJECTS = {"mention": "mention", "repl": "reply", "message": "run"}


@dataclass(frozen=True, slots=True)
class Taken:
    """What a receiver has taken, read as its owner would.

    `to` is an address or the URL of a device, `group` what it is about: a "run" of messages, a
    "mention" or a "reply". `said` is the message that it quotes, and of which version, or None.
    `of` is of how many it tells by its title. `id` is its Message-ID, or the topic of a push.
    """

    channel: Channel
    to: str
    group: str
    talk: str
    said: tuple[int, int] | None
    title: str
    of: int
    id: str
    delivery: UUID


class Watch:
    """Sees how far a worker gets; the one that is to die stops there and goes no further."""

    def __init__(self) -> None:
        self.taken: list[Taken] = []
        self.died = asyncio.Event()
        self._point, self._left = "", 0
        self._meanwhile: Callable[[], Awaitable[None]] | None = None

    def doom(self, point: str, number: int) -> None:
        """The next worker dies when it gets to a point for the `number`-th time."""
        self._point, self._left = point, number

    def meanwhile(self, happens: Callable[[], Awaitable[None]]) -> None:
        """This happens as soon as something is on its way to a receiver."""
        self._meanwhile = happens

    def spare(self) -> None:
        """Nobody dies any more, and nothing happens."""
        self._point, self._meanwhile = "", None
        self.died.clear()

    async def reached(self, point: str) -> None:
        """A worker is there."""
        if point == "before" and self._meanwhile is not None:
            happens, self._meanwhile = self._meanwhile, None
            await happens()
        if point == self._point:
            self._left -= 1
            if self._left <= 0:
                self.died.set()
                await asyncio.Event().wait()


class Mailbox:
    """A `MailPort` that takes everything."""

    timeout_s = 10.0
    at_once = 4

    def __init__(self, watch: Watch) -> None:
        self._watch = watch

    async def send(self, mail: Mail) -> MailOutcome:
        await self._watch.reached("before")
        self._watch.taken.append(_of_mail(mail))
        await self._watch.reached("after")
        return MailOutcome("sent", "2.0.0", "")


class PushService:
    """A `PushPort` that takes everything."""

    timeout_s = 10.0

    def __init__(self, watch: Watch) -> None:
        self._watch = watch

    async def send(self, push: Push) -> PushOutcome:
        await self._watch.reached("before")
        self._watch.taken.append(_of_push(push))
        await self._watch.reached("after")
        return PushOutcome("sent")


def _of_mail(mail: Mail) -> Taken:
    message = email.message_from_bytes(mail.message, policy=email.policy.default)
    body = message.get_body(("plain",))
    assert body is not None
    text, subject = body.get_content(), str(message["Subject"])
    assert str(message["Message-ID"]) == mail.message_id
    group = next(group for word, group in _OF_SUBJECTS.items() if word in subject)
    link = _LINK.search(text)
    assert link is not None
    return Taken(
        channel="email",
        to=mail.to,
        group=group,
        talk=link[1],
        said=_said(text),
        title=subject,
        of=_of(subject),
        id=mail.message_id,
        delivery=UNDER_WAY.get(),
    )


def _of_push(push: Push) -> Taken:
    shown = msgspec.json.decode(push.payload)
    # One topic is one tag: what comes later replaces what is shown.
    assert push.topic == shown["tag"]
    link = _LINK.search(shown["url"])
    assert link is not None
    return Taken(
        channel="push",
        to=push.device.endpoint,
        group=_KINDS[shown["type"]],
        talk=link[1],
        said=_said(shown.get("body", "")),
        title=shown["title"],
        of=_of(shown["title"]),
        id=shown["tag"],
        delivery=UNDER_WAY.get(),
    )


def _of(title: str) -> int:
    found = re.match(r"\d+", title)
    return int(found[0]) if found else 1


def _said(text: str) -> tuple[int, int] | None:
    found = WORD.findall(text)
    assert len(found) <= 1, f"two messages are quoted: {text}"
    return (int(found[0][0]), int(found[0][1])) if found else None
