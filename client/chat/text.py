"""How the terminal chat shows things. What others wrote cannot drive the terminal. Pure."""

import unicodedata
from collections.abc import Callable
from itertools import accumulate

from msgspec import UNSET
from wcwidth import iter_graphemes, wcswidth

from client.chat.happenings import told
from protocol.objects import Conversation, Message
from protocol.text import Id, Time

Name = Callable[[Id], str]
"""A person's name as shown."""

_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_JOINER = "\u200d"  # holds emoji sequences together, and moves nothing
Link = Callable[[Message, Id], int]
"""The number of a file of a message, by which its address is asked for."""

TITLE_COLUMNS = 32
PREVIEW_COLUMNS = 48


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


def columns(text: str) -> int:
    """How many columns of a terminal a safe text takes: Chinese and emoji take two each."""
    return max(0, wcswidth(text))


def cut(text: str, width: int) -> str:
    """A safe text in at most so many columns, and no character in halves."""
    if columns(text) <= width:
        return text
    parts = list(iter_graphemes(text))
    ends = accumulate(map(columns, parts))
    return "".join(part for part, end in zip(parts, ends, strict=True) if end < width) + "…"


def padded(text: str, width: int) -> str:
    """A safe text in exactly so many columns."""
    shown = cut(text, width)
    return shown + " " * (width - columns(shown))


def size(count: int) -> str:
    """Bytes as people read them."""
    if count < 1_000:
        return f"{count} bytes"
    if count < 1_000_000:
        return f"{count / 1_000:.0f} kB"
    return f"{count / 1_000_000:.1f} MB"


def clock(moment: Time) -> str:
    """Hours and minutes (UTC) of a time on the wire."""
    return safe(moment[11:16])


def day(moment: Time) -> str:
    """The date (UTC) of a time on the wire."""
    return safe(moment[:10])


def body(message: Message, link: Link) -> str:
    """What a message says, in one line; a file by its name, its size and its short link."""
    if message.is_deleted:
        return "(deleted)"
    if message.system is not UNSET:
        return safe(told(message.system))
    parts = [safe(message.content)] if message.content else []
    parts += [
        f"<{safe(item.name)}, {size(item.bytes)}, /link {link(message, item.file_id)}>"
        for item in message.attachments
    ]
    return " ".join(parts) or "(empty)"


def message_line(message: Message, name: Name, link: Link, parent: Message | None = None) -> str:
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
    return f"{head}: {body(message, link)}{tail}"


def title(conversation: Conversation, me: Id, name: Name) -> str:
    """The title, or who else is there."""
    if conversation.title:
        return safe(conversation.title)
    others = [name(p.user_id) for p in conversation.participants if p.user_id != me]
    return ", ".join(others[:4]) + (", …" if len(others) > 4 else "") or "only you"


def inbox_line(number: int, conversation: Conversation, shown: tuple[Id, Name, Link]) -> str:
    """One line of the inbox: its parts stand below each other in any script.

    `shown` are the user's own id, and how people and files are shown.
    """
    me, name, link = shown
    head = f"{number:>3}  {padded(title(conversation, me, name), TITLE_COLUMNS)}"
    unread = f" ({conversation.unread} new)" if conversation.unread else ""
    last = conversation.last_message
    if last is None:
        return f"{head}{unread}".rstrip()
    preview = cut(f"{name(last.sender_id)}: {body(last, link)}", PREVIEW_COLUMNS)
    return f"{head}{unread}  {preview}"
