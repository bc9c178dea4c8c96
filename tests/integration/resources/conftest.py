"""The world of every resource, for the tests here."""

import pytest

from tests.integration.resources.world import World, populate


@pytest.fixture
async def world(app) -> World:
    """One row of everything, and people with logins."""
    return await populate(app)
