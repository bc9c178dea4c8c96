"""The kinds of values that fields hold: on the wire, in the column, and on the way between them."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import Enum, auto
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from protocol.text import NO_NUL, DayTime

_FIRST = dt.datetime.min.replace(tzinfo=dt.UTC)
_LAST = dt.datetime.max.replace(tzinfo=dt.UTC)


def _same(value: Any) -> Any:
    return value


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


class Said(Enum):
    """What the text in a value is for people, which tells how it is checked."""

    NOTHING = auto()  # no text, or one that its pattern describes
    TEXT = auto()  # it may have lines
    LINE = auto()  # a name or title
    PUBLIC_NAME = auto()  # a name that people know each other by
    ZONE = auto()  # a name of a zone of the IANA database


@dataclass(frozen=True, slots=True)
class Kind:
    """`wire` is what msgspec checks and the documents show; `shown` makes the column that.

    `stored` makes a wire value what asyncpg takes, and `cast` is the parameter's type in SQL.
    `values` are all the values there are, where they are few. `is_leakproof` is false where the
    type's comparisons may tell of what they compare, so that under a policy none uses an index.
    `said` is what text in it is, wherever in the value it stands. `read` makes the wire's form of
    other JSON that is taken for it. `is_money` is true of amounts, which have the decimals of their
    currency (storage/resources/columns.py).
    """

    wire: Any
    cast: str
    shown: str = "{}"
    stored: Callable[[Any], Any] = _same
    values: tuple[str, ...] = ()
    is_leakproof: bool = True
    said: Said = Said.NOTHING
    read: Callable[[Any], Any] = _same
    is_money: bool = False


def text(chars: int, least: int = 0) -> Kind:
    """Text of so many code points, which may have lines."""
    return _text(chars, least, Said.TEXT)


def line(chars: int, least: int = 0) -> Kind:
    """A name, a title or the like."""
    return _text(chars, least, Said.LINE)


def public_name(chars: int) -> Kind:
    """A name that people know each other by: none that looks like the platform's."""
    return _text(chars, 1, Said.PUBLIC_NAME)


def _text(chars: int, least: int, said: Said) -> Kind:
    wire = Annotated[str, Meta(min_length=least, max_length=chars, pattern=NO_NUL)]
    return Kind(wire, "text", said=said)


def slug(chars: int) -> Kind:
    """A name for an address."""
    described = f"1 to {chars} lower-case letters, digits and hyphens"
    return _described(rf"^[a-z0-9-]{{1,{chars}}}\Z", described)


def one_of(*values: str) -> Kind:
    """One of these words."""
    return Kind(Literal[values], "text", values=values)


def integer(least: int = 0, most: int = 2**31 - 1) -> Kind:
    """A whole number within bounds."""
    return Kind(Annotated[int, Meta(ge=least, le=most)], "integer")


def words(most: int, chars: int) -> Kind:
    """A list of words."""
    word = Annotated[str, Meta(min_length=1, max_length=chars, pattern=NO_NUL)]
    return Kind(Annotated[list[word], Meta(max_length=most)], "text[]", said=Said.LINE)


def shape(of: type[msgspec.Struct]) -> Kind:
    """JSON of this form, which the database makes."""
    return Kind(of, "jsonb", stored=_json)


def _described(
    pattern: str, described: str, chars: int | None = None, *, example: str = ""
) -> Kind:
    """Text of a form, and how a person would describe that."""
    if example:
        described = f"{described}, such as {example}"
    examples = [example] if example else None
    meta = Meta(pattern=pattern, description=described, max_length=chars, examples=examples)
    return Kind(Annotated[str, meta], "text")


def _decimal(pattern: str, cast: str, noun: str, example: str) -> Kind:
    described = f"{noun} such as {example}"
    wire = Annotated[str, Meta(pattern=pattern, description=described, examples=[example])]
    return Kind(wire, cast, "{}::text", Decimal, is_leakproof=False, read=spelt)


def _amount(pattern: str, cast: str, example: str) -> Kind:
    return replace(_decimal(pattern, cast, "an amount", example), is_money=True)


def spelt(value: Any) -> Any:
    """A number as the text that it was in JSON, which for two decimals a float gives back."""
    return str(value) if type(value) is int or type(value) is float else value


def _time(value: dt.datetime) -> dt.datetime:
    """In UTC; on the first and last day of the calendar other zones reach beyond it."""
    try:
        return value.astimezone(dt.UTC)
    except OverflowError:
        return _FIRST if value.year == dt.MINYEAR else _LAST


_UTC = "to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')"

ID = Kind(UUID, "uuid")
IDS = Kind(Annotated[list[UUID], Meta(max_length=20)], "uuid[]")
BOOL = Kind(bool, "boolean")
INT = integer()
SIZE = Kind(Annotated[int, Meta(ge=0, le=2**53)], "bigint")
SCORE = Kind(Annotated[float, Meta(ge=-1e9, le=1e9)], "real", stored=float)
SECONDS = Kind(float, "double precision", stored=float)
TIME = Kind(Annotated[dt.datetime, Meta(tz=True)], "timestamptz", _UTC, _time)
DATE = Kind(dt.date, "date")
DAY_TIME = Kind(DayTime, "time")
AMOUNT = r"^(0|[1-9]\d{0,11})(\.\d{1,2})?\Z"
MONEY = _amount(AMOUNT, "numeric(14,2)", "100.00")
SUM = _amount(r"^-?(0|[1-9]\d{0,13})(\.\d{1,2})?\Z", "numeric(16,2)", "-100.00")
PERCENT = _decimal(
    r"^(100(\.0{1,2})?|\d{1,2}(\.\d{1,2})?)\Z", "numeric(5,2)", "a percentage", "12.50"
)
CURRENCY = _described(r"^[A-Z]{3}\Z", "the three capital letters of a currency", example="USD")
LAST_FOUR = _described(r"^[0-9A-Za-z]{1,4}\Z", "the last letters or digits, at most four")
COUNTRY = _described(r"^[A-Z]{2}\Z", "the two capital letters of a country", example="DE")
LOCALE = _described(
    r"^([A-Za-z]{2,3}(-[A-Za-z]{3}){0,3}|[A-Za-z]{4,8})(-[A-Za-z]{4})?(-([A-Za-z]{2}|\d{3}))?"
    r"(-([0-9A-Za-z]{5,8}|\d[0-9A-Za-z]{3}))*(-[0-9A-WYZa-wyz](-[0-9A-Za-z]{2,8})+)*"
    r"(-[Xx](-[0-9A-Za-z]{1,8})+)?\Z",
    "a language as BCP 47 writes it",
    35,
    example="zh-Hans-CN",
)
ZONE = replace(
    _described(
        r"^[A-Za-z][0-9A-Za-z_+/-]*\Z", "a zone of the IANA database", 64, example="Europe/Berlin"
    ),
    said=Said.ZONE,
)
URL_PATTERN, URL_CHARS = r"^https?://[^\s\x00]+\Z", 2000
URL_SAID = f"an address of at most {URL_CHARS} characters that begins with http:// or https://"
URL = _described(URL_PATTERN, URL_SAID, URL_CHARS)
OBJECT = Kind(dict[str, Any], "jsonb", stored=_json, said=Said.TEXT)
NAMES = Kind(dict[str, Any], "jsonb", stored=_json, said=Said.LINE)
LIST = Kind(Annotated[list[Any], Meta(max_length=100)], "jsonb", stored=_json, said=Said.TEXT)
ANY = Kind(Any, "jsonb", stored=_json, said=Said.TEXT)
