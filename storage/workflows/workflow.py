"""A workflow: a machine with all that its executor needs.

Facts, who is what to a row and whether a guard holds, are one SQL text each, over the row `r`:
the executor judges by it under its locks, and `available_actions` says the same of what is shown,
but for what a body says and for refusals that are "offered", which say what has to be mended first.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

import msgspec

from protocol.errors import ErrorCode, RequestError
from protocol.machine import ASKABLE, Machine, Party, Transition
from storage.workflows.rows import Row

if TYPE_CHECKING:
    from storage.workflows.work import Work

ME, NOW = "{me}", "{now}"
"""Who asks and when it is, within the SQL of a fact."""


class Guard(NamedTuple):
    """What must hold for a transition besides party and state: `sql` is true where it does.

    `reason` is told in the details of a conflict. Where it does not hold, the action is not among
    the available ones, unless it `hides` nothing: then the action is offered, and the refusal says
    what has to be mended first. `since` is SQL of the time from which the guard holds, for one that
    time alone makes hold; null where it never does. With `of`, a guard must hold only for bodies of
    which that is true.
    """

    sql: str
    says: str
    path: str = ""
    code: ErrorCode = ErrorCode.VALIDATION_FAILED
    reason: str = ""
    hides: bool = True
    since: str = ""
    of: Callable[[Any], bool] | None = None


class Conflict(NamedTuple):
    """A refusal with 409 by the code of a workflow, not by a guard: declared as it is raised.

    `says` is what the documents tell, and the message too, unless that has more to say.
    """

    says: str

    def error(self, details: Mapping[str, Any] | None = None, *, message: str = "") -> RequestError:
        """What is raised."""
        return RequestError(ErrorCode.CONFLICT, message or self.says, dict(details or {}))


class Shown(NamedTuple):
    """Another row than the one that was asked, to be answered with."""

    path: str
    row: Row
    status: int = 200


class Told(NamedTuple):
    """An answer that is no row of a resource, and where the row is that it began, if it did."""

    status: int
    body: Mapping[str, Any]
    location: str = ""


class Answered(NamedTuple):
    """How an action may be answered: with a row of the resource at `path`, or with a `shape`."""

    path: str = ""
    status: int = 200
    shape: type[msgspec.Struct] | None = None


Effect = Callable[["Work", Row, Any], Awaitable[Shown | Told | None]]
"""What a transition does besides changing its row: `(work, row, body)`, the row in its new state.

It raises `RequestError` for what the body asks for in vain. Without an answer, the row is shown.
"""


Audience = Callable[["Work", Row], Awaitable[Iterable[UUID | None]]]
"""Who is told of a transition of a row, besides nobody (None)."""


Maker = Callable[["Work", Row, Any], Awaitable[Mapping[str, Any]]]
"""The columns of a row that begins, by `(work, parent, body)`."""


class Room(NamedTuple):
    """Where a system message tells of a transition that was asked for: the conversation of a row,
    and the columns of the row that it says; amounts among them are of its `currency`.
    """

    conversation: Callable[["Work", Row], Awaitable[UUID | None]]
    currency: Callable[["Work", Row], Awaitable[str]]
    facts: tuple[str, ...] = ()


class Roots(NamedTuple):
    """What an execution locks, each an SQL expression of `uuid[]` over the row `r`.

    `standing` are users whose standing is judged, `users` those whose own affairs change.
    """

    standing: str = "'{}'"
    users: str = "'{}'"
    gigs: str = "'{}'"
    jobs: str = "'{}'"
    contracts: str = "'{}'"
    deposits: str = "'{}'"


@dataclass(frozen=True, slots=True)
class Beside:
    """What is read together with a row, since its effects ask for it.

    `rows` says of a table which of its columns has the value of which column of the row; tables
    with columns that asyncpg does not read within a row are not for this. One of those may be
    `last`: a table, and an SQL expression over the row `r` for the id. `settings` are those whose
    lengths are asked for.
    """

    rows: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    last: tuple[str, str] | None = None
    settings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Creation:
    """How a row begins that somebody asks for by a body.

    `parent` is the machine of the row that the body names in `parent_key`: its facts and roots say
    who asks, and the guards of a creation are over that row. Without one, whoever has a login is
    the OWNER, and the guards and roots are over their row of `users`. `roots` are over the same
    row; None takes the parent's.
    """

    parent: str = ""
    parent_key: str = ""
    roots: "Roots | None" = None


@dataclass(frozen=True, slots=True, eq=False)
class Workflow:
    """A machine and what it needs. Raises `ValueError` for a word that is not defined.

    `resource` is the path of its resource. `facts` say who is what to a row, besides the columns
    that the machine itself names. `effects` and `bodies` are by action. So are `answers`, of those
    actions that are not answered with their own row, `says`, of those whose system message has
    other facts than the room's, and `conflicts`, which makers and effects may raise besides what
    guards have judged.
    """

    machine: Machine
    resource: str
    roots: Roots
    audience: Audience
    facts: Mapping[Party, str] = field(default_factory=dict)
    guards: Mapping[str, Guard] = field(default_factory=dict)
    effects: Mapping[str, Effect] = field(default_factory=dict)
    bodies: Mapping[str, type[msgspec.Struct]] = field(default_factory=dict)
    creation: Creation | None = None
    makers: Mapping[str, Maker] = field(default_factory=dict)
    room: Room | None = None
    answers: Mapping[str, tuple[Answered, ...]] = field(default_factory=dict)
    conflicts: Mapping[str, tuple[Conflict, ...]] = field(default_factory=dict)
    says: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    beside: Beside = Beside()

    def __post_init__(self) -> None:
        machine = self.machine
        actions = {t.action for t in machine.transitions}
        guarded = {name for t in machine.transitions for name in t.guards}
        asking = {p for t in machine.transitions if not t.is_creation for p in t.by} & ASKABLE
        timed = {due.action for due in machine.all_dues()}
        by_timer = {t.action for t in machine.transitions if Party.TIMER in t.by}
        wrong: dict[str, Iterable[str]] = {
            "guards": guarded ^ self.guards.keys(),
            "effects": self.effects.keys() - actions,
            "bodies": self.bodies.keys() - actions,
            "answers": self.answers.keys() - actions,
            "conflicts": self.conflicts.keys() - actions,
            "says": self.says.keys() - actions,
            "parties": asking - self.parties.keys(),
            "timers": timed ^ by_timer,
            "makers": self.makers.keys() - {t.action for t in self.creations},
            "states of timers": machine.dues.keys() - machine.states,
        }
        found = {what: sorted(names) for what, names in wrong.items() if names}
        if found:
            raise ValueError(f"{machine.name}: not defined, or not used: {found}")

    @property
    def noun(self) -> str:
        """What a row is called in messages."""
        return self.machine.name.replace("_", " ")

    @property
    def parties(self) -> dict[Party, str]:
        """The fact of each party, over `r`."""
        by_column = {p: f"r.{column} = {ME}" for p, column in self.machine.parties.items()}
        return {**STAFF, **by_column, **self.facts}

    def transition(self, action: str, status: str) -> Transition:
        """The row by which an action leaves a state. Raises `LookupError` where there is none."""
        found = self.machine.find(action, status)
        if found is None:
            raise LookupError(f"{self.noun}: no {action} from {status or 'the beginning'}")
        return found

    @property
    def creations(self) -> tuple[Transition, ...]:
        """The transitions by which a row begins that somebody asks for."""
        return tuple(t for t in self.machine.transitions if t.is_creation and t.is_askable)

    @property
    def said(self) -> dict[str, tuple[str, ...]]:
        """The facts of the system message of each action that one tells of, by action."""
        asked = ASKABLE | {Party.TIMER}
        rows = (t.action for t in self.machine.transitions if t.by & asked)
        in_room = {} if self.room is None else dict.fromkeys(rows, self.room.facts)
        return {**in_room, **self.says}

    def answers_of(self, action: str) -> tuple[Answered, ...]:
        """How an action may be answered."""
        begins = any(t.is_creation for t in self.machine.named(action))
        own = Answered(self.resource, 201 if begins else 200)
        return self.answers.get(action, (own,))


_STAFF = "EXISTS (SELECT FROM users s WHERE s.id = {me} AND s.status = 'active' AND s.staff_role "
STAFF: Mapping[Party, str] = {
    Party.STAFF: f"{_STAFF}IS NOT NULL)",
    Party.ADMIN: f"{_STAFF}= 'admin')",
}
"""What staff is to every row."""
