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
from handlers.notifications.preferences import PreferenceCommands
from handlers.people.blocks_reports_templates import (
    BlockCommands,
    ReportCommands,
    TemplateCommands,
)
from handlers.people.finding import PeopleFinder
from handlers.people.identity import AccountRules, Identity
from handlers.people.login_limits import LoginLimits
from handlers.people.presence import Presence
from handlers.public_names import PublicNames
from handlers.table import Areas
from protocol.cursor import CursorSigner
from protocol.tokenbucket import Rate
from server.config import Settings
from server.core import Core
from storage.bus.typing import TypingPublisher
from storage.conversations.members import ConversationChanges
from storage.conversations.sync import SyncReader
from storage.limits.bad_tokens import BadTokens
from storage.limits.command_limiter import CommandLimiter
from storage.limits.rate_limiter import RateLimiter
from storage.messages.changes import MessageChanges
from storage.messages.search import MessageSearch
from storage.notifications.preferences import Preferences
from storage.people.blocks import Blocks
from storage.people.identity import Accounts, SessionTimes
from storage.people.passwords import SAMPLE_PASSWORD, Passwords
from storage.people.people import People as Names
from storage.people.reports import Reports
from storage.people.sessions import Sessions
from storage.people.templates import Templates


@dataclass(frozen=True, slots=True)
class People:
    """Who signs in, and how much each may ask for."""

    accounts: Accounts
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
    foundation, limits = core.foundation, settings.limits
    times = SessionTimes(
        settings.access_token_ttl_s,
        settings.refresh_token_ttl_s,
        limits.login_network_days * 86_400,
    )
    accounts = Accounts(foundation.pool, times)
    rates = RateLimiter(foundation.redis, foundation.guard, enabled=settings.rate_limits)
    sessions = Sessions(
        foundation.pool,
        foundation.redis_calls,
        times,
        core.outbox.relay.wake,
        partial(foundation.metrics.looked_up, "session"),
        BadTokens(limits.bad_tokens_per_minute, enabled=settings.rate_limits),
    )
    # What everybody knows opens nothing to others than this machine.
    passwords = Passwords(refused=[SAMPLE_PASSWORD] if settings.faces_outside else [])
    identity = Identity(
        accounts,
        sessions,
        passwords,
        LoginLimits(rates, limits),
        AccountRules(limits, PublicNames(settings.reserved_names)),
        signer_of(settings),
    )
    limiter = CommandLimiter(
        foundation.redis,
        foundation.guard,
        Rate(limits.commands_per_s, limits.commands_burst),
        enabled=settings.rate_limits,
    )
    return People(accounts, sessions, identity, limiter, passwords)


def areas_of(settings: Settings, core: Core) -> Areas:
    """The handlers of the command table."""
    limits, signer = settings.limits, signer_of(settings)
    pool, readers, writers = core.foundation.pool, core.readers, core.writers
    conversations, audience, changes = readers.conversations, readers.audience, writers.changes
    conversation_changes = ConversationChanges(
        changes,
        max_participants=limits.participants,
        max_direct_a_day=limits.new_direct_per_day,
    )
    return Areas(
        sync=Sync(SyncReader(pool, readers.rows, limits.sync_messages), signer, limits),
        inbox=Inbox(conversations, signer, limits),
        conversations=Conversations(conversation_changes, conversations, limits),
        members=Members(conversation_changes, conversations),
        messages=Messages(writers.messages, limits),
        changes=Changes(MessageChanges(changes), readers.messages, limits),
        history=History(conversations, readers.messages, limits),
        search=Search(conversations, MessageSearch(pool, readers.rows), signer, limits),
        receipts=Receipts(writers.receipts),
        typing=Typing(audience, TypingPublisher(core.bus.publisher)),
        presence=Presence(core.connections.registry, core.bus.presence, audience, limits),
        notifications=NotificationCommands(
            writers.notifications, readers.notifications, signer, limits
        ),
        preferences=PreferenceCommands(Preferences(changes), limits),
        people=PeopleFinder(Names(changes), limits),
        blocks=BlockCommands(Blocks(changes, max_blocks=limits.blocks)),
        reports=ReportCommands(Reports(changes), limits),
        templates=TemplateCommands(Templates(changes, max_templates=limits.templates), limits),
    )
