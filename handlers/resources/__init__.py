"""The marketplace's resources, declared: one row each, all in one table."""

from collections.abc import Mapping
from types import MappingProxyType

from handlers.resources.automation import AUTOMATION
from handlers.resources.catalogue import CATALOGUE
from handlers.resources.conversing import CONVERSING
from handlers.resources.figures import FIGURES
from handlers.resources.money import MONEY_RESOURCES
from handlers.resources.people import PEOPLE
from handlers.resources.platform import PLATFORM
from handlers.resources.trust import TRUST
from handlers.resources.work import WORK
from storage.resources.resource import Resource

_AREAS: dict[str, tuple[Resource, ...]] = {
    "people": PEOPLE,
    "catalogue": CATALOGUE,
    "work": WORK,
    "automation": AUTOMATION,
    "money": MONEY_RESOURCES,
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
