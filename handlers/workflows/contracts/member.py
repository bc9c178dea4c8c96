"""A member of a contract's team: invited by the freelancer, for a share of what it pays.

The freelancer is a member, and holds what accepted others do not. Changes never touch releases that
are there.
"""

from collections.abc import Iterable
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta

from handlers.texts import fault_of_line
from handlers.workflows.contracts.belonging import (
    FACTS,
    IS_WORKED_ON,
    ROOTS,
    WORKED_ON,
    contract_of,
    people,
    room,
)
from handlers.workflows.repeating import not_repeated_action
from handlers.workflows.words import ACTIVE, CONFLICT, OWNER, SYSTEM, F
from protocol.errors import RequestError
from protocol.machine import Machine, transition
from protocol.money.shares import WHOLE
from protocol.text import NO_NUL
from storage.database.write_steps import join, leave
from storage.workflows.moves import tell_change
from storage.workflows.rows import Row
from storage.workflows.work import Work
from storage.workflows.workflow import Conflict, Creation, Guard, Workflow

MEMBER = Machine("contract_member", "contract_members", {OWNER: "user_id"}, (
    transition("join", "", "accepted", SYSTEM),
    transition("invite", "", "invited", F, guards="active_account is_worked_on"),
    transition("invite-again", "declined left", "invited", F,
               guards="active_account worked_on not_repeated"),
    transition("accept", "invited", "accepted", OWNER, guards="active_account worked_on share_left",
               stamps="answered_at"),
    transition("decline", "invited", "declined", OWNER, stamps="answered_at"),
    transition("leave", "accepted", "left", OWNER, guards="worked_on not_freelancer",
               stamps="answered_at"),
))  # fmt: skip

_Share = Annotated[int, Meta(ge=1, le=WHOLE)]
_SCOPE = 1000
"""So many characters of the scope of work stand in an invitation."""
_Role = Annotated[str, Meta(min_length=1, max_length=50, pattern=NO_NUL)]


class Invite(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who is asked to work on a contract, as what, for which share of 10,000."""

    contract_id: UUID
    user_id: UUID
    share_bp: _Share
    role: _Role = "member"


class InviteAgain(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What somebody is asked for who has declined or left."""

    share_bp: _Share
    role: _Role | None = None


_INVITED = Conflict("that person was invited already")
_NOBODY = Conflict("the person is nobody whom you could invite")


async def _make(work: Work, contract: Row, body: Invite) -> dict[str, Any]:
    _readable(body.role)
    if body.user_id in {contract["client_id"], contract["freelancer_id"]}:
        raise RequestError.invalid("user_id", "is a party of the contract")
    members = await work.of("contract_members", contract_id=contract.id)
    found = [m for m in members if m["user_id"] == body.user_id]
    if found:
        details = {"member_id": str(found[0].id), "status": found[0].status}
        raise _INVITED.error(details)
    if not await work.ask("contracts", "invitable", contract["freelancer_id"], body.user_id):
        raise RequestError.invalid("user_id", "is nobody whom you could invite")
    lead = await _lead(work, contract)
    _fits(lead, body.share_bp)
    return {
        "contract_id": contract.id,
        "user_id": body.user_id,
        "role": body.role,
        "share_bp": body.share_bp,
        "updated_at": work.now,
        **_described(contract),
    }


def _described(contract: Row) -> dict[str, str]:
    """What an invitation says of a contract: nothing else of it is shown before it is accepted."""
    return {
        "contract_title": contract["title"],
        "contract_scope": contract["scope_of_work"][:_SCOPE],
    }


async def _invite_again(work: Work, row: Row, body: InviteAgain) -> None:
    _readable(body.role)
    contract = await contract_of(work, row)
    if not await work.ask("contracts", "invitable", contract["freelancer_id"], row["user_id"]):
        raise _NOBODY.error()
    _fits(await _lead(work, contract), body.share_bp)
    role = body.role or row["role"]
    work.set(row, share_bp=body.share_bp, role=role, answered_at=None, **_described(contract))


async def _accept(work: Work, row: Row, _body: object) -> None:
    contract = await contract_of(work, row)
    lead = await _lead(work, contract)
    _give(work, lead, -row["share_bp"])
    if contract["conversation_id"] is not None:
        work.do(join(contract["conversation_id"], row["user_id"]))


async def _leave(work: Work, row: Row, _body: object) -> None:
    contract = await contract_of(work, row)
    lead = await _lead(work, contract)
    _give(work, lead, row["share_bp"])
    if contract["conversation_id"] is not None:
        work.do(leave(contract["conversation_id"], row["user_id"]))


def _give(work: Work, lead: Row, more: int) -> None:
    work.set(lead, share_bp=lead["share_bp"] + more)
    tell_change(work, "contract_member", lead)


async def _lead(work: Work, contract: Row) -> Row:
    """The freelancer as a member; of a contract without a team, who becomes the first."""
    freelancer = contract["freelancer_id"]
    members = await work.of("contract_members", contract_id=contract.id)
    for member in members:
        if member["user_id"] == freelancer:
            return member
    values = {"user_id": freelancer, "role": "lead", "share_bp": WHOLE, "updated_at": work.now}
    return await work.begin("contract_member", "join", contract_id=contract.id, **values)


def _readable(role: str | None) -> None:
    fault = None if role is None else fault_of_line(role)
    if fault:
        raise RequestError.invalid("role", fault)


def _fits(lead: Row, share: int) -> None:
    if share > lead["share_bp"]:
        message = f"the freelancer holds {lead['share_bp']} of {WHOLE}"
        raise RequestError.invalid("share_bp", message)


async def _people(work: Work, row: Row) -> Iterable[UUID | None]:
    return [*await people(work, row), row["user_id"]]


WORKFLOW = Workflow(
    MEMBER,
    resource="contract-members",
    roots=ROOTS,
    audience=_people,
    facts={F: FACTS[F]},
    room=room("user_id", "role", "share_bp"),
    guards={
        "not_repeated": not_repeated_action("contract_member", "invite-again"),
        "active_account": ACTIVE,
        "is_worked_on": IS_WORKED_ON,
        "worked_on": WORKED_ON,
        "share_left": Guard(
            "EXISTS (SELECT FROM contract_members l JOIN contracts c ON c.id = l.contract_id"
            " WHERE c.id = r.contract_id AND l.user_id = c.freelancer_id"
            " AND l.share_bp >= r.share_bp)",
            "the freelancer does not hold that share any more",
            code=CONFLICT,
        ),
        "not_freelancer": Guard(
            "NOT EXISTS (SELECT FROM contracts c WHERE c.id = r.contract_id"
            " AND c.freelancer_id = r.user_id)",
            "the freelancer does not leave the team",
            code=CONFLICT,
        ),
    },
    effects={"invite-again": _invite_again, "accept": _accept, "leave": _leave},
    bodies={"invite": Invite, "invite-again": InviteAgain},
    creation=Creation("contract", "contract_id"),
    makers={"invite": _make},
    conflicts={
        "invite": (_INVITED,),
        "invite-again": (_NOBODY,),
    },
)
