"""What the database's constraints say, for who has sent what they refuse."""

from collections.abc import Mapping
from types import MappingProxyType

CHECKS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "categories_parent_id_other": ("parent_id", "must be another category"),
        "educations_end_year_order": ("end_year", "must not be before start_year"),
        "fee_structure_effective_until_order": ("effective_until", "must be after effective_from"),
        "fee_structure_max_amount_order": ("max_amount", "must be more than min_amount"),
        "gig_extras_price_check": ("price", "must be more than 0"),
        "gig_requirements_choices_of_kind": (
            "choices",
            "must be given where the kind is choice, and for no other",
        ),
        "gig_packages_price_check": ("price", "must be more than 0"),
        "jobs_budget_max_order": ("budget_max", "must not be less than budget_min"),
        "jobs_category_named": ("category_id", "must be given for a job that others see"),
        "jobs_deadline_future": ("deadline", "must be in the future"),
        "meetings_ends_at_order": ("ends_at", "must be after starts_at"),
        "notification_preferences_is_enabled_always": (
            "is_enabled",
            "must be true: payment and security cannot be turned off in-app and by e-mail",
        ),
        "notification_settings_quiet_until_other": (
            "quiet_until",
            "must be another time than quiet_from",
        ),
        "notification_settings_quiet_whole": ("quiet_until", "must be said with quiet_from"),
        "proposals_amount_check": ("amount", "must be more than 0"),
        "work_experiences_end_date_order": ("end_date", "must not be before start_date"),
    }
)
"""Checks that a value of the field's kind can break: each with the field and the reason."""
