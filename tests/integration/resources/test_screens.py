"""Screens of a marketplace take the requests of docs/resources.md, in two rounds at most."""

import asyncio
import re
from pathlib import Path

import pytest

from handlers.resources import AWAITS, RESOURCES
from handlers.workflows import WORKFLOWS
from protocol.machine import Party
from tests.integration.resources.world import uid

PAGE = (Path(__file__).parents[3] / "docs" / "resources.md").read_text()
TABLE = PAGE.partition("## The screens of a marketplace")[2].partition("\n## ")[0]
ROWS = re.findall(r"^\| (?!screen|---)([^|]+) \| ([^|]+) \|([^|]*)\|$", TABLE, re.MULTILINE)
IDS = {"gig": 30, "job": 40, "user": 1, "contract": 44, "conversation": 101}

PARTIES = {"a freelancer's dashboard": Party.FREELANCER, "a client's dashboard": Party.CLIENT,
           "staff's queue": Party.STAFF}  # fmt: skip
LATER = {"contracts": {"completed"}, "proposals": {"withdrawn"}, "withdrawals": {"approved"},
         "support-tickets": {"waiting_on_customer", "resolved"}}  # fmt: skip
"""States in which somebody may do something, but another's turn, or none's, is next."""


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


def test_one_request_suffices_to_run_a_contract():
    """Whatever a workflow moves that belongs to a contract is in its room, with its actions."""
    room = next(first for name, first, _then in ROWS if name == "contract room")
    shown = set()
    (expand,) = re.findall(r"expand=([a-z_,.]+)", room)
    for path in expand.split(","):
        resource = RESOURCES["contracts"]
        for step in path.split("."):
            resource = RESOURCES[next(e.to for e in resource.expansions if e.name == step)]
            shown.add(resource.path)
    of_contracts = {w.resource for w in WORKFLOWS.values()
                    if "contract_id" in RESOURCES[w.resource].readable}  # fmt: skip
    assert of_contracts <= shown
    assert {"split-items", "contract-extras", "contract-answers"} <= shown


def test_dashboards_show_all_that_waits_for_who_looks():
    """A row in which they can do something is in no state that the list leaves out."""
    checked = 0
    for name, party in PARTIES.items():
        cell = next(first for screen, first, _then in ROWS if screen == name)
        for path, said in re.findall(r"/v1/([a-z-]+)\?[^`]*status=([a-z_,]+)", cell):
            machine = RESOURCES[path].machine
            assert machine is not None
            waiting = {s for t in machine.transitions if party in t.by for s in t.sources if s}
            if path == "contracts":
                waiting |= {"disputed"}  # what can be done is done with the dispute
            assert waiting - LATER.get(path, set()) <= set(said.split(",")), (name, path)
            checked += 1
    assert checked == 8


def test_what_has_no_path_yet_is_marked():
    """A path that waits for its workflow carries the footnote, by itself or by its screen."""
    for name, *rounds in ROWS:
        for line in "<br>".join(rounds).split("<br>"):
            resource = re.search(r"`/v1/([a-z-]+)", line)
            if resource and name[-1] != "¹":
                assert ("¹" in line) == (resource[1] in AWAITS), (name, line)
