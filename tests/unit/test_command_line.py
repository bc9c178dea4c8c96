"""Wrong use of the command line: one line that names the command and the argument."""

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
        (["emails"], "parley emails: ", "list,fill"),
        (["emails", "fil"], "parley emails: ", "'fil'"),
        (["reactions"], "parley reactions: ", "merge"),
        (["reactions", "merge", "--agian"], "parley: ", "--agian"),
        (["search"], "parley search: ", "rebuild"),
        (["search", "rebuild", "now"], "parley: ", "now"),
        (["chat", "--no-such-flag"], "parley chat: ", "--no-such-flag"),
        (["chat", "--stay", "long"], "parley chat: ", "--stay"),
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
