"""What a client holds against what the server shows a fresh one. Pure."""

from collections.abc import Iterator, Mapping

from msgspec import structs

from client.state.conversation import ConversationState
from loadtests.chaos.judges.violations import Kind
from protocol.objects import Conversation, Message, Participant
from protocol.text import Id

SMALL = 32
"""Up to so many people everybody is told of everybody's receipts."""

Difference = tuple[Kind, str]


def conversations(
    held: Mapping[Id, ConversationState], fresh: Mapping[Id, ConversationState]
) -> Iterator[Difference]:
    """Where the inbox of a client differs from that of a fresh one."""
    for key in sorted(fresh.keys() - held.keys()):
        yield Kind.LOST, f"{key}: not in the inbox"
    for key in sorted(held.keys() - fresh.keys()):
        yield Kind.DIFFERENT, f"{key}: still in the inbox"
    for key in sorted(held.keys() & fresh.keys()):
        for kind, words in _conversation(held[key].view(), fresh[key].view()):
            yield kind, f"{key}: {words}"


def messages(held: ConversationState, stored: Mapping[int, Message]) -> Iterator[Difference]:
    """Where the messages at hand differ from those stored, by `seq`."""
    for message in held.history():
        if message.seq not in stored:
            yield Kind.DIFFERENT, f"{held.shown.id} seq {message.seq} is not stored"
        elif message != (now := stored[message.seq]):
            fields = [
                f for f in Message.__struct_fields__ if getattr(message, f) != getattr(now, f)
            ]
            words = f"{held.shown.id} seq {message.seq} is held at rev {message.rev} / {now.rev}"
            yield Kind.DIFFERENT, f"{words}: {', '.join(fields)} differ"


def _conversation(held: Conversation, fresh: Conversation) -> Iterator[Difference]:
    if held.unread != fresh.unread:
        yield Kind.DRIFTED, f"unread is {held.unread}, the server says {fresh.unread}"
    before, after = _people(held), _people(fresh)
    for user_id in sorted(before.keys() | after.keys()):
        if before.get(user_id) != after.get(user_id):
            words = f"{user_id}: {_marks(before.get(user_id))} / {_marks(after.get(user_id))}"
            kind = Kind.BEHIND if user_id in before.keys() & after.keys() else Kind.DIFFERENT
            yield kind, words
    for name in _SHARED:
        if (one := getattr(held, name)) != (other := getattr(fresh, name)):
            yield Kind.DIFFERENT, f"{name} {_short(one)} / {_short(other)}"


_SHARED = tuple(
    name for name in Conversation.__struct_fields__ if name not in {"participants", "unread"}
)


def _short(value: object) -> object:
    return f"seq {value.seq} rev {value.rev}" if isinstance(value, Message) else value


def _marks(person: Participant | None) -> str:
    if person is None:
        return "no member"
    return f"{person.role}, read {person.last_read_seq}, delivered {person.last_delivered_seq}"


def _people(shown: Conversation) -> dict[Id, Participant]:
    people = {person.user_id: person for person in shown.participants}
    if len(people) <= SMALL:
        return people
    # Of large conversations nobody is told of others' receipts.
    return {
        user_id: structs.replace(person, last_read_seq=0, last_delivered_seq=0)
        for user_id, person in people.items()
    }
