"""Money by its steps: deposits, their returns, releases, and where money in accounts came from."""

from handlers.resources.shared_fields import (
    CREATED,
    EQUAL,
    KEY,
    OWN,
    RANGE,
    STAFF,
    STAMPS,
    child_of,
    mine,
    whose,
)
from handlers.workflows.money.deposit import DEPOSIT
from handlers.workflows.money.deposit_return import DEPOSIT_RETURN
from handlers.workflows.money.release import RELEASE
from storage.resources.kinds import (
    BOOL,
    CURRENCY,
    ID,
    INT,
    MONEY,
    TIME,
    URL,
    line,
    one_of,
)
from storage.resources.resource import Expansion, Field, Resource, Who
from storage.resources.rule import IS_STAFF, ME

DEPOSITS = Resource(
    path="deposits", noun="deposit", table="deposits",
    says="A payment into one's wallet, or for an order or milestone; to who pays and staff",
    readers={OWN: mine("user_id"), STAFF: IS_STAFF}, machine=DEPOSIT,
    fields=(
        KEY, whose("user_id"), Field("contract_id", ID, null=True, filter=EQUAL),
        Field("milestone_id", ID, null=True, filter=EQUAL),
        Field("payment_method_id", ID, null=True),
        Field("provider", line(50)), Field("provider_reference", line(255), null=True,
                                           read=Who.NOBODY),
        Field("method", line(50)), Field("amount", MONEY, filter=RANGE),
        Field("processing_fee", MONEY), Field("currency", CURRENCY, filter=EQUAL),
        Field("returned", MONEY), Field("is_unmatched", BOOL), Field("action_url", URL, null=True),
        Field("error_message", line(1000), null=True),
        Field("status", one_of(*sorted(DEPOSIT.states)), filter=EQUAL),
        Field("captured_at", TIME, null=True), Field("failed_at", TIME, null=True), *STAMPS,
    ),
    expansions=(Expansion("returns", "deposit-returns", "id", "deposit_id", many=True),),
)  # fmt: skip

DEPOSIT_RETURNS = Resource(
    path="deposit-returns", noun="return of a deposit", table="deposit_returns",
    says="A part of a deposit that goes back to where it came from; to who paid it and staff",
    readers={OWN: mine("user_id"), STAFF: IS_STAFF}, machine=DEPOSIT_RETURN,
    fields=(
        KEY, Field("deposit_id", ID, filter=EQUAL), whose("user_id"), Field("amount", MONEY),
        Field("processing_fee", MONEY), Field("currency", CURRENCY), Field("attempts", INT),
        Field("error_message", line(1000), null=True),
        Field("status", one_of(*sorted(DEPOSIT_RETURN.states)), filter=EQUAL),
        Field("settled_at", TIME, null=True), *STAMPS,
    ),
    expansions=(Expansion("deposit", "deposits", "deposit_id", "id"),),
)  # fmt: skip

RELEASES = Resource(
    path="releases", noun="release", table="releases",
    says="Money for work, a tip or an external job that clears after some days; to who paid it, "
    "who is paid, the contract's freelancer and staff",
    readers={
        OWN: mine("client_id"),
        Who.COUNTERPARTY: mine("user_id") | mine("freelancer_id"),
        STAFF: IS_STAFF,
    },
    machine=RELEASE,
    fields=(
        KEY, Field("kind", one_of("milestone", "tip", "external"), filter=EQUAL),
        Field("contract_id", ID, null=True, filter=EQUAL),
        Field("milestone_id", ID, null=True, filter=EQUAL),
        Field("job_id", ID, null=True, filter=EQUAL),
        Field("client_id", ID, null=True, filter=EQUAL), whose("freelancer_id"), whose("user_id"),
        Field("gross", MONEY, filter=RANGE), Field("fee", MONEY), Field("net", MONEY),
        Field("refunded", MONEY), Field("refunded_fee", MONEY), Field("is_decided", BOOL),
        Field("currency", CURRENCY, filter=EQUAL),
        Field("status", one_of(*sorted(RELEASE.states)), filter=EQUAL),
        Field("clears_at", TIME, null=True),
        Field("cleared_at", TIME, null=True), *STAMPS,
    ),
    expansions=(
        Expansion("contract", "contracts", "contract_id", "id"),
        Expansion("milestone", "milestones", "milestone_id", "id"),
    ),
)  # fmt: skip

RELEASE_LOTS = Resource(
    path="release-lots", noun="lot of a release", table="release_lots",
    says="Which money of the client's paid for a release, and what of it came back; to the "
    "client and staff",
    readers={OWN: child_of("releases", "release_id", f"p.client_id = {ME}"), STAFF: IS_STAFF},
    fields=(KEY, Field("release_id", ID, filter=EQUAL),
            Field("deposit_id", ID, null=True, filter=EQUAL), Field("currency", CURRENCY),
            Field("amount", MONEY), Field("returned", MONEY), CREATED),
)  # fmt: skip

LOTS = Resource(
    path="ledger-lots", noun="lot", table="ledger_lots",
    says="Where money in a wallet came from: a deposit, or work; to whose it is, and of "
    "escrows too to staff",
    readers={OWN: child_of("ledger_accounts", "account_id", f"p.user_id = {ME}"), STAFF: IS_STAFF},
    fields=(KEY, Field("account_id", ID, filter=EQUAL),
            Field("deposit_id", ID, null=True, filter=EQUAL),
            Field("milestone_id", ID, null=True, filter=EQUAL),
            Field("currency", CURRENCY, filter=EQUAL), Field("amount", MONEY), CREATED),
)  # fmt: skip

SETTLEMENT = (DEPOSITS, DEPOSIT_RETURNS, RELEASES, RELEASE_LOTS, LOTS)
