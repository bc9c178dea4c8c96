"""The mail of a process, put together by its settings."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

from server.config import Settings
from server.foundation import Foundation
from server.mail.receiving import MailEventReceiver
from server.schedules.schedule import Daily, Outcome, Schedule
from server.settings.mail import NOBODY
from storage.mail.composing import Sender
from storage.mail.files import FilesMail
from storage.mail.message_ids import MessageIds
from storage.mail.port import MailPort
from storage.mail.signing import SignedMail
from storage.mail.smtp import SmtpMail, SmtpPace
from storage.mail.suppressions import AddressKeys, SoftRules, Suppressions
from storage.mail.unsubscribe import UnsubscribeTokens, Unsubscribing

FOLDER = "mail"
"""Below the data directory: mails as files."""
KEPT_S = 90 * 86_400.0
"""How long it is known that an address failed, or was released, once it takes mail again."""
PRUNE_S = 60.0


@dataclass(frozen=True, slots=True)
class MailRoom:
    """What mails are made and sent with.

    `receiver` is None where no reports are taken.
    """

    port: MailPort
    sender: Sender
    ids: MessageIds
    suppressions: Suppressions
    tokens: UnsubscribeTokens
    unsubscribing: Unsubscribing
    receiver: MailEventReceiver | None


@contextlib.asynccontextmanager
async def mail_room(foundation: Foundation) -> AsyncIterator[MailRoom]:
    """The room as long as the block lasts; connections to the mail server end with it."""
    settings, pool = foundation.settings, foundation.pool
    secret = secret_of(settings)
    suppressions = Suppressions(pool, AddressKeys(secret), soft_rules_of(settings))
    ids = MessageIds(secret, settings.mail_name)
    receiver = None
    if settings.mail_events_secret is not None:
        key = settings.mail_events_secret.get_secret_value()
        receiver = MailEventReceiver(suppressions, ids, key)
    async with mail_port(settings) as port:
        yield MailRoom(
            port=port,
            sender=sender_of(settings),
            ids=ids,
            suppressions=suppressions,
            tokens=UnsubscribeTokens(secret),
            unsubscribing=Unsubscribing(pool),
            receiver=receiver,
        )


def pruning(room: MailRoom, hour: int) -> Schedule:
    """Every day at this hour of UTC what is known of addresses that take mail is forgotten."""

    async def prune() -> Outcome:
        return Outcome({"addresses": await room.suppressions.prune(KEPT_S)})

    return Schedule("mail_suppressions", Daily(hour), prune, PRUNE_S)


@contextlib.asynccontextmanager
async def mail_port(settings: Settings) -> AsyncIterator[MailPort]:
    """What sends mail by the settings; its connections end with the block."""
    server, key = settings.smtp_server, settings.dkim_key
    pace = SmtpPace(
        settings.smtp_timeout_s,
        settings.smtp_idle_s,
        settings.smtp_connections,
        settings.smtp_mails_per_connection,
    )
    folder = settings.data_dir / FOLDER
    own = FilesMail(folder, settings.mail_files) if server is None else SmtpMail(server, pace)
    try:
        yield own if key is None else SignedMail(own, key)
    finally:
        await own.close()


def sender_of(settings: Settings) -> Sender:
    """Who writes, and where links lead: to public_url, or to this machine where it is unset."""
    return Sender(
        address=settings.mail_from or NOBODY,
        name=settings.mail_from_name,
        base_url=settings.public_url or f"http://localhost:{settings.http_port}",
        reply_to=settings.mail_reply_to,
        settings_path=settings.mail_settings_path,
    )


def soft_rules_of(settings: Settings) -> SoftRules:
    """How many bounces for now suppress an address, and for how long."""
    return SoftRules(
        settings.mail_soft_bounces, settings.mail_soft_window_s, settings.mail_soft_suppressed_s
    )


def secret_of(settings: Settings) -> str:
    """The secret of links and of addresses' keys; the settings have to hold all secrets."""
    assert settings.mail_secret is not None
    return settings.mail_secret.get_secret_value()
