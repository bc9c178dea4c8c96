"""What the tokens of the local provider make it do: the token says what happens, as test cards do.

    tok_OUTCOME[+SWITCH[=VALUE]]…[-ANYTHING]      of a card, such as tok_action_required+late=60-ada
    acct_OUTCOME[+SWITCH[=VALUE]]…[-ANYTHING]     of an account that is paid to

Outcomes of cards: `ok`, `late` (ok after 20 minutes), `declined` (at once), `failed` (later),
`action_required` (ok once the payer has agreed), `wrong_amount`, `wrong_currency`. Of accounts:
`ok`, `late`, `declined`, `failed`, `returned` (paid, and back a moment later).

Switches: `late=SECONDS` before the outcome; `doubled`: each event is sent twice; `twice`: the
outcome is told under two event ids; `reordered`: the outcome is told before the beginning; `lost`:
no event is sent; `silent`: the call does not answer although it is carried out; `cost=AMOUNT`: what
the provider keeps; `dead`: nothing can be returned to the card.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

Prefix = Literal["tok", "acct"]

LATE_S = 1200.0
"""Later than an unpaid order is kept."""
LONGEST_S = 366 * 86_400.0

_TOKEN = re.compile(r"(tok|acct)_([a-z_]+)((?:\+[a-z]+(?:=[0-9.]{1,12})?)*)(?:-.*)?", re.DOTALL)
OUTCOMES = {
    "tok": frozenset(
        ["ok", "late", "declined", "failed", "action_required", "wrong_amount", "wrong_currency"]
    ),
    "acct": frozenset(["ok", "late", "declined", "failed", "returned"]),
}
"""What tokens may ask for, by what they begin with."""
_FLAGS = {
    "doubled": "is_doubled",
    "twice": "is_told_twice",
    "reordered": "is_reordered",
    "lost": "is_lost",
    "silent": "is_silent",
    "dead": "is_dead",
}


class UnknownTokenError(ValueError):
    """Not a token, or a switch, of the local provider."""


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What happens to an operation."""

    outcome: str = "ok"
    late_s: float = 0.0
    cost: Decimal = Decimal(0)
    is_doubled: bool = False
    is_told_twice: bool = False
    is_reordered: bool = False
    is_lost: bool = False
    is_silent: bool = False
    is_dead: bool = False


def behaviour_of(token: str, prefix: Prefix, always: Sequence[str] = ()) -> Behaviour:
    """What a token asks for; the switches of `always` hold for every token.

    Raises `UnknownTokenError`.
    """
    found = _TOKEN.fullmatch(token)
    if found is None or found[1] != prefix or found[2] not in OUTCOMES[prefix]:
        raise UnknownTokenError("no such token")
    is_late = found[2] == "late"
    behaviour = Behaviour("ok" if is_late else found[2], LATE_S if is_late else 0.0)
    for switch in (*always, *found[3].split("+")[1:]):
        behaviour = switched(behaviour, switch)
    return behaviour


def switched(behaviour: Behaviour, switch: str) -> Behaviour:
    """The behaviour with one switch on. Raises `UnknownTokenError`."""
    name, _, value = switch.partition("=")
    if name in _FLAGS and not value:
        on: dict[str, Any] = {_FLAGS[name]: True}
        return replace(behaviour, **on)
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise UnknownTokenError(f"no such switch: {name}") from None
    if name == "late" and 0 <= number <= LONGEST_S:
        return replace(behaviour, late_s=float(number))
    if name == "cost" and number >= 0:
        return replace(behaviour, cost=number)
    raise UnknownTokenError(f"no such switch: {name}")
