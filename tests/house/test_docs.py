"""The documents say what is there: commands, folders, files, settings, figures, links, the wire."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from handlers.files import filetypes
from handlers.workflows import WORKFLOWS
from protocol.errors import CLOSES
from protocol.events import DOMAIN_EVENTS, EVENTS
from protocol.notifications.kinds import KINDS
from server import config
from server.cli import command_line, shown_settings
from server.http.documents.asyncapi import spoken
from server.http.documents.reference import nameless_table
from server.telemetry.metrics import Metrics

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("*.md"))
DOCUMENTS = [README, ROOT / "ARCHITECTURE.md", *sorted((ROOT / "docs").rglob("*.md"))]
ROLES = {"parley_app", "parley_service", "parley_readonly", "parley_server"}
"""Of PostgreSQL, and no figures."""
REPLACED = {4, 9}
"""Decisions that a later one has taken the place of: their numbers are not given out again."""
HEADINGS = ["Context", "Options", "Decision", "Consequences"]

every_document = pytest.mark.parametrize(
    "document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT))
)


def section(text: str, heading: str) -> str:
    """What stands below a heading of the second level."""
    found = re.search(
        rf"^## {re.escape(heading)}$\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL
    )
    assert found, f"no heading {heading!r}"
    return found[1]


def fenced(text: str) -> list[str]:
    """The blocks between fences."""
    return re.findall(r"^```\w*\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def inline(text: str) -> list[str]:
    """What stands between backticks within a line."""
    return re.findall(
        r"(?<!`)`([^`\n]+)`(?!`)", re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    )


def anchors(text: str) -> set[str]:
    """The headings as links name them."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.fixture(scope="module")
def tracked() -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, timeout=20
    )
    return [name for name in listed.stdout.decode().split("\0") if name]


@every_document
def test_every_make_target_named_is_there(document):
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z][\w-]*):", makefile, re.MULTILINE))
    text = document.read_text()
    said = "\n".join([*fenced(text), *inline(text)])
    assert set(re.findall(r"\bmake ([a-z][\w-]*)", said)) <= targets


def test_the_two_commands_come_first():
    (commands, *_rest) = fenced(section(README.read_text(), "Run it"))
    assert [line.split("#")[0].strip() for line in commands.splitlines()] == [
        "make run",
        "make test",
    ]


@every_document
def test_every_command_of_parley_named_is_there(document):
    known = set(re.findall(r"\w+", command_line.__doc__.split("`")[1])) - {"parley"}
    text = document.read_text()
    said = "\n".join([*fenced(text), *inline(text)])
    assert set(re.findall(r"\bparley ([a-z]+)\b", said)) <= known


def test_the_map_names_every_folder_and_nothing_else(tracked):
    (block,) = fenced(section(README.read_text(), "The map"))
    named = re.findall(r"^([\w.-]+)/ ", block, re.MULTILINE)
    assert len(named) == len(block.splitlines())
    folders = {name.split("/")[0] for name in tracked if "/" in name}
    assert sorted(named) == sorted(folder for folder in folders if not folder.startswith("."))


@every_document
def test_every_file_named_is_there(document):
    """Names with a folder, between backticks: `server/app.py`, `storage/redis/lua/publish.lua`."""
    folders = {path.name for path in ROOT.iterdir() if path.is_dir() and path.name[0] != "."}
    named = [text for text in inline(document.read_text()) if text.split("/")[0] in folders]
    assert not [text for text in named if "/" in text and not (ROOT / text).exists()]


def test_adding_a_command_names_real_files_in_five_steps():
    steps = section(README.read_text(), "Add a command in five steps")
    assert re.findall(r"^(\d)\. ", steps, re.MULTILINE) == list("12345")
    files = [text for text in inline(steps) if re.fullmatch(r"[\w/-]+\.(py|sql)", text)]
    assert len(files) >= 5
    assert not [text for text in files if not (ROOT / text).is_file()]


def test_decisions_are_numbered_without_gaps():
    numbers = [int(path.name[:4]) for path in DECISIONS]
    assert sorted([*numbers, *REPLACED]) == list(range(1, numbers[-1] + 1))


@pytest.mark.parametrize("decision", DECISIONS, ids=lambda path: path.stem)
def test_a_decision_weighs_options(decision):
    text = decision.read_text()
    assert text.startswith(f"# {int(decision.name[:4])}. ")
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == HEADINGS
    assert text.count("\n|") >= 4, "options stand in a table, with what each costs"


def test_the_readme_leads_to_every_document():
    links = {link for link, _anchor in links_of(README)}
    others = {path.relative_to(ROOT).as_posix() for path in DOCUMENTS if path != README}
    assert not others - links


def links_of(document: Path) -> Iterator[tuple[str, str]]:
    for target in re.findall(r"\]\(([^)\s]+)\)", document.read_text()):
        if "://" not in target:
            name, _, anchor = target.partition("#")
            yield name, anchor


@every_document
def test_relative_links_resolve(document):
    for name, anchor in links_of(document):
        target = (document.parent / name).resolve() if name else document
        assert target.exists(), name
        if anchor:
            assert anchor in anchors(target.read_text()), f"{name}#{anchor}"


@every_document
def test_every_setting_named_is_one(document):
    known = {name for name, _value, _meaning in shown_settings.describe(config.Settings())}
    named = set(re.findall(r"\bPARLEY_[A-Z0-9_]*[A-Z0-9]\b", document.read_text()))
    prefixes = {"PARLEY_LIMIT"}
    assert not {name for name in named - known - prefixes if not name.startswith("PARLEY_TEST_")}


@every_document
def test_every_figure_named_is_one(document):
    metrics = Metrics()
    metrics.watch_connections(lambda: 0, lambda: 0, lambda: 0)
    metrics.watch_pool(lambda: 0, lambda: 0)
    told = set(re.findall(r"^# TYPE (\w+) ", metrics.text().decode(), re.MULTILINE))
    named = {text.partition("{")[0] for text in inline(document.read_text())}
    assert not {name for name in named if name.startswith("parley_")} - told - ROLES


@every_document
def test_no_path_of_a_machine_and_no_machine(document):
    places = r"(?<![\w.])/(?:home|root|tmp|work|Users|opt|srv)/"
    assert not re.search(places, document.read_text())


def test_the_guide_tells_what_to_do_at_every_close_code():
    table = section((ROOT / "docs" / "client-guide.md").read_text(), "When the connection ends")
    assert {int(code) for code in re.findall(r"^\| (\d{4}) \|", table, re.MULTILINE)} == set(CLOSES)


@every_document
def test_every_command_and_event_named_is_one(document):
    """Words like `message.send`: an area that the wire has, a dot, a name that it must have."""
    names = {op for op, _request, _reply in spoken(nameless_table())} | set(EVENTS) | DOMAIN_EVENTS
    # As a system message names what was done.
    machines = [workflow.machine for workflow in WORKFLOWS.values()]
    names |= KINDS.keys()  # types of notifications
    names |= {f"{machine.name}.{t.action}" for machine in machines for t in machine.transitions}
    areas = {name.partition(".")[0] for name in names if "." in name}
    fields = {"message.rev", "message.seq"}
    words = [text.split(" ")[0] for text in inline(document.read_text())]
    said = {word for word in words if re.fullmatch(r"[a-z]+\.[a-z]+", word)}
    assert not {word for word in said if word.split(".")[0] in areas} - names - fields


def test_architecture_stays_within_its_bound():
    assert len((ROOT / "ARCHITECTURE.md").read_text().splitlines()) <= 250


class _Spoken:
    """The transcript: the frames that each side said, checked against the shapes of the wire."""

    def __init__(self, block: str) -> None:
        self.frames = [
            (line[0], line[2], json.loads(line[4:]))
            for line in block.splitlines()
            if re.match(r"[AB] [<>] ", line)
        ]
        self._asked: dict[tuple[str, int], str] = {}
        self._shapes = {op: (request, reply) for op, request, reply in spoken(nameless_table())}

    def check(self, side: str, way: str, frame: dict[str, Any]) -> None:
        """Raise `msgspec.ValidationError` or `KeyError` for what nobody says."""
        if way == ">":
            self._asked[side, frame["id"]] = frame["op"]
            msgspec.convert(frame["d"], self._shapes[frame["op"]][0])
        elif "ev" in frame:
            msgspec.convert(frame["d"], EVENTS[frame["ev"]])
        elif "d" in frame:
            msgspec.convert(frame["d"], self._shapes[self._asked[side, frame["re"]]][1])
        else:
            assert set(frame["error"]) == {"code", "message", "details", "retryable"}


def test_the_transcript_is_what_the_wire_says():
    (block,) = fenced(section(README.read_text(), "What is said on the wire"))
    said = _Spoken(block)
    assert len(said.frames) >= 10
    for side, way, frame in said.frames:
        said.check(side, way, frame)
    assert any("ev" in frame for _side, _way, frame in said.frames)


def test_handlers_see_no_socket_and_no_driver():
    """As ARCHITECTURE.md says; the import contract holds the layers only."""
    banned = re.compile(r"^(?:from|import) (websockets|aiohttp|asyncpg)\b", re.MULTILINE)
    assert not [
        path.name for path in (ROOT / "handlers").rglob("*.py") if banned.search(path.read_text())
    ]


def test_every_type_of_file_is_told():
    """The table names the types that are taken, those that may be, and no others."""
    table = section((ROOT / "docs" / "protocol.md").read_text(), "Types of files")
    told = dict(re.findall(r"^\| `([a-z]+/[^`]+)` \| ([^|]+) \|", table, re.MULTILINE))
    assert {mime for mime, taken in told.items() if taken == "yes"} == filetypes.ALLOWED
    assert told.keys() - filetypes.ALLOWED == filetypes.OPTIONAL
