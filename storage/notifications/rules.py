"""Which notifications follow from what happened in conversations.

They hold references and names, never a message's text: what is edited or deleted later must not
live on in a notification.
"""

from collections.abc import Sequence
from uuid import UUID

from storage.database.queries import load_queries
from storage.notifications.store import NewNotification
from storage.outbox.rows import Connection

_SQL = load_queries("notifications/rules")

_TITLES = {"message.mention": "{} mentioned you", "message.reply": "{} replied to you"}


async def of_messages(
    connection: Connection, conversation_ids: Sequence[UUID], seqs: Sequence[int]
) -> list[NewNotification]:
    """For those whom new messages name, and for those whom they answer."""
    rows = await connection.fetch(_SQL["of_messages"], conversation_ids, seqs)
    return [
        NewNotification(
            user_id=row["user_id"],
            type=row["type"],
            category="message",
            title=_TITLES[row["type"]].format(row["display_name"]),
            content=row["title"] or "",
            data={
                "conversation_id": str(row["conversation_id"]),
                "message_id": str(row["message_id"]),
                "seq": row["seq"],
                "sender_id": str(row["sender_id"]),
            },
            group_key=f"{row['type']}:{row['conversation_id']}",
        )
        for row in rows
    ]


async def of_invitations(
    connection: Connection, conversation_ids: Sequence[UUID], user_ids: Sequence[UUID]
) -> list[NewNotification]:
    """For those who were taken into a group."""
    rows = await connection.fetch(_SQL["of_invitations"], conversation_ids, user_ids)
    return [
        NewNotification(
            user_id=row["user_id"],
            type="conversation.invited",
            category="message",
            title="You were added to a conversation",
            content=row["title"] or "",
            data={"conversation_id": str(row["conversation_id"])},
            group_key=f"conversation.invited:{row['conversation_id']}",
        )
        for row in rows
    ]
