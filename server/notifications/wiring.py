"""The deliverer of a process, put together by its settings."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from functools import partial
from uuid import UUID

from server.config import Settings
from server.foundation import Foundation
from server.mail.wiring import MailRoom
from server.notifications.channel_worker import Pace
from server.notifications.deliverer import Deliverer
from server.notifications.mailing import Address, MailDesk, Mailing, Noted
from server.notifications.push import PushParts
from server.notifications.pushing import Pushing
from server.notifications.sender import Sender, Tries
from server.notifications.telling import told
from storage.database.bounded import database_within
from storage.mail import sending
from storage.mail.sending import Tried, Wanted
from storage.mail.unsubscribe import choice_of
from storage.notifications.deliveries import Deliveries
from storage.notifications.judging import Judging
from storage.notifications.rendering import Renderer
from storage.people.activity import Activity

ASK_S = 5.0
"""How long asking about addresses may take, and telling of them."""
_EMAIL, _PUSH = "email", "push"


def deliverer_of(
    foundation: Foundation, mail: MailRoom, push: PushParts, activity: Activity
) -> Deliverer:
    """The worker of a process, by e-mail and by push."""
    pool, settings = foundation.pool, foundation.settings
    senders: Mapping[str, Sender] = {
        _EMAIL: Mailing(mail.port, _desk(mail)),
        _PUSH: Pushing(push.web_push, push.devices, at_once=settings.pushes_at_once),
    }
    return Deliverer(
        (Deliveries(pool), Judging(pool)),
        senders if settings.deliveries_batch else {},
        (activity.until, partial(told, Renderer(pool))),
        foundation.metrics.deliveries,
        pace_of(settings),
    )


def pace_of(settings: Settings) -> Pace:
    """How much is taken at once, and how often something is tried."""
    return Pace(
        settings.deliveries_batch,
        settings.deliveries_poll_s,
        Tries(
            {
                _EMAIL: dt.timedelta(seconds=settings.mails_tried_s),
                _PUSH: dt.timedelta(seconds=settings.pushes_tried_s),
            },
            dt.timedelta(seconds=settings.delivery_again_s),
            dt.timedelta(seconds=settings.delivery_again_most_s),
        ),
    )


def _desk(mail: MailRoom) -> MailDesk:
    def unsubscribe_url(user_id: UUID, categories: Collection[str]) -> str | None:
        choice = choice_of(user_id, categories, _EMAIL)
        return None if choice is None else mail.tokens.url(choice, mail.sender.base_url)

    async def stopped(addresses: Sequence[Address]) -> list[bool]:
        wanted = [Wanted(one.to, one.category) for one in addresses]
        async with database_within(ASK_S):
            found = await sending.stopped(mail.suppressions, wanted)
        return [why is not None for why in found]

    async def note(noted: Sequence[Noted]) -> None:
        now = dt.datetime.now(dt.UTC)
        tried = [Tried(one.to, one.message_id, one.outcome, now) for one in noted]
        async with database_within(ASK_S):
            await sending.record(mail.suppressions, tried)

    return MailDesk(mail.sender, mail.ids.of, unsubscribe_url, stopped, note)
