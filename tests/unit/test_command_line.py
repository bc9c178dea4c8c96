"""Wrong use of the command line: one line that names the command and the argument."""

import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from server.cli import command_line


@pytest.mark.parametrize(
    ("arguments", "begins", "names"),
    [
        ([], "parley: ", "COMMAND"),
        (["sevre"], "parley: ", "'sevre'"),
        (["serve", "--no-such-flag"], "parley: ", "--no-such-flag"),
        (["serve", "--http-port"], "parley serve: ", "--http-port"),
        (["serve", "--limit", "5"], "parley serve: ", "--limit"),
        (["config", "extra"], "parley: ", "extra"),
        (["seed", "extra"], "parley: ", "extra"),
        (["partitions", "extra"], "parley: ", "extra"),
        (["migrate", "--back-to"], "parley migrate: ", "--back-to"),
        (["migrate", "--plan", "--contract"], "parley migrate: ", "--contract"),
        (["outbox"], "parley outbox: ", "aside"),
        (["outbox", "besides"], "parley outbox: ", "'besides'"),
        (["outbox", "aside"], "parley outbox aside: ", "list,retry,drop"),
        (["outbox", "aside", "lsit"], "parley outbox aside: ", "'lsit'"),
        (["outbox", "aside", "list", "5"], "parley: ", "5"),
        (["outbox", "aside", "retry", "abc"], "parley outbox aside retry: ", "ID: 'abc'"),
        (["outbox", "aside", "retry", "-5"], "parley outbox aside retry: ", "ID: '-5'"),
        (["outbox", "aside", "retry", "0"], "parley outbox aside retry: ", "ID: '0'"),
        (["outbox", "aside", "drop", "1", "²"], "parley outbox aside drop: ", "ID: '²'"),
        (["outbox", "aside", "drop", "9" * 30], "parley outbox aside drop: ", "ID: '999"),
        (["outbox", "aside", "drop", str(1 << 63)], "parley outbox aside drop: ", "ID: '922"),
        (["user"], "parley user: ", "show,promote,verify"),
        (["user", "show"], "parley user show: ", "EMAIL"),
        (["user", "promote", "a@example.org"], "parley user promote: ", "ROLE"),
        (["user", "promote", "a@example.org", "king"], "parley user promote: ", "'king'"),
        (["emails"], "parley emails: ", "list,fill"),
        (["emails", "fil"], "parley emails: ", "'fil'"),
        (["reactions"], "parley reactions: ", "merge"),
        (["reactions", "merge", "--agian"], "parley: ", "--agian"),
        (["search"], "parley search: ", "rebuild"),
        (["search", "rebuild", "now"], "parley: ", "now"),
        (["chat", "--no-such-flag"], "parley chat: ", "--no-such-flag"),
        (["chat", "--stay", "long"], "parley chat: ", "--stay"),
        (["demo", "--no-such-flag"], "parley demo: ", "--no-such-flag"),
        (["demo", "here"], "parley demo: ", "here"),
        (["demo", "--url", "127.0.0.1:8080"], "parley demo: ", "must begin with http://"),
        (["demo", "--url", "http://:8080"], "parley demo: ", "names no host"),
        (["demo", "--url", "http://a:99999"], "parley demo: ", "no valid port"),
        (["demo", "--url", "http://a/v1"], "parley demo: ", "names a path"),
        (["demo", "--ws", "http://a"], "parley demo: ", "must begin with ws:// or wss://"),
        (["chat", "--url", "127.0.0.1:8765"], "parley chat: ", "must begin with ws://"),
        (["chat", "--url", "ws://a:x"], "parley chat: ", "no valid port"),
        (["chat", "--http-url", "here"], "parley chat: ", "must begin with http://"),
    ],
)
def test_wrong_use_takes_one_line(arguments, begins, names, capsys):
    with pytest.raises(SystemExit) as ended:
        command_line.main(arguments)
    said = capsys.readouterr()
    assert (ended.value.code, said.out) == (2, "")
    assert said.err.startswith(begins)
    assert names in said.err
    assert (said.err.count("\n"), said.err[-1]) == (1, "\n")
    assert len(said.err) < 300


def test_the_version_is_told(capsys):
    with pytest.raises(SystemExit) as ended:
        command_line.main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"parley {version('parley')}\n"


def test_a_reader_that_has_enough_is_no_failure():
    script = 'set -o pipefail; "$0" config | head -n 1; "$0" serve --help | head -n 1'
    ran = subprocess.run(
        ["bash", "-c", script, Path(sys.executable).with_name("parley")],
        capture_output=True,
        check=False,
        text=True,
        timeout=50,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    assert len(ran.stdout.splitlines()) == 2
