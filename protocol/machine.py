"""A workflow is a table of transitions.

Reading a machine is reading what may happen: an illegal transition is a row that is not there.
The executor carries out rows, the database's guard is made of their edges, and a resource lists
what its reader may ask for. A machine runs nothing itself, and names what it needs: `guard` and
`money` are keys of the executor's registries.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

BEGINNING = ""
"""The state before a row exists."""


class Party(StrEnum):
    """Who a user is to a row; TIMER and SYSTEM are nobody who could ask."""

    OWNER = "owner"
    CLIENT = "client"
    FREELANCER = "freelancer"
    OTHER = "other"  # the party that did not raise or propose it
    STAFF = "staff"
    TIMER = "timer"
    SYSTEM = "system"


ASKABLE = frozenset(Party) - {Party.TIMER, Party.SYSTEM}


@dataclass(frozen=True, slots=True)
class Transition:
    """One row: `action` takes a row from one of `sources` to `target`, if one of `by` asks.

    An action that only TIMER or SYSTEM may do belongs to another transition or to a timer, and has
    no path. `timer` is the setting (of `platform_settings`) after which TIMER does it.
    """

    action: str
    sources: tuple[str, ...]
    target: str
    by: frozenset[Party]
    guard: str = ""
    money: str = ""
    events: tuple[str, ...] = ()
    timer: str = ""
    needs_match: bool = False

    @property
    def is_askable(self) -> bool:
        """True when somebody may ask for it."""
        return bool(self.by & ASKABLE)


@dataclass(frozen=True, slots=True)
class Machine:
    """The transitions of one table's `status`; `parties` names the column of each party."""

    name: str
    table: str
    parties: Mapping[Party, str]
    transitions: tuple[Transition, ...]

    @property
    def states(self) -> frozenset[str]:
        """Every state a row can be in."""
        named = {s for t in self.transitions for s in (*t.sources, t.target)}
        return frozenset(named - {BEGINNING})

    def edges(self) -> frozenset[tuple[str, str]]:
        """Every (from, to); from `BEGINNING` where a row begins."""
        return frozenset((s, t.target) for t in self.transitions for s in t.sources)

    def actions(self, status: str, who: Iterable[Party]) -> list[str]:
        """What these parties may ask of a row in this state, in the table's order."""
        asking = ASKABLE & frozenset(who)
        found = (t.action for t in self.transitions if status in t.sources and t.by & asking)
        return list(dict.fromkeys(found))


def transition(action: str, sources: str, target: str, *by: Party, **more: object) -> Transition:
    """A row as it is written down: sources are separated by blanks; `""` is the beginning."""
    return Transition(
        action,
        tuple(sources.split()) or (BEGINNING,),
        target,
        frozenset(by),
        **more,  # type: ignore[arg-type]  # the fields of Transition by name
    )
