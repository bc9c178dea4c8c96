"""The names under which clients are told what the machines do."""

from handlers.resources.machines import MACHINES
from handlers.workflows import WORKFLOWS
from protocol.events import (
    DOMAIN_EVENTS,
    DOMAIN_NAMES,
    DOMAIN_STATES,
    EVENTS,
    REMINDING,
    DomainEvent,
    MessageEvent,
    ReminderEvent,
    shape_of,
)

NOT_CARRIED_OUT = {
    *("account", "identity_verification", "report", "certification", "task", "analysis"),
    *("learning", "shadowing", "event", "meeting", "data_request", "webhook_endpoint"),
    *("webhook_delivery", "notification_delivery"),
}
"""Machines of which nobody is told anything yet."""


def test_every_state_of_a_machine_has_its_name():
    for machine in MACHINES:
        if machine.name in NOT_CARRIED_OUT:
            assert machine.name not in DOMAIN_STATES, "it is carried out, and told"
            continue
        told = {f"{machine.name}.{state}" for state in machine.states}
        assert told <= DOMAIN_EVENTS, machine.name
        named = {name for one in machine.transitions for name in one.events}
        assert named <= DOMAIN_EVENTS, machine.name


def test_a_machine_that_reminds_has_an_event_for_it():
    for workflow in WORKFLOWS.values():
        dues = [due for of in workflow.machine.dues.values() for due in of]
        if any(due.reminds for due in dues):
            assert workflow.machine.name in REMINDING


def test_a_name_means_one_thing():
    """`member.left` of a conversation is not that of a contract."""
    assert not DOMAIN_EVENTS & set(EVENTS)
    states = {f"{machine}.{state}" for machine, of in DOMAIN_STATES.items() for state in of.split()}
    assert not DOMAIN_NAMES & states
    assert shape_of("milestone.approved") is DomainEvent
    assert shape_of("milestone.reminder") is ReminderEvent
    assert shape_of("message.created") is MessageEvent
    assert shape_of("milestone.nonsense") is None
