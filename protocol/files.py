"""What is said about uploaded files; over HTTP only."""

from protocol.objects import Attachment
from protocol.replies import Reply


class FileReply(Reply, frozen=True):
    """A file as a message would show it: send its `file_id` in `attachments`."""

    file: Attachment
