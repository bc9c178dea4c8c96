"""Payments that are made for a milestone or an order, by a payment method."""

from uuid import UUID

from protocol.errors import RequestError
from storage.workflows.rows import Row
from storage.workflows.work import Work
from storage.workflows.workflow import Told


async def pay_by_method(_work: Work, _row: Row, _method: UUID) -> Told:
    """Ask the provider for a payment that funds the milestone once it is captured.

    Raises `RequestError`.
    """
    raise RequestError.invalid("payment_method_id", "payments are not taken yet")
