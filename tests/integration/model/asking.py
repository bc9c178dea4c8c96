"""How a move of the model is asked of the server."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from tests.machines.workflow_model.state import Move, Split

Json = dict[str, Any]

_ROWS = {
    "accept": ("contract", "accept"),
    "decline": ("contract", "decline"),
    "cancel": ("contract", "cancel"),
    "end": ("contract", "end"),
    "terminate": ("contract", "terminate"),
    "fund": ("milestone", "fund"),
    "submit": ("milestone", "submit"),
    "request-revision": ("milestone", "request-revision"),
    "approve": ("milestone", "approve"),
    "cancel-late": ("milestone", "cancel-late"),
    "accept-amendment": ("amendment", "accept"),
    "decline-amendment": ("amendment", "decline"),
    "withdraw-amendment": ("amendment", "withdraw"),
    "expire-amendment": ("amendment", "expire"),
    "agree": ("cancellation", "agree"),
    "decline-cancellation": ("cancellation", "decline"),
    "withdraw-cancellation": ("cancellation", "withdraw"),
    "expire-cancellation": ("cancellation", "expire"),
    "respond": ("dispute", "respond"),
    "escalate": ("dispute", "escalate"),
    "review": ("dispute", "review"),
    "resolve": ("dispute", "resolve"),
    "withdraw": ("dispute", "withdraw"),
    "apply": ("dispute", "apply"),
    "mean": ("dispute", "mean"),
    "accept-offer": ("offer", "accept"),
    "decline-offer": ("offer", "decline"),
    "withdraw-offer": ("offer", "withdraw"),
    "expire-offer": ("offer", "expire"),
    "clear": ("release", "clear"),
    "approve-refund": ("refund", "approve"),
    "reject-refund": ("refund", "reject"),
    "withdraw-refund": ("refund", "withdraw"),
    "approve-withdrawal": ("withdrawal", "approve"),
    "cancel-withdrawal": ("withdrawal", "cancel"),
}
"""Which row a move is of, and what the server calls it."""
CREATIONS = {
    "amend": ("amendment", "contract-amendments"),
    "propose-cancellation": ("cancellation", "contract-cancellations"),
    "return-everything": ("cancellation", "contract-cancellations"),
    "raise": ("dispute", "disputes"),
    "offer": ("offer", "dispute-offers"),
    "request-refund": ("refund", "refunds"),
    "request-withdrawal": ("withdrawal", "withdrawals"),
}
"""Which row begins with a move, and where it is asked for."""
PATHS = {
    "contract": "contracts",
    "milestone": "milestones",
    "release": "releases",
    "amendment": "contract-amendments",
    "cancellation": "contract-cancellations",
    "dispute": "disputes",
    "offer": "dispute-offers",
    "refund": "refunds",
    "withdrawal": "withdrawals",
}
MACHINES = {"offer": "dispute_offer"}
"""What the server calls a machine that the model calls otherwise."""
_OF_EACH = frozenset({"milestone", "release", "refund"})
"""Of these there is one for each of the two places."""

Key = tuple[str, int]
"""A row of a walk: what it is, and its place."""


@dataclass
class Rows:
    """The ids of a walk's rows; of each kind and place that of the latest."""

    ids: dict[Key, str] = field(default_factory=dict)

    def of(self, move: Move) -> Key:
        """The row that a move is of, or that begins with it."""
        kind = CREATIONS[move.action][0] if move.action in CREATIONS else _ROWS[move.action][0]
        return kind, move.seq if kind in _OF_EACH else 0

    def path(self, key: Key) -> str:
        """The path of a row."""
        return f"{PATHS[key[0]]}/{self.ids[key]}"

    def split(self, split: Split) -> list[Json]:
        """A split as a body has it."""
        return [
            {
                f"{item.kind}_id": self.ids[item.kind, item.seq],
                "client_amount": item.client,
                "freelancer_amount": item.freelancer,
            }
            for item in split.items
        ]


def rows_of(action: str, ids: Iterable[Key]) -> list[Key]:
    """Of these rows those that an action is of."""
    return [key for key in ids if key[0] == _ROWS[action][0]]


def action_of(move: Move) -> str:
    """What the server calls a move that is no creation."""
    return _ROWS[move.action][1]


def is_known(key: Key, action: str) -> bool:
    """Whether the model has an action of a row, by the server's name."""
    return (key[0], action) in _ROWS.values()


def asked_of_rows() -> list[str]:
    """All moves that are no creations."""
    return list(_ROWS)


def body_of(move: Move, rows: Rows) -> Json:
    """The body of a move's request."""
    said: dict[str, Json] = {
        "fund": {"wallet": True},
        "submit": {"description": "Here it is."},
        "request-revision": {"notes": "Once more."},
    }
    if move.action in said:
        return said[move.action]
    if isinstance(move.args, Split):
        return _with_split(move, rows, move.args)
    contract = {"contract_id": rows.ids["contract", 0]}
    if move.action == "amend":
        changed = {"milestone_id": rows.ids["milestone", 1], "amount": move.args}
        return contract | {"reason": "Less of it.", "milestones": [changed]}
    if move.action == "request-refund":
        release = rows.ids["release", move.seq]
        return {"release_id": release, "amount": move.args, "reason": "The sound."}
    return {}


def _with_split(move: Move, rows: Rows, split: Split) -> Json:
    parts: Json = {"split": rows.split(split)}
    contract = {"contract_id": rows.ids["contract", 0]}
    goes_on = {"goes_on": split.go_on}
    match move.action:
        case "terminate":
            return parts | {"reason": "The terms were broken."}
        case "propose-cancellation" | "return-everything":
            return parts | contract | {"reason": "It rains."}
        case "raise":
            about = {"type": "quality", "title": "No sound", "description": "Half has none."}
            return parts | contract | goes_on | about
        case "respond":
            return parts | goes_on | {"answer": "It was agreed so."}
        case "resolve":
            return parts | goes_on | {"resolution": "So it is."}
        case _:
            return parts | goes_on | {"dispute_id": rows.ids["dispute", 0]}
