"""What is told of the deliveries of a notification, and why each stands as it does."""

import msgspec


class DeliveryShown(msgspec.Struct, frozen=True):
    """One e-mail or push. Times are RFC 3339.

    Without an `id` none was queued by the channel, for a `reason` that is told as things stand now:
    it is turned off, no device takes pushes, the conversation is muted, or it was read before.
    `status` is pending (not judged yet), deferred (judged again later), leased (at work), sent,
    cancelled (without a point any more), suppressed (without a way) or dead (given up); `reason`
    says why, None before it was judged. `next_attempt_at` is when it is judged next, None once it
    is over. With `is_digest` it told of others too; such a one is shown from when it was due.
    """

    id: str | None
    channel: str
    status: str
    reason: str | None
    attempts: int
    is_digest: bool
    next_attempt_at: str | None
    sent_at: str | None
    created_at: str


class DeliveriesShown(msgspec.Struct, frozen=True):
    """The deliveries of a notification, the newest first; at most a hundred."""

    data: list[DeliveryShown]
