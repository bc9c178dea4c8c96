"""The tables of `schema.sql` as the ORM sees them."""

from django.db import models


class Member(models.Model):
    """Who is in which conversation."""

    pk = models.CompositePrimaryKey("conversation_id", "user_id")
    conversation_id = models.UUIDField()
    user_id = models.UUIDField()

    class Meta:
        """The table that is there."""

        managed = False
        db_table = "members"


class Message(models.Model):
    """What was said."""

    conversation_id = models.UUIDField()
    sender_id = models.UUIDField()
    content = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """The table that is there."""

        managed = False
        db_table = "messages"
