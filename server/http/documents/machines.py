"""`docs/machines.md`, made from the code: `python -m server.http.documents.machines >
docs/machines.md`.
"""

import sys
from collections.abc import Iterable, Iterator, Mapping

from handlers.resources.machines import MACHINES
from handlers.workflows import WORKFLOWS
from protocol.machine import ASKABLE, BEGINNING, SAME, Due, Machine, Transition
from server.http.documents.machine_words import refusals_of, who_of
from server.http.documents.reference import table_of
from storage.database.installation.seeded_settings import seeded_settings
from storage.workflows.workflow import Workflow

_INTRODUCTION = """\
# The machines

Made from the code by `python -m server.http.documents.machines`; a test holds it to the code.

Each machine is the table of the transitions of one resource. An action that somebody may ask for is
`POST /v1/RESOURCE/{id}/ACTION`, which one begins with is `POST /v1/RESOURCE`; the bodies are in
`/v1/openapi.json`. `available_actions` of a row are exactly those that its reader may ask for now,
but for what a body says, and for refusals that are marked "offered", which say what has to be
mended first.

What is refused is refused in this order: the row is not seen (404), the caller is no party of the
action (403), the row is in another state (409), `If-Match` names another version (412), a guard
does not hold, or the body is wrong (the status that stands beside it, else 422). Where time alone
ends the cause of a refusal, `possible_from` in its details is the time from which it is gone.

Whoever is suspended has no login. While a session is not ended yet, they begin no agreement, and
pay in or out nothing; what answers, divides or ends what runs is open to them.

Actions without anybody who could ask are parts of other transitions, and have no path. Every
transition leaves a row in `/v1/status-history` and tells the events named here; in a contract it is
told in the contract's conversation too. "Key" marks what moves money, and is refused without an
`Idempotency-Key`; "version" what needs `If-Match`.

A timer begins when its row enters the state, or at the first of the columns named that is set, and
lasts as long as its setting says: the days, hours or minutes beside it are those of a new
instance, and `PATCH /v1/platform-settings/{key}` changes them. Timers that remind tell those
concerned 48 and 24 hours before, and nothing is done without that.
"""


def page(workflows: Iterable[Workflow], settings: Mapping[str, str]) -> str:
    """The whole page; `settings` are the values that timers begin with."""
    running = list(workflows)
    lines = [_INTRODUCTION]
    lines += (f"- [{_title(w.machine)}](#{_title(w.machine).lower().replace(' ', '-')})"
              for w in running)  # fmt: skip
    lines.append("")
    for workflow in running:
        lines += _machine(workflow, settings)
    lines += _awaited(running)
    return "\n".join(lines).rstrip() + "\n"


def _machine(workflow: Workflow, settings: Mapping[str, str]) -> Iterator[str]:
    machine = workflow.machine
    yield f"## {_title(machine)}\n"
    yield f"Rows of `/v1/{workflow.resource}`.\n"
    rows = ([_action(t), _moves(t), who_of(t.by), _refusals(workflow, t), _told(machine, t)]
            for t in machine.transitions)  # fmt: skip
    yield from table_of(("action", "from → to", "who", "refused where", "told"), rows)
    yield ""
    if machine.dues:
        yield from table_of(
            ("timer", "while", "after", "from", "runs", "reminds"), _dues(machine, settings)
        )
        yield ""
    yield from _diagram(machine)
    yield ""


def _title(machine: Machine) -> str:
    return machine.name.replace("_", " ").capitalize()


def _action(transition: Transition) -> str:
    marks = [
        *(["key"] if transition.moves_money and transition.by & ASKABLE else []),
        *(["version"] if transition.needs_match else []),
    ]
    return f"`{transition.action}`" + (f" ({', '.join(marks)})" if marks else "")


def _moves(transition: Transition) -> str:
    sources = [f"`{source}`" if source else "–" for source in transition.sources]
    target = "the same" if transition.target == SAME else f"`{transition.target}`"
    return f"{', '.join(sources)} → {target}"


def _refusals(workflow: Workflow, transition: Transition) -> str:
    return "; ".join(refusals_of(workflow, transition)).replace("|", "\\|")


def _told(machine: Machine, transition: Transition) -> str:
    told = (name for source in transition.sources for name in machine.told_of(transition, source))
    return ", ".join(f"`{name}`" for name in dict.fromkeys(told))


def _dues(machine: Machine, settings: Mapping[str, str]) -> Iterator[list[str]]:
    for state, dues in machine.dues.items():
        for due in dues:
            since = ", else ".join(f"`{column}`" for column in due.since) or "entering the state"
            reminds = "yes" if due.reminds else ""
            yield [
                f"`{due.action}`",
                f"`{state}`",
                _lasts(due, settings),
                since,
                _runs(due),
                reminds,
            ]


def _lasts(due: Due, settings: Mapping[str, str]) -> str:
    """The setting, whose name ends with its unit, and what it begins with."""
    if not due.setting:
        return "at once"
    unit = due.setting.rpartition("_")[2]
    return f"{settings[due.setting]} {unit} (`{due.setting}`)"


def _runs(due: Due) -> str:
    """The columns on which it depends whether the timer runs."""
    given = [f"with `{due.given}`"] if due.given else []
    lacking = [f"without `{due.lacking}`"] if due.lacking else []
    return ", ".join(given + lacking)


def _diagram(machine: Machine) -> Iterator[str]:
    """A state diagram: the actions between the same two states stand at one arrow."""
    arrows: dict[tuple[str, str], list[str]] = {}
    for transition in machine.transitions:
        for source in transition.sources:
            edge = (source, transition.ends_in(source))
            arrows.setdefault(edge, []).append(transition.action)
    left = {source for source, target in arrows if source != target}
    yield "```mermaid"
    yield "stateDiagram-v2"
    for (source, target), actions in arrows.items():
        begins = "[*]" if source == BEGINNING else source
        yield f"    {begins} --> {target}: {', '.join(dict.fromkeys(actions))}"
    for state in sorted(machine.states - left):
        yield f"    {state} --> [*]"
    yield "```"


def _awaited(running: Iterable[Workflow]) -> Iterator[str]:
    """The machines that hold rows to their states, and of which nothing is asked yet."""
    known = {workflow.machine.table for workflow in running}
    names = [machine.name for machine in MACHINES if machine.table not in known]
    if names:
        yield "## Held to their states only\n"
        yield "The database refuses what these do not have; no path asks for their actions yet:"
        yield ", ".join(f"`{name}`" for name in names) + "."


if __name__ == "__main__":
    sys.stdout.write(page(WORKFLOWS.values(), seeded_settings()))
