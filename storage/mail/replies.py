"""What a server's reply means for a mail, and for the address that it was sent to.

The code of a reply says whether to try again (RFC 5321, section 4.2.1); its enhanced code (RFC
3463) says what it is about. Only replies about an address or a mailbox count against the address:
that a server distrusts us, or is short of disk, is not its owner's doing.
"""

import re

from storage.mail.port import MailOutcome, State

REASON_CHARS = 300
CLOSES = 421
"""The server ends the connection, whatever it was asked (RFC 5321, section 3.8)."""
_ADDRESS = r"[^\s<>()\[\]\",;:]+@[^\s<>()\[\]\",;:]+"

HARD = frozenset({"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"})
"""There is no such mailbox, or it takes no mail any more."""
_OF_MAILBOX = re.compile(r"[45]\.(?:1\.(?![78]\Z)|2\.)\d{1,3}")
"""5.1.7 and 5.1.8 are about the sender's."""
_OF_RECIPIENT = re.compile(r"[45]\.(?:1\.(?![78]\Z)|[24]\.)\d{1,3}")
_ENHANCED = re.compile(r"\s*([245]\.\d{1,3}\.\d{1,3})(?=[\s:;,]|\Z)")
_WITHOUT_ENHANCED = {450: "4.2.0", 551: "5.1.6", 553: "5.1.3"}
"""What a code says of a mailbox by itself, in answer to RCPT (RFC 5321). 550 may be a policy."""


def without_addresses(text: str, recipient: str) -> str:
    """The text without its recipient's address, and any other: what is kept is for operators."""
    for known in (
        re.escape(recipient),
        _ADDRESS,
        rf"\b{re.escape(recipient.rpartition('@')[0])}\b",
    ):
        text = re.sub(known, "(address)", text, flags=re.IGNORECASE)
    return text


def outcome_of_reply(code: int, text: str, *, to_recipient: bool) -> MailOutcome:
    """What a reply makes of a try; `to_recipient` where it answers RCPT."""
    found = _ENHANCED.match(text)
    enhanced = found[1] if found and found[1][0] == str(code)[0] else None
    if enhanced is None and to_recipient:
        enhanced = _WITHOUT_ENHANCED.get(code)
    reason = f"{code} {' '.join(text.split())}"[:REASON_CHARS]
    if 200 <= code < 300:
        return MailOutcome("sent", enhanced or str(code), reason)
    state: State = "rejected" if 500 <= code < 600 else "retry"
    is_of_address = enhanced is not None and bool(_OF_MAILBOX.fullmatch(enhanced))
    return MailOutcome(
        state, enhanced or str(code), reason, is_of_address, has_failed=code == CLOSES
    )


def is_hard(code: str) -> bool:
    """Whether the enhanced code says that an address takes no mail, now and later."""
    return code in HARD


def is_of_recipient(code: str) -> bool:
    """Whether a report by this enhanced code is about the recipient's mailbox, server or network.

    In a report that a mail did not arrive the network is that between other servers; in a reply to
    us it is our own.
    """
    return bool(_OF_RECIPIENT.fullmatch(code))
