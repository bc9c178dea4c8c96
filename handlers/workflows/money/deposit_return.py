"""A return of a deposit: a part of it goes back to where it came from.

The provider may refuse: it is tried five times, with hours between. Then the money is in the wallet
again, and where its source is dead, staff lets it be withdrawn by who has shown who they are.
"""

from handlers.workflows.money.requests import MONEY_MISSING, missing_told
from handlers.workflows.money.words import NOT_OWN
from handlers.workflows.words import CONFLICT, OWNER, SYSTEM, S, T, users_in
from protocol.machine import Due, Machine, transition
from storage.database.write_steps import enqueue
from storage.ledger.accounts import for_return
from storage.ledger.postings import deposits
from storage.payments.provider import Failed, Settled
from storage.workflows.moves import retime
from storage.workflows.rows import Row
from storage.workflows.work import Work
from storage.workflows.workflow import Guard, Roots, Workflow

TRIES = 5

DEPOSIT_RETURN = Machine("deposit_return", "deposit_returns", {OWNER: "user_id"}, (
    transition("request", "", "requested", SYSTEM, moves_money=True),
    transition("process", "requested", "processing", SYSTEM),
    # It was refused, and is tried again.
    transition("postpone", "requested processing", "processing", SYSTEM),
    transition("retry", "processing", "=", T),
    transition("succeed", "requested processing", "succeeded", SYSTEM, stamps="settled_at",
               moves_money=True),
    transition("fail", "requested processing", "failed", SYSTEM, stamps="settled_at",
               moves_money=True),
    transition("make-earned", "failed", "=", S, guards="not_own identified left not_made",
               moves_money=True),
), dues={
    "processing": (Due("retry", "deposit_return_retry_hours", since=("tried_at",),
                       given="tried_at"),),
})  # fmt: skip


def key_of(row: Row) -> str:
    """What the present try is called at the provider: each is a request of its own."""
    return f"{row.id}:{row['attempts']}"


def _asked(row: Row) -> deposits.DepositReturn:
    return deposits.DepositReturn(
        row.id,
        row["deposit_id"],
        row["user_id"],
        row["amount"],
        row["processing_fee"],
        row["currency"],
    )


async def _request(work: Work, row: Row, _body: object) -> None:
    await work.ledger.open(for_return(row["user_id"], row["currency"]))
    deposits.return_requested(work.ledger, _asked(row))
    await _ask_provider(work, row)


async def _ask_provider(work: Work, row: Row) -> None:
    deposit = await work.one("deposits", row["deposit_id"])
    back = {
        "provider": deposit["provider"],
        "key": key_of(row),
        "charge_key": row["deposit_id"],
        "amount": row["amount"] + row["processing_fee"],
        "currency": row["currency"],
    }
    work.do(enqueue("payments", "return", **back))


async def _postpone(work: Work, row: Row, told: Failed) -> None:
    work.set(row, error_message=told.reason, tried_at=work.now)
    retime(work, "deposit_return", row)


async def _retry(work: Work, row: Row, _body: object) -> None:
    work.set(row, attempts=row["attempts"] + 1, tried_at=None)
    retime(work, "deposit_return", row)
    await _ask_provider(work, row)


async def _succeed(work: Work, row: Row, told: Settled) -> None:
    work.set(row, provider_reference=told.reference, error_message=None, tried_at=None)
    deposit = await work.one("deposits", row["deposit_id"])
    work.set(deposit, returned=deposit["returned"] + row["amount"])
    await work.ledger.open(for_return(row["user_id"], row["currency"]))
    deposits.return_succeeded(work.ledger, _asked(row))


async def _fail(work: Work, row: Row, told: Failed) -> None:
    work.set(row, error_message=told.reason, tried_at=None)
    await work.ledger.open(for_return(row["user_id"], row["currency"]))
    deposits.return_failed(work.ledger, _asked(row))


async def _make_earned(work: Work, row: Row, _body: object) -> None:
    await work.ledger.open(for_return(row["user_id"], row["currency"]))
    # The lot is spent under other locks: less may be left than when it was judged.
    with missing_told():
        deposits.return_as_earned(work.ledger, _asked(row))


WORKFLOW = Workflow(
    DEPOSIT_RETURN,
    resource="deposit-returns",
    roots=Roots(users="ARRAY[r.user_id]", deposits="ARRAY[r.deposit_id]"),
    audience=users_in("user_id"),
    guards={
        "not_own": NOT_OWN,
        "identified": Guard(
            "EXISTS (SELECT FROM identity_verifications v WHERE v.user_id = r.user_id"
            " AND v.status = 'approved')",
            "who they are is not verified",
            code=CONFLICT,
        ),
        "left": Guard(
            "EXISTS (SELECT FROM ledger_lots l JOIN ledger_accounts a ON a.id = l.account_id"
            " WHERE l.deposit_id = r.deposit_id AND a.kind = 'wallet_funded'"
            " AND l.amount >= r.amount)",
            "less of the deposit is left in the wallet",
            code=CONFLICT,
        ),
        "not_made": Guard(
            "NOT EXISTS (SELECT FROM journals j"
            " WHERE j.business_key = 'return:' || r.id || ':earned')",
            "it was made earned before",
            code=CONFLICT,
        ),
    },
    effects={
        "request": _request,
        "postpone": _postpone,
        "retry": _retry,
        "succeed": _succeed,
        "fail": _fail,
        "make-earned": _make_earned,
    },
    conflicts={"make-earned": (MONEY_MISSING,)},
)
