"""Steps that are put together write what they wrote one by one."""

from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from storage.database.write_steps import Step, add, delete, insert, update
from storage.workflows.execution.fewer import HISTORY, fewer

ROWS = [UUID(int=n) for n in range(3)]
TABLES = st.sampled_from(["contracts", "milestones"])
KEYS = st.sampled_from(ROWS)
VALUES = st.dictionaries(
    st.sampled_from(["amount", "title", "milestone_id", "status"]),
    st.one_of(st.integers(0, 9), KEYS),
    min_size=1,
)
STEPS = st.lists(
    st.one_of(
        st.builds(update, TABLES, KEYS, VALUES),
        st.builds(delete, TABLES, KEYS),
        st.builds(lambda table, key: add(table, key, amount=1), TABLES, KEYS),
        st.builds(insert, TABLES, VALUES),
        st.builds(lambda key: insert(HISTORY, {"entity_id": key}), KEYS),
    ),
    max_size=12,
)


def written(steps: Iterable[Step]) -> tuple[object, ...]:
    """What is in the tables afterwards, and the states that each row has had."""
    rows: dict[tuple[str, UUID], dict[str, object]] = {}
    states: dict[tuple[str, UUID], list[object]] = defaultdict(list)
    made: dict[str, list[object]] = defaultdict(list)
    for step in steps:
        made[step["table"]] += step.get("rows", [step["row"]] if "row" in step else [])
        key: UUID = step.get("id", ROWS[0])
        row = (step["table"], key)
        if step["do"] == "update":
            rows.setdefault(row, {}).update(step["set"])
            states[row] += [step["set"]["status"]] if "status" in step["set"] else []
        elif step["do"] == "delete":
            rows.pop(row, None)
        elif step["do"] == "add":
            values = rows.setdefault(row, {})
            before = values.get("amount", 0)
            values["amount"] = (before if isinstance(before, int) else 0) + 1
    return rows, states, made


@given(STEPS)
def test_the_rows_and_their_states_are_the_same(steps):
    assert written(fewer(steps)) == written(steps)


def test_updates_of_a_row_are_one_unless_each_moves_it():
    key, other = ROWS[:2]
    found = fewer(
        [
            update("milestones", key, {"status": "approved"}),
            insert(HISTORY, {"entity_id": key, "to_status": "approved"}),
            update("milestones", key, {"auto_approve_at": None}),
            update("milestones", key, {"released": 3}),
            update("milestones", other, {"released": 4}),
            update("milestones", key, {"status": "paid", "paid_at": "now"}),
            insert(HISTORY, {"entity_id": key, "to_status": "paid"}),
        ]
    )
    assert [step["set"] for step in found[:-1]] == [
        {"status": "approved", "auto_approve_at": None, "released": 3},
        {"released": 4},
        {"status": "paid", "paid_at": "now"},
    ]
    assert [row["to_status"] for row in found[-1]["rows"]] == ["approved", "paid"]


def test_what_refers_to_a_row_is_not_written_before_that_row():
    contract, conversation = ROWS[:2]
    found = fewer(
        [
            update("contracts", contract, {"status": "active"}),
            insert("conversations", {"id": conversation}),
            update("contracts", contract, {"conversation_id": conversation}),
        ]
    )
    assert [step["do"] for step in found] == ["update", "insert", "update"]


def test_an_update_waits_for_the_next_one_of_its_row():
    contract, milestone = ROWS[:2]
    found = fewer(
        [
            update("milestones", milestone, {"released": 3}),
            insert("releases", {"id": contract}),
            update("milestones", milestone, {"status": "paid"}),
        ]
    )
    assert [step.get("set") for step in found] == [None, {"released": 3, "status": "paid"}]


def test_nothing_waits_for_longer_than_until_a_row_is_taken_away():
    lot, account = ROWS[:2]
    steps = [
        update("releases", account, {"lot_id": None}),
        delete("ledger_lots", lot),
        update("releases", account, {"status": "cleared"}),
    ]
    assert fewer(steps) == steps
