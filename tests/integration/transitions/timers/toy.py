"""Workflows of a test's own, over rows that are there: a gig that pauses and goes by itself."""

from collections.abc import Iterable
from uuid import UUID

from handlers.workflows.words import OWNER, T
from protocol.machine import SAME, Due, Machine, transition
from storage.workflows.rows import Row
from storage.workflows.work import Work
from storage.workflows.workflow import Effect, Roots, Workflow
from tests.app import Served


async def _owner(_work: Work, row: Row) -> Iterable[UUID]:
    return [row["freelancer_id"]]


def toy(*dues: Due, effect: Effect | None = None, moves_money: bool = True) -> Workflow:
    """A gig that is paused by a timer, unless `dues` say otherwise while it is active.

    `effect` is that of pausing.
    """
    timed = dues or (Due("pause", "milestone_approval_days"),)
    by_timer = {due.action for due in timed}
    machine = Machine("gig", "gigs", {OWNER: "freelancer_id"}, (
        transition("pause", "active", "paused", OWNER, *([T] if "pause" in by_timer else []),
                   moves_money=moves_money),
        transition("publish", "draft", "active", OWNER),
        transition("suspend", "active", "suspended", OWNER),
        transition("reinstate", "suspended", "active", OWNER),
        transition("resume", "paused", "active", OWNER),
        *([transition("note", "active", SAME, T)] if "note" in by_timer else []),
        transition("remove", "active paused", "deleted", OWNER,
                   *([T] if "remove" in by_timer else [])),
    ), dues={
        "active": timed,
        "suspended": tuple(d for d in timed if d.since and d.action == "remove"),
    })  # fmt: skip
    return Workflow(
        machine,
        resource="gigs",
        roots=Roots(gigs="ARRAY[r.id]"),
        audience=_owner,
        effects={} if effect is None else {"pause": effect},
    )


async def keep_noted(app: Served, name: str) -> None:
    """From now on events of this name stay in the table `noted`, whatever the outbox does."""
    await app.as_owner(
        "CREATE TABLE noted AS SELECT id, user_ids, data FROM outbox LIMIT 0;"
        "GRANT ALL ON noted TO parley_service;"
        "CREATE FUNCTION keep_noted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" IF NEW.data ->> 'name' = '{name}' THEN"
        " INSERT INTO noted VALUES (NEW.id, NEW.user_ids, NEW.data); END IF; RETURN NULL; END $$;"
        "CREATE TRIGGER keep_noted AFTER INSERT ON outbox"
        " FOR EACH ROW EXECUTE FUNCTION keep_noted()"
    )


def show(_path: str) -> str:
    """What the row looks like does not matter here."""
    return "SELECT '{}' AS body, NULL::integer AS version WHERE $1::uuid IS NOT NULL"
