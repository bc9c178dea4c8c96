"""A workflow is a table of transitions.

Reading a machine is reading what may happen: an illegal transition is a row that is not there.
The executor carries out rows, the database's guard is made of their edges, and a resource lists
what its reader may ask for. A machine runs nothing itself. Its guards are names; the workflow that
belongs to it (`storage/workflows/workflow.py`) gives them their SQL, and refuses to be made while
one of them is not defined.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

BEGINNING = ""
"""The state before a row exists."""
SAME = "="
"""The target of a transition that leaves the state as it is."""


class Party(StrEnum):
    """Who a user is to a row; TIMER and SYSTEM are nobody who could ask."""

    OWNER = "owner"
    CLIENT = "client"
    FREELANCER = "freelancer"
    OTHER = "other"  # the party that did not raise or propose it
    MEMBER = "member"  # of a contract's team
    STAFF = "staff"
    ADMIN = "admin"
    TIMER = "timer"
    SYSTEM = "system"


ASKABLE = frozenset(Party) - {Party.TIMER, Party.SYSTEM}


@dataclass(frozen=True, slots=True)
class Due:
    """A timer of a state: `action` is done by TIMER once the setting's time has passed.

    The time starts at the first of the columns `since` that is not null, or else when the row
    enters the state. It runs only while the column `given` is set and `lacking` is not. With
    `reminds`, those concerned are told 48 and 24 hours before, and nothing is done without that.
    """

    action: str
    setting: str
    since: tuple[str, ...] = ()
    given: str = ""
    lacking: str = ""
    reminds: bool = False


@dataclass(frozen=True, slots=True)
class Transition:
    """One row: `action` takes a row from one of `sources` to `target`, if one of `by` asks.

    An action that only TIMER or SYSTEM may do belongs to another transition or to a timer, and has
    no path. `guards` are what must hold besides. `stamps` are columns that are set to the time of
    the transition. `moves_money` asks for an Idempotency-Key. `events` are told besides the one
    that every transition has: `MACHINE.STATE`.
    """

    action: str
    sources: tuple[str, ...]
    target: str
    by: frozenset[Party]
    guards: tuple[str, ...] = ()
    stamps: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    moves_money: bool = False
    needs_match: bool = False

    @property
    def is_askable(self) -> bool:
        """True when somebody may ask for it."""
        return bool(self.by & ASKABLE)

    @property
    def is_creation(self) -> bool:
        """True where a row begins with it."""
        return BEGINNING in self.sources

    def ends_in(self, status: str) -> str:
        """The state of a row that was in `status`."""
        return status if self.target == SAME else self.target


@dataclass(frozen=True, slots=True)
class Machine:
    """The transitions of one table's `status`; `parties` names the column of each party.

    `dues` are the timers of each state.
    """

    name: str
    table: str
    parties: Mapping[Party, str]
    transitions: tuple[Transition, ...]
    dues: Mapping[str, tuple[Due, ...]] = field(default_factory=dict)

    @property
    def states(self) -> frozenset[str]:
        """Every state a row can be in."""
        named = {s for t in self.transitions for s in (*t.sources, t.target)}
        return frozenset(named - {BEGINNING, SAME})

    def all_dues(self) -> Iterator[Due]:
        """The timers of every state."""
        yield from (due for dues in self.dues.values() for due in dues)

    def edges(self) -> frozenset[tuple[str, str]]:
        """Every (from, to); from `BEGINNING` where a row begins."""
        moves = (t for t in self.transitions if t.target != SAME)
        return frozenset((s, t.target) for t in moves for s in t.sources)

    def find(self, action: str, status: str) -> Transition | None:
        """The row by which `action` leaves `status`; None where that is not legal."""
        found = (t for t in self.transitions if t.action == action and status in t.sources)
        return next(found, None)

    def named(self, action: str) -> tuple[Transition, ...]:
        """Every row of an action."""
        return tuple(t for t in self.transitions if t.action == action)

    def askable(self) -> Iterator[str]:
        """The actions that somebody may ask of a row, each once, in the table's order."""
        rows = (t for t in self.transitions if t.is_askable and not t.is_creation)
        yield from dict.fromkeys(t.action for t in rows)

    def open_to(self, status: str, who: Iterable[Party]) -> Iterator[Transition]:
        """The transitions that these parties may ask of a row in this state, guards aside."""
        asking = ASKABLE & frozenset(who)
        yield from (t for t in self.transitions if status in t.sources and t.by & asking)

    def actions(self, status: str, who: Iterable[Party]) -> list[str]:
        """What these parties may ask of a row in this state, in the table's order."""
        return list(dict.fromkeys(t.action for t in self.open_to(status, who)))

    def told_of(self, transition: Transition, status: str) -> tuple[str, ...]:
        """The names of the events of a transition out of `status`."""
        every = f"{self.name}.{transition.ends_in(status)}"
        moved = () if transition.target == SAME else (every,)
        return tuple(dict.fromkeys((*transition.events, *moved)))


def transition(
    action: str, sources: str, target: str, *by: Party, **more: str | bool
) -> Transition:
    """A row as it is written down: what is several is separated by blanks.

    Without a source, a row begins with it.
    """
    parts = {n: tuple(v.split()) if isinstance(v, str) else v for n, v in more.items()}
    return Transition(
        action,
        tuple(sources.split()) or (BEGINNING,),
        target,
        frozenset(by),
        **parts,  # type: ignore[arg-type]  # the fields of Transition by name
    )
