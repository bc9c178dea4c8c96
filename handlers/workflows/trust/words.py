"""Words of the machines of trust."""

from handlers.workflows.words import S
from storage.workflows.workflow import STAFF

_INVOLVED = (
    "EXISTS (SELECT FROM contracts p WHERE p.id = r.contract_id"
    " AND {me} IN (p.client_id, p.freelancer_id)) OR EXISTS (SELECT FROM contract_members p"
    " WHERE p.contract_id = r.contract_id AND p.user_id = {me}"
    " AND p.status IN ('accepted', 'left'))"
)
IMPARTIAL = {S: f"{STAFF[S]} AND NOT ({_INVOLVED})"}
"""Staff who judge what belongs to a contract, and who work on neither side of it, nor have.

An invitation alone takes nobody's right to judge: whoever wants another judge could send one.
"""
