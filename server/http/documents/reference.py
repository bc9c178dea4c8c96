"""`docs/protocol.md`, made from the code: `python -m server.http.documents.reference >
docs/protocol.md`.
"""

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import cast

import msgspec

from handlers.command import Command
from handlers.files import filetypes
from handlers.table import Areas, command_table
from handlers.workflows import WORKFLOWS
from protocol import errors, identity, objects, requests
from protocol.events import DOMAIN_EVENTS, EVENTS, DomainEvent, ReminderEvent
from protocol.limits import Limits
from protocol.notifications import announcements, deliveries, push
from protocol.notifications.quiet_hours import QuietHours
from protocol.notifications.wishes import Digest
from server.http.documents.additions import said_of
from server.http.documents.asyncapi import spoken
from server.http.documents.other_paths import OTHERS, OtherPath
from server.http.documents.schemas import always_written, summary_of
from server.http.messaging import PATHS
from server.http.problems import FURTHER_STATUSES
from storage.mail.bounces import MailEvent
from storage.resources import wire_structs

_INTRODUCTION = """\
# The wire, v1

Made from the code by `python -m server.http.documents.reference`; a test holds it to the code. The
same as machines read it: `/v1/openapi.json` and `/v1/asyncapi.json`. How a message travels, and
what a client must do to lose nothing: `ARCHITECTURE.md`.

The WebSocket is `/v1/ws`, at a port of its own (8765 unless set) or, behind a proxy, at the HTTP
door's origin, with the subprotocols `parley.v1.json` (text frames) and `parley.v1.msgpack` (binary
frames). Ids are lower-case UUIDs, times RFC 3339 UTC with milliseconds,
lengths code points. `?` marks what may be left out, or be absent.

| envelope | shape |
|---|---|
| command | `{"id": 7, "op": "message.send", "d": {…}}` |
| reply | `{"re": 7, "d": {…}}` |
| refusal | `{"re": 7, "error": {"code", "message", "details", "retryable"}}` |
| refusal of a frame | `{"re": null, "error": {"code": "bad_request", …}}` |
| event | `{"ev": "message.created", "eid": "…", "at": "…", "d": {…}}` |

`hello` comes first; every command gets one reply. `id` is a positive integer of the client's own,
which `re` of the reply repeats; `d` may be left out where a command needs none. Over HTTP each
command that needs no connection is `POST /v1/commands/{op}`: the body is `d`, the answer the
reply's `d`. Sockets ignore members that they do not know, HTTP refuses them.

`re` is null where a frame has no `id` to answer to: it cannot be decoded, or its envelope is wrong.
The connection lives; after so many of them in a row (`BAD_FRAMES` below) it is closed with 4002.
Replies may come in another order than their commands.
"""
_HTTP = """\
Lists answer `{"data": […], "next_cursor"}` and a `Link`. `Idempotency-Key` on `message.send` and
`conversation.create` stands for `client_id` where the body has none; what an earlier request has
done already is answered with `Idempotency-Replayed: true`. `/v1/me` and `/v1/unread` have an
`ETag`, and answer 304 to an `If-None-Match` that knows it. Answers over 1 KB are compressed for who
takes gzip. Every refusal is `application/problem+json` with the error of the table above in
`error`, the wrong members in `errors`, and a `request_id`, which the log has too; `X-Request-Id` is
taken over where one comes.
The marketplace (`/v1/gigs`, `/v1/search/gigs`, …) is in `docs/resources.md`, with every path and
member in `/v1/openapi.json`.
"""
_DOMAIN = """\
What happens in the marketplace is told to those whom it concerns. All these events are durable, and
their `d` is one:

{members}

`resource` and `id` are the path of the row, which the client reads for more. `status` is the one
that the row had after `action`, `version` the one that it has after the whole request or timer: a
milestone that is approved is paid at once, and `milestone.approved` and `milestone.paid` have the
same. Take what comes unless its `version` is lower than the one you hold. `actor_id` is null where
no person acted. Each action is told as the state that its row has entered, and by a name of its own
where there is one. The events of one row come in the order of its changes, those of different rows
in any order.

`MACHINE.changed`, with the action `change`, says that a row says something else, and not its
status: somebody has changed it, or an amendment has (a contract and its milestones), or a member
who joins or leaves the team (the freelancer's share). A job's tells those too whose proposals wait
for an answer.

A reminder, `MACHINE.reminder`, says that `action` will be done by itself at `due_at`, unless
somebody acts before. It is told 48 and 24 hours ahead; nothing is done until the last was told 24
hours ago. Its `d` is:

{reminder}
"""
_MESSAGES = """\
`type` of a message says how its sender means it to be shown; any but `text`, which is the one
unless another is sent, needs an attachment. It is not compared with the attachments, which may be
of several kinds: what each is, its `mime` says, which is told from its bytes.

Messages of the type `system` are the server's own: an action on a contract appears so in the
conversation of the contract, once for each request or timer. Their `content` is null and `system`
says what happened; clients put it into words. Nobody edits or deletes them. `sender_id` is who
acted, and 00000000-0000-0000-0000-000000000000 where nobody did and a time had run out. They count
as unread like others; whoever acted has read it if everything before it was read, which a
`receipt.read` tells. `action` is one of the table below, and `facts` has the members beside it, of
which those that the row lacks are null; amounts are text. What is said with an action stands in
`note`, and in the row's `/v1/status-history` too. The `resource` of `gig.order` and
`proposal.accept` is the contract that they make, that of `deposit.fail` what was to be paid.

Who is in the conversation that a contract begins with, its title and its status follow the
contract. `member.add`, `member.remove` and `conversation.update` are refused there, as is
`conversation.leave` for its two parties (`forbidden`); who leaves the team leaves it too.

`message.search` finds words in any case, with accents or without, and English ones in any of their
forms. It forgives no typing: a word has to be spelt as it is in the message. The searches of
listings and skills are others, and forgive one edit in a word of four letters or more.
"""
_FILES = """\
`POST /v1/files` takes these and refuses all others. What a file is, is told from its bytes; the
declared Content-Type, by any of its names, decides only between types that one container holds.
"""
_STATUSES = """\
The statuses of success are 200, 201 (with `Location`), 204, 206 of a range and 304. A range that a
file does not have is 416, without a body.
"""
_OBJECTS = (
    objects.Message,
    objects.SystemText,
    objects.Attachment,
    objects.Conversation,
    objects.Participant,
    objects.Receipt,
    objects.Notification,
    objects.ChannelPreference,
    QuietHours,
    Digest,
    requests.DigestChange,
    objects.Presence,
    objects.Block,
    objects.PersonFound,
    objects.Report,
    objects.Template,
    announcements.AnnouncedTitle,
    announcements.AnnouncedContent,
    announcements.AnnouncedTo,
    objects.User,
    identity.Account,
    identity.MailSuppressed,
    identity.SessionInfo,
    objects.LimitsInForce,
    push.ClientLimits,
    objects.UnreadTotals,
    requests.ClientInfo,
    requests.Resume,
    requests.AttachmentRef,
    deliveries.DeliveryShown,
    MailEvent,
)


def reference(table: Mapping[str, Command]) -> str:
    """The page, in Markdown."""
    return "\n".join(
        [
            _INTRODUCTION,
            *_section("Commands", ("op", "is", "`d`", "reply `d`", ""), _commands(table)),
            *_section("Events", ("`ev`", "`d`", ""), _events()),
            "## Domain events\n",
            _DOMAIN.format(members=_members(DomainEvent), reminder=_members(ReminderEvent)),
            *table_of(("machine", "events"), _domain_events()),
            "",
            *_section("Objects", ("", "members"), _objects()),
            "## Messages\n",
            _MESSAGES,
            *table_of(("`action` of a system message", "`facts`"), _system_messages()),
            "",
            "## Types of files\n",
            _FILES,
            *table_of(("type", "taken", "also called"), _file_types()),
            "",
            *_section("Errors", ("code", "HTTP", "may be sent again", "over HTTP also"), _errors()),
            _STATUSES,
            *_section("Close codes", ("code", "meaning", "come back as you are"), _closes()),
            "## HTTP\n",
            _HTTP,
            *table_of(("method", "path", "is", "body or query", "answer"), _paths(table)),
            "",
            *_section("Limits", ("`PARLEY_LIMIT_…`", "unless set"), _limits()),
        ]
    )


def nameless_table() -> dict[str, Command]:
    """The command table without handlers: its names and shapes are all that is to be told."""
    return command_table(cast("Areas", _Nobody()))


class _Nobody:
    """Stands where handlers would."""

    def __getattr__(self, _name: str) -> "_Nobody":
        return self


def _commands(table: Mapping[str, Command]) -> Iterator[tuple[str, ...]]:
    for op, request, reply in spoken(table):
        command = table.get(op)
        note = "" if command is not None and not command.socket_only else "socket only"
        yield f"`{op}`", _all_of(request), _members(request), _members(reply), note


def _events() -> Iterator[tuple[str, ...]]:
    for ev, body in EVENTS.items():
        yield f"`{ev}`", _members(body), summary_of(body)


def _domain_events() -> Iterator[tuple[str, ...]]:
    machines = sorted({name.partition(".")[0] for name in DOMAIN_EVENTS})
    for machine in machines:
        names = sorted(name for name in DOMAIN_EVENTS if name.startswith(f"{machine}."))
        yield machine, ", ".join(f"`{name}`" for name in names)


def _objects() -> Iterator[tuple[str, ...]]:
    for shape in _OBJECTS:
        yield f"**{shape.__name__}**", _members(shape)


def _system_messages() -> Iterator[tuple[str, ...]]:
    for action, facts in said_of(WORKFLOWS.values()).items():
        yield f"`{action}`", ", ".join(f"`{fact}`" for fact in facts)


def _file_types() -> Iterator[tuple[str, ...]]:
    for mime in sorted(filetypes.ALLOWED | filetypes.OPTIONAL):
        is_optional = mime in filetypes.OPTIONAL
        others = sorted(name for name, of in filetypes.OTHER_NAMES.items() if of == mime)
        taken = "if `PARLEY_FILE_TYPES` names it" if is_optional else "yes"
        yield f"`{mime}`", taken, ", ".join(f"`{name}`" for name in others)


def _errors() -> Iterator[tuple[str, ...]]:
    for code, status in errors.HTTP_STATUS.items():
        further = "; ".join(
            f"{s.value}: {why}" for s, why in FURTHER_STATUSES.get(code, {}).items()
        )
        yield f"`{code}`", str(status), "yes" if code in errors.RETRYABLE else "", further


def _closes() -> Iterator[tuple[str, ...]]:
    for close in errors.CLOSES.values():
        yield str(close.code), close.reason, "yes" if close.reconnect else ""


def _paths(table: Mapping[str, Command]) -> Iterator[tuple[str, ...]]:
    for path in PATHS:
        if path.op in table:
            answer = str(path.status) + (f": `{path.items}` in `data`" if path.items else "")
            yield path.method, f"`{path.path}`", f"`{path.op}`", "", answer
    for other in OTHERS:
        status = "" if other.status == 200 else f"{other.status} "
        yield (
            other.method.upper(),
            f"`{other.path}`",
            other.says,
            _asked(other),
            "204" if other.status == 204 else status + _answer(other),
        )


def _answer(other: OtherPath) -> str:
    if other.reply is None:
        return _GIVES.get(other.gives, "")
    if other.reply.__module__ == wire_structs.__name__:
        return "or 200: the row, as its resource shows it"
    return _members(other.reply)


def _asked(other: OtherPath) -> str:
    if other.request is not None:
        return _members(other.request)
    return ", ".join(f"`?{name}=`" for name in other.query)


def _all_of(documented: type[msgspec.Struct]) -> str:
    """The whole docstring, on one line."""
    return " ".join((documented.__doc__ or "").split()).rstrip(".")


def _limits() -> Iterator[tuple[str, ...]]:
    for name, value in msgspec.structs.asdict(Limits()).items():
        yield f"`{name.upper()}`", f"{value:,}"


_GIVES = {"application/octet-stream": "the bytes", "text/plain": "text", "text/html": "a page"}


def _members(shape: type[msgspec.Struct]) -> str:
    info = msgspec.inspect.type_info(shape)
    assert isinstance(info, msgspec.inspect.StructType)
    if issubclass(shape, requests.Request) or shape.__module__ == requests.__name__:
        there = {field.encode_name for field in info.fields if field.required}
    else:
        there = set(always_written(shape))
    members = [
        f"{field.encode_name}{'' if field.encode_name in there else '?'}: {_named(field.type)}"
        for field in info.fields
    ]
    return f"`{{{', '.join(members)}}}`" if members else "`{}`"


def _named(info: msgspec.inspect.Type) -> str:
    """A type in few words."""
    match info:
        case msgspec.inspect.Metadata(extra_json_schema={"format": str(form)}):
            name = _FORMATS[form]
        case msgspec.inspect.Metadata(type=described):
            name = _named(described)
        case msgspec.inspect.UnionType(types=types):
            name = " or ".join(_named(of) for of in types)
        case msgspec.inspect.LiteralType(values=values):
            name = " or ".join(f'"{value}"' for value in values)
        case msgspec.inspect.ListType(item_type=item):
            name = f"[{_named(item)}]"
        case msgspec.inspect.DictType(key_type=key, value_type=value):
            name = f"{{{_named(key)}: {_named(value)}}}"
        case msgspec.inspect.StructType(cls=cls):
            name = cls.__name__
        case _:
            name = _SIMPLE[type(info)]
    return name


_FORMATS = {"uuid": "ID", "date-time": "time"}
_SIMPLE: dict[type[msgspec.inspect.Type], str] = {
    msgspec.inspect.DateTimeType: "time",
    msgspec.inspect.AnyType: "anything",
    msgspec.inspect.BoolType: "bool",
    msgspec.inspect.DateTimeType: "time",
    msgspec.inspect.FloatType: "number",
    msgspec.inspect.IntType: "int",
    msgspec.inspect.NoneType: "null",
    msgspec.inspect.StrType: "text",
    msgspec.inspect.TimeType: "time of day",
    msgspec.inspect.UUIDType: "ID",
}


def _section(title: str, heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield f"## {title}\n"
    yield from table_of(heads, rows)
    yield ""


def table_of(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """The lines of a table."""
    yield f"| {' | '.join(heads)} |"
    yield "|---" * len(heads) + "|"
    for row in rows:
        yield f"| {' | '.join(row)} |"


if __name__ == "__main__":
    sys.stdout.write(reference(nameless_table()))
