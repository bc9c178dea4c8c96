"""The marketplace's resources, declared: one row each, all in one table.

One that nothing fills yet has no paths, since it could only be empty.
"""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from handlers.resources.agreements import AGREEMENTS
from handlers.resources.automation import AUTOMATION
from handlers.resources.catalogue import CATALOGUE
from handlers.resources.conversing import CONVERSING
from handlers.resources.figures import FIGURES
from handlers.resources.money import MONEY_RESOURCES
from handlers.resources.people import PEOPLE
from handlers.resources.platform import PLATFORM
from handlers.resources.settlement import SETTLEMENT
from handlers.resources.trust import TRUST
from handlers.resources.work import WORK
from storage.resources.resource import Resource

_AREAS: dict[str, tuple[Resource, ...]] = {
    "people": PEOPLE,
    "catalogue": CATALOGUE,
    "work": (*WORK, *AGREEMENTS),
    "automation": AUTOMATION,
    "money": (*MONEY_RESOURCES, *SETTLEMENT),
    "trust": TRUST,
    "conversing": CONVERSING,
    "platform": PLATFORM,
    "figures": FIGURES,
}

RESOURCES: Mapping[str, Resource] = MappingProxyType(
    {resource.path: resource for area in _AREAS.values() for resource in area}
)

AREA_OF: Mapping[str, str] = MappingProxyType(
    {resource.path: name for name, area in _AREAS.items() for resource in area}
)
"""The area of each resource, by its path."""

_AWAITED: dict[str, tuple[str, ...]] = {
    "tasks": (
        "tasks", "task-matches", "task-dependencies", "agents", "agent-runs", "ai-analyses",
        "skill-edges",
    ),
    "learning": (
        "certifications", "learning-path-items", "course-enrollments", "credit-awards",
        "shadowing-sessions", "community-events", "event-attendees",
    ),
    "personal data": ("identity-verifications", "user-consents", "data-requests"),
    "delivery": ("webhook-deliveries",),
    "statistics": (
        "daily-stats", "gig-stats", "order-stats", "payment-stats", "messaging-stats",
        "review-stats",
    ),
}  # fmt: skip

AWAITS: Mapping[str, str] = MappingProxyType(
    {path: workflow for workflow, paths in _AWAITED.items() for path in paths}
)
"""The workflow that will fill a resource, of those that nothing fills yet, by path."""

SHOWN: Mapping[str, Resource] = MappingProxyType(
    {
        path: replace(r, expansions=tuple(e for e in r.expansions if e.to not in AWAITS))
        for path, r in RESOURCES.items()
        if path not in AWAITS
    }
)
"""The resources that have paths. The tables of the others are held to their declarations too."""
