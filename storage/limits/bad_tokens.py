"""How many tokens that nobody has an address may try: each costs a look into the database."""

from protocol.tokenbucket import Rate
from storage.limits.address_buckets import AddressBuckets


class BadTokens(AddressBuckets):
    """So many a minute and address; with `enabled` false nothing is limited.

    A token is taken before the look and given back when it was good, so that those who have good
    ones never wait, and of many bad ones at once no more are looked for than the bucket holds.
    """

    def __init__(self, per_minute: int, *, enabled: bool = True) -> None:
        per_minute = max(1, per_minute)
        super().__init__("bad tokens", Rate(per_minute / 60, per_minute), enabled=enabled)
