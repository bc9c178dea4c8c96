"""docs/resources.md: its figures are those of the code, its example is a resource."""

import re
from pathlib import Path

from handlers.resources import RESOURCES, people, shared_fields
from storage.resources import kinds, resource
from storage.resources.access import APP, Declared
from tests.resource_lines import lines

PAGE = (Path(__file__).parents[2] / "docs" / "resources.md").read_text()


def test_the_lines_are_those_of_the_files():
    """Within a tenth: the page need not follow every change."""
    told = {
        name: int(count.replace(",", ""))
        for name, count in re.findall(r"^\| ([\w ]+) \| ([\d,]+) \|", PAGE, re.MULTILINE)
    }
    counted = lines() | {"resources": len(RESOURCES)}
    assert told.keys() == counted.keys()
    wrong = {n: (told[n], counted[n]) for n in told if abs(told[n] - counted[n]) > counted[n] / 10}
    assert not wrong


def test_the_example_is_a_resource_in_less_than_twenty_lines():
    (example,) = re.findall(r"```python\n(USER_TOOLS.*?)```", PAGE, re.DOTALL)
    assert len(example.splitlines()) < 20
    names = {**vars(resource), **vars(kinds), **vars(shared_fields), **vars(people)}
    exec(example, names)  # the page's own words
    access = Declared((names["USER_TOOLS"],), ()).access({})["user_tools"]
    insert = {grant.column for grant in access.grants if grant[:2] == (APP, "INSERT")}
    assert insert == {"name", "since_year", "user_id"}
    assert "user_tools_change" in {policy.name for policy in access.policies}
