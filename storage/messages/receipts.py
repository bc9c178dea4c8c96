"""Commits watermarks in groups: the newest of each (conversation, user) wins."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from operator import itemgetter
from uuid import UUID

import asyncpg
import msgspec
import structlog

from protocol.bus import BusEvent, pack
from protocol.errors import RequestError
from protocol.events import ReceiptEvent
from protocol.replies import ReceiptReply, Settle
from protocol.requests import ReceiptMark
from storage.bus.publisher import DURABLE, MARK, OWN, Publication, Publisher, to_each
from storage.database.group_call import GroupCall
from storage.database.ids import cheap
from storage.database.postgres import UNAVAILABLE, unavailable
from storage.database.queries import load_queries
from storage.messages.pending import settling
from storage.outbox.published import PublishedRows

log = structlog.get_logger()

RECEIPTS_SQL = load_queries("messages/writer")["mark_receipts"]
_encode = msgspec.json.Encoder().encode


@dataclass(slots=True)
class _Wanted:
    """What the group will ask for one member: the newest of all that wait."""

    read: int = 0
    delivered: int = 0
    origin: str = ""
    waiting: list[tuple[bool, Settle]] = field(default_factory=list)
    """Who waits, and whether for what is read; else for what is delivered."""


@dataclass(frozen=True, slots=True)
class ReceiptSettings:
    """How receipts are grouped. `moved` hears of each member whose reading moved."""

    dsn: str
    owner: UUID
    group_max: int
    statement_timeout_ms: int
    moved: Callable[[UUID, UUID], None]
    queue_max: int = 20_000


class ReceiptWriter:
    """The one writer of watermarks in a process."""

    def __init__(
        self, settings: ReceiptSettings, publisher: Publisher, published: PublishedRows
    ) -> None:
        self._settings = settings
        self._publisher = publisher
        self._published = published
        self._queue_max = settings.queue_max
        self._wanted: dict[tuple[UUID, UUID], _Wanted] = {}
        self._waiting = asyncio.Event()
        self._call = GroupCall(
            settings.dsn, RECEIPTS_SQL, statement_timeout_ms=settings.statement_timeout_ms
        )

    def take(
        self, request: ReceiptMark, user_id: UUID, origin: str, settle: Settle, *, is_read: bool
    ) -> None:
        """Move the user's watermark of what is read, or delivered, to at least the seq asked for,
        clamped to what there is.

        Told instead is `RequestError`: `not_found` for who is no member, `unavailable`. Raises
        that at once when too much waits.
        """
        key = (cheap(request.conversation_id), user_id)
        wanted = self._wanted.get(key)
        if wanted is None:
            if len(self._wanted) >= self._queue_max:
                raise unavailable()
            wanted = self._wanted[key] = _Wanted()
        if is_read:
            wanted.read = max(wanted.read, request.seq)
        else:
            wanted.delivered = max(wanted.delivered, request.seq)
        # Two connections in one group: both shall hear of it.
        wanted.origin = origin if not wanted.waiting or wanted.origin == origin else ""
        wanted.waiting.append((is_read, settle))
        self._waiting.set()

    def put(
        self, request: ReceiptMark, user_id: UUID, origin: str, *, is_read: bool
    ) -> "asyncio.Future[ReceiptReply]":
        """As `take`, told by a future."""
        future: asyncio.Future[ReceiptReply] = asyncio.get_running_loop().create_future()
        self.take(request, user_id, origin, settling(future), is_read=is_read)
        return future

    async def run(self) -> None:
        """Commit groups until cancelled; what waits then is answered `unavailable`.

        Raises what goes wrong unexpectedly: those of that group are told of it.
        """
        try:
            while True:
                await self._waiting.wait()
                self._waiting.clear()
                while self._wanted:
                    await self._commit(self._take())
        finally:
            # Nobody would take what is put there now.
            self._queue_max = 0
            await self._call.close()
            _refuse(self._wanted, unavailable())
            self._wanted.clear()

    def _take(self) -> dict[tuple[UUID, UUID], _Wanted]:
        if len(self._wanted) <= self._settings.group_max:
            group, self._wanted = self._wanted, {}
            return group
        keys = list(self._wanted)[: self._settings.group_max]
        return {key: self._wanted.pop(key) for key in keys}

    async def _commit(self, group: dict[tuple[UUID, UUID], _Wanted]) -> None:
        arguments: list[object] = [
            [conversation_id for conversation_id, _user in group],
            [user_id for _conversation, user_id in group],
            [wanted.read for wanted in group.values()],
            [wanted.delivered for wanted in group.values()],
            self._settings.owner,
            # Rows of published groups are not taken along: it would wait for a relay that has them.
            None,
        ]
        try:
            self._settle(group, await self._call.fetch(arguments))
        except UNAVAILABLE as error:
            log.warning("receipts_unavailable", rows=len(group), reason=type(error).__name__)
            _refuse(group, unavailable())
        except asyncpg.PostgresError:
            log.exception("receipts_refused_by_database")
            _refuse(group, unavailable())
        except asyncio.CancelledError:
            _refuse(group, unavailable())
            raise
        except Exception as error:
            # A bug, which ends the process; until then nobody waits in vain.
            _refuse(group, error)
            raise

    def _settle(self, group: dict[tuple[UUID, UUID], _Wanted], rows: list[asyncpg.Record]) -> None:
        own: list[Publication] = []
        others: list[Publication] = []
        rows = sorted(rows, key=itemgetter("ord"))
        for row, ((conversation_id, user_id), wanted) in zip(rows, group.items(), strict=True):
            if row["verdict"] == "not_found":
                _refuse_one(wanted, RequestError.not_found("conversation"))
                continue
            waiting, wanted.waiting = wanted.waiting, []
            for is_read, settle in waiting:
                seq = row["read_seq"] if is_read else row["delivered_seq"]
                settle(ReceiptReply(str(conversation_id), seq, row["unread"]))
            if row["verdict"] == "ok":
                first, *rest = receipt_publications(
                    conversation_id, user_id, row, row["recipients"] or [user_id], wanted.origin
                )
                own.append(first)
                others += rest
            if row["read_moved"]:
                self._settings.moved(user_id, conversation_id)
        if own:
            outbox_id: int = rows[0]["outbox_id"]
            self._publisher.publish(own, lambda: self._published.add(outbox_id))
        if others:
            # They stand in no outbox, and wait for nothing that does.
            self._publisher.publish(others)


def receipt_publications(
    conversation_id: UUID,
    user_id: UUID,
    row: asyncpg.Record,
    recipients: list[UUID],
    origin: str = "",
) -> list[Publication]:
    """The events of one moved watermark: durable for the user, not for the others.

    Reading implies delivery, so a moved read watermark is one event.
    """
    if row["read_moved"]:
        ev, seq = "receipt.read", row["read_seq"]
    else:
        ev, seq = "receipt.delivered", row["delivered_seq"]
    return receipt_event(
        ev, str(conversation_id), str(user_id), seq, [str(u) for u in recipients], origin
    )


def receipt_event(
    ev: str, conversation_id: str, user_id: str, seq: int, recipients: list[str], origin: str = ""
) -> list[Publication]:
    """`receipt.read` or `receipt.delivered` for the user's own devices and for the others."""
    d = _encode(ReceiptEvent(conversation_id, user_id, seq))
    name, about = ev.encode(), conversation_id.encode()
    key = b"%b.%b.%b" % (name, about, user_id.encode())
    own = BusEvent(name, b"%b.%d" % (key, seq), about, b"", origin.encode(), b"", b"", d)
    publications = [Publication(pack(own), [user_id], OWN if origin else DURABLE)]
    others = [user for user in recipients if user != user_id]
    if others:
        shown = BusEvent(name, b"", about, b"", b"", key, b"", d)
        publications.append(to_each(others, MARK, pack(shown)))
    return publications


def _refuse(group: dict[tuple[UUID, UUID], _Wanted], error: Exception) -> None:
    for wanted in group.values():
        _refuse_one(wanted, error)


def _refuse_one(wanted: _Wanted, error: Exception) -> None:
    """Tell those who have not been told anything yet."""
    waiting, wanted.waiting = wanted.waiting, []
    for _is_read, settle in waiting:
        settle(error)
