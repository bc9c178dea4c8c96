"""Bringing a database to what this program needs: the schema first, then what is declared.

Storage knows no declarations. They are handed to it here, by `parley migrate` and at a start.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import structlog

from handlers.resources import RESOURCES
from handlers.resources.machines import MACHINES
from storage.database import backfills, migrate
from storage.database.installation import checks
from storage.database.installation.checks import NewerSchemaError
from storage.database.logins import (
    SERVICE,
    LoginRefusedError,
    Rights,
    hold_login,
    login_of,
    rights_of,
)
from storage.people import email_upkeep
from storage.resources.access import Declared
from storage.resources.upkeep import holding
from storage.resources.upkeep.differences import Difference

log = structlog.get_logger()

DECLARED = Declared(tuple(RESOURCES.values()), MACHINES)


class Database(NamedTuple):
    """Where the database is: for the server's own work, and, where it is known, for its owner's."""

    server: str
    owner: str | None = None

    @property
    def changing(self) -> str:
        """The address for changes of the schema."""
        return self.owner or self.server

    @property
    def changing_setting(self) -> str:
        """The variable that has named it."""
        return checks.OWNER_SETTING if self.owner else "PARLEY_DATABASE_URL"


async def at_start(database: Database, wait_s: float, *, is_own: bool) -> None:
    """Migrate and see that the server's login can work, then tell what it may do besides.

    Raises `NotInstalledError` for a PostgreSQL that cannot be used, `LoginRefusedError` for a login
    that cannot work, or for a schema that lacks steps which no login given may take.
    """
    await checks.check(database.changing, database.changing_setting)
    if database.owner is not None:
        await checks.see_one_database(database.owner, database.server)
        try:
            await hold_login(database.owner, database.server)
        except LoginRefusedError as error:
            log.warning("login_not_held", reason=str(error))
    try:
        await _migrate(database.changing, wait_s, is_own=is_own)
    except LoginRefusedError:
        # That it does not serve at all is the reason to tell.
        await _rights_to_serve(database.server)
        raise
    rights = await _rights_to_serve(database.server)
    if rights.beyond:
        log.warning("login_has_more_rights", login=rights.login, rights=rights.beyond)
    if lacks := (await checks.lacking_at(database.server)).said():
        raise checks.NotInstalledError("; ".join(lacks))


async def _rights_to_serve(url: str) -> Rights:
    """What the login may do. Raises `LoginRefusedError` for one that cannot serve."""
    with checks.reaching(url, "PARLEY_DATABASE_URL"):
        rights = await rights_of(url)
    if not (rights.is_owner or rights.serves):
        raise LoginRefusedError(
            f"the login {rights.login} does not act as {SERVICE}: run `parley migrate` with "
            "PARLEY_OWNER_DATABASE_URL, which makes it a server's"
        )
    return rights


async def _migrate(url: str, wait_s: float, *, is_own: bool) -> None:
    """Migrate; hold the declarations where the server is our own, or steps were lacking.

    Elsewhere what lacks is told only. A node that starts again, perhaps with the declarations of
    before, would else bring back what a later one has taken away.
    """
    try:
        state = await migrate.state_of(url, wait_s)
    except LoginRefusedError as error:
        log.warning("schema_not_read", reason=str(error))
        holds = is_new = False
    else:
        await migrate.upgrade(url, wait_s=wait_s)
        if state.is_newer:
            return
        await checks.hold(url)
        holds, is_new = is_own or bool(state.lacks), state.revision is None
    left_over: Sequence[str]
    if holds:
        held = await holding.hold(url, DECLARED, wait_s, contracts=is_new)
        left_over = held.left_over
    else:
        left_over = await _tell_lacking(url)
    if left_over:
        log.info("access_left_over", tables=left_over)


async def _tell_lacking(url: str) -> Sequence[str]:
    """Tell of tables that lack something; those where something is left over."""
    try:
        found = await holding.find_differences(url, DECLARED)
    except holding.AccessError as error:
        log.warning("access_not_compared", reason=str(error))
        return ()
    if lacking := [difference.table for difference in found if difference.adds]:
        log.warning("access_lacks", tables=lacking)
    return [difference.table for difference in found if difference.removes]


async def bring_up(database: Database, wait_s: float, *, contracts: bool = False) -> list[str]:
    """Migrate, hold the declarations and the server's login; what there is to say of it.

    With `contracts`, what is no longer declared is taken away. Raises `NewerSchemaError`.
    """
    url = database.changing
    await checks.check(url, database.changing_setting)
    if database.owner is not None:
        await checks.see_one_database(database.owner, database.server)
    state = await migrate.state_of(url, wait_s)
    if state.is_newer:
        raise NewerSchemaError(f"the schema is at {state.revision}, newer than this program")
    revision = await migrate.upgrade(url, wait_s=wait_s)
    completed = await checks.hold(url)
    contracts = contracts or state.revision is None  # of a new database no version before knows
    held = await holding.hold(url, DECLARED, wait_s, contracts=contracts)
    said = [f"the schema is at {revision}"]
    if database.owner is not None and await hold_login(database.owner, database.server):
        said.append(f"the login {login_of(database.server)} was made a server's")
    said += [f"ran {statement.partition(' (')[0].strip()}" for statement in completed]
    if left := await checks.pgvector_left(url):
        said.append(left)
    if filled := await email_upkeep.fill_at(url):
        said.append(f"e-mail addresses in one spelling: {filled} more accounts")
    if held.changed and state.revision is not None:
        said.append(f"changed as declared: {', '.join(held.changed)}")
    if held.left_over:
        said.append(
            f"left over from before: {', '.join(held.left_over)}; `parley migrate --plan` shows it,"
            " `--contract` removes it, once no process of the version before runs"
        )
    if unfinished := await backfills.open_at(url):
        said.append(
            f"rows of before are still to be filled: {', '.join(unfinished)}; the servers do it"
            " while they run"
        )
    return said


async def plan(url: str, wait_s: float) -> str:
    """What `bring_up` would do to the database, as SQL and comments; nothing is changed."""
    with checks.reaching(url, "the database's URL"):
        state = await migrate.state_of(url, wait_s)
    if state.is_newer:
        raise NewerSchemaError(f"the schema is at {state.revision}, newer than this program")
    found = await holding.find_differences(url, DECLARED)
    lines = [f"-- the schema is at {state.revision or 'nothing'}"]
    lines += [f"-- step {step.revision}: {step.title}" for step in state.lacks]
    if state.lacks and found:
        lines.append("-- What follows is for the schema as it is. The steps may do a part of it.")
    lines += _listed(found)
    return "\n".join(lines if state.lacks or found else [*lines, "-- nothing to do"])


def _listed(found: Sequence[Difference]) -> Iterator[str]:
    for difference in found:
        if difference.adds:
            yield f"\n-- {difference.table}"
            yield from difference.adds
    if any(difference.removes for difference in found):
        yield "\n-- Left over from before. `parley migrate --contract` runs these, too:"
    for difference in found:
        for statement in difference.removes:
            yield from (f"--   {line}" for line in statement.splitlines())
