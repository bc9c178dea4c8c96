"""The user's notifications as this client holds them, and how many are unread. Pure."""

from collections.abc import Sequence

from protocol.objects import Notification
from protocol.text import Id


class Notifications:
    """The newest notifications by id. They have no revision: what comes last wins, and an event
    wins over a list asked for before it.
    """

    def __init__(self) -> None:
        self.by_id: dict[Id, Notification] = {}
        self.behind_since: int | None = 0
        """The clock when they began to need listing; None when they do not."""
        self.has_listed = False
        self.is_complete = False
        """Whether those at hand are all there are."""
        self._told = 0
        """The server's latest figure of the unread ones."""
        self._touched: dict[Id, int] = {}
        """By which clock events changed them, since the last list."""

    @property
    def unread(self) -> int:
        """How many are not read: counted, or as told while not all are at hand."""
        if not self.is_complete:
            return self._told
        return sum(_counts(item) for item in self.by_id.values())

    def newest_first(self) -> list[Notification]:
        """All that are at hand."""
        return sorted(
            self.by_id.values(), key=lambda item: (item.updated_at, item.id), reverse=True
        )

    def created(self, item: Notification, clock: int, unread: int) -> bool:
        """Takes a new one, and how many are then unread; returns whether it was new."""
        if item.id in self.by_id:
            return False
        self._put(item, clock, unread)
        return True

    def updated(self, item: Notification, clock: int, unread: int) -> None:
        """Takes a changed one: read, put away, or counting one more of its group."""
        self._put(item, clock, unread)

    def correct_unread(self, unread: int, clock: int) -> None:
        """The server's figure of some moment. One that differs from what is counted may be of a
        notification on its way: a list tells.
        """
        self._told = unread
        if unread != self.unread:
            self.behind_since = clock

    def listed(
        self, items: Sequence[Notification], since: int, *, unread: int, is_all: bool
    ) -> list[Notification]:
        """Takes the list asked for at the clock `since`; returns those that are news, oldest first.

        What is not in it is not at hand any more, but for what events brought meanwhile.
        """
        latest = {key: at for key, at in self._touched.items() if at > since}
        newest = max((item.updated_at for item in self.by_id.values()), default=None)
        fresh = {item.id: item for item in items if item.id not in latest}
        news = [
            item
            for item in fresh.values()
            if item.id not in self.by_id and (newest is None or item.updated_at >= newest)
        ]
        is_first, self.has_listed = not self.has_listed, True
        kept = {key: item for key, item in self.by_id.items() if key in latest}
        self.by_id = fresh | kept
        self.is_complete = is_all
        self._told = unread
        self._touched = latest
        if self.behind_since is not None and self.behind_since <= since:
            self.behind_since = None
        return [] if is_first else sorted(news, key=lambda item: (item.updated_at, item.id))

    def _put(self, item: Notification, clock: int, unread: int) -> None:
        self._told = unread
        self._touched[item.id] = clock
        if item.archived_at is None:
            self.by_id[item.id] = item
        else:
            self.by_id.pop(item.id, None)


def _counts(item: Notification) -> bool:
    """An unread run is no unread notification: the messages of its conversation are counted."""
    return item.read_at is None and item.type != "message.run"
