"""The handlers of a process, each with what it needs."""

from dataclasses import dataclass
from functools import partial

from handlers.conversations.conversations import Conversations
from handlers.conversations.inbox import Inbox
from handlers.conversations.members import Members
from handlers.conversations.sync import Sync
from handlers.messages.changes import Changes
from handlers.messages.history import History
from handlers.messages.receipts import Receipts
from handlers.messages.search import Search
from handlers.messages.sending import Messages
from handlers.messages.typing import Typing
from handlers.notifications.notifications import NotificationCommands
from handlers.people.blocks_reports_templates import (
    BlockCommands,
    ReportCommands,
    TemplateCommands,
)
from handlers.people.identity import Identity
from handlers.people.presence import Presence
from handlers.table import Areas
from protocol.cursor import CursorSigner
from protocol.tokenbucket import Rate
from server.config import Settings
from server.core import Core
from storage.bus.typing import TypingPublisher
from storage.conversations.members import ConversationChanges
from storage.conversations.sync import SyncReader
from storage.limits.command_limiter import CommandLimiter
from storage.limits.rate_limiter import RateLimiter
from storage.messages.changes import MessageChanges
from storage.messages.search import MessageSearch
from storage.people.blocks import Blocks
from storage.people.identity import Accounts, SessionTimes
from storage.people.passwords import Passwords
from storage.people.reports import Reports
from storage.people.sessions import Sessions
from storage.people.templates import Templates


@dataclass(frozen=True, slots=True)
class People:
    """Who signs in, and how much each may ask for."""

    sessions: Sessions
    identity: Identity
    limiter: CommandLimiter
    passwords: Passwords


def signer_of(settings: Settings) -> CursorSigner:
    """Signs cursors with the instance's key."""
    assert settings.secret_key is not None
    return CursorSigner(settings.secret_key.get_secret_value().encode())


def people_of(settings: Settings, core: Core) -> People:
    """Accounts, logins and limits."""
    limits = settings.limits
    times = SessionTimes(settings.access_token_ttl_s, settings.refresh_token_ttl_s)
    looked_up = partial(core.metrics.looked_up, "session")
    sessions = Sessions(core.pool, core.redis_calls, times, core.relay.wake, looked_up)
    passwords = Passwords()
    identity = Identity(
        Accounts(core.pool, times),
        sessions,
        passwords,
        RateLimiter(core.redis, core.guard, enabled=settings.rate_limits),
        limits,
        signer_of(settings),
    )
    limiter = CommandLimiter(
        core.redis,
        core.guard,
        Rate(limits.commands_per_s, limits.commands_burst),
        enabled=settings.rate_limits,
    )
    return People(sessions, identity, limiter, passwords)


def areas_of(settings: Settings, core: Core) -> Areas:
    """The handlers of the command table."""
    limits = settings.limits
    signer = signer_of(settings)
    conversation_changes = ConversationChanges(
        core.calls,
        max_participants=limits.participants,
        max_direct_a_day=limits.new_direct_per_day,
    )
    return Areas(
        sync=Sync(SyncReader(core.pool, core.rows, limits.sync_messages), signer, limits),
        inbox=Inbox(core.conversations, signer, limits),
        conversations=Conversations(conversation_changes, core.conversations, limits),
        members=Members(conversation_changes, core.conversations),
        messages=Messages(core.writer, limits),
        changes=Changes(MessageChanges(core.calls), core.messages, limits),
        history=History(core.conversations, core.messages, limits),
        search=Search(core.conversations, MessageSearch(core.pool, core.rows), signer, limits),
        receipts=Receipts(core.receipts),
        typing=Typing(core.audience, TypingPublisher(core.publisher)),
        presence=Presence(core.registry, core.presence, core.audience, limits),
        notifications=NotificationCommands(core.notifications, signer, limits),
        blocks=BlockCommands(Blocks(core.calls, max_blocks=limits.blocks)),
        reports=ReportCommands(Reports(core.calls), limits),
        templates=TemplateCommands(Templates(core.calls, max_templates=limits.templates), limits),
    )
