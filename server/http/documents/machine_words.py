"""A machine's rows in words, for whoever reads what may be asked."""

from collections.abc import Iterable

from protocol.errors import HTTP_STATUS
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
    """What the guards of a row refuse, each with its status."""
    guards = (workflow.guards[name] for name in transition.guards)
    return [
        f"{guard.says} ({int(HTTP_STATUS[guard.code])}{'' if guard.hides else ', offered'})"
        for guard in guards
    ]
