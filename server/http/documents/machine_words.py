"""A machine's rows in words, for whoever reads what may be asked."""

from collections.abc import Iterable

from protocol.errors import HTTP_STATUS, ErrorCode
from protocol.machine import Party, Transition
from storage.workflows.workflow import Workflow

WHO: dict[Party, str] = {
    Party.OWNER: "the owner",
    Party.CLIENT: "the client",
    Party.FREELANCER: "the freelancer",
    Party.OTHER: "the other party",
    Party.MEMBER: "the member",
    Party.STAFF: "staff",
    Party.ADMIN: "an admin",
    Party.TIMER: "a timer",
    Party.SYSTEM: "another transition",
}
"""The parties, in the order in which they are declared."""


def who_of(parties: Iterable[Party]) -> str:
    """Some parties, by commas."""
    among = set(parties)
    return ", ".join(words for party, words in WHO.items() if party in among)


def refusals_of(workflow: Workflow, transition: Transition) -> list[str]:
    """What is refused besides party and state, each with its status: by guards, and by effects."""
    guards = [workflow.guards[name] for name in transition.guards]
    told = [(guard.says, guard.code, not guard.hides) for guard in guards]
    # An effect is asked when it is carried out only: its action is offered all the same.
    is_offered = not transition.is_creation
    conflicts = workflow.conflicts.get(transition.action, ())
    told += [(conflict.says, ErrorCode.CONFLICT, is_offered) for conflict in conflicts]
    return [
        f"{says} ({int(HTTP_STATUS[code])}{', offered' if offers else ''})"
        for says, code, offers in told
    ]
