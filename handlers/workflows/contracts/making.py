"""How a contract begins: with its terms, milestones, member, escrow and conversation."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from handlers.workflows.contracts.terms import terms_of
from handlers.workflows.fees import fee_of_total
from protocol.money.plan import percents_reached
from protocol.money.shares import WHOLE
from storage.database.write_steps import converse
from storage.workflows.rows import Row
from storage.workflows.work import Work


class Part(NamedTuple):
    """A milestone that is agreed on."""

    title: str
    amount: Decimal
    description: str | None = None
    due_date: datetime | None = None


async def begin_contract(work: Work, action: str, parts: Sequence[Part], **agreed: Any) -> Row:
    """A new contract, by `action` of its machine, of whose columns `agreed` are known.

    The parts are its milestones, whose amounts sum to `total_amount`. Raises `RequestError` where
    the platform has no fee for it.
    """
    total, currency = agreed["total_amount"], agreed["currency"]
    assert sum(part.amount for part in parts) == total, "milestones that are not the total"
    agreed["platform_fee"] = await fee_of_total(work, total, currency, work.now)
    percents = percents_reached([part.amount for part in parts])
    planned = [
        {"seq": seq, "percentage": percent, **part._asdict()}
        for seq, (part, percent) in enumerate(zip(parts, percents, strict=True), 1)
    ]
    terms = terms_of(agreed, planned)
    conversation = work.new_ids.next()
    contract = await work.begin("contract", action, **agreed, **terms, conversation_id=conversation)
    for columns in planned:
        await work.begin("milestone", "plan", contract_id=contract.id, **columns)
    work.insert(
        "contract_members",
        contract_id=contract.id,
        user_id=contract["freelancer_id"],
        role="freelancer",
        share_bp=WHOLE,
        status="accepted",
    )
    await work.begin("escrow", "open", contract_id=contract.id, currency=currency)
    work.do(converse(conversation, contract))
    return contract
