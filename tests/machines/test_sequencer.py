"""The sequencer: in order, each once, however it arrives; its mark promises nothing false."""

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from protocol.sequencer import Gap, Sequencer

HOLD_S = 0.25


def offer(sequencer: Sequencer[int], rev: int, now: float = 0.0, eid: bytes = b"") -> list[int]:
    return sequencer.offer(b"c", rev, eid, rev, now)


def test_what_skips_ahead_waits_for_what_comes_before() -> None:
    sequencer: Sequencer[int] = Sequencer()
    assert offer(sequencer, 1) == [1]
    assert offer(sequencer, 4) == []
    assert offer(sequencer, 3) == []
    assert sequencer.is_holding
    assert offer(sequencer, 2) == [2, 3, 4]
    assert not sequencer.is_holding


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
    assert sequencer.gaps(1.2, HOLD_S) == []
    assert sequencer.gaps(1.3, HOLD_S) == [Gap(b"c", 1)]
    assert sequencer.gaps(1.4, HOLD_S) == []
    assert sequencer.gaps(1.6, HOLD_S) == [Gap(b"c", 1)]


def test_a_fetched_gap_lets_go_of_what_follows_on_it() -> None:
    sequencer: Sequencer[int] = Sequencer()
    for rev in (1, 3, 5, 7):
        offer(sequencer, rev)
    assert sequencer.restart(b"c", 4, 0.0) == [5]
    assert sequencer.gaps(1.0, HOLD_S) == [Gap(b"c", 5)]
    assert sequencer.restart(b"c", 7, 1.0) == []
    assert not sequencer.is_holding


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
    sequencer.begin(b"c", 4)
    assert offer(sequencer, 6) == []
    assert offer(sequencer, 5) == [5, 6]


def test_a_rev_that_is_known_to_exist_is_missed() -> None:
    sequencer: Sequencer[int] = Sequencer()
    sequencer.begin(b"c", 4)
    sequencer.expect(b"c", 4, 0.0)
    assert not sequencer.is_holding
    sequencer.expect(b"c", 5, 0.0)
    assert sequencer.gaps(1.0, HOLD_S) == [Gap(b"c", 4)]
    assert offer(sequencer, 5) == [5]
    assert not sequencer.is_holding


def test_giving_up_goes_on_from_the_newest() -> None:
    sequencer: Sequencer[int] = Sequencer()
    for rev in (1, 4, 9):
        offer(sequencer, rev)
    sequencer.give_up(b"c")
    assert not sequencer.is_holding
    assert offer(sequencer, 10) == [10]


def test_a_forgotten_conversation_begins_anew() -> None:
    sequencer: Sequencer[int] = Sequencer("1-0")
    offer(sequencer, 1)
    sequencer.offer(b"c", 9, b"", 9, 0.0, "2-0")
    sequencer.forget(b"c")
    assert not sequencer.is_holding
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
            self.sequencer.begin(name, 0)

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
        for gap in self.sequencer.gaps(self.now, HOLD_S):
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
