"""The tables of the fold of search are what their command makes."""

from tests import fold


def test_the_tables_are_what_the_command_makes():
    assert fold.written() == fold.TABLES.read_text(), "run `make fold`; a new fold is a new version"
