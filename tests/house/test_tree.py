"""The shape of the tree: names that say nothing, secrets and machine paths stay out of it."""

import re
import subprocess
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

FOLDER_FILES = 20

_EMPTY_NAMES = {"utils", "util", "helpers", "helper", "manager", "common", "misc", "base"}


@pytest.fixture(scope="module")
def tracked() -> list[Path]:
    """The files under version control; a source archive without git has nothing to ask."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, timeout=20
    )
    names = [Path(name) for name in listed.stdout.decode().split("\0") if name]
    return [name for name in names if (ROOT / name).is_file()]


def test_names_say_something(tracked):
    assert not [
        path for path in tracked if _EMPTY_NAMES & {part.split(".")[0] for part in path.parts}
    ]


def test_folders_stay_within_their_bound(tracked):
    """Of code, SQL and tests; a fuller folder wants rooms. Migrations are as many as they are."""
    counted = [path for path in tracked if path.suffix in {".py", ".sql", ".lua"}]
    files = Counter(path.parent.as_posix() for path in counted)
    assert not {
        folder: count
        for folder, count in files.items()
        if count > FOLDER_FILES and not folder.startswith("storage/migrations/")
    }


def test_nothing_built_is_tracked(tracked):
    built = {".venv", ".parley", "__pycache__", "node_modules", ".pytest_cache", "dist"}
    assert not [path for path in tracked if built & set(path.parts)]


def test_no_link_is_tracked():
    """A link to somebody's environment would take the place of everybody else's."""
    listed = subprocess.run(
        ["git", "ls-files", "-s"], cwd=ROOT, capture_output=True, check=True, timeout=20, text=True
    )
    assert not [line for line in listed.stdout.splitlines() if line.startswith("120000 ")]


def test_the_lock_has_hashes_and_names_no_registry():
    lock = (ROOT / "requirements.lock").read_text()
    assert "://" not in lock
    assert not re.search(r"^--", lock, re.MULTILINE)
    pinned = re.findall(r"^[a-z0-9][\w.-]*==", lock, re.MULTILINE | re.IGNORECASE)
    hashed = re.findall(
        r"^[a-z0-9][^\n]*\\\n    --hash=sha256:", lock, re.MULTILINE | re.IGNORECASE
    )
    assert pinned
    assert len(pinned) == len(hashed)


def test_every_dependency_has_both_bounds():
    project = (ROOT / "pyproject.toml").read_text()
    listed = re.findall(r'^    "([a-z][\w-]*(?:\[\w+\])?[^"]*)",', project, re.MULTILINE)
    named = [line for line in listed if re.match(r"[a-z][\w-]*(\[\w+\])?[<>=~!]", line)]
    assert len(named) > 20
    assert not [line for line in named if ">=" not in line or "<" not in line]


def test_each_sql_and_lua_file_opens_with_what_it_is_for(tracked):
    scripts = [path for path in tracked if path.suffix in {".sql", ".lua"}]
    assert not [path for path in scripts if not (ROOT / path).read_text().startswith("--")]
