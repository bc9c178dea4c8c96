"""Which notifications follow from what happened in conversations.

They hold references, and no words: what is edited or deleted later must not live on in one.
"""

from collections.abc import Sequence
from uuid import UUID

from protocol.notifications.kinds import KINDS
from storage.database.queries import load_queries
from storage.notifications.store import NewNotification
from storage.outbox.rows import Connection

_SQL = load_queries("notifications/rules")
_INVITED = KINDS["conversation.invited"]


async def of_messages(
    connection: Connection, conversation_ids: Sequence[UUID], seqs: Sequence[int]
) -> list[NewNotification]:
    """For those whom new messages name, and for those whom they answer."""
    rows = await connection.fetch(_SQL["of_messages"], conversation_ids, seqs)
    return [
        NewNotification(
            user_id=row["user_id"],
            type=row["type"],
            category=KINDS[row["type"]].category,
            priority=KINDS[row["type"]].priority,
            data={
                "conversation_id": str(row["conversation_id"]),
                "message_id": str(row["message_id"]),
                "seq": row["seq"],
                "sender_id": str(row["sender_id"]),
            },
            group_key=f"{row['type']}:{row['conversation_id']}",
            subject_type="conversation",
            subject_id=row["conversation_id"],
            actor_id=row["sender_id"],
            seq=row["seq"],
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
            type=_INVITED.type,
            category=_INVITED.category,
            priority=_INVITED.priority,
            data={"conversation_id": str(row["conversation_id"])},
            group_key=f"{_INVITED.type}:{row['conversation_id']}",
            subject_type="conversation",
            subject_id=row["conversation_id"],
            # It is read with whatever is said next.
            seq=row["last_seq"] + 1,
        )
        for row in rows
    ]
