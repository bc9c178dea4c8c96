"""A plan of milestones, as a proposal has it: on the wire, in its column, once it is accepted."""

import datetime as dt
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from protocol.text import NO_NUL
from storage.resources.kinds import AMOUNT, LIST, Kind, Said, spelt


class PlannedMilestone(msgspec.Struct, frozen=True):
    """A part of the work as a proposal plans it: when it is due, and what it comes to."""

    title: Annotated[str, Meta(min_length=1, max_length=200, pattern=NO_NUL)]
    amount: Annotated[
        str, Meta(pattern=AMOUNT, description="an amount above zero in the proposal's currency")
    ]
    description: Annotated[str, Meta(max_length=1000, pattern=NO_NUL)] | UnsetType | None = UNSET
    due_date: Annotated[dt.datetime, Meta(tz=True)] | UnsetType | None = UNSET


Milestones = Annotated[list[PlannedMilestone], Meta(max_length=50)]


def _spelt_plan(value: Any) -> Any:
    """Parts of which amounts may be numbers."""
    if not isinstance(value, list):
        return value
    return [
        part | {"amount": spelt(part["amount"])}
        if isinstance(part, dict) and "amount" in part
        else part
        for part in value
    ]


PLAN = Kind(Milestones, "jsonb", stored=LIST.stored, said=Said.TEXT, read=_spelt_plan)


def plan_of(stored: str) -> list[PlannedMilestone]:
    """The parts of a plan as its column holds it: the database has checked that it is one."""
    return msgspec.json.decode(stored, type=Milestones)
