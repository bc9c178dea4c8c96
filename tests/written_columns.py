"""Which columns something writes: the paths, queries of ours, functions of the database, workflows.

Asked of the catalogue, where triggers and functions are. A column that only has a constant default
is written by nobody.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

import asyncpg

from handlers.resources import SHOWN
from handlers.workflows import WORKFLOWS
from storage.resources.resource import Resource, given_of

_SQL = Path(__file__).parents[1] / "storage" / "sql"
_INSERT = re.compile(r"\bINSERT INTO (\w+)(?: AS \w+)?\s*(\([^)]*\))?", re.IGNORECASE)
_CONFLICT = re.compile(r"\bDO UPDATE\s+SET\s", re.IGNORECASE)
_UPDATE = re.compile(r"\bUPDATE (?:ONLY )?(\w+)(?: AS)?(?: (?!SET\b)\w+)?\s+SET\s", re.IGNORECASE)
_END = re.compile(r"\b(?:FROM|WHERE|RETURNING|ON CONFLICT)\b|;", re.IGNORECASE)
_SET = re.compile(r"(?:^|,)\s*(?:(\w+)\s*=|\(([\w\s,]+)\)\s*=)")
_NEW = re.compile(r"\bNEW\.(\w+)\s*:=|\bINTO\s+((?:NEW\.\w+\s*,?\s*)+)", re.IGNORECASE)
_ROOT = Path(__file__).parents[1]
_BEGUN = re.compile(r"\b(?:insert|update|add)\(\s*\"(\w+)\"")
_NAMED = re.compile(r"\b(\w+)=(?!=)|\"(\w+)\":")
_SEEDED = frozenset({"platform_settings", "fee_structure"})
"""Tables that migrations fill."""

Written = Mapping[str, set[str]]
"""The written columns of each table."""


def _by_workflows(columns: Mapping[str, set[str]]) -> dict[str, set[str]]:
    """Tables of which a workflow begins rows, and those of their columns that workflows name."""
    rooms = ("handlers/workflows", "storage/workflows", "storage/ledger")
    texts = [path.read_text() for room in rooms for path in (_ROOT / room).rglob("*.py")]
    named = {one or other for text in texts for one, other in _NAMED.findall(text)}
    stamped = {
        stamp for w in WORKFLOWS.values() for t in w.machine.transitions for stamp in t.stamps
    }
    begun = {table for text in texts for table in _BEGUN.findall(text)}
    begun |= {w.machine.table for w in WORKFLOWS.values()}
    always = {"status", "id", "created_at", "updated_at"}
    return {table: columns[table] & (named | stamped | always) for table in begun & columns.keys()}


async def columns_of(connection: asyncpg.Connection) -> dict[str, set[str]]:
    """The columns of each table and view."""
    rows = await connection.fetch(
        """
        SELECT c.relname, a.attname FROM pg_class c
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v')
          AND NOT c.relispartition
        """
    )
    found: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        found[row["relname"]].add(row["attname"])
    return dict(found)


async def written_columns(connection: asyncpg.Connection) -> Written:
    """The columns that something writes, of each table that something fills."""
    found: dict[str, set[str]] = defaultdict(set)
    filled = {*_SEEDED, *(r.table for r in SHOWN.values() if "create" in r.verbs)}
    columns = await columns_of(connection)
    functions = await connection.fetch(
        """
        SELECT p.prosrc, array_remove(array_agg(DISTINCT t.tgrelid::regclass::text), NULL) AS tables
        FROM pg_proc p LEFT JOIN pg_trigger t ON t.tgfoid = p.oid
        WHERE p.pronamespace = 'public'::regnamespace GROUP BY p.oid
        """
    )
    queries = (path.read_text() for path in _SQL.rglob("*/*.sql"))  # those at its root are samples
    for text in (*(f["prosrc"] for f in functions), *queries):
        filled |= _statements(text, columns, found)
    for table in _SEEDED:
        found[table] |= columns[table]
    for table, names in _by_workflows(columns).items():
        filled.add(table)
        found[table] |= names
    for resource in SHOWN.values():
        found[resource.table] |= set(_by_paths(resource))
    for function in functions:
        for one, many in _NEW.findall(function["prosrc"]):
            for table in function["tables"]:
                found[table] |= {one or "", *re.findall(r"NEW\.(\w+)", many)} - {""}
    computed = await connection.fetch(
        """
        SELECT c.relname, a.attname FROM pg_class c
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
        WHERE c.relnamespace = 'public'::regnamespace
          AND (a.attidentity <> '' OR pg_get_expr(d.adbin, d.adrelid) ~ '\\(')
        """
    )
    for row in computed:
        found[row["relname"]].add(row["attname"])
    return {table: found[table] & columns[table] for table in filled & columns.keys()}


def _statements(text: str, columns: Mapping[str, set[str]], found: dict[str, set[str]]) -> set[str]:
    """Note the columns that statements write; the tables that they insert into."""
    inserted = set()
    text = re.sub(r"--[^\n]*", "", text)
    for insert in _INSERT.finditer(text):
        table, listed = insert[1], insert[2]
        inserted.add(table)
        found[table] |= set(re.findall(r"\w+", listed)) if listed else columns.get(table, set())
        following = _INSERT.search(text, insert.end())
        end = following.start() if following else len(text)
        for conflict in _CONFLICT.finditer(text, insert.end(), end):
            found[table] |= set(_assigned(text[conflict.end() :]))
    for update in _UPDATE.finditer(text):
        found[update[1]] |= set(_assigned(text[update.end() :]))
    return inserted


def _assigned(text: str) -> Iterator[str]:
    """The columns of a SET list; what is within parentheses is an expression."""
    depth, flat = 0, []
    for place, letter in enumerate(text):
        if depth == 0 and (letter == ";" or _END.match(text, place)):
            break
        depth += (letter == "(") - (letter == ")")
        if depth < 0:
            break
        flat.append(letter if depth == 0 or _is_list(text, place) else " ")
    for one, many in _SET.findall("".join(flat)):
        yield from re.findall(r"\w+", one or many)


def _is_list(text: str, place: int) -> bool:
    """Whether a place is within `(a, b) =`, which assigns several columns."""
    begin = text.rfind("(", 0, place + 1)
    return re.match(r"\([\w\s,]+\)\s*=", text[begin:]) is not None


def _by_paths(resource: Resource) -> Iterator[str]:
    if "create" in resource.verbs:
        yield from resource.creatable
        yield from given_of(resource)
        if resource.owner:
            yield resource.owner
    if "change" in resource.verbs:
        yield from resource.changeable
