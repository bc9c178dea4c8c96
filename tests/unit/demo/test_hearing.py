"""What a socket hears is compared exactly: each event once, in its order, and none besides."""

from datetime import UTC, datetime
from typing import Any, cast

import pytest

from client.connection.http import Grant
from client.state.changes import Event
from protocol.events import DomainEvent, MessageEvent
from protocol.objects import Message, SystemText, User
from server.cli.demo import hearing
from server.cli.demo.person import DemoError, Person

ROOM = "01a1fbd4-2a5a-731c-b739-807ea78a54dc"
ROW = ROOM


@pytest.fixture
def person(monkeypatch: pytest.MonkeyPatch) -> Person:
    monkeypatch.setattr(hearing, "WAIT_S", 0.01)
    user = cast("User", None)
    return Person("client", cast("Any", None), Grant("", "", 0, user))


def row(name: str, eid: str, key: str = ROW) -> Event:
    return Event(name, DomainEvent("jobs", key, "open", 1, "publish"), eid)


def said(action: str, rev: int) -> Event:
    system = SystemText(action, "jobs", "1")
    message = Message("m", ROOM, rev, rev, "s", "c", "system", None, "", system=system)
    return Event("message.created", MessageEvent(message, rev, rev - 1), f"{ROOM}.{rev}")


async def test_rows_and_conversations_come_apart(person: Person) -> None:
    for event in (said("job.publish", 1), row("job.published", "1"), row("job.open", "2")):
        person.hear(event)
    names = "job.published say:job.publish job.open"
    events = await hearing.taken(person, names, is_alone=True)
    assert [event.eid for event in events] == ["1", "2", f"{ROOM}.1"]
    assert (person.rows, person.room) == ([], [])


@pytest.mark.parametrize(
    ("heard", "told"),
    [
        ([], "was to hear a b, and heard nothing"),
        (["a"], "was to hear a b, and heard a"),
        (["b", "a"], "was to hear a b, and heard b a"),
        (["x", "a", "b"], "was to hear a b, and heard x a"),
    ],
)
async def test_others_or_none_are_a_fault(person: Person, heard: list[str], told: str) -> None:
    for name in heard:
        person.hear(row(name, name))
    with pytest.raises(DemoError, match=told):
        await hearing.taken(person, "a b", is_alone=True)


async def test_events_of_others_are_passed_over_where_they_are_there(person: Person) -> None:
    for name in ("x", "a", "y", "b"):
        person.hear(row(name, name))
    events = await hearing.taken(person, "a b", is_alone=False)
    assert [event.name for event in events] == ["a", "b"]
    assert [event.name for event in person.rows] == ["x", "y"]


async def test_an_event_that_comes_twice_is_a_fault(person: Person) -> None:
    for _ in range(2):
        person.hear(row("a", "1"))
    with pytest.raises(DemoError, match="a came twice"):
        await hearing.taken(person, "a", is_alone=True)


async def test_a_rev_that_is_passed_over_is_a_fault(person: Person) -> None:
    person.hear(said("one", 1))
    person.hear(said("three", 3))
    with pytest.raises(DemoError, match="rev 3 after 1"):
        await hearing.taken(person, "say:one", is_alone=True)


async def test_rows_that_were_there_before_are_none_of_the_story(person: Person) -> None:
    person.since = datetime(2027, 1, 1, tzinfo=UTC)
    person.hear(row("a", "1"))
    person.hear(row("b", "2", key="01f1fbd4-2a5a-731c-b739-807ea78a54dc"))
    events = await hearing.taken(person, "b", is_alone=True)
    assert [event.name for event in events] == ["b"]
