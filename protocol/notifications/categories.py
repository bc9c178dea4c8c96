"""What people are told of, by which channels, and what of it they may turn off."""

from itertools import product
from typing import Literal, get_args

Category = Literal[
    "message", "job", "proposal", "contract", "payment", "review", "marketing", "security"
]
Channel = Literal["in_app", "email", "push"]

CATEGORIES: tuple[Category, ...] = get_args(Category)
"""What notifications are about, in the order in which a settings page shows them."""
CHANNELS: tuple[Channel, ...] = get_args(Channel)

_PUSHED = {"message", "contract", "payment", "security"}
_ON = {
    *((category, "in_app") for category in CATEGORIES),
    *((category, "email") for category in CATEGORIES if category != "marketing"),
    *((category, "push") for category in _PUSHED),
}
_ALWAYS_ON = set(product(("security", "payment"), ("in_app", "email")))


def is_on_by_default(category: str, channel: str) -> bool:
    """Whether a person who has set nothing is told of a category by a channel."""
    return (category, channel) in _ON


def may_be_turned_off(category: str, channel: str) -> bool:
    """Whether a person may choose not to be told; of security and money, in-app and e-mail stay."""
    return (category, channel) not in _ALWAYS_ON
