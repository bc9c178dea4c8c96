"""Schemathesis against the OpenAPI document: every answer is one that it tells of, none is 5xx.

As people with logins, an owner and one of the staff in turn, on a world that has a row of
everything. Paths that end the login are left out, and those that stream.
"""

import asyncio
import os
import sys

import pytest

from tests.integration.resources.world import populate

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "response_headers_conformance",
)
EXAMPLES = "6"
"""Of each operation; most of the time goes into finding out how to make them."""
HOOKS = {"SCHEMATHESIS_HOOKS": "tests.contract.in_turn"}
PATHS = "^/v1/(?!auth|files|openapi|asyncapi)"


@pytest.mark.timeout(900)
async def test_no_answer_is_undocumented(app):
    people = (await populate(app)).people
    tokens = [person.token for role in ("owner", "staff") if (person := people[role])]
    assert len(tokens) == 2
    address = f"http://127.0.0.1:{app.app.http_port}/v1/openapi.json"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "schemathesis.cli", "run", address,
        "--include-path-regex", PATHS,
        "--checks", ",".join(CHECKS),
        "--phases", "fuzzing",
        "--max-examples", EXAMPLES,
        "--generation-database", "none",
        "--suppress-health-check", "all",
        "--seed", "1",
        env=os.environ | HOOKS | {"PARLEY_TEST_TOKENS": ",".join(tokens)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()[-6000:]
