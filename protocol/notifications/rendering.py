"""Tells a notification in its reader's language: a title, and what stands below it.

Rows hold types and ids; what is said is made of the present facts each time, so what was edited,
erased or deleted meanwhile is not told any more. Nothing here fails for a fact that is missing, and
no name breaks a sentence: it is one line of bounded length.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import NamedTuple

import msgspec
import regex

from protocol.money.currency import EXPONENTS, rounded
from protocol.notifications.kinds import KINDS, LINK
from protocol.notifications.lines import one_line
from protocol.notifications.words import ALWAYS, Language, Words, named
from protocol.notifications.words_en import ENGLISH
from protocol.notifications.words_zh import CHINESE
from protocol.notifications.zones import zone_of

_SPACED = regex.compile(r"(?V1)[[\p{L}\p{N}.]--[\p{Han}\p{Hiragana}\p{Katakana}]]")
"""Of what stands between blanks also in a language that has none."""
LANGUAGES: Mapping[str, Language] = MappingProxyType({"en": ENGLISH, "zh": CHINESE})
NAME, TITLE, TEXT, BODY = 60, 80, 140, 2_000
"""The most characters of a name, of a title, of what somebody wrote, and of an announcement."""


class Rendered(NamedTuple):
    """What is shown of a notification; `action_url` is a path of the web page."""

    title: str
    content: str
    action_url: str | None


class Person(NamedTuple):
    """Somebody who is named. An erased person has no name that could be shown."""

    name: str
    is_erased: bool = False


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What is known now of what a notification points to; None is not known.

    `people` are those who wrote, the newest first. `title` is the subject's own, `context` that of
    what it belongs to. `text` is what was written, `conversation` the title of where.
    """

    subject_type: str | None = None
    subject_id: str | None = None
    actor: Person | None = None
    people: Sequence[Person] = ()
    title: str | None = None
    context: str | None = None
    amount: Decimal | None = None
    currency: str | None = None
    due: datetime | None = None
    text: str | None = None
    conversation: str | None = None
    headline: str | None = None
    body: str | None = None
    link: str | None = None


def language(locale: str | None) -> str:
    """The language that a BCP 47 locale is told in: "en" or "zh"."""
    first = (locale or "").replace("_", "-").partition("-")[0].lower()
    return first if first in LANGUAGES else "en"


def render(
    kind: str, count: int, facts: Facts, locale: str | None, zone: str | None = None
) -> Rendered:
    """A notification of a kind as its reader is told it; `zone` is an IANA name, else UTC.

    `count` is how many its row stands for. A kind that is not known has a general title.
    """
    told = LANGUAGES[language(locale)]
    words = told.words.get(kind, told.unknown)
    known = _known(told, facts, count, zone)
    title = (words.many if count > 1 and words.many else words.title).format_map(known.whole)
    return Rendered(title.strip(), _content(told, words, known), link_of(kind, facts))


def link_of(kind: str, facts: Facts) -> str | None:
    """The path of the web page of what a notification is about."""
    link = KINDS[kind].link if kind in KINDS else LINK
    if "{link}" in link:
        return facts.link
    if facts.subject_type is None or facts.subject_id is None:
        return None
    return link.format(subject_type=facts.subject_type, subject_id=facts.subject_id)


class _Known(NamedTuple):
    """The facts as words: those that are known, and all, with words for those that are not."""

    words: Mapping[str, str]
    whole: Mapping[str, str]


def _known(told: Language, facts: Facts, count: int, zone: str | None) -> _Known:
    noun = told.nouns.get(facts.subject_type or "", told.something)
    actor = _name(told, facts.actor)
    found = {
        "actor": actor,
        # Of what was read meanwhile the writers still stand there: no more are named than counted.
        "people": _people(told, facts.people[: max(count, 1)]) or actor,
        "title": _quoted(told, facts.title) or noun,
        "count": str(count),
        "context": _quoted(told, facts.context),
        "amount": _amount(facts.amount, facts.currency),
        "due": _moment(told, facts.due, zone),
        "text": _said(told, facts),
        "headline": one_line(facts.headline or "", TITLE),
        "body": (facts.body or "").strip()[:BODY],
    }
    words = {name: word for name, word in found.items() if word}
    lacking = {"context": told.something, "amount": told.amount}
    general = dict.fromkeys(("due", "text", "headline", "body"), told.unknown.title)
    return _Known(words, {**general, **lacking, **words})


def _content(told: Language, words: Words, known: _Known) -> str:
    """The sentences of which all is known."""
    told_of = (s for s in words.content if named(s) - ALWAYS <= known.words.keys())
    return told.between.join(sentence.format_map(known.words).strip() for sentence in told_of)


def _name(told: Language, person: Person | None) -> str:
    if person is None:
        return told.somebody
    if person.is_erased:
        return told.erased
    name = one_line(person.name, NAME)
    if not told.spaces_names:
        return name or told.somebody
    before, after = (" " if _SPACED.match(end) else "" for end in (name[:1], name[-1:]))
    return f"{before}{name}{after}" or told.somebody


def _people(told: Language, people: Sequence[Person]) -> str:
    if not people:
        return ""
    names = [_name(told, person) for person in people[:2]]
    more = len(people) - 1
    return told.people[min(more, 2)].format(*names, more=more)


def _quoted(told: Language, title: str | None) -> str:
    line = one_line(title or "", TITLE)
    return told.quoted.format(line) if line else ""


def _said(told: Language, facts: Facts) -> str:
    where = one_line(facts.conversation or "", TITLE)
    text = one_line(facts.text or "", TEXT)
    return told.said.format(where, text) if where and text else where or text


def _amount(amount: Decimal | None, currency: str | None) -> str:
    if amount is None or currency is None:
        return ""
    if currency not in EXPONENTS:
        return f"{amount:,f} {currency}"
    return f"{rounded(amount, currency):,f} {currency}"


def _moment(told: Language, moment: datetime | None, zone: str | None) -> str:
    if moment is None:
        return ""
    there = moment.astimezone(zone_of(zone or "UTC"))
    return told.moment.format(
        year=there.year,
        month=told.months[there.month - 1],
        day=there.day,
        hour=there.hour,
        minute=there.minute,
        zone=there.tzname() or "UTC",
    )
