"""Figures of a freelancer that follow the ends of contracts: how many, how well, how punctual.

Earnings and spending follow the releases themselves, by a trigger (0026).
"""

from storage.database.write_steps import update
from storage.workflows.rows import Row
from storage.workflows.work import Work

_WHOLE = 100.0
_BEST_RATING = 5.0


async def figures_of_end(work: Work, contract: Row, milestones: list[Row]) -> None:
    """Count a contract that has ended among its freelancer's, unless it was never funded."""
    if not any(m["funded_at"] for m in milestones):
        return
    is_completed = contract.status == "completed"
    found = await work.ask("contracts", "figures", contract["freelancer_id"], contract.id)
    for before in found:
        paid = [m for m in milestones if m.status == "paid" and m["due_date"] is not None]
        in_time = sum(m["submitted_at"] <= m["due_date"] for m in paid if m["submitted_at"])
        completed = before["completed"] + is_completed
        success = _WHOLE * completed / (before["ended"] + 1)
        handed_in = before["handed_in"] + len(paid)
        on_time = _WHOLE * (before["in_time"] + in_time) / handed_in if handed_in else None
        figures = {"jobs_completed": completed, "success_rate": success, "on_time_rate": on_time}
        punctual = success if on_time is None else on_time
        figures["reputation"] = reputation(success, punctual, before["rating"])
        who = contract["freelancer_id"]
        work.do(update("freelancer_profiles", who, figures, column="user_id"))


def reputation(success: float, on_time: float, rating: float) -> float:
    """One figure of three, from 0 to 100: half is success, a quarter each punctuality and stars.

    Who has no reviews yet is taken for what success says.
    """
    stars = _WHOLE * rating / _BEST_RATING if rating else success
    return round(success / 2 + on_time / 4 + stars / 4, 1)
