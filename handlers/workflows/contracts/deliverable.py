"""A deliverable: what was handed in for a milestone. It follows the milestone."""

from handlers.workflows.contracts.belonging import FACTS, ROOTS, people
from handlers.workflows.words import SYSTEM
from protocol.machine import Machine, transition
from storage.workflows.workflow import Workflow

DELIVERABLE = Machine("deliverable", "deliverables", {}, (
    transition("submit", "", "submitted", SYSTEM),
    transition("review", "submitted", "under_review", SYSTEM),
    transition("approve", "submitted under_review", "approved", SYSTEM,
               stamps="reviewed_at approved_at"),
    transition("request_revision", "submitted under_review", "revision_requested", SYSTEM,
               stamps="reviewed_at"),
    transition("reject", "submitted under_review", "rejected", SYSTEM, stamps="reviewed_at"),
))  # fmt: skip

WORKFLOW = Workflow(DELIVERABLE, resource="deliverables", roots=ROOTS, audience=people, facts=FACTS)
