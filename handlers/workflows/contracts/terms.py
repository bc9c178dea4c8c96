"""What the parties of a contract agree on: its words, their hash, and the platform's fee."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from protocol.errors import ErrorCode, RequestError
from protocol.money.currency import shown
from protocol.money.fees import NoTierError, Tier, fee_of
from storage.workflows.work import Work


async def fee_of_total(work: Work, total: Decimal, currency: str, at: datetime) -> Decimal:
    """The platform's fee of a whole contract, by the tiers in force when it was made.

    Raises `RequestError` (`conflict`) where there is no tier for it.
    """
    records = await work.ask("contracts", "tiers", currency, at)
    try:
        return fee_of(total, (Tier(*record.values()) for record in records), currency)
    except NoTierError as error:
        message = "the platform has no fee for this currency and amount"
        raise RequestError(ErrorCode.CONFLICT, message, {"path": "currency"}) from error


def terms_of(
    contract: Mapping[str, Any], milestones: Iterable[Mapping[str, Any]]
) -> dict[str, str]:
    """The columns `terms` and `terms_hash` of a contract with these milestones.

    The hash is SHA-256 of the terms in UTF-8: whoever has the text can tell that it is the same.
    """
    text = "\n".join(_lines(contract, milestones))
    return {"terms": text, "terms_hash": "\\x" + hashlib.sha256(text.encode()).hexdigest()}


def _lines(contract: Mapping[str, Any], milestones: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    currency = contract["currency"]
    yield contract["title"]
    yield f"Client: {contract['client_id']}"
    yield f"Freelancer: {contract['freelancer_id']}"
    total, fee = contract["total_amount"], contract["platform_fee"]
    yield f"Total: {shown(total, currency)} {currency}"
    yield f"Fee of the platform, taken from it: {shown(fee, currency)} {currency}"
    if contract.get("estimated_hours") is not None:
        yield f"Hours: {contract['estimated_hours']}"
    if contract.get("deadline") is not None:
        yield f"Deadline: {contract['deadline']}"
    yield f"Revisions: {contract['revisions_allowed']}"
    yield "Milestones:"
    for part in milestones:
        due = "" if part.get("due_date") is None else f", due {part['due_date'].isoformat()}"
        yield f"{part['seq']}. {part['title']}: {shown(part['amount'], currency)} {currency}{due}"
        if part.get("description"):
            yield part["description"]
    yield "Scope:"
    yield contract["scope_of_work"]
    yield "What it is for:"
    yield contract["description"]
