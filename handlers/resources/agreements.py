"""What parties of a contract propose about its terms and its money."""

from handlers.resources.shared_fields import CREATED, EQUAL, KEY, OF_CONTRACT, STAMPS, child_of
from handlers.workflows.contracts.amendment import AMENDMENT
from handlers.workflows.trust.dispute_offer import OFFER as DISPUTE_OFFER
from storage.resources.kinds import BOOL, CURRENCY, DATE, ID, LIST, MONEY, TIME, one_of, text
from storage.resources.resource import Expansion, Field, Resource, Who

_SEEN = {Who.COUNTERPARTY: child_of("contracts", "contract_id")}
_OF_CONTRACT = Field("contract_id", ID, filter=EQUAL)

AMENDMENTS = Resource(
    path="contract-amendments", noun="amendment", table="contract_amendments",
    says="A proposal to change a contract: amounts of milestones not funded yet, dates, scope",
    readers=_SEEN, machine=AMENDMENT,
    fields=(
        KEY, _OF_CONTRACT, Field("proposed_by", ID, filter=EQUAL), Field("reason", text(5000)),
        Field("milestones", LIST), Field("scope_of_work", text(20_000), null=True),
        Field("deadline", DATE, null=True), Field("total_amount", MONEY),
        Field("currency", CURRENCY),
        Field("status", one_of(*sorted(AMENDMENT.states)), filter=EQUAL),
        Field("answered_at", TIME, null=True), Field("expires_at", TIME), *STAMPS,
    ),
    expansions=(Expansion("contract", "contracts", "contract_id", "id"),),
)  # fmt: skip

OFFERS = Resource(
    path="dispute-offers", noun="offer", table="dispute_offers",
    says="A split that a party of a dispute offers to settle it",
    readers=_SEEN, machine=DISPUTE_OFFER, priced_by=OF_CONTRACT,
    fields=(
        KEY, Field("dispute_id", ID, filter=EQUAL), _OF_CONTRACT,
        Field("offered_by", ID, filter=EQUAL), Field("message", text(5000), null=True),
        Field("client_amount", MONEY), Field("freelancer_amount", MONEY), Field("goes_on", BOOL),
        Field("status", one_of(*sorted(DISPUTE_OFFER.states)), filter=EQUAL),
        Field("answered_at", TIME, null=True), Field("expires_at", TIME), *STAMPS,
    ),
    expansions=(Expansion("dispute", "disputes", "dispute_id", "id"),
                Expansion("items", "split-items", "id", "offer_id", many=True)),
)  # fmt: skip

SPLIT_ITEMS = Resource(
    path="split-items", noun="item of a split", table="split_items",
    says="Who gets what of one milestone or release, by a cancellation, dispute or offer",
    readers=_SEEN, priced_by=OF_CONTRACT,
    sorts=("created_at", "-created_at"),
    fields=(
        KEY, _OF_CONTRACT, Field("cancellation_id", ID, null=True, filter=EQUAL),
        Field("dispute_id", ID, null=True, filter=EQUAL),
        Field("side", one_of("raiser", "answer", "resolution"), null=True),
        Field("offer_id", ID, null=True, filter=EQUAL),
        Field("milestone_id", ID, null=True, filter=EQUAL),
        Field("release_id", ID, null=True, filter=EQUAL),
        Field("client_amount", MONEY), Field("freelancer_amount", MONEY), CREATED,
    ),
)  # fmt: skip

AGREEMENTS = (AMENDMENTS, OFFERS, SPLIT_ITEMS)
