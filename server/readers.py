"""What reads PostgreSQL and changes nothing."""

from dataclasses import dataclass

from server.foundation import Foundation
from storage.conversations.audience import Audience
from storage.conversations.gap_reader import GapReader
from storage.conversations.reader import ConversationReader
from storage.files.links import FileLinks
from storage.messages.reader import MessageReader, MessageRows
from storage.notifications.reader import NotificationReader


@dataclass(frozen=True, slots=True)
class Readers:
    """`rows` makes messages of rows, with `links` to their files."""

    links: FileLinks
    rows: MessageRows
    messages: MessageReader
    conversations: ConversationReader
    gaps: GapReader
    notifications: NotificationReader
    audience: Audience


def readers_of(foundation: Foundation) -> Readers:
    """The readers of a process."""
    settings, pool = foundation.settings, foundation.pool
    assert settings.secret_key is not None
    links = FileLinks(settings.secret_key.get_secret_value().encode(), settings.public_url)
    rows = MessageRows(links.url, settings.limits)
    return Readers(
        links=links,
        rows=rows,
        messages=MessageReader(pool, rows),
        conversations=ConversationReader(pool, rows),
        gaps=GapReader(pool, rows),
        notifications=NotificationReader(pool),
        audience=Audience(pool),
    )
