"""The sequencer: in order, each once, however it arrives; its mark promises nothing false."""

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from protocol.sequencer import HELD_MAX, Gap, Sequencer

HOLD_S = 0.25


def offer(sequencer: Sequencer[int], rev: int, now: float = 0.0, eid: bytes = b"") -> list[int]:
    return sequencer.offer(b"c", rev, eid, rev, now)


def test_what_skips_ahead_waits_for_what_comes_before() -> None:
    sequencer: Sequencer[int] = Sequencer()
    assert offer(sequencer, 1) == [1]
    assert offer(sequencer, 4) == []
    assert offer(sequencer, 3) == []
    assert sequencer.gapped
    assert offer(sequencer, 2) == [2, 3, 4]
    assert not sequencer.gapped


def test_what_is_old_is_dropped() -> None:
    sequencer: Sequencer[int] = Sequencer()
    assert offer(sequencer, 5) == [5]
    assert offer(sequencer, 5) == []
    assert offer(sequencer, 4) == []


def test_two_events_of_one_rev_both_pass_once() -> None:
    sequencer: Sequencer[int] = Sequencer()
    assert offer(sequencer, 5, eid=b"created") == [5]
    assert offer(sequencer, 5, eid=b"joined") == [5]
    assert offer(sequencer, 5, eid=b"created") == []
    assert offer(sequencer, 5, eid=b"joined") == []


def test_a_gap_is_due_after_its_time_and_then_again() -> None:
    sequencer: Sequencer[int] = Sequencer()
    offer(sequencer, 1, now=0.0)
    offer(sequencer, 3, now=1.0)
    offer(sequencer, 6, now=1.1)
    assert sequencer.due(1.2, HOLD_S)[1] == []
    assert sequencer.due(1.3, HOLD_S)[1] == [Gap(b"c", 1)]
    assert sequencer.due(1.4, HOLD_S)[1] == []
    assert sequencer.due(1.6, HOLD_S)[1] == [Gap(b"c", 1)]


def test_a_fetched_gap_lets_go_of_what_follows_on_it() -> None:
    sequencer: Sequencer[int] = Sequencer()
    for rev in (1, 3, 5, 7):
        offer(sequencer, rev)
    assert sequencer.restart(b"c", 4, 0.0) == [5]
    assert sequencer.due(1.0, HOLD_S)[1] == [Gap(b"c", 5)]
    assert sequencer.restart(b"c", 7, 1.0) == []
    assert not sequencer.gapped


def test_being_taken_in_anew_sets_the_start() -> None:
    sequencer: Sequencer[int] = Sequencer()
    offer(sequencer, 3)
    assert sequencer.restart(b"c", 20, 0.0) == []
    assert offer(sequencer, 21) == [21]


def test_being_taken_in_anew_lets_go_of_what_came_first() -> None:
    sequencer: Sequencer[int] = Sequencer()
    offer(sequencer, 3)
    assert offer(sequencer, 20, eid=b"joined") == []
    assert sequencer.restart(b"c", 19, 0.0) == [20]
    assert offer(sequencer, 20, eid=b"created") == [20]


def test_a_base_that_was_said_finds_the_first_gap() -> None:
    sequencer: Sequencer[int] = Sequencer()
    sequencer.begin(b"c", 4, 0.0)
    assert offer(sequencer, 6) == []
    assert offer(sequencer, 5) == [5, 6]


def test_a_rev_that_is_known_to_exist_is_missed() -> None:
    sequencer: Sequencer[int] = Sequencer()
    sequencer.begin(b"c", 4, 0.0)
    sequencer.expect(b"c", 4, 0.0)
    assert not sequencer.gapped
    sequencer.expect(b"c", 5, 0.0)
    assert sequencer.due(1.0, HOLD_S)[1] == [Gap(b"c", 4)]
    assert offer(sequencer, 5) == [5]
    assert not sequencer.gapped


def test_giving_up_goes_on_from_the_newest() -> None:
    sequencer: Sequencer[int] = Sequencer()
    for rev in (1, 4, 9):
        offer(sequencer, rev)
    sequencer.give_up(b"c")
    assert not sequencer.gapped
    assert offer(sequencer, 10) == [10]


def test_a_gap_for_which_too_much_waits_is_told_at_once() -> None:
    sequencer: Sequencer[int] = Sequencer()
    offer(sequencer, 1)
    for rev in range(3, 3 + HELD_MAX):
        offer(sequencer, rev)
    assert sequencer.due(0.0, HOLD_S)[1] == []
    offer(sequencer, 3 + HELD_MAX)
    assert sequencer.due(0.0, HOLD_S)[1] == [Gap(b"c", 1, is_overfull=True)]


def test_a_forgotten_conversation_begins_anew() -> None:
    sequencer: Sequencer[int] = Sequencer("1-0")
    offer(sequencer, 1)
    sequencer.offer(b"c", 9, b"", 9, 0.0, "2-0")
    sequencer.forget(b"c")
    assert not sequencer.gapped
    assert sequencer.mark == "2-0"
    assert offer(sequencer, 3) == [3]


def test_conversations_do_not_wait_for_each_other() -> None:
    sequencer: Sequencer[int] = Sequencer()
    offer(sequencer, 1)
    assert offer(sequencer, 3) == []
    assert sequencer.offer(b"other", 9, b"", 9, 0.0) == [9]


def test_the_mark_stays_before_what_is_held() -> None:
    sequencer: Sequencer[int] = Sequencer("5-0")
    assert sequencer.offer(b"c", 1, b"", 1, 0.0, "6-0") == [1]
    assert sequencer.mark == "6-0"
    assert sequencer.offer(b"c", 3, b"", 3, 0.0, "7-0") == []
    sequencer.arrive("8-0")
    assert sequencer.offer(b"other", 1, b"", 1, 0.0, "9-0") == [1]
    assert sequencer.mark == "6-0"
    assert sequencer.offer(b"c", 2, b"", 2, 0.0, "10-0") == [2, 3]
    assert sequencer.mark == "10-0"


def first(sequencer: Sequencer[int], rev: int, now: float = 0.0) -> list[int]:
    """An event before which another may be under way."""
    sequencer.may_follow(b"c", rev, now)
    return offer(sequencer, rev, now)


def test_a_first_event_waits_for_an_earlier_one() -> None:
    sequencer: Sequencer[int] = Sequencer()
    assert first(sequencer, 7) == []
    assert sequencer.gapped
    assert sequencer.rev_of(b"c") is None
    assert offer(sequencer, 6) == [6, 7]
    assert not sequencer.gapped
    assert offer(sequencer, 8) == [8]


def test_of_several_first_events_each_may_wait_for_an_earlier_one() -> None:
    sequencer: Sequencer[int] = Sequencer()
    assert first(sequencer, 7) == []
    assert first(sequencer, 6) == []
    assert offer(sequencer, 5) == [5, 6, 7]


def test_first_events_are_let_through_when_nothing_comes_before_them() -> None:
    sequencer: Sequencer[int] = Sequencer("1-0")
    sequencer.may_follow(b"c", 7, 1.0)
    assert sequencer.offer(b"c", 7, b"", 7, 1.0, "2-0") == []
    assert first(sequencer, 8, 1.1) == []
    assert sequencer.mark == "1-0"
    assert sequencer.due(1.1, HOLD_S) == ([], [])
    assert sequencer.due(1.2, HOLD_S)[0] == []
    assert sequencer.due(1.3, HOLD_S)[0] == [7, 8]
    assert sequencer.mark == "2-0"
    assert not sequencer.gapped
    assert sequencer.is_missed(b"c", 6)


def test_a_gap_among_first_events_is_fetched_once_the_order_has_begun() -> None:
    sequencer: Sequencer[int] = Sequencer()
    first(sequencer, 7)
    first(sequencer, 9)
    assert sequencer.due(1.0, HOLD_S)[0] == [7]
    assert sequencer.due(2.0, HOLD_S)[1] == [Gap(b"c", 7)]


def test_the_whole_conversation_ends_the_waiting() -> None:
    sequencer: Sequencer[int] = Sequencer()
    assert first(sequencer, 2) == []
    assert sequencer.restart(b"c", 0, 0.0) == []
    assert offer(sequencer, 1) == [1, 2]


def test_an_order_that_has_begun_waits_for_nothing() -> None:
    sequencer: Sequencer[int] = Sequencer()
    assert offer(sequencer, 6) == [6]
    assert first(sequencer, 7) == [7]


def test_below_the_beginning_is_missed_and_above_it_is_not() -> None:
    sequencer: Sequencer[int] = Sequencer()
    assert not sequencer.is_missed(b"c", 5)
    offer(sequencer, 6)
    offer(sequencer, 7)
    assert [rev for rev in range(4, 10) if sequencer.is_missed(b"c", rev)] == [4, 5]


def test_what_somebody_holds_is_missed_by_the_others() -> None:
    sequencer: Sequencer[int] = Sequencer()
    sequencer.begin(b"c", 6, 0.0)
    assert sequencer.is_missed(b"c", 6)
    assert not sequencer.is_missed(b"c", 7)


def test_who_holds_more_than_what_waits_skips_none_of_it() -> None:
    sequencer: Sequencer[int] = Sequencer()
    first(sequencer, 7)
    assert sequencer.begin(b"c", 9, 0.0) == [7]
    assert offer(sequencer, 8) == [8]


def test_a_forgotten_beginning_holds_nothing() -> None:
    sequencer: Sequencer[int] = Sequencer("1-0")
    sequencer.may_follow(b"c", 7, 0.0)
    sequencer.offer(b"c", 7, b"", 7, 0.0, "2-0")
    sequencer.forget(b"c")
    assert not sequencer.gapped
    assert sequencer.mark == "2-0"


def test_too_many_first_events_wait_no_longer() -> None:
    sequencer: Sequencer[int] = Sequencer()
    revs = range(7, 8 + HELD_MAX)
    for rev in revs:
        assert sequencer.due(0.0, HOLD_S)[0] == []
        first(sequencer, rev)
    assert sequencer.due(0.0, HOLD_S)[0] == list(revs)
    assert not sequencer.gapped
    assert offer(sequencer, 8 + HELD_MAX) == [8 + HELD_MAX]


@given(st.permutations(range(5, 12)), st.sets(st.integers(5, 11)), st.integers(0, 7))
def test_whatever_begins_all_after_it_comes_out_in_order_and_all_before_is_missed(
    arrivals: list[int], following: set[int], late: int
) -> None:
    """First events wait, or do not; after some of them the waiting is over."""
    sequencer: Sequencer[int] = Sequencer()
    out: list[int] = []
    missed = []
    for number, rev in enumerate(arrivals):
        if number == late:
            out += sequencer.due(1.0, HOLD_S)[0]
        if rev in following:
            sequencer.may_follow(b"c", rev, 0.0)
        if sequencer.is_missed(b"c", rev):
            missed.append(rev)
        else:
            out += offer(sequencer, rev)
    out += sequencer.due(1.0, HOLD_S)[0]
    assert out == list(range(out[0], 12))
    assert sorted(missed) == list(range(5, out[0]))
    assert not sequencer.gapped


@given(st.permutations(range(2, 20)), st.lists(st.integers(1, 19), max_size=20))
def test_any_order_with_repeats_comes_out_in_order_each_once(
    arrivals: list[int], repeats: list[int]
) -> None:
    sequencer: Sequencer[int] = Sequencer()
    out = offer(sequencer, 1)
    for number, rev in enumerate(arrivals):
        out += offer(sequencer, rev)
        if number < len(repeats):
            out += offer(sequencer, repeats[number])
    assert out == list(range(1, 20))


class Channel(RuleBasedStateMachine):
    """Two conversations published in any order, some entries lost, gaps fetched now and then."""

    def __init__(self) -> None:
        super().__init__()
        self.sequencer: Sequencer[tuple[bytes, int]] = Sequencer("0")
        self.committed = {b"a": 0, b"b": 0}
        self.unpublished: list[tuple[bytes, int]] = []
        self.log: list[tuple[bytes, int]] = []
        self.told: dict[bytes, int] = {b"a": 0, b"b": 0}
        self.now = 0.0
        for name in self.told:
            self.sequencer.begin(name, 0, 0.0)

    @rule(name=st.sampled_from([b"a", b"b"]), count=st.integers(1, 4))
    def commit(self, name: bytes, count: int) -> None:
        for _ in range(count):
            self.committed[name] += 1
            self.unpublished.append((name, self.committed[name]))

    @precondition(lambda self: self.unpublished)
    @rule(data=st.data(), is_heard=st.booleans())
    def publish(self, data: st.DataObject, *, is_heard: bool) -> None:
        """In any order, also one that was published before; the channel may miss it."""
        one = data.draw(st.sampled_from(self.unpublished + self.log[-3:]))
        if one in self.unpublished:
            self.unpublished.remove(one)
        self.log.append(one)
        if is_heard or one in self.log[:-1]:
            self.hear(one, str(len(self.log)))

    def hear(self, one: tuple[bytes, int], place: str) -> None:
        name, rev = one
        eid = b"%b.%d" % one
        self.tell(self.sequencer.offer(name, rev, eid, one, self.now, place))

    def tell(self, ready: list[tuple[bytes, int]]) -> None:
        for name, rev in ready:
            assert rev == self.told[name] + 1
            self.told[name] = rev

    @rule()
    def fetch(self) -> None:
        """Everything committed is in the snapshot."""
        self.now += 1.0
        for gap in self.sequencer.due(self.now, HOLD_S)[1]:
            assert gap.rev == self.told[gap.conversation_id]
            self.told[gap.conversation_id] = self.committed[gap.conversation_id]
            self.tell(
                self.sequencer.restart(
                    gap.conversation_id, self.committed[gap.conversation_id], self.now
                )
            )

    @invariant()
    def the_mark_promises_nothing_false(self) -> None:
        """What was heard up to the mark has been told: no entry heard waits at or before it."""
        heard_to = int(self.sequencer.mark)
        for name in (b"a", b"b"):
            rev = self.sequencer.rev_of(name)
            assert rev == self.told[name]
            log = self.sequencer._logs[name]
            for arrival, one in log.held.values():
                assert self.sequencer._befores[arrival] >= ""
                assert self.log.index(one) + 1 > heard_to or one in self.log[heard_to:]

    @invariant()
    def something_is_gapped_if_and_only_if_it_is_held(self) -> None:
        held = {name for name, log in self.sequencer._logs.items() if log.held}
        assert held == self.sequencer.gapped


TestChannel = Channel.TestCase
