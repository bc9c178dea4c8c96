"""A marketplace in which contracts are at hand, and what its people are notified of."""

import pytest

from tests.app import Served
from tests.integration.transitions.contracts.conftest import Deal, Deals, deal_of


@pytest.fixture
async def deals(app: Served) -> Deals:
    """The marketplace of the app at hand."""
    return Deals(app)


@pytest.fixture
async def deal(deals: Deals) -> Deal:
    """A contract of two milestones of 300 and 700, and a wallet that holds 1000."""
    return await deal_of(deals)
