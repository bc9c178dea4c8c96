"""Tells rows in their readers' languages: all facts of a page of them are read in one statement."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg
import msgspec
import orjson

from protocol.notifications.rendering import Facts, Person, Rendered, language, render
from storage.database.bounded import database_within
from storage.database.queries import load_queries

_SQL = load_queries("notifications/rendering")

READ_S = 5.0
"""How long reading facts may take in all, waiting for a connection included."""
ERASED = frozenset({"deleted", "anonymized"})
"""The states of an account whose name is shown no more."""
CONVERSATIONS = "conversations"
_CONVERSATION = "conversation"


class Shown(msgspec.Struct, frozen=True):
    """What of a row is told. `data` may name `senders` (ids of who wrote, the newest first),
    `amount` and `currency`, `due_at`, and `found` (how many, instead of `count`).
    """

    user_id: UUID
    type: str
    data: Mapping[str, Any]
    count: int = 1
    subject_type: str | None = None
    subject_id: UUID | None = None
    seq: int | None = None
    actor_id: UUID | None = None


class _Read(NamedTuple):
    people: Mapping[str, Mapping[str, Any]]
    subjects: Mapping[str, Mapping[str, Any]]
    texts: Mapping[str, str]


class Renderer:
    """Reads facts from a pool that acts as the service. Raises `RequestError` (`unavailable`)."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        self._pool = pool

    async def render(
        self,
        rows: Sequence[Shown],
        locales: Sequence[str | None] | None = None,
        *,
        show_text: bool | Sequence[bool] = False,
    ) -> list[Rendered]:
        """Tell rows, in their order. The i-th of `locales` is for the i-th row; None is the
        reader's own. What was written is told only where `show_text` says so, of the i-th row too.
        """
        if not rows:
            return []
        shows = [show_text] * len(rows) if isinstance(show_text, bool) else show_text
        read = await self._facts(rows, shows)
        own = [None] * len(rows) if locales is None else locales
        told = enumerate(zip(rows, own, strict=True))
        return [_told(number, row, locale, read) for number, (row, locale) in told]

    async def _facts(self, rows: Sequence[Shown], shows: Sequence[bool]) -> _Read:
        subjects = list(filter(None, map(_subject, rows)))
        texts = [
            (number, row.user_id, row.subject_id, row.seq)
            for number, (row, is_shown) in enumerate(zip(rows, shows, strict=True))
            if is_shown and row.seq and _of_conversation(row)
        ]
        async with database_within(READ_S):
            found = await self._pool.fetch(
                _SQL["facts"], _people(rows), *_columns(subjects, 2), *_columns(texts, 4)
            )
        facts: dict[str, dict[str, Any]] = {"person": {}, "subject": {}, "text": {}}
        for record in found:
            facts[record["what"]][record["key"]] = orjson.loads(record["fact"])
        return _Read(facts["person"], facts["subject"], facts["text"])


def _told(number: int, row: Shown, locale: str | None, read: _Read) -> Rendered:
    reader = read.people.get(str(row.user_id), {})
    said = locale or reader.get("locale")
    facts = _facts_of(row, read, read.texts.get(str(number)), language(said))
    found = row.data.get("found")
    count = found if isinstance(found, int) else row.count
    return render(row.type, count, facts, said, reader.get("zone"))


def _facts_of(row: Shown, read: _Read, text: str | None, told_in: str) -> Facts:
    data = row.data
    subject = _subject(row)
    about = {} if subject is None else read.subjects.get(" ".join(map(str, subject)), {})
    is_conversation = _of_conversation(row)
    senders = data.get("senders")
    return Facts(
        subject_type=None if subject is None else subject[0],
        subject_id=None if subject is None else str(subject[1]),
        actor=None if row.actor_id is None else _person(row.actor_id, read),
        people=[_person(s, read) for s in senders] if isinstance(senders, list) else (),
        title=about.get("title"),
        context=about.get("context"),
        amount=_decimal(data.get("amount") or about.get("amount")),
        currency=_text(data.get("currency")) or about.get("currency"),
        due=_time(data.get("due_at") or about.get("due")),
        text=text,
        conversation=about.get("title") if is_conversation else None,
        headline=_words(about.get("headline"), told_in),
        body=_words(about.get("body"), told_in),
        link=_link(about.get("link")),
    )


def _person(of: object, read: _Read) -> Person:
    """Who is not there any more is erased."""
    found = read.people.get(str(of))
    return Person("", is_erased=True) if found is None else Person(
        found["name"], is_erased=found["status"] in ERASED
    )  # fmt: skip


def _people(rows: Iterable[Shown]) -> list[UUID]:
    """The readers, and all whom rows name."""
    found: set[UUID] = set()
    for row in rows:
        found.add(row.user_id)
        if row.actor_id is not None:
            found.add(row.actor_id)
        senders = row.data.get("senders")
        found.update(filter(None, map(_uuid, senders if isinstance(senders, list) else ())))
    return list(found)


def _subject(row: Shown) -> tuple[str, UUID] | None:
    """What a row is about; rows of earlier releases name a conversation in their data only."""
    if row.subject_type is not None and row.subject_id is not None:
        return _plural(row.subject_type), row.subject_id
    conversation = _uuid(row.data.get("conversation_id"))
    return None if conversation is None else (CONVERSATIONS, conversation)


def _of_conversation(row: Shown) -> bool:
    subject = _subject(row)
    return subject is not None and subject[0] == CONVERSATIONS


def _plural(subject_type: str) -> str:
    return CONVERSATIONS if subject_type == _CONVERSATION else subject_type


def _columns(rows: Sequence[tuple[Any, ...]], width: int) -> list[list[Any]]:
    return [[row[column] for row in rows] for column in range(width)]


def _uuid(value: object) -> UUID | None:
    try:
        return UUID(str(value))
    except ValueError:
        return None


def _decimal(value: object) -> Decimal | None:
    try:
        return None if value is None else Decimal(str(value))
    except InvalidOperation:
        return None


def _time(value: object) -> dt.datetime | None:
    try:
        moment = dt.datetime.fromisoformat(str(value)) if value is not None else None
    except ValueError:
        return None
    return moment if moment is not None and moment.tzinfo is not None else None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _words(by_language: object, told_in: str) -> str | None:
    """What an announcement says in a language, else in English."""
    words = by_language if isinstance(by_language, dict) else {}
    return _text(words.get(told_in)) or _text(words.get("en"))


def _link(value: object) -> str | None:
    """A path of the web page, and nothing that leads elsewhere."""
    text = _text(value)
    return text if text and text.startswith("/") and not text.startswith("//") else None
