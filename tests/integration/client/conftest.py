"""A whole process, and people who are connected to it by the client library."""

import contextlib

import pytest

from client.connection.connection import Dial
from client.connection.credentials import Credentials
from client.connection.frames import JSON
from client.connection.http import Api
from client.connection.reconnect import Backoff
from client.session import Session
from server import app
from server.config import Settings

PASSWORD = "correct horse battery"


@pytest.fixture
async def server(database_url, redis_url, tmp_path):
    settings = Settings(
        database_url=database_url,
        redis_url=redis_url,
        data_dir=tmp_path,
        http_port=0,
        ws_port=0,
        rate_limits=False,
        secret_key="the secret of this test",
        provider_secret="the provider's secret of this test",
        mail_secret="the secret of this test's mail",
    )
    async with app.running(settings) as running:
        yield running


@pytest.fixture
def ws_url(server):
    return f"ws://127.0.0.1:{server.ws_port}/v1/ws"


@pytest.fixture
async def api(server):
    async with Api(f"http://127.0.0.1:{server.http_port}") as api:
        yield api


@pytest.fixture
async def connect(api, ws_url):
    """What makes sessions that are ready: `connect("anna", form)`; the first makes the account."""
    grants = {}
    async with contextlib.AsyncExitStack() as stack:

        async def connect(name, form=JSON, url=None, **rest):
            if name not in grants:
                grants[name] = await api.register(f"{name}@example.org", PASSWORD, name)
            credentials = Credentials(api, grant=grants[name])
            dial = Dial(url or ws_url, form)
            backoff = Backoff(base_s=0.05, cap_s=0.2)
            session = Session(credentials, dial, backoff=backoff, **rest)
            await stack.enter_async_context(session)
            await session.ready()
            return session

        yield connect
