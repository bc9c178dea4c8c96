"""The order of commands on one connection, against a model that runs them one by one."""

from hypothesis import given
from hypothesis import strategies as st

from server.ws.lanes import Lanes

COMMANDS = st.lists(st.tuples(st.sampled_from("ab"), st.booleans()), max_size=30)


def test_sends_pipeline() -> None:
    lanes: Lanes[int] = Lanes()
    assert [lanes.enter("a", n, is_send=True) for n in range(3)] == [True, True, True]


def test_another_command_waits_for_the_sends_before_it_and_holds_those_after() -> None:
    lanes: Lanes[str] = Lanes()
    assert lanes.enter("a", "send 1", is_send=True)
    assert not lanes.enter("a", "edit", is_send=False)
    assert not lanes.enter("a", "send 2", is_send=True)
    assert lanes.leave("a").start == ["edit"]
    assert lanes.leave("a").start == ["send 2"]
    assert lanes.leave("a").start == ()


def test_other_conversations_do_not_wait() -> None:
    lanes: Lanes[str] = Lanes()
    assert lanes.enter("a", "edit", is_send=False)
    assert lanes.enter("b", "edit", is_send=False)


def test_a_retryable_refusal_refuses_the_sends_that_wait() -> None:
    lanes: Lanes[str] = Lanes()
    lanes.enter("a", "send 1", is_send=True)
    lanes.enter("a", "edit", is_send=False)
    lanes.enter("a", "send 2", is_send=True)
    lanes.enter("a", "send 3", is_send=True)
    released = lanes.leave("a", refuse_sends=True)
    assert released.refuse == ["send 2", "send 3"]
    assert released.start == ["edit"]


@given(COMMANDS, st.randoms(use_true_random=False))
def test_commands_of_a_lane_start_in_order_and_only_sends_overlap(
    commands: list[tuple[str, bool]], random: object
) -> None:
    lanes: Lanes[int] = Lanes()
    running: dict[str, list[int]] = {"a": [], "b": []}
    started: dict[str, list[int]] = {"a": [], "b": []}
    pending = list(enumerate(commands))

    def start(key: str, number: int) -> None:
        running[key].append(number)
        started[key].append(number)
        kinds = {commands[n][1] for n in running[key]}
        assert kinds == {True} or len(running[key]) == 1

    while pending or any(running.values()):
        busy = [key for key, numbers in running.items() if numbers]
        if pending and (not busy or random.random() < 0.5):  # type: ignore[attr-defined]  # Hypothesis' own generator
            number, (key, is_send) = pending.pop(0)
            if lanes.enter(key, number, is_send=is_send):
                start(key, number)
        else:
            key = random.choice(busy)  # type: ignore[attr-defined]  # Hypothesis' own generator
            ended = random.choice(running[key])  # type: ignore[attr-defined]  # Hypothesis' own generator
            running[key].remove(ended)
            for number in lanes.leave(key).start:
                start(key, number)
    for key in "ab":
        assert started[key] == [n for n, (k, _) in enumerate(commands) if k == key]
