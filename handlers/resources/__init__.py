"""The marketplace's resources, declared: one row each, all in one table."""

from collections.abc import Mapping
from types import MappingProxyType

from handlers.resources.catalogue import CATALOGUE
from handlers.resources.money import MONEY_RESOURCES
from handlers.resources.people import PEOPLE
from handlers.resources.platform import PLATFORM
from handlers.resources.trust import TRUST
from handlers.resources.work import WORK
from storage.resources.resource import Resource

RESOURCES: Mapping[str, Resource] = MappingProxyType(
    {
        resource.path: resource
        for resource in (*PEOPLE, *CATALOGUE, *WORK, *MONEY_RESOURCES, *TRUST, *PLATFORM)
    }
)
