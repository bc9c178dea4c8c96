"""What a language has to have, so that notifications can be told in it."""

from collections.abc import Mapping
from string import Formatter
from types import MappingProxyType

import msgspec

ALWAYS = frozenset({"actor", "people", "title", "count"})
"""Facts for which there is a word where they are not known. A sentence below the title that names
another one is left out where that is not known; a title has a word for each.
"""


class Words:
    """What one kind says: a title, one for several (`many`), and sentences below it.

    Braces name facts: `actor` who did it, `people` who wrote, `title` what it is about, `context`
    what that belongs to, `amount`, `due` a time, `count`, `text` what was written, `headline` and
    `body` of an announcement.
    """

    __slots__ = ("content", "many", "title")

    def __init__(self, title: str, *content: str, many: str = "") -> None:
        self.title = title
        self.content = content
        self.many = many

    def facts(self) -> tuple[frozenset[str], ...]:
        """The facts that each of its texts names, in order; what two languages agree in."""
        return tuple(map(named, (self.title, self.many, *self.content)))


def named(text: str) -> frozenset[str]:
    """The facts that a text names."""
    return frozenset(name for _, name, _, _ in Formatter().parse(text) if name is not None)


class MailWords(msgspec.Struct, frozen=True, kw_only=True):
    """What stands around notifications in a mail; `{…}` are filled in."""

    digest: str
    """The subject of one that tells several."""
    open: str
    more: str
    more_one: str
    why: str
    settings: str
    unsubscribe: str

    def more_of(self, count: int) -> str:
        """How many notifications are not shown."""
        return self.more_one if count == 1 else self.more.format(count=count)


class UnsubscribingWords(msgspec.Struct, frozen=True, kw_only=True):
    """The page that a mail's link opens. `categories` has those of notifications, and `digest`."""

    asks: str
    button: str
    done: str
    channels: Mapping[str, str]
    categories: Mapping[str, str]


class Language(msgspec.Struct, frozen=True, kw_only=True):
    """A language's words: of the kinds, and of what is not known.

    `tag` is its name as HTML has it, `title` stands over notifications. `people` are one person,
    two, one and several others; `moment` is how a time is written, with `months`, by its month,
    where the language names them; `nouns` stand for subjects that need no title, by the path of
    their resource, and `something` for what is not there any more. `spaces_names` is of a language
    that writes no blanks between words: names of other scripts stand between blanks.
    """

    tag: str
    title: str
    words: Mapping[str, Words]
    unknown: Words
    somebody: str
    erased: str
    amount: str
    quoted: str
    said: str
    between: str
    spaces_names: bool = False
    people: tuple[str, str, str]
    moment: str
    months: tuple[str, ...]
    nouns: Mapping[str, str] = MappingProxyType({})
    something: str
    mail: MailWords
    unsubscribing: UnsubscribingWords
