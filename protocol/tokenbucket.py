"""The token bucket, pure: the clock is passed in, the state is one number.

A bucket holds `burst` tokens and gains `per_s` a second. Its whole state is the moment at which it
is full again, so that an unused bucket needs no state at all and nothing has to tick. The script
`storage/redis/lua/grant.lua` does the same sum in Redis.

Source: the generic cell rate algorithm, ITU-T I.371, annex A, whose theoretical arrival time is
the moment of fullness here.
"""

from typing import NamedTuple

# Clocks tell microseconds: one who waited exactly as told must not be refused for the rounding.
EPSILON_S = 1e-6


class Rate(NamedTuple):
    """How many tokens a bucket gains a second, and how many it holds when full; both above 0."""

    per_s: float
    burst: float


class Grant(NamedTuple):
    """What a bucket answers.

    `full_at` is its state from now on; `tokens` is what it gave, 0 when refused; `wait_s` is 0
    when it gave, else the time after which asking for the same will succeed.
    """

    full_at: float
    tokens: float
    wait_s: float


def grant(full_at: float, now: float, rate: Rate, *, least: float, want: float) -> Grant:
    """Give up to `want` tokens, or none when fewer than `least` are there.

    `full_at` is the bucket's state on the same clock as `now`, in seconds; 0 for a bucket never
    used. Raises `ValueError` unless 0 < `least` <= `want` and the bucket can ever hold `least`.
    """
    if not 0 < least <= want or least > rate.burst:
        raise ValueError(f"cannot give {least} to {want} tokens of a bucket of {rate.burst}")
    start = max(full_at, now)
    wait_s = (start - now) + (least - rate.burst) / rate.per_s
    if wait_s > EPSILON_S:
        return Grant(full_at, 0, wait_s)
    there = rate.burst - (start - now) * rate.per_s
    tokens = max(least, min(want, there))
    return Grant(start + tokens / rate.per_s, tokens, 0)
