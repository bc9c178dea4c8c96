"""Files of a few people, in a store on this machine."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from handlers.caller import Caller
from handlers.files.files import SharedFiles
from handlers.files.intake import Upload
from handlers.files.pictures.pictures import PictureLimits, Pictures
from protocol.limits import Limits
from storage.database.postgres import connect_pool
from storage.files.blobs import LocalBlobs
from storage.files.files import Files
from storage.files.links import FileLinks
from storage.files.sweep import FileSweep
from tests.seeding import Seeder

QUOTA = 10_000
DAY_S = 86_400.0


@pytest.fixture
async def pool(database_url):
    pool = await connect_pool(database_url, size=8, statement_timeout_ms=5000)
    yield pool
    pool.terminate()


@pytest.fixture
async def people(pool):
    """Three users."""
    rows = await pool.fetch(
        """
        insert into users (display_name, kind)
        select 'somebody', 'both' from generate_series(1, 3) returning id
        """
    )
    return [row["id"] for row in rows]


def asking(person):
    """The person, over HTTP."""
    return Caller(person, uuid4())


class Store(LocalBlobs):
    """Blobs in a directory, which tests look into."""

    def __init__(self, directory):
        super().__init__(directory)
        self.directory = directory

    def keys(self):
        """The keys of all blobs."""
        return {path.name for path in self.directory.rglob("*") if path.is_file()}


@pytest.fixture
def blobs(tmp_path):
    return Store(tmp_path / "files")


@pytest.fixture
def links():
    return FileLinks(b"the key of this test")


@pytest.fixture
def files(pool, blobs, links, tmp_path):
    limits = Limits(file_bytes=6_000, file_quota_bytes=QUOTA)
    pictures = Pictures(tmp_path / "images", PictureLimits(1_000_000, 64, 30))
    return SharedFiles(Files(pool, QUOTA), blobs, links, limits, pictures)


@pytest.fixture
def sweep(pool, blobs):
    return FileSweep(pool, blobs, DAY_S)


async def _one(data):
    yield data


@pytest.fixture
def upload(files):
    """Uploads bytes as a person; gives the id."""

    async def upload(owner, data=b"hello", key=None, announced=None):
        reply = await files.upload(asking(owner), Upload("a.txt", None, _one(data), key, announced))
        return UUID(reply.file.file_id)

    return upload


@pytest.fixture
def age(pool):
    """Lets a time pass for all files and uploads."""

    async def age(by_s=DAY_S + 60):
        by = timedelta(seconds=by_s)
        await pool.execute(
            "update files set created_at = created_at - $1::interval,"
            " unnamed_since = unnamed_since - $1::interval",
            by,
        )
        await pool.execute("update file_uploads set created_at = created_at - $1::interval", by)
        await pool.execute("update file_removals set due_at = due_at - $1::interval", by)

    return age


@pytest.fixture
def seeder(owner):
    """The owner's, who makes the month of a message where it is over."""
    return Seeder(owner)
