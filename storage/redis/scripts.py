"""Lua has a home: one `.lua` file a script, in `lua/`, or one for each part of a script."""

from pathlib import Path

LUA_DIR = Path(__file__).parent / "lua"


def read_script(*names: str) -> str:
    """The script that these files make, one after the other."""
    return "".join((LUA_DIR / f"{name}.lua").read_text(encoding="utf-8") for name in names)
