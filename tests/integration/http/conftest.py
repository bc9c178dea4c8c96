"""A running door and those who knock."""

import contextlib
from functools import partial
from ipaddress import ip_network
from pathlib import Path
from uuid import uuid4

import pytest
import redis.asyncio
from aiohttp.test_utils import TestClient, TestServer

from handlers.files.files import SharedFiles
from handlers.files.pictures.pictures import PictureLimits, Pictures
from protocol.cursor import CursorSigner
from protocol.limits import Limits
from protocol.tokenbucket import Rate
from server.doors.origins import Origins
from server.http.app import HttpParts, build_http
from server.http.middleware import DoorRules
from server.http.ops import Probes, own_figures
from server.telemetry.metrics import Metrics
from storage.database.health import Health
from storage.database.postgres import connect_pool
from storage.files.blobs import LocalBlobs
from storage.files.files import Files
from storage.files.links import FileLinks
from storage.outbox.figures import outbox_figures
from tests.integration.http.house import Area, Purse, authenticate

FILE_BYTES = 300_000
QUOTA_BYTES = 1_000_000
KINDS = {"realtime": ["message.created"], "search": ["message.created"]}
"""What the consumers of the outbox know, of a process that is not there."""


class Clock:
    """A time that tests move."""

    def __init__(self):
        self.now = 1_795_000_000.0

    def __call__(self):
        return self.now


@pytest.fixture
async def pool(database_url):
    pool = await connect_pool(database_url, size=5, statement_timeout_ms=5000)
    yield pool
    pool.terminate()


@pytest.fixture
async def client(redis_url):
    client = redis.asyncio.Redis.from_url(redis_url, socket_timeout=5)
    yield client
    await client.aclose()


@pytest.fixture
def area():
    return Area()


@pytest.fixture
def purse():
    return Purse()


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def blobs(tmp_path: Path):
    return LocalBlobs(tmp_path / "files")


@pytest.fixture
def pictures(tmp_path: Path):
    return Pictures(tmp_path / "images", PictureLimits(1_000_000, 256, 30))


@pytest.fixture
def parts(pool, client, area, purse, clock, blobs, pictures):
    limits = Limits(file_bytes=FILE_BYTES, file_quota_bytes=QUOTA_BYTES)
    links = FileLinks(b"the key of this test", clock=clock)
    health, metrics = Health(pool, client), Metrics()
    return HttpParts(
        table=area.table(),
        charge=purse.charge,
        rules=DoorRules(
            authenticate, Origins(("https://parley.example",)), (ip_network("127.0.0.0/8"),)
        ),
        files=SharedFiles(Files(pool, limits.file_quota_bytes), blobs, links, limits, pictures),
        cursors=CursorSigner(b"the key of this test"),
        metrics=metrics,
        limits=limits,
        probes=Probes(
            health.check, partial(own_figures, partial(outbox_figures, pool, KINDS), metrics)
        ),
        rate=Rate(20, 60),
        command_timeout_s=0.5,
    )


@pytest.fixture
async def knock(parts):
    """Send a request as a user (None: nobody); gives status, body and headers."""
    stack = contextlib.AsyncExitStack()
    door = await stack.enter_async_context(TestClient(TestServer(build_http(parts))))

    async def knock(method, path, user=None, headers=None, **arguments):
        sent = {"Authorization": f"Bearer {user}"} if user else {}
        sent |= headers or {}
        async with door.request(method, path, headers=sent, **arguments) as answer:
            is_json = answer.content_type.endswith("json")
            body = await (answer.json(content_type=None) if is_json else answer.read())
            return answer.status, body, answer.headers

    yield knock
    await stack.aclose()


@pytest.fixture
async def people(pool):
    """Three users: the uploader, a companion and a stranger."""
    rows = await pool.fetch(
        """
        insert into users (display_name, kind)
        select 'somebody', 'both' from generate_series(1, 3) returning id
        """
    )
    return [row["id"] for row in rows]


@pytest.fixture
def anyone():
    """A user whom only the tokens of the tests know."""
    return uuid4()
