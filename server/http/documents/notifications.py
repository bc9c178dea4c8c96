"""`docs/notifications.md`, made from the code: `python -m server.http.documents.notifications >
docs/notifications.md`.
"""

import sys
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from protocol.notifications.categories import (
    CATEGORIES,
    CHANNELS,
    is_on_by_default,
    may_be_turned_off,
)
from protocol.notifications.kinds import DAY_S, KINDS, Kind
from protocol.notifications.silent import NOTIFIES_NOBODY
from protocol.notifications.words_en import ENGLISH
from server.http.documents.reference import table_of

_INTRODUCTION = """\
# Notifications

Made from the code by `python -m server.http.documents.notifications`; a test holds it to the code.

A notification holds its type, ids and amounts, and no words: `title` and `content` are made in the
reader's language, English or Chinese by `locale`, of what is true when they are read. So an edit is
told, what was deleted is not, and a type that an application does not know has words all the same.

A type is told by the event beside it, with the action where one is named; nobody is told of their
own doing, nor of what they may not read, nor of a step whose result they are told by the same
transition. What "asks" waits for somebody to act: whatever happens to its subject next settles it,
for everybody. Whoever acts on a subject has read what they were told of it before. While one of the
same type and subject is unread, the next raises its `count`.

## What `data` holds

What a notification is about, for an application that has better words or opens a page of its own.
"""

_AFTER_DATA = """
`resource` is the path under `/v1/`, such as `contracts`, and `id` the row's; `due_at` is there
where something has to be done by then, `amount` and `currency` where it is about money that its
reader may see. `message_id` and `seq` are of the newest message. Of a run `senders` are its
writers, the newest first; after a part of it was read, some may have nothing unread any more.
`found` is how many are new, `ids` the newest five.

`action_url` is a path of the web client that stands at `PARLEY_PUBLIC_URL`: mails lead to it there.
It is `/RESOURCE/ID`, for a conversation `/conversations/ID`, for a saved search
`/saved-searches/ID`, and for an announcement what its author gave, or null. The server itself has
no pages there; a client with other pages goes by `type` and `data`.
"""

_TO = {
    "": "all who hear the event",
    "client": "the client",
    "team": "the freelancer and the team",
    "parties": "the client and the freelancer",
    "lead": "the freelancer",
    "owner": "the person whose it is",
    "other": "the other person",
    "staff": "staff",
}
_BY_ITSELF = {
    "message.mention": "a message that names somebody",
    "message.reply": "a message that answers theirs",
    "message.run": "unread messages of a conversation",
    "conversation.invited": "being taken into a group",
    "announcement": "an announcement",
    "saved_search.found": "a saved search that finds something new",
}
_OF_A_MESSAGE = ("conversation_id", "message_id", "seq", "sender_id")
DATA: Mapping[str, tuple[str, ...]] = MappingProxyType({
    "message.mention": _OF_A_MESSAGE,
    "message.reply": _OF_A_MESSAGE,
    "message.run": ("conversation_id", "seq", "senders"),
    "conversation.invited": ("conversation_id",),
    "announcement": ("announcement_id",),
    "saved_search.found": ("search_id", "search_type", "found", "ids"),
})  # fmt: skip
"""What `data` holds of the types that no event of the marketplace makes; `EVENT_DATA` of others."""
EVENT_DATA = ("resource", "id", "status", "version", "action")
MAYBE_DATA = ("due_at", "amount", "currency")


def page() -> str:
    """The whole page."""
    lines = [_INTRODUCTION, *table_of(("type", "`data`"), _data()), _AFTER_DATA]
    lines += ["## Categories and channels\n"]
    lines += table_of(("category", *CHANNELS), map(_category, CATEGORIES))
    lines += [
        "",
        "What is always on cannot be turned off. All else is each person's to choose.",
        "",
    ]
    for category in CATEGORIES:
        kinds = [kind for kind in KINDS.values() if kind.category == category]
        if kinds:
            lines += [f"## {category.capitalize()}\n"]
            heads = ("type", "made by", "for", "priority", "title")
            lines += [*table_of(heads, map(_kind, kinds)), ""]
    lines += ["## Events that notify nobody\n", "They are told to open connections as ever.\n"]
    lines += table_of(("because", "events"), _silent())
    return "\n".join(lines).rstrip() + "\n"


def _data() -> Iterator[tuple[str, ...]]:
    types: dict[tuple[str, ...], list[str]] = {}
    for type_, names in DATA.items():
        types.setdefault(names, []).append(f"`{type_}`")
    for names, those in types.items():
        yield ", ".join(those), _listed(names)
    yield "all others", f"{_listed(EVENT_DATA)}; where there are such, {_listed(MAYBE_DATA)}"


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _category(category: str) -> tuple[str, ...]:
    return category, *(_channel(category, channel) for channel in CHANNELS)


def _channel(category: str, channel: str) -> str:
    if not may_be_turned_off(category, channel):
        return "always on"
    return "on" if is_on_by_default(category, channel) else "off"


def _kind(kind: Kind) -> tuple[str, ...]:
    made_by = f"`{kind.event}`" if kind.event else _BY_ITSELF[kind.type]
    if kind.actions:
        made_by += f" by {', '.join(f'`{action}`' for action in sorted(kind.actions))}"
    ends = f", gone after {kind.expires_s // DAY_S} days" if kind.expires_s else ""
    priority = f"{kind.priority}{', asks' if kind.asks else ''}{ends}"
    to = _TO[kind.to] if kind.event else "whom it concerns"
    return f"`{kind.type}`", made_by, to, priority, ENGLISH.words[kind.type].title


def _silent() -> Iterator[tuple[str, ...]]:
    reasons: dict[str, list[str]] = {}
    for event, reason in NOTIFIES_NOBODY.items():
        reasons.setdefault(reason, []).append(f"`{event}`")
    for reason, events in reasons.items():
        yield reason, ", ".join(events)


if __name__ == "__main__":
    sys.stdout.write(page())
