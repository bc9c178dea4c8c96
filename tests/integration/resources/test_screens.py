"""Screens of a marketplace take the requests of docs/resources.md, in two rounds at most."""

import asyncio
import re
from pathlib import Path

import pytest

from handlers.resources import AWAITS
from tests.integration.resources.world import uid

PAGE = (Path(__file__).parents[3] / "docs" / "resources.md").read_text()
TABLE = PAGE.partition("## The screens of a marketplace")[2].partition("\n## ")[0]
ROWS = re.findall(r"^\| (?!screen|---)([^|]+) \| ([^|]+) \|([^|]*)\|$", TABLE, re.MULTILINE)
IDS = {"gig": 30, "job": 40, "user": 1, "contract": 44, "conversation": 101}


def paths(cell: str) -> list[str]:
    """The requests of a cell, with the world's ids in them."""
    found = re.findall(r"`(/v1/[^`]+)`", cell)
    return [path.format_map({name: uid(n) for name, n in IDS.items()}) for path in found]


def test_all_screens_are_there_and_wait_twice_at_most():
    assert len(ROWS) == 11
    for name, first, then in ROWS:
        assert paths(first), name
        assert len([cell for cell in (first, then) if paths(cell)]) <= 2


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
async def test_a_screen_is_answered(world, row):
    name, *rounds = row
    person = world.people["staff" if name.startswith("staff") else "owner"]
    for requests in map(paths, rounds):
        answers = await asyncio.gather(*(world.app.http("GET", p, person) for p in requests))
        for path, answer in zip(requests, answers, strict=True):
            assert answer.status == 200, (path, answer.body)
            for expanded in re.findall(r"expand=([a-z_,.]+)", path):
                rows = answer.body.get("data", [answer.body])
                names = {one.split(".")[0] for one in expanded.split(",")}
                assert all(names <= one.keys() for one in rows), path


def test_what_has_no_path_yet_is_marked():
    """A path that waits for its workflow carries the footnote, by itself or by its screen."""
    for name, *rounds in ROWS:
        for line in "<br>".join(rounds).split("<br>"):
            resource = re.search(r"`/v1/([a-z-]+)", line)
            if resource and name[-1] != "¹":
                assert ("¹" in line) == (resource[1] in AWAITS), (name, line)
