"""What a fault is."""

from abc import ABC, abstractmethod
from typing import ClassVar

from loadtests.chaos.stage import Stage


class Fault(ABC):
    """Something that goes wrong, and ends."""

    name: ClassVar[str]

    @abstractmethod
    async def strike(self, stage: Stage) -> None:
        """Do it; returns when it is over and only its consequences are left."""
