"""The world of every resource, for the tests here."""

import pytest

from handlers.resources import RESOURCES
from server.http.resources import marketplace
from tests.integration.resources.world import World, populate


@pytest.fixture
async def world(app) -> World:
    """One row of everything, and people with logins."""
    return await populate(app)


@pytest.fixture(autouse=True)
def every_resource(monkeypatch) -> None:
    """Those too that nothing fills yet have paths: the world has a row of each."""
    monkeypatch.setattr(marketplace, "SHOWN", RESOURCES)
