"""The command line: `parley serve | migrate | partitions | seed | config | user | outbox | timers |
schedules | deliveries | ledger | emails | mail | reactions | search | postgres | chat | demo`.
"""

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import cast
from uuid import UUID

import asyncpg
import uvloop

from client.chat import terminal
from server import config, seed
from server.cli import (
    deliveries,
    emails,
    ledger,
    mail,
    outbox_aside,
    output,
    postgres_programs,
    reactions,
    schedules,
    search_rebuild,
    shown_settings,
    timers,
    users,
)
from server.cli.demo import command as demo
from server.cli.one_line import WRONG_USE, Parser
from server.cli.said import Said
from server.processes import failures, migration, serve
from server.processes.reloading import Given
from server.telemetry import logging_setup
from storage.database import migrate
from storage.database.installation import checks
from storage.database.installation.superuser_script import NoLoginError, superuser_script
from storage.database.partitions import keep_within
from storage.database.postgres import UNAVAILABLE

UPKEEP_S = 30.0
"""How long a command tries to make the partitions that lack."""
_OF_OUTBOX = ("outbox", "doing", "of_consumer", "of_kind", "ids", "every")
"""What `parley outbox` is asked, which are no settings."""
_OF_OTHERS = (
    *("plan", "contract", "back_to", "print_superuser", "again", "program", "arguments"),
    *("who", "role", "timers", "schedules", "deliveries", "of_channel", "of_category"),
)
"""What `parley migrate`, `parley reactions`, `parley postgres`, `parley user`, `parley timers`,
`parley schedules` and `parley deliveries` are asked.
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the exit code is 2 for a wrong value or use, 1 for what failed."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments[:1] == ["chat"]:
        return terminal.main(arguments[1:])
    with output.may_end():
        if arguments[:1] == ["demo"]:
            return _tell(demo.run(arguments[1:]))
        return _main(arguments)


def _main(arguments: Sequence[str]) -> int:
    parsed = vars(_parser().parse_args(arguments))
    command = parsed.pop("command")
    how = {name: parsed.pop(name, None) for name in _OF_OTHERS}
    asked = {name: parsed.pop(name, None) for name in (*_OF_OUTBOX, "searching")}
    flags = {name: text for name, text in parsed.items() if text is not None}
    try:
        told = config.told(flags)
        settings = config.checked(told)
        in_vain = config.overridden(flags)
    except config.ConfigurationError as error:
        print(error, file=sys.stderr)
        return WRONG_USE
    logging_setup.set_up(settings.log_format, settings.log_level)
    for name in shown_settings.unknown_names(os.environ):
        print(f"{name}: not a setting of Parley; ignored", file=sys.stderr)
    for name in in_vain:
        print(
            f"{name}: a flag or the environment goes before the settings file's other value",
            file=sys.stderr,
        )
    try:
        return _commanded(command, settings, Given(flags, told), how | asked)
    except (serve.NoDatabaseError, NoLoginError, config.ConfigurationError) as error:
        print(error, file=sys.stderr)
        return WRONG_USE
    except Exception as error:  # which are expected, `failures` knows; all others are bugs
        line = failures.expected(error, settings)
        if line is None:
            raise
        print(line, file=sys.stderr)
        return 1


def _commanded(
    command: str, settings: config.Settings, given: Given, how: Mapping[str, object]
) -> int:
    match command:
        case "serve":
            return serve.run(settings, given)
        case "outbox":
            return _outbox(settings, how)
        case "timers":
            return _timers(settings, how)
        case "schedules":
            return _schedules(settings, how)
        case "deliveries":
            return _deliveries(settings, how)
        case _:
            return _run(command, settings, how)


def _outbox(settings: config.Settings, asked: Mapping[str, object]) -> int:
    doing = str(asked["doing"])
    try:
        said = uvloop.run(
            outbox_aside.run(settings, doing, outbox_aside.choice_of(doing, dict(asked)))
        )
    except outbox_aside.WrongChoiceError as error:
        print(error, file=sys.stderr)
        return WRONG_USE
    return _tell(said)


def _timers(settings: config.Settings, asked: Mapping[str, object]) -> int:
    ids = cast("list[UUID]", asked["timers"])
    try:
        return _tell(uvloop.run(timers.run(settings, str(asked["doing"]), ids)))
    except timers.WrongTimersError as error:
        print(error, file=sys.stderr)
        return WRONG_USE


def _schedules(settings: config.Settings, asked: Mapping[str, object]) -> int:
    names = cast("list[str]", asked["schedules"])
    try:
        return _tell(uvloop.run(schedules.run(settings, str(asked["doing"]), names)))
    except schedules.WrongSchedulesError as error:
        print(error, file=sys.stderr)
        return WRONG_USE


def _deliveries(settings: config.Settings, asked: Mapping[str, object]) -> int:
    doing = str(asked["doing"])
    try:
        choice = deliveries.choice_of(doing, dict(asked))
        return _tell(uvloop.run(deliveries.run(settings, doing, choice)))
    except deliveries.WrongDeliveriesError as error:
        print(error, file=sys.stderr)
        return WRONG_USE


def _tell(said: Said) -> int:
    if said.code:
        print(said.text, file=sys.stderr)
    elif said.text:
        output.tell(said.text)
    return said.code


def _run(command: str, settings: config.Settings, how: Mapping[str, object]) -> int:
    match command:
        case "migrate":
            return uvloop.run(_migrate(settings, how))
        case "partitions":
            return uvloop.run(_partitions(settings))
        case "seed":
            return uvloop.run(_seed(settings))
        case "user" | "ledger" | "emails" | "mail" | "reactions" | "search" | "postgres":
            return _tell(uvloop.run(_asked(command, settings, how)))
        case _:
            output.tell("\n".join(shown_settings.lines(settings)))
            return 0


async def _asked(command: str, settings: config.Settings, how: Mapping[str, object]) -> Said:
    match command:
        case "user" | "mail":
            return await _asked_of_one(command, settings, how)
        case "ledger":
            return await ledger.run(settings)
        case "emails":
            return await emails.run(settings, str(how["doing"]))
        case "reactions":
            return await reactions.run(settings, again=bool(how["again"]))
        case "postgres":
            arguments = cast("list[str]", how["arguments"])
            return await postgres_programs.run(settings, str(how["program"]), arguments)
        case _:
            return await search_rebuild.run(settings, output.tell)


async def _asked_of_one(command: str, settings: config.Settings, how: Mapping[str, object]) -> Said:
    doing, who = str(how["doing"]), str(how["who"])
    if command == "mail":
        return await mail.run(settings, doing, who)
    return await users.run(settings, doing, who, cast("str | None", how["role"]))


async def _migrate(settings: config.Settings, how: Mapping[str, object]) -> int:
    if how["print_superuser"]:
        output.tell(superuser_script(settings.database_url, settings.owner_database_url).rstrip())
        return 0
    wait_s = settings.migration_wait_s
    async with serve.database_of(settings) as database:
        url = database.changing
        if how["plan"]:
            output.tell(await migration.plan(url, wait_s))
            return 0
        if how["back_to"] is not None:
            try:
                revision = await migrate.downgrade(url, str(how["back_to"]), wait_s)
            except migrate.UnknownRevisionError as error:
                print(f"parley migrate: --back-to: {error}", file=sys.stderr)
                return WRONG_USE
            output.tell(f"the schema is at {revision or 'nothing'}")
            return 0
        said = await migration.bring_up(database, wait_s, contracts=bool(how["contract"]))
        lacking = await keep_within(url, UPKEEP_S)
    output.tell("\n".join(said))
    return _told(lacking)


async def _partitions(settings: config.Settings) -> int:
    async with serve.database_of(settings) as database:
        await checks.check(database.changing, database.changing_setting)
        try:
            return _told(await keep_within(database.changing, UPKEEP_S))
        except (*UNAVAILABLE, asyncpg.PostgresError) as error:
            print(f"no partitions made: {type(error).__name__}: {error}", file=sys.stderr)
            return 1


def _told(lacking: Sequence[str]) -> int:
    if lacking:
        print(
            f"partitions not made: {', '.join(lacking)}; run it again, as the tables' owner",
            file=sys.stderr,
        )
    return 1 if lacking else 0


async def _seed(settings: config.Settings) -> int:
    is_own = settings.database_url is None
    async with serve.database_of(settings) as database:
        await migration.at_start(database, settings.migration_wait_s, is_own=is_own)
        made = seed.sample_for(is_outside=settings.faces_outside)
        seeded = await seed.seed(database.server, made.password)
    print("seeded" if seeded else "there are people already; nothing done")
    if seeded and not made.is_public:
        print(f"the sample people have the password {made.password}; it is shown once")
    return 0


def _parser() -> argparse.ArgumentParser:
    flags = argparse.ArgumentParser(add_help=False)
    for name, field in config.Settings.model_fields.items():
        if name != "limits":
            help_text = (field.description or "").replace("%", "%%")
            flags.add_argument(f"--{name.replace('_', '-')}", metavar="VALUE", help=help_text)
    for name, meaning in shown_settings.limit_meanings().items():
        flag, help_text = f"--limit-{name.replace('_', '-')}", meaning.replace("%", "%%")
        flags.add_argument(flag, metavar="NUMBER", help=help_text)
    parser: argparse.ArgumentParser = Parser(prog="parley", description=__doc__)
    parser.add_argument("--version", action="version", version=f"parley {version('parley')}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, meaning in (
        ("serve", "run the server, with its own PostgreSQL and Valkey when no URLs name others"),
        ("migrate", "bring the schema, rights, triggers and partitions up to date"),
        ("partitions", "make the partitions that lack and drop old ones; for a timer"),
        ("seed", "put the example data into an empty database"),
        ("config", "print the settings in force, secrets hidden"),
    ):
        command = commands.add_parser(name, help=meaning, description=meaning, parents=[flags])
        if name == "migrate":
            _add_ways(command)
    users.add_parser(commands, flags)
    outbox_aside.add_parser(commands, flags)
    timers.add_parser(commands, flags)
    schedules.add_parser(commands, flags)
    deliveries.add_parser(commands, flags)
    ledger.add_parser(commands, flags)
    emails.add_parser(commands, flags)
    mail.add_parser(commands, flags)
    reactions.add_parser(commands, flags)
    search_rebuild.add_parser(commands, flags)
    postgres_programs.add_parser(commands, flags)
    commands.add_parser("chat", help="talk in the terminal", add_help=False)
    commands.add_parser("demo", help="play a job and an order with two clients", add_help=False)
    return parser


def _add_ways(migrate_command: argparse.ArgumentParser) -> None:
    ways = migrate_command.add_mutually_exclusive_group()
    ways.add_argument(
        "--plan", action="store_true", help="print what would be run, and change nothing"
    )
    ways.add_argument(
        "--contract",
        action="store_true",
        help="also remove what is no longer declared; once no process of the version before runs",
    )
    ways.add_argument(
        "--print-superuser",
        action="store_true",
        help="print, for psql, what only a superuser of PostgreSQL may do; needs no connection",
    )
    ways.add_argument("--back-to", metavar="REVISION", help="undo steps; data goes too")
