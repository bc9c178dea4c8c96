"""The settings file: lines `PARLEY_NAME=value`. The environment and flags go before it."""

import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

VARIABLE = "PARLEY_SETTINGS_FILE"
FILE_BYTES = 1 << 20
"""A longer file is another one."""
_QUOTED = re.compile(r"""\A(['"])(.*)\1\Z""")
_LINE = re.compile(
    r"""\s*(?P<name>[^=\s]+)\s*=\s*(?P<value>'[^']*'|"[^"]*"|.*?)\s*(?:(?<=\s)#.*)?"""
)


class SettingsFileError(ValueError):
    """What is wrong with the file, a line for each."""


def told(
    flags: Mapping[str, str], environment: Mapping[str, str], known: Collection[str]
) -> dict[str, str]:
    """The flags, and what the file gives that neither they nor the environment do.

    By the names of the fields. Raises `SettingsFileError`.
    """
    path = flags.get("settings_file", environment.get(VARIABLE, ""))
    if not path:
        return dict(flags)
    set_already = {name.upper() for name in environment}
    given = {
        name.removeprefix("PARLEY_").lower(): value
        for name, value in read(Path(path), known).items()
        if name not in set_already
    }
    return given | dict(flags)


def overridden(
    flags: Mapping[str, str], environment: Mapping[str, str], known: Collection[str]
) -> list[str]:
    """Variables that the file gives in vain: a flag or the environment gives another value.

    Raises `SettingsFileError`.
    """
    path = flags.get("settings_file", environment.get(VARIABLE, ""))
    if not path:
        return []
    before = {name.upper(): value for name, value in environment.items()}
    before |= {f"PARLEY_{name.upper()}": value for name, value in flags.items()}
    return [
        name for name, value in read(Path(path), known).items() if before.get(name, value) != value
    ]


def read(path: Path, known: Collection[str]) -> dict[str, str]:
    """What the file gives, by variable. Raises `SettingsFileError`."""
    try:
        # A pipe or a device would be waited for.
        if path.exists() and not path.is_file():
            raise SettingsFileError(f"{VARIABLE}: {path}: should be a file")
        if path.stat().st_size > FILE_BYTES:
            raise SettingsFileError(f"{VARIABLE}: {path}: is longer than {FILE_BYTES} bytes")
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise SettingsFileError(f"{VARIABLE}: {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise SettingsFileError(f"{VARIABLE}: {path}: is not text in UTF-8") from error
    given: dict[str, str] = {}
    wrong = [f"{path}, {reason}" for reason in _take(text, known, given)]
    if wrong:
        raise SettingsFileError("\n".join(wrong))
    return given


def _take(text: str, known: Collection[str], given: dict[str, str]) -> Iterator[str]:
    """Put what the lines give into `given`; what is wrong, without any value: it may be secret."""
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        match = _LINE.fullmatch(line)
        name = match["name"] if match else ""
        if match is None:
            yield f"line {number}: should be PARLEY_NAME=value"
        elif name == VARIABLE:
            yield f"line {number}: {name}: a settings file names no other"
        elif name not in known:
            yield f"line {number}: {name}: not a setting of Parley"
        elif name in given:
            yield f"line {number}: {name}: is there twice"
        else:
            given[name] = _QUOTED.sub(r"\2", match["value"])
