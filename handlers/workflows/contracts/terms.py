"""What the parties of a contract agree on: its words, and their hash."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from protocol.money.currency import shown
from protocol.text import format_time


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
        due = "" if part.get("due_date") is None else f", due {format_time(part['due_date'])}"
        yield f"{part['seq']}. {part['title']}: {shown(part['amount'], currency)} {currency}{due}"
        if part.get("description"):
            yield part["description"]
    yield "Scope:"
    yield contract["scope_of_work"]
    yield "What it is for:"
    yield contract["description"]
