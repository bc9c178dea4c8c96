"""What is recorded of a delivery: by how it was judged, or by what became of handing it over."""

import datetime as dt
import random

import structlog

from protocol.notifications.judgement import Cancel, Defer, Reason, Suppress
from server.notifications.sender import Handed, Tries
from storage.notifications.deliveries import Digested, Outcome, Ref
from storage.notifications.judging import Facts

log = structlog.get_logger()

_ERROR_CHARS = 300


def judged(one: Facts, verdict: Cancel | Defer | Suppress) -> Outcome | Digested:
    """That it does not go, or not now."""
    match verdict:
        case Cancel(Reason.DIGEST):
            assert one.digest_at is not None
            return Digested(one.ref, one.digest_at)
        case Cancel(reason):
            return Outcome(ref=one.ref, status="cancelled", reason=reason)
        case Suppress(reason):
            return Outcome(ref=one.ref, status="suppressed", reason=reason)
        case Defer(until, reason):
            return deferred(one, until, reason)


def deferred(one: Facts, until: dt.datetime, reason: Reason) -> Outcome:
    """That it is judged again then."""
    held = one.now if reason is Reason.ACTIVE_UNTIL else None
    return Outcome(ref=one.ref, status="deferred", reason=reason, next_at=until, held_since=held)


def given_back(ref: Ref, until: dt.datetime | None = None) -> Outcome:
    """That it is as it was before it was leased, and due, or will be then."""
    return Outcome(ref=ref, status="deferred", next_at=until)


def never_told(ref: Ref) -> Outcome:
    """That workers have died of it too often to say what came of it."""
    log.error("delivery_given_up", delivery=str(ref.id), do="parley deliveries replay")
    error = "nobody who had it came to an end with it"
    return Outcome(ref=ref, status="dead", reason=Reason.FAILED, error=error)


def handed_over(one: Facts, handed: Handed, tries: Tries) -> Outcome:
    """What became of a send, or of an attempt to compose what is sent."""
    match handed.state:
        case "sent":
            return Outcome(
                ref=one.ref,
                status="sent",
                reason=Reason.SENT,
                tries=1,
                message_id=handed.message_id,
                told=one.tells,
                carried=[item.id for item in one.items] if one.is_digest else (),
            )
        case "unreachable":
            return Outcome(
                ref=one.ref,
                status="suppressed",
                reason=handed.reason,
                tries=1,
                message_id=handed.message_id,
                error=_short(handed.error),
            )
        case "refused":
            return given_up(one, handed.error, tries=1)
        case "retry":
            return _again(one, handed, tries)


def given_up(one: Facts, error: str | None, *, tries: int = 0) -> Outcome:
    """That it is left to an operator."""
    log.error(
        "delivery_given_up",
        delivery=str(one.ref.id),
        channel=one.channel,
        do="parley deliveries replay",
    )
    return Outcome(
        ref=one.ref, status="dead", reason=Reason.FAILED, tries=tries, error=_short(error)
    )


def _again(one: Facts, handed: Handed, tries: Tries) -> Outcome:
    told = int(handed.is_try)
    tried = one.attempts + told
    if told and tries.are_over(one.channel, tried):
        return given_up(one, handed.error, tries=told)
    jitter = random.random()  # noqa: S311  # no secret
    # A provider that takes nothing is away for all, and not after many tries of this one.
    pause = tries.pause(tried * told, handed.retry_after_s, jitter)
    return Outcome(
        ref=one.ref,
        status="deferred",
        reason=Reason.FAILED,
        tries=told,
        next_at=one.now + pause,
        message_id=handed.message_id,
        error=_short(handed.error),
    )


def _short(error: str | None) -> str | None:
    """As PostgreSQL takes it, whatever a server has said."""
    if error is None:
        return None
    return error.replace("\0", "").encode(errors="replace").decode()[:_ERROR_CHARS]
