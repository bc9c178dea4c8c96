"""A client at the start of a test."""

import pytest

from client.state.client_state import ClientState
from tests.unit.client.builders import hello, shown, synced


@pytest.fixture
def state():
    """A client that is up to date, with one conversation at rev 1."""
    state = ClientState()
    state.hello(hello())
    synced(state, conversations=[shown()])
    return state
