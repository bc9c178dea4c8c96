"""What all connections of a person in this process may send together, in bytes a second."""

from uuid import UUID
from weakref import WeakValueDictionary

from server.connection.frame_budget import UNLIMITED, Allowance, FrameBudget


class UserBudgets:
    """One budget a person, kept as long as one of the person's connections holds it."""

    def __init__(self, bytes_per_s: int | None) -> None:
        frames = UNLIMITED.frames
        self._allowance = UNLIMITED if bytes_per_s is None else Allowance(frames, bytes_per_s)
        self._kept: WeakValueDictionary[UUID, FrameBudget] = WeakValueDictionary()

    def of(self, user_id: UUID, now: float) -> FrameBudget:
        """The budget of this person; a new one is whole at `now`, in seconds of the loop."""
        budget = self._kept.get(user_id)
        if budget is None:
            budget = self._kept[user_id] = FrameBudget(self._allowance, now)
        return budget
