"""An order of a gig: a package, extras and answers become a contract that waits to be paid for."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from handlers.workflows.bodies import Files, own_files
from handlers.workflows.contracts.making import Part, begin_contract
from protocol.errors import MISSING, Fault, RequestError
from protocol.faults.calendar import in_calendar
from protocol.money.currency import WHOLE_DIGITS
from protocol.text import NO_NUL
from storage.workflows.rows import Row
from storage.workflows.work import Work
from storage.workflows.workflow import Shown

_UNKNOWN = "is none of this gig"
_TWICE = "is named twice"


class OrderedExtra(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An extra on top of the package, so many times."""

    extra_id: UUID
    quantity: Annotated[int, Meta(ge=1, le=100)] = 1


class OrderAnswer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the client answers to a question of the gig."""

    requirement_id: UUID
    answer: Annotated[str, Meta(max_length=10_000, pattern=NO_NUL)] = ""
    file_ids: Files = []


class Order(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is ordered."""

    package_id: UUID
    extras: Annotated[list[OrderedExtra], Meta(max_length=50)] = []
    answers: Annotated[list[OrderAnswer], Meta(max_length=100)] = []


async def order(work: Work, gig: Row, body: Order) -> Shown:
    """Begin the contract, and answer with it. Raises `RequestError` for what the gig has not."""
    packages = {row.id: row for row in await work.of("gig_packages", gig_id=gig.id)}
    offered = {row.id: row for row in await work.of("gig_extras", gig_id=gig.id)}
    asked = {row.id: row for row in await work.of("gig_requirements", gig_id=gig.id)}
    own = await own_files(work, [file for one in body.answers for file in one.file_ids])
    faults = [] if body.package_id in packages else [Fault("package_id", _UNKNOWN)]
    faults += _extra_faults(body.extras, offered)
    faults += _answer_faults(body.answers, asked, own)
    if faults:
        raise RequestError.of_faults(faults)
    package = packages[body.package_id]
    extras = [(offered[one.extra_id], one.quantity) for one in body.extras]
    total = sum((row["price"] * quantity for row, quantity in extras), package["price"])
    if total >= 10**WHOLE_DIGITS:
        raise RequestError.invalid("extras", "come to more than a contract can hold")
    deadline = _deadline(work.now, package, extras)
    if not in_calendar(deadline):
        raise RequestError.invalid("extras", "take too many days")
    contract = await begin_contract(
        work,
        "order",
        [Part(gig["title"], total)],
        gig_id=gig.id,
        gig_package_id=package.id,
        client_id=work.actor,
        freelancer_id=gig["freelancer_id"],
        title=gig["title"],
        description=gig["description"],
        scope_of_work=_scope(package, extras),
        total_amount=total,
        currency=gig["currency"],
        deadline=deadline,
        revisions_allowed=package["revisions"],
    )
    _write_ordered(work, contract, extras)
    _write_answers(work, contract, body.answers, asked)
    await work.say_of("gig", "order", contract)
    return Shown("contracts", contract, 201)


def _extra_faults(extras: Sequence[OrderedExtra], offered: Mapping[UUID, Row]) -> Iterator[Fault]:
    seen = set()
    for place, one in enumerate(extras):
        path = f"extras[{place}].extra_id"
        if one.extra_id not in offered:
            yield Fault(path, _UNKNOWN)
        elif one.extra_id in seen:
            yield Fault(path, _TWICE)
        seen.add(one.extra_id)


def _answer_faults(
    answers: Sequence[OrderAnswer], asked: Mapping[UUID, Row], own: frozenset[UUID]
) -> Iterator[Fault]:
    given: dict[UUID, OrderAnswer] = {}
    for place, one in enumerate(answers):
        path = f"answers[{place}]"
        if one.requirement_id not in asked:
            yield Fault(f"{path}.requirement_id", _UNKNOWN)
            continue
        if one.requirement_id in given:
            yield Fault(f"{path}.requirement_id", _TWICE)
        given[one.requirement_id] = one
        yield from _faults_of_kind(path, asked[one.requirement_id], one)
        if not own.issuperset(one.file_ids):
            yield Fault(f"{path}.file_ids", "names a file that is not there, or not yours")
    for question in asked.values():
        if question["is_required"] and question.id not in given:
            reason = f"{MISSING}: requirement {question.id} has to be answered"
            yield Fault("answers", reason, "required")


def _faults_of_kind(path: str, question: Row, one: OrderAnswer) -> Iterator[Fault]:
    """What is wrong with an answer that is given, by what kind of answer is asked for."""
    says_something = bool(one.answer.strip())
    if question["kind"] == "file":
        # Text may stand beside a file, and not in the place of one.
        if not one.file_ids and (question["is_required"] or says_something):
            yield Fault(f"{path}.file_ids", "a file is needed", "required")
    elif question["is_required"] and not says_something:
        reason = f"{MISSING}: requirement {question.id} has to be answered"
        yield Fault(f"{path}.answer", reason, "required")
    elif question["kind"] == "choice" and one.answer and one.answer not in question["choices"]:
        yield Fault(f"{path}.answer", "is none of the choices")


def _scope(package: Row, extras: Sequence[tuple[Row, int]]) -> str:
    name = package["name"] or package["tier"]
    lines = [name, package["description"] or "", *(f"{n} x {row['title']}" for row, n in extras)]
    return "\n".join(line for line in lines if line)


def _deadline(now: dt.datetime, package: Row, extras: Sequence[tuple[Row, int]]) -> dt.date:
    days = package["delivery_days"] + sum(row["extra_days"] * n for row, n in extras)
    return now.date() + dt.timedelta(days=days)


def _write_ordered(work: Work, contract: Row, extras: Sequence[tuple[Row, int]]) -> None:
    for row, quantity in extras:
        work.insert(
            "contract_extras",
            contract_id=contract.id,
            gig_extra_id=row.id,
            title=row["title"],
            price=row["price"],
            quantity=quantity,
        )


def _write_answers(
    work: Work, contract: Row, answers: Sequence[OrderAnswer], asked: Mapping[UUID, Row]
) -> None:
    for one in answers:
        work.insert(
            "contract_answers",
            contract_id=contract.id,
            gig_requirement_id=one.requirement_id,
            question=asked[one.requirement_id]["question"],
            answer=one.answer,
            file_ids=one.file_ids,
        )
