"""A small marketplace for the first start: people, what they talk about, and what they deal in.

Everything is made through the same repositories, the same group call and the same executor as in
service, so that what is seeded is like any other.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4

import asyncpg
import structlog

from protocol.requests import MessageSend
from server.seed.acting import Acting, put_right
from server.seed.marketplace import DAYS, Catalogue, People, live
from storage.conversations.members import ConversationChanges, NewConversation
from storage.database.change_call import ChangeCalls
from storage.database.group_call import GroupCall
from storage.database.postgres import connect_pool
from storage.database.queries import load_queries
from storage.messages.writer import SEND_SQL
from storage.people.identity import Accounts, NewAccount, Origin, SessionTimes
from storage.people.passwords import SAMPLE_PASSWORD, Passwords
from storage.people.tokens import new_pair

log = structlog.get_logger()

STATEMENT_TIMEOUT_MS = 10_000
_FIXTURES = load_queries("fixtures")


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """An account of the demonstration; its password is no secret, unless one was made for it."""

    email: str
    display_name: str
    kind: str
    password: str = SAMPLE_PASSWORD


ACCOUNTS = (
    DemoAccount("client@example.com", "Demo Client", "client"),
    DemoAccount("editor@example.com", "Demo Video Editor", "freelancer"),
    DemoAccount("designer@example.com", "Demo Designer", "freelancer"),
    DemoAccount("studio@example.com", "Demo Studio", "both"),
)

STAFF = DemoAccount("staff@example.com", "Demo Staff", "client")
"""Who judges disputes and pays out."""

_ABOUT_THE_JOB = (
    (0, "Hello! We need a 90 second launch video. Is a week enough?"),
    (1, "Hello, yes. I can show a first cut in three days."),
    (0, "Wonderful. Two rounds of changes, is that all right?"),
    (1, "Two rounds are included. 剪辑 and 字幕 as well, if you need them."),
)
_IN_THE_TEAM = (
    (0, "Welcome, everybody. The storyboard comes tomorrow."),
    (2, "I have started on the title cards."),
    (1, "And I on the rough cut."),
)


@dataclass(frozen=True, slots=True)
class Sample:
    """How the sample people log in; a password that is not public is told once and kept nowhere."""

    password: str
    is_public: bool

    def __repr__(self) -> str:
        return "Sample(…)"


def sample_for(*, is_outside: bool) -> Sample:
    """The password for sample people, made anew where others than this machine reach them."""
    return Sample(secrets.token_urlsafe(12) if is_outside else SAMPLE_PASSWORD, not is_outside)


async def seed(dsn: str, password: str = SAMPLE_PASSWORD) -> bool:
    """Fill an empty database; False, with nothing changed, when people are there already.

    All sample people have this password.
    """
    pool = await connect_pool(dsn, size=2, statement_timeout_ms=STATEMENT_TIMEOUT_MS)
    call = GroupCall(dsn, SEND_SQL, statement_timeout_ms=STATEMENT_TIMEOUT_MS)
    try:
        await put_right(pool)
        if await pool.fetchval("SELECT EXISTS (SELECT 1 FROM users)"):
            return False
        *people, staff = await _register(pool, password)
        await _list(pool, client=people[0], freelancers=people[1:])
        changes = ConversationChanges(
            ChangeCalls(pool, lambda: None),
            max_participants=len(people),
            max_direct_a_day=len(people),
        )
        direct = await changes.create(_conversation(people[0], "direct", people[1:2]))
        await _talk(call, direct.conversation_id, people, _ABOUT_THE_JOB)
        group = await changes.create(_conversation(people[0], "group", people[1:], "Launch video"))
        await _talk(call, group.conversation_id, people, _IN_THE_TEAM)
        client, editor, designer, studio = people
        await _deal(pool, People(client, editor, designer, studio, staff))
    finally:
        await call.close()
        await pool.close()
    log.info("seeded", people=len(people))
    return True


async def has_sample_password(dsn: str) -> bool:
    """Whether the first of the sample people is there and has the public password."""
    pool = await connect_pool(dsn, size=1, statement_timeout_ms=STATEMENT_TIMEOUT_MS)
    passwords = Passwords()
    try:
        found = (await Accounts(pool, SessionTimes()).credentials(ACCOUNTS[0].email)).found
        return found is not None and await passwords.verify(found.password_hash, SAMPLE_PASSWORD)
    finally:
        passwords.close()
        await pool.close()


async def _register(pool: "asyncpg.Pool[asyncpg.Record]", password: str) -> list[UUID]:
    accounts = Accounts(pool, SessionTimes())
    passwords = Passwords()
    try:
        return [
            (
                await accounts.register(
                    NewAccount(
                        account.email,
                        await passwords.hash(password),
                        account.display_name,
                        account.kind,
                    ),
                    new_pair(),
                    Origin(None, None),
                )
            ).id
            for account in (*ACCOUNTS, STAFF)
        ]
    finally:
        passwords.close()


async def _list(
    pool: "asyncpg.Pool[asyncpg.Record]", *, client: UUID, freelancers: Sequence[UUID]
) -> None:
    """The catalogue, profiles with gigs, and a job."""
    for name in ("categories", "skills"):
        await pool.execute(_FIXTURES[name])
    for name in ("listings", "publish"):
        await pool.execute(_FIXTURES[name], freelancers)
    for name in ("job", "open"):
        await pool.execute(_FIXTURES[name], client)


async def _deal(pool: "asyncpg.Pool[asyncpg.Record]", people: People) -> None:
    """Contracts in every state, and the money in them."""
    await pool.execute(_FIXTURES["aged_people"], people, DAYS * 86_400)
    await pool.execute(_FIXTURES["staff"], people.staff)
    rows = await pool.fetch(_FIXTURES["catalogue"])
    gigs = {row["slug"]: (row["id"], row["package_id"]) for row in rows}
    async with Acting.in_the_past(pool) as acting:
        await live(acting, people, Catalogue(rows[0]["category_id"], gigs))


def _conversation(
    creator_id: UUID, kind: str, others: Sequence[UUID], title: str | None = None
) -> NewConversation:
    return NewConversation(creator_id, kind, others, title, None, None, None, b"")


async def _talk(
    call: GroupCall, conversation_id: UUID, people: Sequence[UUID], lines: Sequence[tuple[int, str]]
) -> None:
    for speaker, text in lines:
        request = MessageSend(conversation_id, uuid4(), text)
        await call.fetch(
            [
                [conversation_id],
                [people[speaker]],
                [request.client_id],
                [b"seed"],
                [request.type],
                [text],
                [None],
                [None],
                [None],
                None,
                None,
                True,
                STATEMENT_TIMEOUT_MS,
            ]
        )
