"""An escrow: the money that a contract holds. It is closed with the contract."""

from handlers.workflows.contracts.belonging import FACTS, ROOTS, people
from handlers.workflows.words import SYSTEM
from protocol.machine import Machine, transition
from storage.workflows.workflow import Workflow

ESCROW = Machine("escrow", "escrows", {}, (
    transition("open", "", "active", SYSTEM),
    transition("release", "active", "releasing", SYSTEM),
    transition("released", "releasing", "released", SYSTEM),
    transition("refund", "active", "refunding", SYSTEM),
    transition("refunded", "refunding", "refunded", SYSTEM),
))  # fmt: skip

WORKFLOW = Workflow(ESCROW, resource="escrows", roots=ROOTS, audience=people, facts=FACTS)
