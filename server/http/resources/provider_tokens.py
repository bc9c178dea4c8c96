"""Tokens of payment and payout methods: those of the local provider are known to be some."""

from collections.abc import Mapping
from typing import Any

from protocol.errors import Fault
from storage.payments.play_tokens import OUTCOMES, Prefix, UnknownTokenError, behaviour_of
from storage.resources.resource import Resource

_TOKENS: Mapping[str, tuple[str, Prefix]] = {
    "payment-methods": ("provider_token", "tok"),
    "payout-methods": ("provider_account_token", "acct"),
}


def token_faults(resource: Resource, values: Mapping[str, Any]) -> list[Fault]:
    """A token that the local provider would refuse when it comes to paying.

    It is the only provider there is; what tokens another one had, it alone could tell.
    """
    name, prefix = _TOKENS.get(resource.path, ("", "tok"))
    if name not in values:
        return []
    try:
        behaviour_of(values[name], prefix)
    except UnknownTokenError as error:
        known = ", ".join(f"{prefix}_{outcome}" for outcome in sorted(OUTCOMES[prefix]))
        return [Fault(name, f"{error}: the local provider takes {known}, such as {prefix}_ok-mine")]
    return []
