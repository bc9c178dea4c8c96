"""What is said about uploaded files; over HTTP only."""

from protocol.objects import Attachment
from protocol.replies import Reply

PICTURES = frozenset({"image/gif", "image/jpeg", "image/png", "image/webp"})
"""The types of which smaller pictures are made."""


def thumbnail_url(url: str, mime: str) -> str | None:
    """Where a smaller picture of an image is, beside its content; None for other files."""
    path, content, query = url.partition("/content?")
    return f"{path}/thumbnail?{query}" if content and mime in PICTURES else None


class FileReply(Reply, frozen=True):
    """A file as a message would show it: send its `file_id` in `attachments`."""

    file: Attachment


class RepeatedFile(FileReply, frozen=True):
    """What the same Idempotency-Key has uploaded before. On the wire it is the reply as it was."""
