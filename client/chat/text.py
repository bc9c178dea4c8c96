"""How the terminal chat shows things. What others wrote cannot drive the terminal. Pure."""

import unicodedata
from collections.abc import Callable

from protocol.objects import Conversation, Message
from protocol.text import Id, Time

Name = Callable[[Id], str]
"""A person's name as shown."""

_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_JOINER = "\u200d"  # holds emoji sequences together, and moves nothing
PREVIEW = 48


def safe(text: str) -> str:
    """Text with every control and formatting character made visible, on one line."""
    return "".join(
        char if char == _JOINER or unicodedata.category(char) not in _HIDDEN else _shown(char)
        for char in text
    )


def _shown(char: str) -> str:
    if char == "\n":
        return " ⏎ "
    if char == "\t":
        return " "
    return f"\\x{ord(char):02x}" if ord(char) < 256 else f"\\u{ord(char):04x}"


def clock(moment: Time) -> str:
    """Hours and minutes (UTC) of a time on the wire."""
    return safe(moment[11:16])


def body(message: Message) -> str:
    """What a message says, in one line."""
    if message.is_deleted:
        return "(deleted)"
    parts = [safe(message.content)] if message.content else []
    parts += [
        f"<{safe(item.name)}, {item.bytes} bytes, {safe(item.url)}>" for item in message.attachments
    ]
    return " ".join(parts) or "(empty)"


def message_line(message: Message, name: Name, parent: Message | None = None) -> str:
    """`[12] 22:03 Ann: text`, with what became of it."""
    marks = []
    if message.parent_id is not None:
        marks.append(f"reply to [{parent.seq}]" if parent is not None else "reply")
    if message.edited_at is not None and not message.is_deleted:
        marks.append("edited")
    if message.is_pinned:
        marks.append("pinned")
    marks += [f"{safe(emoji)} {count}" for emoji, count in message.reaction_counts.items() if count]
    tail = f"  ({', '.join(marks)})" if marks else ""
    head = f"[{message.seq}] {clock(message.created_at)} {name(message.sender_id)}"
    return f"{head}: {body(message)}{tail}"


def title(conversation: Conversation, me: Id, name: Name) -> str:
    """The title, or who else is there."""
    if conversation.title:
        return safe(conversation.title)
    others = [name(p.user_id) for p in conversation.participants if p.user_id != me]
    return ", ".join(others[:4]) + (", …" if len(others) > 4 else "") or "only you"


def inbox_line(number: int, conversation: Conversation, me: Id, name: Name) -> str:
    """One line of the inbox."""
    unread = f" ({conversation.unread} new)" if conversation.unread else ""
    last = conversation.last_message
    preview = ""
    if last is not None:
        text = body(last)
        preview = f"  {name(last.sender_id)}: {text[:PREVIEW]}{'…' if len(text) > PREVIEW else ''}"
    return f"{number:>3}  {title(conversation, me, name)}{unread}{preview}"
