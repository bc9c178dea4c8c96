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

RESOURCES: Mapping[str, Resource] = MappingProxyType(
    {
        resource.path: resource
        for area in (
            PEOPLE,
            CATALOGUE,
            WORK,
            AUTOMATION,
            MONEY_RESOURCES,
            TRUST,
            CONVERSING,
            PLATFORM,
            FIGURES,
        )
        for resource in area
    }
)
