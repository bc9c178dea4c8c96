"""What functions in PostgreSQL answer, as the error that refuses the command: one table."""

from protocol.errors import ErrorCode, RequestError

ACCEPTED = frozenset({"ok", "repeat", "unchanged"})
"""Verdicts that refuse nothing; only `ok` has changed anything."""

_MISSING = {
    "message_not_found": "message",
    "user_not_found": "user",
    "subject_not_found": "subject",
    "template_not_found": "template",
    "job_not_found": "job",
    "contract_not_found": "contract",
}

_INVALID = {
    "invalid_parent": ("parent_id", "no message of this conversation that can be replied to"),
    "support_is_with_staff": ("participant_ids", "support: all others must be staff"),
    "without_the_owner_of_the_job": ("job_id", "the owner of the job must take part"),
    "not_a_party": ("contract_id", "everybody must be a party of the contract or staff"),
    "invalid_attachment": ("attachments", "every file must be the sender's own and be ready"),
}

_REFUSED = {
    "forbidden": (ErrorCode.FORBIDDEN, "not allowed here"),
    "ruled_by_contract": (
        ErrorCode.FORBIDDEN,
        "who is in a contract's conversation, its title and its status follow the contract",
    ),
    "closed": (ErrorCode.CONVERSATION_CLOSED, "the conversation is closed"),
    "blocked": (ErrorCode.BLOCKED, "one of you has blocked the other, or takes no such messages"),
    "mismatch": (
        ErrorCode.DUPLICATE_MISMATCH,
        "client_id: used before with another request",
    ),
    "deleted": (ErrorCode.CONFLICT, "the message is deleted"),
    "too_many_emojis": (ErrorCode.CONFLICT, "too many different reactions on this message"),
    "too_many_own_emojis": (ErrorCode.CONFLICT, "too many different reactions of yours"),
    "too_many_pins": (ErrorCode.CONFLICT, "too many pinned messages in this conversation"),
    "too_many_participants": (ErrorCode.CONFLICT, "too many participants"),
    "too_many_blocks": (ErrorCode.CONFLICT, "too many blocked users"),
    "too_many_templates": (ErrorCode.CONFLICT, "too many templates"),
    "too_many_devices": (ErrorCode.CONFLICT, "too many devices: delete one first"),
    "device_taken": (
        ErrorCode.CONFLICT,
        "another login has this device, and not with the same keys",
    ),
}


def raise_for(verdict: str, what: str = "conversation", *, limit: int | None = None) -> None:
    """Return if `verdict` accepts; otherwise raise its `RequestError`.

    `what` names the thing that `not_found` speaks of and `unavailable` waits for; `limit` is
    told to who has passed one. An unknown verdict is a bug: `LookupError`.
    """
    if verdict in ACCEPTED:
        return
    if verdict == "not_found":
        raise RequestError.not_found(what)
    if verdict == "busy":
        raise RequestError.unavailable(f"the {what}")
    if verdict in _MISSING:
        raise RequestError.not_found(_MISSING[verdict])
    if verdict in _INVALID:
        path, reason = _INVALID[verdict]
        raise RequestError.invalid(path, reason)
    if verdict not in _REFUSED:
        raise LookupError(f"unknown verdict {verdict!r}")
    code, message = _REFUSED[verdict]
    is_over = limit is not None and verdict.startswith("too_many_")
    raise RequestError(code, message, {"limit": limit} if is_over else None)
