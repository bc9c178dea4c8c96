"""Whether an inbox shows what the oracle's world has, and its badges what it shows."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from tests.faults.deliveries.scenarios.doing import GROUP_OF
from tests.faults.deliveries.scenarios.script import TALKS
from tests.faults.deliveries.scenarios.stage import NAMES, Look
from tests.faults.deliveries.scenarios.world import INBOX, World


def wrong_in(shown: Look, world: World, person: int, talks: Sequence[UUID]) -> Iterator[str]:
    """What is wrong about what somebody is shown; `talks` are the ids of the conversations."""
    counted = {
        (GROUP_OF[row.type], talks.index(UUID(row.data["conversation_id"]))): row.count
        for row in shown.rows
        if row.type != "message.run"
    }
    expected = world.counts(person)
    if counted != expected or shown.notifications != len(expected):
        yield f"{person} sees {shown.notifications}: {counted}, not {expected}"
    by_talk = [world.unread(person, talk) for talk in range(len(TALKS))]
    if shown.by_talk != by_talk or shown.messages != sum(by_talk):
        yield f"{person} has unread {shown.messages}: {shown.by_talk}, not {by_talk}"
    runs = {
        talks.index(UUID(row.data["conversation_id"])): named_in(row.title)
        for row in shown.rows
        if row.type == "message.run"
    }
    for talk in range(len(TALKS)):
        yield from _wrong_about_run(runs.get(talk), world, person, talk)


def named_in(title: str) -> set[int]:
    """The people whom a title names."""
    return {person for person, name in enumerate(NAMES) if name in title}


def _wrong_about_run(named: set[int] | None, world: World, person: int, talk: int) -> Iterator[str]:
    """`named` are whom the unread run of a conversation names, None where none is shown."""
    news = world.news(person, "run", talk)
    if named is None:
        if any(
            said.run_ms is not None and (person, talk, said.seq) not in world.excused[INBOX]
            for said in news
        ):
            yield f"{person} is not shown the run of {talk}"
        return
    told = {said.sender for said in news if said.looked_at_ms is not None}
    if not told or not named <= told:
        yield f"{person} is shown a run of {talk} by {named}, not by {told}"
