"""Ctrl-C while the modules of the command line load."""

import subprocess
import sys

import pytest

IMPATIENT = """
import os, signal, sys

class Impatient:
    def find_spec(self, name, *_):
        if name == "server.cli.command_line":
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Impatient())
sys.argv = ["parley", "%s"]
from server.cli import entry
entry.main()
"""


@pytest.mark.parametrize(("command", "code"), [("serve", 0), ("migrate", 130)])
def test_ctrl_c_before_a_command_has_begun(command, code):
    ended = subprocess.run(
        [sys.executable, "-c", IMPATIENT % command], capture_output=True, check=False, timeout=60
    )
    assert (ended.returncode, ended.stderr) == (code, b"")
