"""The sends of a client that does not wait for one before the next: nothing is overtaken. Pure.

Whatever is refused for now, or has no answer, is sent again from the first such one on, in the
order first sent. So the messages stand in the conversation in that order, whatever was refused
meanwhile.
"""

from dataclasses import dataclass, field

from protocol.text import Id


@dataclass(frozen=True, slots=True)
class Draft:
    """A message as it is sent, again and again."""

    number: int
    client_id: Id
    content: str


@dataclass(slots=True)
class SendOrder:
    """The sends of one client into one conversation."""

    pending: list[Draft] = field(default_factory=list)
    """Those that are not answered for good, in the order first sent."""
    _drafted: int = 0
    _floor: int = 0
    """The highest `seq` of the messages before all that are pending."""
    _above: list[tuple[int, int]] = field(default_factory=list)
    """Number and `seq` of stored messages that were sent after one that is pending."""

    def draft(self, client_id: Id, content: str) -> Draft:
        """A new message, the last of those to be sent."""
        self._drafted += 1
        draft = Draft(self._drafted, client_id, content)
        self.pending.append(draft)
        return draft

    def stored(self, draft: Draft, seq: int) -> str:
        """The message was stored; says what it came before or after although it should not."""
        overtakers = [at for number, at in self._above if number > draft.number and at < seq]
        earlier = [at for number, at in self._above if number < draft.number and at > seq]
        wrong = overtakers or earlier or ([self._floor] if seq < self._floor else [])
        self._above.append((draft.number, seq))
        self._done(draft)
        if not wrong:
            return ""
        return f"seq {seq} is the send number {draft.number} and out of order with seq {wrong[0]}"

    def dropped(self, draft: Draft) -> None:
        """The message was refused for good."""
        self._done(draft)

    def _done(self, draft: Draft) -> None:
        self.pending.remove(draft)
        lowest = self.pending[0].number if self.pending else self._drafted + 1
        below = [seq for number, seq in self._above if number < lowest]
        self._floor = max([self._floor, *below])
        self._above = [one for one in self._above if one[0] >= lowest]
