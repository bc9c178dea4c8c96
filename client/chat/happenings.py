"""What system messages say, in English; a client in another language has its own words."""

from protocol.objects import SystemText

_WORDS = {
    ("contracts", "offer"): "offered a contract",
    ("contracts", "accept"): "accepted the contract",
    ("contracts", "decline"): "declined the contract",
    ("contracts", "cancel"): "cancelled the contract",
    ("contracts", "pay"): "paid for the order",
    ("contracts", "start"): "the order is paid for",
    ("contracts", "fail"): "the payment for the order has failed",
    ("contracts", "complete"): "completed the contract",
    ("contracts", "end"): "ended the contract",
    ("contracts", "dispute"): "raised a dispute",
    ("contracts", "tip"): "gave a tip",
    ("proposals", "accept"): "accepted the proposal",
    ("milestones", "fund"): "funded a milestone",
    ("milestones", "hold"): "a milestone is funded",
    ("milestones", "fail"): "the payment for a milestone has failed",
    ("milestones", "submit"): "handed in a milestone",
    ("milestones", "approve"): "approved a milestone",
    ("milestones", "request-revision"): "asked for a revision",
    ("milestones", "cancel-late"): "cancelled a late milestone",
}
"""By resource and action; what is not listed is said by these two."""
_WAITING = {
    ("contracts", "pay", "pending_payment"): "is paying for the order",
    ("milestones", "fund", "pending"): "is paying for a milestone",
}
"""Of these the status says that the provider has not answered yet."""


def told(system: SystemText) -> str:
    """What happened, without who did it. Facts are as they were sent."""
    action = system.action.rpartition(".")[2]
    status = str(system.facts.get("status"))
    words = _WAITING.get((system.resource, action, status), _WORDS.get((system.resource, action)))
    if words is None:
        words = f"{_plain(system.resource)}: {_plain(action)}"
    named = system.facts.get("title")
    amount = " ".join(
        str(system.facts[fact]) for fact in ("amount", "currency") if system.facts.get(fact)
    )
    parts = [words]
    parts += [f"“{named}”"] if named else []
    parts += [f"({amount})"] if amount else []
    return f"* {' '.join(parts)}"


def _plain(name: str) -> str:
    return name.replace("-", " ").replace("_", " ")
