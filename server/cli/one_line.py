"""Wrong use of a command line is told in one line: the usage has more than a hundred flags."""

import argparse
from typing import NoReturn

SHOWN_CHARS = 200
WRONG_USE = 2


class Parser(argparse.ArgumentParser):
    """Names the command, what is wrong with which argument, and where to read on."""

    def error(self, message: str) -> NoReturn:
        """Tell it, and exit with 2."""
        shown = message if len(message) <= SHOWN_CHARS else f"{message[:SHOWN_CHARS]}…"
        self.exit(WRONG_USE, f"{self.prog}: {shown}; see {self.prog} --help\n")
