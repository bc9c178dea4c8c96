"""Who plays: people made for the run on an instance of its own, sample people elsewhere."""

import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import timedelta
from typing import NamedTuple
from uuid import uuid4

import aiohttp

from client.connection.http import Api
from client.errors import CommandError
from server.cli.demo.person import DemoError, Person
from server.cli.demo.stage import Place, Stage
from server.cli.demo.terms import Terms
from server.seed import ACCOUNTS, STAFF
from storage.database.postgres import connect
from storage.database.queries import load_queries
from storage.people import operating
from storage.people.passwords import SAMPLE_PASSWORD

NAMES = ("client", "freelancer", "staff")
CATEGORY = "video-editing"
_LATE_S, _SOON_S = 60.0, 1.0
"""How late the provider is, where the clock is moved, and elsewhere."""
_CALL_MS = 10_000
_TIMEOUT_S = 30.0
_HOUR = 9


class Login(NamedTuple):
    """How somebody logs in."""

    email: str
    password: str


OWN = tuple(Login(f"{name}@example.com", SAMPLE_PASSWORD) for name in NAMES)
_OWN_NAMES = (("Clara", "client"), ("Felix", "freelancer"), ("Stella", "client"))


def sample_logins(password: str) -> Sequence[Login]:
    """Those of the sample people who play."""
    return [Login(one.email, password) for one in (*ACCOUNTS[:2], STAFF)]


@contextlib.asynccontextmanager
async def cast(
    place: Place, tell: Callable[[str], None], logins: Sequence[Login]
) -> AsyncIterator[Stage]:
    """The stage with its people logged in, the first two with an open socket.

    Raises `DemoError`, and what the client raises.
    """
    timeout = aiohttp.ClientTimeout(_TIMEOUT_S)
    async with contextlib.AsyncExitStack() as stack:
        api = await stack.enter_async_context(Api(place.http_url))
        session = aiohttp.ClientSession(place.http_url, timeout=timeout)
        http = await stack.enter_async_context(session)
        people = []
        for name, login in zip(NAMES, logins, strict=True):
            try:
                grant = await api.login(login.email, login.password)
            except CommandError as error:
                raise DemoError(f"the {name} cannot log in as {login.email}: {error}") from error
            people.append(Person(name, http, grant))
        for person in people[:2]:
            await stack.enter_async_context(await person.connected(place.ws_url))
        client, freelancer, staff = people
        yield Stage(place, tell, client, freelancer, staff)


async def make_people(http_url: str, database_url: str, tell: Callable[[str], None]) -> None:
    """The people of an instance of our own, and the categories that listings are in."""
    connection = await connect(database_url, _CALL_MS)
    try:
        await connection.execute(load_queries("fixtures")["categories"])
        async with Api(http_url) as api:
            for login, (name, kind) in zip(OWN, _OWN_NAMES, strict=True):
                grant = await api.register(login.email, login.password, name, kind)
                found = await operating.find(connection, grant.user.id)
                assert found is not None
                tell(f"{name}, a {kind}, registers as {login.email}")
                if kind == "freelancer":
                    await operating.verify(connection, found.id)
                    tell(f"    parley user verify {login.email}")
                elif login is OWN[-1]:
                    await operating.promote(connection, found.id, "admin")
                    tell(f"    parley user promote {login.email} admin")
    finally:
        await connection.close()


async def begin_month(stage: Stage) -> None:
    """Put a clock of our own to the first of a month, so that statements hold all that comes."""
    now = await stage.now()
    first = (now.replace(day=1) + timedelta(days=32)).replace(day=1, hour=_HOUR, minute=0, second=0)
    await stage.move((first - now).total_seconds())


async def terms_of(stage: Stage) -> Terms:
    """What the stories find, and the card by which the client pays.

    Raises `DemoError` where there is no category, or no account that sample people are paid to.
    """
    client, freelancer, is_own = stage.client, stage.freelancer, stage.place.is_own
    suffix = "" if is_own else f"-{uuid4()}"
    late_s = _LATE_S if is_own else _SOON_S
    categories = (await stage.read(client.get(f"categories?slug={CATEGORY}")))["data"]
    if not categories:
        raise DemoError(f"there is no category {CATEGORY}")
    stage.aliases.of("categories", categories[0]["id"])
    accounts = (await stage.read(freelancer.get("payout-methods")))["data"]
    token = f"tok_ok+late={late_s:.0f}{suffix}"
    card = await stage.step(
        "The client names a card. Its token makes the local provider answer later.",
        client.post("payment-methods", {"type": "card", "provider_token": token}),
    )
    account = accounts[-1]["id"] if accounts else None
    return Terms(categories[0]["id"], card["id"], late_s, suffix, account)
