"""Nothing of the five source documents is forgotten: each column has a home, or a reason.

`seed_columns.txt` lists their names: a line `SEED ENTITY.COLUMN`, `*` for an entity without listed
columns.
"""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NAMES = Path(__file__).with_name("seed_columns.txt")
MAP = ROOT / "docs" / "column-map.md"
DOCUMENTS = {
    "user_activities",
    "ml_training_data",
    "resume_analyses",
    "recommendations",
    "user_profiles",
    "job_metadata",
    "agent_knowledge_base",
}


@pytest.fixture(scope="module")
def homes() -> dict[str, str]:
    """Each name's home, as the map has it."""
    found: dict[str, str] = {}
    entity = ""
    for line in MAP.read_text().splitlines():
        if heading := re.fullmatch(r"### (\d{3} \S+)", line):
            entity = heading[1]
        elif (row := re.fullmatch(r"\| (\S+) \| (.+) \|", line)) and row[1] not in {
            "column",
            "---",
        }:
            found[f"{entity}.{row[1]}"] = row[2]
    return found


@pytest.fixture(scope="module")
def schema() -> dict[str, set[str]]:
    """The columns of every table; of views none, PostgreSQL's dump does not list them."""
    text = (ROOT / "storage" / "schema.sql").read_text()
    tables = {
        name: set(re.findall(r'^    "?(\w+)"? ', body, re.MULTILINE))
        for name, body in re.findall(
            r"^CREATE TABLE public\.(\w+) \(\n(.*?)^\)", text, re.MULTILINE | re.DOTALL
        )
    }
    views = re.findall(r"^CREATE VIEW public\.(\w+)", text, re.MULTILINE)
    functions = re.findall(r"^CREATE FUNCTION public\.(\w+)\(", text, re.MULTILINE)
    return tables | {view: set() for view in views} | {"function:": set(functions)}


def test_every_column_has_a_row_and_no_row_is_made_up(homes):
    names = NAMES.read_text().split("\n")[:-1]
    assert len(names) > 800
    assert sorted(homes) == sorted(names)


def test_every_home_is_there(homes, schema):
    missing = []
    for name, home in homes.items():
        kind, _, rest = home.partition(" ")
        if kind == "none:":
            there = len(rest) > 10
        elif kind == "document:":
            there = rest in DOCUMENTS
        elif kind == "function:":
            there = rest in schema["function:"]
        else:
            table, _, column = home.partition(" (later: ")[0].partition(".")
            there = table in schema and (not column or not schema[table] or column in schema[table])
        if not there:
            missing.append((name, home))
    assert not missing
