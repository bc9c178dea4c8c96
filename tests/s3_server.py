"""A server that speaks S3, on this machine: moto's, one for each process of the tests."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator
from uuid import uuid4

import botocore.session  # type: ignore[import-untyped]  # it ships no types
import pytest
from botocore.config import Config  # type: ignore[import-untyped]  # it ships none

from storage.files.s3_blobs import Bucket

KEY, SECRET = "test", "secret of the test"
_START_S = 40


class S3Server:
    """A running server; `client` is botocore's, to look into buckets with."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.client = botocore.session.get_session().create_client(
            "s3",
            endpoint_url=self.url,
            region_name="us-east-1",
            aws_access_key_id=KEY,
            aws_secret_access_key=SECRET,
            config=Config(connect_timeout=5, read_timeout=10, retries={"max_attempts": 0}),
        )

    def bucket(self, timeout_s: float = 30.0) -> Bucket:
        """A new, empty bucket."""
        name = f"files-{uuid4().hex}"
        self.client.create_bucket(Bucket=name)
        return Bucket(
            name,
            self.url,
            prefix="parley",
            access_key_id=KEY,
            secret_access_key=SECRET,
            timeout_s=timeout_s,
        )

    async def keys(self, bucket: Bucket) -> list[str]:
        """The names of all objects."""
        listed = await asyncio.to_thread(self.client.list_objects_v2, Bucket=bucket.name)
        return [one["Key"] for one in listed.get("Contents", [])]

    async def unfinished(self, bucket: Bucket) -> int:
        """How many uploads in parts are neither complete nor aborted."""
        listed = await asyncio.to_thread(self.client.list_multipart_uploads, Bucket=bucket.name)
        return len(listed.get("Uploads", []))


@pytest.fixture(scope="session")
def s3_server() -> Iterator[S3Server]:
    """Starts with the first test that asks for it."""
    process = subprocess.Popen(
        [sys.executable, "-c", _SERVER], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    try:
        assert process.stdout is not None
        started = time.monotonic()
        line = process.stdout.readline()
        assert line, f"no server after {time.monotonic() - started:.1f} s"
        yield S3Server(int(line))
    finally:
        process.kill()
        process.wait(_START_S)
        process.stdout.close()  # type: ignore[union-attr]  # it is a pipe, see above


_SERVER = """
import sys
from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

app = DomainDispatcherApplication(create_backend_app)
server = make_server("127.0.0.1", 0, app, threaded=True)
print(server.port, flush=True)
server.serve_forever()
"""
