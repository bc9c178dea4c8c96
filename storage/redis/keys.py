"""The names of everything kept in Redis, in one place.

Each name holds a hash tag, `{00}` to `{63}`: a user's keys and channel, or a conversation's, share
one shard, so that one script call may touch them all on a cluster. Ids are UUIDs as lower-case
text; their last digits are random.
"""

from functools import lru_cache
from typing import Final
from zlib import crc32

SHARDS: Final = 64
_KEPT: Final = 32_768
"""Names kept at hand: those of people are asked for with each message."""

_SHARD_TAGS: Final = [f"parley:{{{shard:02d}}}:" for shard in range(SHARDS)]
_TAGS: Final = {f"{byte:02x}": _SHARD_TAGS[byte % SHARDS] for byte in range(256)}


def shard_of(name: str) -> int:
    """The shard of a user or conversation, 0 to 63."""
    return int(name[-2:], 16) % SHARDS


def key(kind: str, name: str) -> str:
    """The key `kind` of a user or conversation: `parley:{17}:log:…`."""
    return f"{_TAGS[name[-2:]]}{kind}:{name}"


def shard_key(kind: str, shard: int) -> str:
    """The key `kind` of a whole shard: `parley:{17}:ends`."""
    return f"{_SHARD_TAGS[shard]}{kind}"


def address_key(kind: str, address: str, widest: str | None = None) -> str:
    """The key `kind` of a network address: `parley:{17}:sockets:192.0.2.1`.

    Networks within one another share the shard of the `widest`.
    """
    shard = crc32((widest or address).encode()) % SHARDS
    return f"{_SHARD_TAGS[shard]}{kind}:{address}"


@lru_cache(_KEPT)
def user_channel(user_id: str) -> bytes:
    """The channel on which a user's events are published."""
    return key("user", user_id).encode()


@lru_cache(_KEPT)
def user_log(user_id: str) -> str:
    """The log of what a user was sent."""
    return key("log", user_id)


def conversation_log(conversation_id: str) -> str:
    """The log of a conversation of more than 32 people."""
    return key("clog", conversation_id)


def watch_channel(user_id: str) -> bytes:
    """The channel on which changes of a user's presence are published."""
    return key("watch", user_id).encode()


def conversation_channel(conversation_id: str) -> bytes:
    """The channel of a conversation of more than 32 people."""
    return key("conversation", conversation_id).encode()
