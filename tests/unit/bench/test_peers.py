"""What the run of the peers starts, and what it says when it cannot."""

import os
import sys

import psutil
import pytest

from loadtests.peers import programs, run
from loadtests.peers.programs import ProgramError
from loadtests.peers.systems import every

LISTENS = """
import signal, socket, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
with socket.create_server(("127.0.0.1", int(sys.argv[1]))):
    time.sleep(60)
"""


def test_without_node_its_server_is_left_out_and_that_is_said(monkeypatch, capsys):
    monkeypatch.setenv("PATH", "")
    options = run._parse(["--only", "Parley", "Socket.IO"])
    assert [system.name for system in run._present(options)] == ["Parley"]
    assert "Socket.IO is left out: it needs Node.js" in capsys.readouterr().err


def test_parley_is_what_the_others_are_compared_with():
    names = [system.name for system in every()]
    assert names == ["Parley", "Socket.IO", "python-socketio", "Channels"]
    assert len({system.database for system in every()}) == len(names)


def test_a_program_is_ended_even_when_it_does_not_want_to(tmp_path, monkeypatch):
    monkeypatch.setattr(programs, "_STOP_S", 0.2)
    port = programs.free_port()
    command = [sys.executable, "-c", LISTENS, str(port)]
    with programs.running(command, os.environ, port, tmp_path / "log") as pid:
        assert psutil.pid_exists(pid)
    assert not psutil.pid_exists(pid)


def test_a_program_that_does_not_start_is_said_so_and_its_log_is_there(tmp_path):
    log_file = tmp_path / "log"
    command = [sys.executable, "-c", "raise SystemExit('no such table')"]
    with (
        pytest.raises(ProgramError),
        programs.running(command, os.environ, programs.free_port(), log_file),
    ):
        pass
    assert "no such table" in programs.last_lines(log_file)
