"""What Locust is given: the scenarios, two options more, and the table that a run leaves.

`make load` runs it, by `python -m loadtests.scenarios`.
"""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from locust import events
from locust.env import Environment
from locust.stats import (
    get_error_report_summary,
    get_percentile_stats_summary,
    get_stats_summary,
)

from loadtests.scenarios.day import MixedDay
from loadtests.scenarios.groups import BusyGroup
from loadtests.scenarios.inbox import Inbox
from loadtests.scenarios.pairs import Pairs
from loadtests.scenarios.receipts import Receipts
from loadtests.scenarios.storms import ReconnectStorm

__all__ = ["BusyGroup", "Inbox", "MixedDay", "Pairs", "Receipts", "ReconnectStorm"]


def add_options(parser: ArgumentParser) -> None:
    """Options of ours, in the web UI too."""
    parser.add_argument("--ws", default="ws://127.0.0.1:8765/v1/ws", help="the WebSocket door")
    parser.add_argument(
        "--storm-every", type=float, default=10.0, help="seconds between reconnect storms"
    )
    parser.add_argument("--table", default="", help="file for the table of the run")


def leave_table(environment: Environment, **_: Any) -> None:
    """Write the table; a run in which nothing was measured has failed."""
    if environment.stats.total.num_requests == 0 and environment.web_ui is None:
        environment.process_exit_code = 1
    options = environment.parsed_options
    if options is not None and options.table:
        lines = [
            *get_stats_summary(environment.stats, current=False),
            "",
            *get_percentile_stats_summary(environment.stats),
            "",
            *(get_error_report_summary(environment.stats) if environment.stats.errors else ()),
        ]
        Path(options.table).write_text("\n".join(lines) + "\n", encoding="utf-8")


# Typed, its hooks are not.
_events: Any = events
_events.init_command_line_parser.add_listener(add_options)
_events.quitting.add_listener(leave_table)
