"""A seed is a schedule, and every kind of fault is in it."""

import random

from loadtests.chaos.faults import FAULTS, schedule


def names(seed, count):
    return [fault.name for fault in schedule(random.Random(seed), count)]


def test_the_same_seed_is_the_same_schedule():
    assert names("7", 150) == names("7", 150)
    assert names("7", 150) != names("8", 150)


def test_every_kind_comes_as_often_as_any_other():
    told = names("7", 2 * len(FAULTS))
    assert {told.count(fault.name) for fault in FAULTS} == {2}


def test_kinds_have_names_of_their_own():
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)
