"""Money: how one pays and is paid, and what the workflows write, to read."""

from handlers.resources import machines
from handlers.resources.shared_fields import (
    ADMIN,
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
from handlers.workflows.contracts.escrow import ESCROW
from handlers.workflows.money.payout_batch import PAYOUT_BATCH
from handlers.workflows.money.refund import REFUND
from handlers.workflows.money.withdrawal import WITHDRAWAL
from storage.resources.kinds import (
    BOOL,
    CURRENCY,
    ID,
    INT,
    LAST_FOUR,
    MONEY,
    PERCENT,
    SUM,
    TIME,
    integer,
    line,
    one_of,
    text,
)
from storage.resources.resource import ALL, EDIT, Expansion, Field, Resource, Who
from storage.resources.rule import EVERYBODY, IS_ADMIN, IS_STAFF, ME, Rule, unless_hidden

_PROVIDER = Field("provider", line(50, 1), filter=EQUAL, given=True)
"""Which provider knows the token: the one that is in use then."""

PAYMENT_METHODS = Resource(
    path="payment-methods", noun="payment method", table="payment_methods",
    says="How somebody pays; the provider's token is shown to nobody",
    readers={OWN: mine("user_id")}, verbs=ALL, owner="user_id", writer=OWN,
    creates=unless_hidden("user_id"),
    fields=(
        KEY, whose("user_id"), _PROVIDER,
        Field("provider_token", line(255, 1), write=OWN, read=Who.NOBODY,
              required=True, once=True, personal=True),
        Field("type", one_of("card", "bank_account", "paypal", "crypto", "alipay", "wechat"),
              write=OWN, required=True, once=True),
        Field("last_four", LAST_FOUR, write=OWN, once=True, null=True, personal=True),
        Field("brand", line(50), write=OWN, once=True, null=True),
        Field("expiry_month", integer(1, 12), write=OWN, null=True),
        Field("expiry_year", integer(2000, 2200), write=OWN, null=True),
        Field("is_default", BOOL, write=OWN, filter=EQUAL), Field("is_verified", BOOL), *STAMPS,
    ),
)  # fmt: skip

PAYOUT_METHODS = Resource(
    path="payout-methods", noun="payout method", table="payout_methods",
    says="How somebody is paid; the provider's token is shown to nobody",
    readers={OWN: mine("user_id")}, verbs=ALL, owner="user_id", writer=OWN,
    creates=unless_hidden("user_id"), locked_by="lock_user_of_payout_method",
    fields=(
        KEY, whose("user_id"), _PROVIDER,
        Field("provider_account_token", line(255, 1), write=OWN, read=Who.NOBODY,
              required=True, once=True, personal=True),
        Field("type", one_of("bank_transfer", "paypal", "stripe", "crypto", "alipay", "wechat"),
              write=OWN, required=True, once=True),
        Field("account_name", line(200), write=OWN, once=True, null=True, personal=True),
        Field("last_four", LAST_FOUR, write=OWN, once=True, null=True, personal=True),
        Field("is_default", BOOL, write=OWN, filter=EQUAL), Field("is_verified", BOOL),
        Field("usable_at", TIME, says="From when a withdrawal to it can be asked for"), *STAMPS,
    ),
)  # fmt: skip

TRANSACTIONS = Resource(
    path="transactions", noun="transaction", table="transactions",
    says="A movement of money, to who pays, who is paid, and staff",
    readers={OWN: mine("payer_id"), Who.COUNTERPARTY: mine("payee_id"), STAFF: IS_STAFF},
    machine=machines.TRANSACTION,
    fields=(
        KEY, Field("type", line(30), filter=EQUAL),
        Field("payer_id", ID, null=True, filter=EQUAL),
        Field("payee_id", ID, null=True, filter=EQUAL),
        Field("contract_id", ID, null=True, filter=EQUAL),
        Field("milestone_id", ID, null=True, filter=EQUAL),
        Field("job_id", ID, null=True, filter=EQUAL),
        Field("gross_amount", SUM, filter=RANGE), Field("platform_fee", SUM),
        Field("processing_fee", SUM), Field("creator_fee", SUM), Field("net_amount", SUM),
        Field("currency", CURRENCY, filter=EQUAL), Field("provider", line(50), null=True),
        Field("provider_transaction_id", line(255), read=Who.NOBODY, null=True),
        Field("chain_hash", line(255), null=True), Field("description", line(1000), null=True),
        Field("status", one_of(*sorted(machines.TRANSACTION.states)), filter=EQUAL),
        Field("completed_at", TIME, null=True), Field("failed_at", TIME, null=True), *STAMPS,
    ),
)  # fmt: skip

ESCROWS = Resource(
    path="escrows", noun="escrow", table="escrows",
    says="What is held for a contract",
    readers={Who.COUNTERPARTY: child_of("contracts", "contract_id")},
    machine=ESCROW,
    fields=(
        KEY, Field("contract_id", ID, filter=EQUAL), Field("currency", CURRENCY),
        Field("total_amount", MONEY), Field("held_amount", MONEY),
        Field("released_amount", MONEY), Field("refunded_amount", MONEY),
        Field("charged_back", MONEY),
        Field("status", one_of(*sorted(ESCROW.states)), filter=EQUAL), *STAMPS,
    ),
)  # fmt: skip

REFUNDS = Resource(
    path="refunds", noun="refund", table="refunds",
    says="Money that goes back to a client; to who sees the release that it is of",
    readers={Who.COUNTERPARTY: child_of("releases", "release_id")},
    machine=REFUND,
    fields=(
        KEY, Field("contract_id", ID, filter=EQUAL),
        Field("release_id", ID, null=True, filter=EQUAL), Field("requested_by", ID),
        Field("amount", MONEY), Field("currency", CURRENCY), Field("reason", text(5000)),
        Field("fee", MONEY, null=True), Field("answered_at", TIME, null=True),
        Field("status", one_of(*sorted(REFUND.states)), filter=EQUAL), *STAMPS,
    ),
)  # fmt: skip

WITHDRAWALS = Resource(
    path="withdrawals", noun="withdrawal", table="withdrawals",
    says="Money on its way out, to who takes it and staff",
    readers={OWN: mine("user_id"), STAFF: IS_STAFF},
    machine=WITHDRAWAL,
    fields=(
        KEY, whose("user_id"), Field("payout_method_id", ID, null=True),
        Field("amount", MONEY, filter=RANGE), Field("currency", CURRENCY),
        Field("status", one_of(*sorted(WITHDRAWAL.states)), filter=EQUAL),
        Field("error_message", line(1000), null=True), Field("paid_at", TIME, null=True), *STAMPS,
    ),
)  # fmt: skip

BATCHES = Resource(
    path="payout-batches", noun="payout batch", table="payout_batches",
    says="Withdrawals that are paid together, to staff",
    readers={STAFF: IS_STAFF}, machine=PAYOUT_BATCH,
    fields=(
        KEY, Field("provider", line(50)), Field("currency", CURRENCY),
        Field("total_amount", MONEY), Field("withdrawal_count", INT),
        Field("status", one_of(*sorted(PAYOUT_BATCH.states)), filter=EQUAL),
        Field("submitted_at", TIME, null=True), Field("settled_at", TIME, null=True), *STAMPS,
    ),
)  # fmt: skip

ACCOUNTS = Resource(
    path="ledger-accounts", noun="account", table="ledger_accounts",
    says="An account of the ledger, to whose money it is and staff",
    readers={OWN: mine("user_id"), STAFF: IS_STAFF},
    fields=(
        KEY, Field("kind", line(20), filter=EQUAL),
        Field("user_id", ID, null=True, filter=EQUAL),
        Field("contract_id", ID, null=True, filter=EQUAL),
        Field("currency", CURRENCY, filter=EQUAL), Field("balance", SUM), CREATED,
    ),
)  # fmt: skip

_OF_LINES = Rule(
    "EXISTS (SELECT FROM journal_lines l WHERE l.journal_id = journals.id)",
    frozenset({"id"}), ("journal_lines",),
)  # fmt: skip

JOURNALS = Resource(
    path="journals", noun="journal", table="journals",
    says="A booking: its lines sum to zero; to staff, and to whose account has a line",
    readers={OWN: _OF_LINES, STAFF: IS_STAFF},
    fields=(
        KEY, Field("kind", line(50), filter=EQUAL),
        Field("contract_id", ID, null=True, filter=EQUAL), Field("milestone_id", ID, null=True),
        Field("reverses_id", ID, null=True), Field("description", line(1000), null=True), CREATED,
    ),
    expansions=(Expansion("lines", "journal-lines", "id", "journal_id", many=True),),
)  # fmt: skip

LINES = Resource(
    path="journal-lines", noun="line", table="journal_lines",
    says="What a booking adds to an account, to whose account it is and staff",
    readers={OWN: child_of("ledger_accounts", "account_id", f"p.user_id = {ME}"), STAFF: IS_STAFF},
    sorts=("-id",),
    fields=(KEY, Field("journal_id", ID, filter=EQUAL), Field("line", INT),
            Field("account_id", ID, filter=EQUAL), Field("amount", SUM),
            Field("currency", CURRENCY, filter=EQUAL), Field("deposit_id", ID, null=True),
            Field("milestone_id", ID, null=True)),
    expansions=(Expansion("journal", "journals", "journal_id", "id"),),
)  # fmt: skip

WALLETS = Resource(
    path="wallets", noun="wallet", table="wallets", is_view=True,
    says="What one can spend, funded and earned, waits for, is withdrawing and owes, by currency; "
    "what is frozen is a part of what is pending",
    readers={OWN: mine("user_id"), STAFF: IS_STAFF},
    verbs=frozenset({"list"}), sorts=("user_id", "currency"),
    fields=(
        Field("id", line(40)), Field("user_id", ID, filter=EQUAL),
        Field("currency", CURRENCY, filter=EQUAL),
        Field("balance", SUM), Field("funded", SUM), Field("earned", SUM), Field("pending", SUM),
        Field("frozen", SUM), Field("withdrawing", SUM), Field("debt", SUM),
    ),
)  # fmt: skip

FEES = Resource(
    path="fees", noun="fee", table="fee_structure",
    says="What the platform takes, by tiers of the whole amount",
    public=EVERYBODY, readers={ADMIN: IS_ADMIN}, verbs=EDIT, writer=ADMIN,
    sorts=("-created_at", "effective_from"),
    fields=(
        KEY,
        Field("kind", one_of("platform", "creator", "certification"),
              write=ADMIN, once=True, filter=EQUAL),
        Field("tier_name", line(50, 1), write=ADMIN, required=True),
        Field("currency", CURRENCY, write=ADMIN, once=True, filter=EQUAL),
        Field("min_amount", MONEY, write=ADMIN, required=True),
        Field("max_amount", MONEY, write=ADMIN, null=True),
        Field("platform_fee_percentage", PERCENT, write=ADMIN, required=True),
        Field("processing_fee_percentage", PERCENT, write=ADMIN),
        Field("fixed_fee", MONEY, write=ADMIN),
        Field("effective_from", TIME, write=ADMIN, required=True, filter=RANGE),
        Field("effective_until", TIME, write=ADMIN, null=True), *STAMPS,
    ),
)  # fmt: skip

MONEY_RESOURCES = (
    PAYMENT_METHODS, PAYOUT_METHODS, TRANSACTIONS, ESCROWS, REFUNDS, WITHDRAWALS, BATCHES,
    ACCOUNTS, JOURNALS, LINES, WALLETS, FEES,
)  # fmt: skip
