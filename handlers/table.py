"""The one table of commands.

The WebSocket dispatcher, the HTTP routes, the generated documents and the tests of completeness all
read it. To add a command: its request and reply structs, a handler, and a row here.
"""

from dataclasses import dataclass

from handlers import clock
from handlers.command import Command
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
from handlers.people.presence import Presence
from protocol import replies, requests


@dataclass(frozen=True, slots=True)
class Areas:
    """The handlers, an object an area."""

    sync: Sync
    inbox: Inbox
    conversations: Conversations
    members: Members
    messages: Messages
    changes: Changes
    history: History
    search: Search
    receipts: Receipts
    typing: Typing
    presence: Presence
    notifications: NotificationCommands
    preferences: PreferenceCommands
    people: PeopleFinder
    blocks: BlockCommands
    reports: ReportCommands
    templates: TemplateCommands


def command_table(areas: Areas) -> dict[str, Command]:
    """Every command by its name."""
    return {command.name: command for command in _commands(areas)}


def _commands(areas: Areas) -> list[Command]:
    return [
        Command("ping", requests.Ping, replies.PingReply, clock.ping, 0.1, is_activity=False),
        Command("sync", requests.Sync, replies.SyncReply, areas.sync.sync, 2, is_activity=False),
        *_conversation_commands(areas),
        *_message_commands(areas),
        *_live_commands(areas),
        *_people_commands(areas),
    ]


def _conversation_commands(areas: Areas) -> list[Command]:
    one = replies.ConversationReply
    conversations, members, inbox = areas.conversations, areas.members, areas.inbox
    return [
        Command("conversation.create", requests.ConversationCreate, one, conversations.create, 2),
        Command(
            "conversation.list", requests.ConversationList, replies.ConversationPage, inbox.page
        ),
        Command("conversation.get", requests.ConversationGet, one, inbox.get),
        Command("conversation.update", requests.ConversationUpdate, one, conversations.update),
        Command(
            "conversation.settings", requests.ConversationSettings, one, conversations.settings
        ),
        Command("conversation.leave", requests.ConversationLeave, replies.Empty, members.leave),
        Command("member.add", requests.MemberChange, one, members.add),
        Command("member.remove", requests.MemberChange, one, members.remove),
    ]


def _message_commands(areas: Areas) -> list[Command]:
    one, page = replies.MessageReply, replies.MessagePage
    changes, history = areas.changes, areas.history
    return [
        Command(
            "message.send",
            requests.MessageSend,
            one,
            areas.messages.send,
            start=areas.messages.start,
            is_pipelined=True,
        ),
        Command("message.edit", requests.MessageEdit, one, changes.edit),
        Command("message.delete", requests.MessageDelete, one, changes.delete),
        Command("message.get", requests.MessageGet, one, history.get),
        Command("message.history", requests.MessageHistory, page, history.history),
        Command("message.thread", requests.MessageThread, page, history.thread),
        Command(
            "message.search", requests.MessageSearch, replies.SearchPage, areas.search.search, 2
        ),
        Command("message.pin", requests.MessagePin, one, changes.pin),
        Command("message.unpin", requests.MessagePin, one, changes.unpin),
        Command("reaction.add", requests.ReactionChange, one, changes.react),
        Command("reaction.remove", requests.ReactionChange, one, changes.unreact),
    ]


def _live_commands(areas: Areas) -> list[Command]:
    receipt, presences = replies.ReceiptReply, replies.PresencesReply
    receipts, typing, presence = areas.receipts, areas.typing, areas.presence
    return [
        Command(
            "receipt.read",
            requests.ReceiptMark,
            receipt,
            receipts.read,
            0.5,
            start=receipts.start_read,
        ),
        Command(
            "receipt.delivered",
            requests.ReceiptMark,
            receipt,
            receipts.delivered,
            0.5,
            start=receipts.start_delivered,
        ),
        Command("typing.start", requests.Typing, replies.Empty, typing.start, 0.5),
        Command("typing.stop", requests.Typing, replies.Empty, typing.stop, 0.5),
        Command(
            "presence.set", requests.PresenceSet, replies.Empty, presence.set, socket_only=True
        ),
        Command(
            "presence.watch", requests.PresenceWatch, presences, presence.watch, socket_only=True
        ),
        Command(
            "presence.unwatch",
            requests.PresenceWatch,
            presences,
            presence.unwatch,
            socket_only=True,
        ),
    ]


def _people_commands(areas: Areas) -> list[Command]:
    unread, wanted = replies.NotificationsUnread, replies.PreferencesReply
    blocks, templates = replies.BlocksReply, replies.TemplatesReply
    notifications = areas.notifications
    return [
        Command(
            "notification.list",
            requests.NotificationList,
            replies.NotificationPage,
            notifications.page,
        ),
        Command("notification.read", requests.NotificationRead, unread, notifications.read),
        Command(
            "notification.archive", requests.NotificationArchive, unread, notifications.archive
        ),
        Command("preference.get", requests.PreferenceGet, wanted, areas.preferences.get),
        Command("preference.set", requests.PreferenceSet, wanted, areas.preferences.set),
        Command("block.add", requests.BlockChange, blocks, areas.blocks.add),
        Command("block.remove", requests.BlockChange, blocks, areas.blocks.remove),
        Command("block.list", requests.BlockList, blocks, areas.blocks.list),
        Command("people.find", requests.PeopleFind, replies.PeopleReply, areas.people.find, 2),
        Command("report.create", requests.ReportCreate, replies.ReportReply, areas.reports.create),
        Command("template.list", requests.TemplateList, templates, areas.templates.list),
        Command("template.create", requests.TemplateCreate, templates, areas.templates.create),
        Command("template.delete", requests.TemplateDelete, templates, areas.templates.delete),
    ]
