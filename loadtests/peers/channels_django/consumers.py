"""One connection of the peer."""

from typing import Any

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer

from loadtests.peers.channels_django.models import Member, Message

_LONGEST = 4_000


class ChatConsumer(AsyncJsonWebsocketConsumer):
    """Speaks `{"id", "conversation_id", "content"}`; hears `{"ack", …}` and `{"message"}`."""

    async def connect(self) -> None:
        """Join one's conversations, then let in."""
        self.user_id = self.scope["user_id"]
        self.joined = [_group(each) for each in await _conversations_of(self.user_id)]
        for group in self.joined:
            await self.channel_layer.group_add(group, self.channel_name)
        await self.accept()

    async def disconnect(self, _code: int) -> None:
        """Leave them."""
        for group in self.joined:
            await self.channel_layer.group_discard(group, self.channel_name)

    async def receive_json(self, content: dict[str, Any], **_: Any) -> None:
        """Store it, acknowledge it, send it to the others."""
        answer = {"ack": content.get("id")}
        text = content.get("content")
        if not isinstance(text, str) or len(text) > _LONGEST:
            await self.send_json(answer | {"error": "invalid"})
            return
        conversation_id = content["conversation_id"]
        message = await _store(conversation_id, self.user_id, text)
        if message is None:
            await self.send_json(answer | {"error": "forbidden"})
            return
        await self.send_json(answer | {"message": message})
        event = {"type": "chat.message", "message": message, "sender": self.channel_name}
        await self.channel_layer.group_send(_group(conversation_id), event)

    async def chat_message(self, event: dict[str, Any]) -> None:
        """What somebody said in a conversation of one's own."""
        if event["sender"] != self.channel_name:
            await self.send_json({"message": event["message"]})


def _group(conversation_id: object) -> str:
    return f"conversation.{conversation_id}"


@database_sync_to_async
def _conversations_of(user_id: str) -> list[str]:
    found = Member.objects.filter(user_id=user_id).values_list("conversation_id", flat=True)
    return [str(each) for each in found]


@database_sync_to_async
def _store(conversation_id: str, user_id: str, content: str) -> dict[str, Any] | None:
    if not Member.objects.filter(conversation_id=conversation_id, user_id=user_id).exists():
        return None
    message = Message.objects.create(
        conversation_id=conversation_id, sender_id=user_id, content=content
    )
    return {
        "id": message.id,
        "conversation_id": conversation_id,
        "sender_id": user_id,
        "content": content,
        "created_at": message.created_at.isoformat(),
    }
