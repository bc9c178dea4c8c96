"""What is true of the store in a directory only."""

import os

import pytest

from storage.files.blobs import LocalBlobs
from tests.conformance.test_blobs import KEY, chunks


@pytest.fixture
def blobs(tmp_path):
    return LocalBlobs(tmp_path / "files")


def files(tmp_path):
    return {path.name: path for path in tmp_path.rglob("*") if path.is_file()}


async def test_nobody_else_on_the_machine_reads_them(blobs, tmp_path):
    await blobs.put(KEY, chunks(b"x"))
    assert files(tmp_path)[KEY].stat().st_mode & 0o077 == 0


async def test_sweeping_leaves_the_living_alone(blobs, tmp_path):
    await blobs.put(KEY, chunks(b"x"))
    for name, age_s in (("old", 7200), ("new", 60)):
        left = tmp_path / "files" / "unfinished" / name
        left.write_bytes(b"x")
        then = left.stat().st_mtime - age_s
        os.utime(left, (then, then))
    assert await blobs.sweep(3600) == 1
    assert files(tmp_path).keys() == {KEY, "new"}
