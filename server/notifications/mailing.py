"""Deliveries by e-mail: one notification a mail, or a digest of several."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from types import MappingProxyType
from typing import Literal, NamedTuple
from uuid import UUID

import asyncpg
import msgspec
import structlog

from protocol.errors import RequestError
from protocol.notifications.judgement import Reason
from protocol.notifications.rendering import LANGUAGES, Rendered, language
from server.notifications.sender import Handed
from storage.mail.composing import Letter, MailItem, Sender, compose
from storage.mail.port import Mail, MailOutcome, MailPort
from storage.notifications.judging import Facts

log = structlog.get_logger()

PROVIDER = "mail"
_UNNOTED = 1_000
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

    def __init__(self, port: MailPort, desk: MailDesk) -> None:
        self._port = port
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
        there = [one for one in batch if one.email is not None]
        if not there:
            return ()
        stops = await self._desk.stopped([Address(one.email or "", one.category) for one in there])
        return [one.ref.id for one, is_shut in zip(there, stops, strict=True) if is_shut]

    def compose(self, facts: Facts, words: Sequence[Rendered]) -> Mail:
        """The mail. Raises what composing raises."""
        one, desk, spoken = facts, self._desk, language(facts.locale)
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

    async def send(self, facts: Facts, composed: object) -> Handed:
        """Hand a mail to the server."""
        del facts
        assert isinstance(composed, Mail)
        outcome = await self._port.send(composed)
        self._unnoted.append(Noted(composed.to, composed.message_id, outcome))
        if outcome.has_failed:
            log.warning("mail_server_failed", reason=outcome.reason)
        error = f"{outcome.code} {outcome.reason}".strip()
        is_of_address = outcome.state == "rejected" and outcome.is_of_address
        return Handed(
            state="unreachable" if is_of_address else _STATES[outcome.state],
            answered=not outcome.has_failed,
            is_try=outcome.state != "unavailable",
            reason=Reason.SUPPRESSED,
            message_id=composed.message_id,
            error=None if outcome.state == "sent" else error,
        )

    async def note(self) -> None:
        """Store what addresses have answered; what cannot be stored now is stored with the next."""
        noted, self._unnoted = self._unnoted, []
        if not noted:
            return
        try:
            await self._desk.note(noted)
        except (RequestError, asyncpg.PostgresError) as error:
            log.warning("bounces_not_noted", reason=type(error).__name__, mails=len(noted))
            self._unnoted = [*noted, *self._unnoted][-_UNNOTED:]
