"""Words for what is delivered: all rows of a batch by one statement."""

from collections.abc import Sequence
from uuid import UUID

from protocol.notifications.rendering import Rendered
from storage.notifications.judging import DIGEST_SHOWN, Facts, Item
from storage.notifications.rendering import Renderer, Shown


async def told(renderer: Renderer, batch: Sequence[Facts]) -> dict[UUID, list[Rendered]]:
    """What each delivery of a batch tells, in its reader's language, by the delivery's id.

    Of a digest some are told one by one. What people have written is told to those who want it
    so. Raises `RequestError` (`unavailable`).
    """
    rows = [(one, item) for one in batch for item in one.items[:DIGEST_SHOWN]]
    rendered = await renderer.render(
        [_shown(item) for _, item in rows],
        [one.locale for one, _ in rows],
        show_text=[one.shows_text for one, _ in rows],
    )
    found: dict[UUID, list[Rendered]] = {one.ref.id: [] for one in batch}
    for (one, _), words in zip(rows, rendered, strict=True):
        found[one.ref.id].append(words)
    return found


def _shown(item: Item) -> Shown:
    return Shown(
        item.user_id,
        item.type,
        item.data,
        item.count,
        item.subject_type,
        item.subject_id,
        item.seq,
        item.actor_id,
    )
