"""Who is notified of what one execution told: kinds, people, and what says it all already."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import msgspec

from protocol.notifications.kinds import (
    CLIENT,
    LEAD,
    OTHER,
    OWNER,
    PARTIES,
    STAFF,
    TEAM,
    UNTIL_ANSWERED,
    Kind,
    kind_of,
)


class Told(msgspec.Struct, frozen=True):
    """A domain event with its audience, as the outbox has it."""

    name: str
    audience: list[UUID]
    resource: str
    id: UUID
    status: str
    version: int
    action: str
    actor_id: UUID | None = None
    due_at: datetime | None = None

    @property
    def subject(self) -> tuple[str, UUID]:
        """The path of the resource, and the id."""
        return self.resource, self.id


class Subject(NamedTuple):
    """What an event is about, as it is by now: its state, and who is who to it.

    `is_answered` is true where an answer has come that the state does not tell of.
    """

    status: str
    is_answered: bool
    client_id: UUID | None = None
    lead_id: UUID | None = None
    owner_id: UUID | None = None
    other_id: UUID | None = None


class Notice(NamedTuple):
    """Somebody who is to be notified of an event."""

    user_id: UUID
    kind: Kind
    event: Told


def notices_of(
    events: Iterable[Told], subjects: Mapping[tuple[str, UUID], Subject]
) -> Iterator[Notice]:
    """Whom the events of one execution concern; never the actor of an event.

    Nobody is notified of a subject that is gone, nor asked for what the subject does not wait for
    any more: it has moved on since.
    """
    for event in events:
        kind = kind_of(event.name, event.action)
        subject = subjects.get(event.subject)
        if kind is None or subject is None or not _stands(kind, event, subject):
            continue
        for user_id in recipients(kind.to, event.audience, subject):
            if user_id != event.actor_id:
                yield Notice(user_id, kind, event)


def without_steps(notices: Collection[Notice]) -> list[Notice]:
    """Those of one execution that say what no other of the same person's says already."""
    types: dict[UUID, set[str]] = {}
    for notice in notices:
        types.setdefault(notice.user_id, set()).add(notice.kind.type)
    return [n for n in notices if not n.kind.unless & types[n.user_id]]


def _stands(kind: Kind, event: Told, subject: Subject) -> bool:
    """Whether what is asked for, if anything is, still has to be done."""
    if not kind.asks:
        return True
    is_over = subject.is_answered and kind.type in UNTIL_ANSWERED
    return subject.status == event.status and not is_over


def recipients(to: str, audience: Collection[UUID], subject: Subject) -> list[UUID]:
    """Those of an audience whom a kind is for, by one of `RECIPIENTS`; each once, in order."""
    parties = {subject.client_id, subject.lead_id}
    chosen: dict[str, set[UUID | None]] = {
        CLIENT: {subject.client_id},
        LEAD: {subject.lead_id},
        PARTIES: parties,
        OWNER: {subject.owner_id},
        OTHER: {subject.other_id},
        TEAM: {person for person in audience if person != subject.client_id},
        STAFF: {*audience, None} - parties - {subject.owner_id, subject.other_id},
    }
    people = dict.fromkeys(audience)
    return [person for person in people if to not in chosen or person in chosen[to]]
