"""The settings of the platform that stop deliveries of a category by a channel at once.

They are read with what deliveries are judged by: an operator who turns one off stops what is
judged from then on.
"""

from collections.abc import Mapping
from types import MappingProxyType

SWITCHES: Mapping[tuple[str, str], str] = MappingProxyType(
    {
        ("message", "email"): "deliver_message_email",
        ("message", "push"): "deliver_message_push",
        ("job", "email"): "deliver_job_email",
        ("job", "push"): "deliver_job_push",
        ("proposal", "email"): "deliver_proposal_email",
        ("proposal", "push"): "deliver_proposal_push",
        ("contract", "email"): "deliver_contract_email",
        ("contract", "push"): "deliver_contract_push",
        ("payment", "email"): "deliver_payment_email",
        ("payment", "push"): "deliver_payment_push",
        ("review", "email"): "deliver_review_email",
        ("review", "push"): "deliver_review_push",
        ("marketing", "email"): "deliver_marketing_email",
        ("marketing", "push"): "deliver_marketing_push",
        ("security", "email"): "deliver_security_email",
        ("security", "push"): "deliver_security_push",
        ("digest", "email"): "deliver_digest_email",
    }
)
