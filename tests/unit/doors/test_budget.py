"""Sockets, their queues and their networks, without a network."""

import pytest

from server.doors.budget import FEW, Deadlines, Room, SocketBudget, Wait
from server.doors.by_address import SocketsByAddress


class Peer:
    """An owner that notes what it is told."""

    def __init__(self):
        self.ended = []
        self.stays = False

    def overdue(self, wait):
        self.ended.append(wait)
        return "late"

    def give_way(self):
        self.ended.append("way")


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


def budget_of(clock, room=None):
    made = SocketBudget(room or Room(100, 50), Deadlines(10, 30, 60, 30))
    made._now = clock
    return made


def enter(budget, clock):
    clock.now += 1
    return budget.enter(Peer())


async def test_the_longest_waited_for_gives_way():
    clock = Clock()
    budget = budget_of(clock, Room(100, 3))
    first, second, third = (enter(budget, clock) for _ in range(3))
    clock.now += 1
    first.waits(Wait.REQUEST)
    fourth = enter(budget, clock)
    assert [one.owner.ended for one in (first, second, third, fourth)] == [[], ["way"], [], []]
    assert budget.unauthenticated == 3


async def test_one_that_is_worked_for_keeps_its_place():
    clock = Clock()
    budget = budget_of(clock, Room(100, 2))
    first, second = enter(budget, clock), enter(budget, clock)
    first.works()
    second.works()
    newcomer = enter(budget, clock)
    assert (newcomer.owner.ended, newcomer.is_here) == (["way"], False)
    assert first.is_here and second.is_here


@pytest.mark.timeout(10)
async def test_a_newcomer_goes_when_all_others_are_worked_for():
    """Connections that are kept alive ask without their logins, and are too many."""
    clock = Clock()
    budget = budget_of(clock, Room(100, 2))
    others = []
    for _ in range(4):
        others.append(enter(budget, clock))
        others[-1].works()
        others[-1].known(is_known=True)
    for one in others:
        one.known(is_known=False)
    newcomer = enter(budget, clock)
    assert (newcomer.owner.ended, newcomer.is_here) == (["way"], False)
    assert all(one.is_here for one in others)
    others[0].waits(Wait.REQUEST)
    newcomer = enter(budget, clock)
    assert [others[0].is_here, newcomer.is_here] == [False, False], "who waits goes first"


async def test_logins_are_not_counted_among_strangers():
    clock = Clock()
    budget = budget_of(clock, Room(100, 2))
    known = enter(budget, clock)
    known.known(is_known=True)
    others = [enter(budget, clock) for _ in range(3)]
    assert known.is_here
    assert [one.is_here for one in others] == [False, True, True]
    known.known(is_known=False)
    assert budget.unauthenticated == 3
    for _ in range(3):
        enter(budget, clock)
    assert not known.is_here


async def test_strangers_have_what_logins_leave():
    clock = Clock()
    budget = budget_of(clock, Room(40, 20))
    for _ in range(30):
        budget.logged_in(enter(budget, clock))
    assert budget.most_unauthenticated == 10
    for _ in range(9):
        budget.logged_in(enter(budget, clock))
    assert budget.most_unauthenticated == FEW
    for _ in range(30):
        budget.logged_in_left()
    assert budget.most_unauthenticated == 20


async def test_idle_logins_go_when_nothing_fits():
    clock = Clock()
    budget = budget_of(clock, Room(20, 10))
    known = [enter(budget, clock) for _ in range(10)]
    for one in known:
        one.known(is_known=True)
        one.waits(Wait.REQUEST)
    for _ in range(10):
        budget.logged_in(enter(budget, clock))
    enter(budget, clock)
    assert not known[0].is_here
    assert known[-1].is_here


async def test_deadlines_are_those_of_what_is_waited_for():
    clock = Clock()
    budget = budget_of(clock)
    held = {}
    for wait in Wait:
        clock.now = 100.0
        held[budget.enter(Peer())] = wait
    for one, wait in held.items():
        one.waits(wait)
    working = budget.enter(Peer())
    working.works()
    ended_at: dict[str, int] = {}
    for second in range(1, 70):
        clock.now = 100.0 + second
        ended_at |= {held[late].name: second for late in budget._overdue()}
    assert ended_at == {"LEAVING": 5, "HEADERS": 10, "BODY": 30, "TAKING": 30, "REQUEST": 60}
    assert working.is_here


async def test_networks_of_ipv6():
    clock = Clock()
    budget = budget_of(clock, Room(10_000, 10_000))
    door = SocketsByAddress(budget, 2)

    def add(address):
        held = enter(budget, clock)
        door.add(held, address)
        return held

    same = [add(f"2001:db8:0:1::{n}") for n in range(1, 4)]
    assert [one.is_here for one in same] == [False, True, True]
    spread = [add(f"2001:db8:0:{n:x}::1") for n in range(2, 30)]
    assert sum(one.is_here for one in [*same, *spread]) == 20
    elsewhere = add("2001:db8:1::1")
    assert elsewhere.is_here
    for one in [*same, *spread, elsewhere]:
        door.remove(one)
    assert not door._held


async def test_a_proxys_request_is_refused_and_not_its_connection():
    clock = Clock()
    budget = budget_of(clock)
    door = SocketsByAddress(budget, 1)
    one, other = enter(budget, clock), enter(budget, clock)
    assert door.admit(one, "192.0.2.1")
    assert not door.admit(other, "192.0.2.1")
    assert door.admit(other, "192.0.2.2")
    door.remove(one)
    assert door.admit(other, "192.0.2.1")
    assert one.is_here and other.is_here


async def test_those_that_settled_are_trimmed():
    clock = Clock()
    budget = budget_of(clock)
    door = SocketsByAddress(budget, 100)
    held = [enter(budget, clock) for _ in range(6)]
    for one in held:
        door.add(one, "192.0.2.1")
    door.trim(2, before=held[3].since)
    assert [one.is_here for one in held] == [False, False, True, True, True, True]
