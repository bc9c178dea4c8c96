"""Deliveries by e-mail: one notification a mail, or a digest of several."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from types import MappingProxyType
from typing import Literal, NamedTuple
from uuid import UUID

import msgspec
import structlog

from protocol.errors import RequestError
from protocol.notifications.judgement import Reason
from protocol.notifications.rendering import LANGUAGES, Rendered, language
from server.notifications.sender import Handed
from server.notifications.telling import told
from storage.mail.composing import Letter, MailItem, Sender, compose
from storage.mail.port import Mail, MailOutcome, MailPort
from storage.notifications.judging import Facts
from storage.notifications.rendering import Renderer

log = structlog.get_logger()

PROVIDER = "mail"
_NOTED_AT_ONCE = 50
_STATES: Mapping[str, Literal["sent", "retry", "refused"]] = MappingProxyType(
    {"sent": "sent", "retry": "retry", "unavailable": "retry", "rejected": "refused"}
)


class Address(NamedTuple):
    """Where a mail goes, and of which category it is."""

    to: str
    category: str


class Noted(msgspec.Struct, frozen=True):
    """What became of a mail to an address."""

    to: str
    message_id: str
    outcome: MailOutcome


class MailDesk(NamedTuple):
    """What mails are made of beside words.

    `message_id` is that of a delivery to an address. `unsubscribe_url` turns off what a mail of
    some categories tells a person; None for what cannot be turned off. `stopped` says for each
    address whether it takes no mail of the category; `note` keeps what addresses answered. Both
    may raise `RequestError` (`unavailable`).
    """

    sender: Sender
    message_id: Callable[[UUID, str], str]
    unsubscribe_url: Callable[[UUID, Collection[str]], str | None]
    stopped: Callable[[Sequence[Address]], Awaitable[list[bool]]]
    note: Callable[[Sequence[Noted]], Awaitable[None]]


class Mailing:
    """The sender of e-mail."""

    def __init__(self, port: MailPort, renderer: Renderer, desk: MailDesk) -> None:
        self._port = port
        self._renderer = renderer
        self._desk = desk
        self._unnoted: list[Noted] = []
        self.timeout_s = port.timeout_s
        self.at_once = port.at_once

    def provider(self, facts: Facts) -> str:
        """All goes through one server."""
        del facts
        return PROVIDER

    async def unreachable(self, batch: Sequence[Facts]) -> Collection[UUID]:
        """Those whose address takes no mail of the category."""
        await self._note()
        there = [one for one in batch if one.email is not None]
        if not there:
            return ()
        stops = await self._desk.stopped([Address(one.email or "", one.category) for one in there])
        return [one.ref.id for one, is_shut in zip(there, stops, strict=True) if is_shut]

    async def written(self, batch: Sequence[Facts]) -> Mapping[UUID, object]:
        """A `Mail` for each."""
        words = await told(self._renderer, batch)
        written: dict[UUID, object] = {}
        for one in batch:
            written[one.ref.id] = self._written(one, words[one.ref.id])
            # Sockets are served in between: together the mails of a batch take long.
            await asyncio.sleep(0)
        return written

    def _written(self, one: Facts, words: Sequence[Rendered]) -> Mail | Exception:
        try:
            return self._composed(one, words)
        except Exception as error:  # noqa: BLE001  # it keeps no other mail of the batch
            return error

    def _composed(self, one: Facts, words: Sequence[Rendered]) -> Mail:
        desk, spoken = self._desk, language(one.locale)
        to = one.email or ""
        message_id = one.message_id or desk.message_id(one.ref.id, to)
        subject = words[0].title
        if one.is_digest and len(one.items) > 1:
            subject = LANGUAGES[spoken].mail.digest.format(
                name=desk.sender.name, count=len(one.items)
            )
        letter = Letter(
            to=to,
            subject=subject,
            items=[MailItem(each.title, each.content, each.action_url) for each in words],
            language=spoken,
            message_id=message_id,
            date=one.now,
            more=len(one.items) - len(words),
            unsubscribe_url=desk.unsubscribe_url(
                one.ref.user_id, {item.category for item in one.items}
            ),
        )
        return Mail(to, compose(letter, desk.sender), message_id)

    async def send(self, facts: Facts, written: object) -> Handed:
        """Hand a mail to the server."""
        del facts
        assert isinstance(written, Mail)
        outcome = await self._port.send(written)
        self._unnoted.append(Noted(written.to, written.message_id, outcome))
        if outcome.state != "sent" or len(self._unnoted) >= _NOTED_AT_ONCE:
            await self._note()
        if outcome.has_failed:
            log.warning("mail_server_failed", reason=outcome.reason)
        error = f"{outcome.code} {outcome.reason}".strip()
        is_of_address = outcome.state == "rejected" and outcome.is_of_address
        return Handed(
            state="unreachable" if is_of_address else _STATES[outcome.state],
            answered=not outcome.has_failed,
            is_try=outcome.state != "unavailable",
            reason=Reason.SUPPRESSED,
            message_id=written.message_id,
            error=None if outcome.state == "sent" else error,
        )

    async def _note(self) -> None:
        """Keep what addresses have answered; what cannot be kept now is kept with the next."""
        noted, self._unnoted = self._unnoted, []
        if not noted:
            return
        try:
            await self._desk.note(noted)
        except RequestError as error:
            log.warning("bounces_not_noted", reason=str(error.code), mails=len(noted))
            self._unnoted = [*noted, *self._unnoted][:_NOTED_AT_ONCE]
