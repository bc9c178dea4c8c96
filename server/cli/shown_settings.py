"""What is set, as operators are shown it: each variable by name, and those that nothing reads."""

import ast
import inspect
from collections.abc import Iterator, Mapping

from pydantic import SecretStr

from protocol.limits import Limits
from server.config import LIMIT_PREFIX, PREFIX, Settings, variables

_OTHERS = ("PARLEY_TEST_", "PARLEY_CHAT_")


def unknown_names(environment: Mapping[str, str]) -> list[str]:
    """`PARLEY_…` variables that nothing reads: most likely misspelt."""
    known = variables()
    return sorted(
        name
        for name in environment
        if name.startswith(PREFIX) and name not in known and not name.startswith(_OTHERS)
    )


def limit_meanings() -> dict[str, str]:
    """What each limit is for, in one line: the docstring below its field."""
    (declared,) = ast.parse(inspect.getsource(Limits)).body
    assert isinstance(declared, ast.ClassDef)
    meanings = dict.fromkeys(Limits.__struct_fields__, "")
    field = ""
    for statement in declared.body:
        match statement:
            case ast.AnnAssign(target=ast.Name(id=field)):
                pass
            case ast.Expr(value=ast.Constant(value=str(text))) if field:
                meanings[field] = " ".join(text.split())
            case _:
                field = ""
    return meanings


def lines(settings: Settings) -> Iterator[str]:
    """As a person reads them: each with its value, and behind it what it is for."""
    for name, value, meaning in describe(settings):
        yield f"{name}={value}".ljust(47) + (f" # {meaning}" if meaning else "")


def describe(settings: Settings) -> Iterator[tuple[str, str, str]]:
    """Each variable's name, value in force and meaning; secrets and passwords hidden."""
    for name, field in Settings.model_fields.items():
        if name != "limits":
            value = _shown(getattr(settings, name))
            yield PREFIX + name.upper(), value, field.description or ""
    for limit, meaning in limit_meanings().items():
        yield LIMIT_PREFIX + limit.upper(), str(getattr(settings.limits, limit)), meaning


def _shown(value: object) -> str:
    match value:
        case None:
            return "(unset)"
        case SecretStr():
            return "(hidden)"
        case bool():
            return "on" if value else "off"
        case tuple():
            return ",".join(str(item) for item in value) or "(none)"
        case str() if "://" in value and "@" in value:
            scheme, _, rest = value.partition("://")
            return f"{scheme}://(hidden)@{rest.rpartition('@')[2]}"
        case _:
            return str(value)
