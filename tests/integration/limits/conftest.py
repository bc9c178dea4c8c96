"""The scene that limits are tried in, with limits of its own."""

import pytest

from tests.integration.limits.scene import make_room


@pytest.fixture
async def room(serve, request):
    """A room of two on a server with the limits that `limits` names."""
    async with serve(limits=request.param) as served:
        yield await make_room(served)
