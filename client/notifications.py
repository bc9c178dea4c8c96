"""The user's notifications as this client holds them, and how many are unread. Pure."""

from collections.abc import Iterable

from protocol.objects import Notification
from protocol.text import Id


class Notifications:
    """Notifications by id; they have no revision, so what comes last wins."""

    def __init__(self) -> None:
        self.by_id: dict[Id, Notification] = {}
        self.unread = 0
        """Absolute when told, and moved by events in between."""

    def newest_first(self) -> list[Notification]:
        """All that are at hand."""
        return sorted(
            self.by_id.values(), key=lambda item: (item.created_at, item.id), reverse=True
        )

    def created(self, notification: Notification) -> bool:
        """Takes a new one; returns whether it was new."""
        if notification.id in self.by_id:
            return False
        self.by_id[notification.id] = notification
        self.unread += notification.read_at is None
        return True

    def updated(self, notification: Notification) -> None:
        """Takes a changed one: read, archived, or counting one more of its group."""
        known = self.by_id.get(notification.id)
        self.by_id[notification.id] = notification
        if known is not None:
            self.unread += (notification.read_at is None) - (known.read_at is None)

    def listed(self, page: Iterable[Notification], unread: int) -> bool:
        """Takes a page of the list; returns whether any of it was at hand already."""
        is_known = False
        for notification in page:
            is_known = is_known or notification.id in self.by_id
            self.by_id[notification.id] = notification
        self.unread = unread
        return is_known
