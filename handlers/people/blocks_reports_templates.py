"""What concerns people rather than conversations: blocks, reports, and one's saved texts."""

from handlers.caller import Caller
from handlers.texts import check_line, check_text
from protocol.errors import RequestError
from protocol.limits import Limits
from protocol.replies import BlocksReply, ReportReply, TemplatesReply
from protocol.requests import (
    BlockChange,
    BlockList,
    ReportCreate,
    TemplateCreate,
    TemplateDelete,
    TemplateKind,
    TemplateList,
)
from storage.people.blocks import Blocks
from storage.people.reports import Reports
from storage.people.templates import Templates


class BlockCommands:
    """Each command answers with all the caller's blocks."""

    def __init__(self, blocks: Blocks) -> None:
        self._blocks = blocks

    async def add(self, caller: Caller, request: BlockChange) -> BlocksReply:
        """Block somebody: neither can write to the other where only the two are."""
        if request.user_id == caller.user_id:
            raise RequestError.invalid("user_id", "nobody can block oneself")
        await self._blocks.add(caller.user_id, request.user_id)
        return await self._reply(caller)

    async def remove(self, caller: Caller, request: BlockChange) -> BlocksReply:
        """Unblock somebody."""
        if request.user_id == caller.user_id:
            raise RequestError.invalid("user_id", "nobody can block oneself")
        await self._blocks.remove(caller.user_id, request.user_id)
        return await self._reply(caller)

    async def list(self, caller: Caller, _request: BlockList) -> BlocksReply:
        """Whom the caller has blocked."""
        return await self._reply(caller)

    async def _reply(self, caller: Caller) -> BlocksReply:
        return BlocksReply(await self._blocks.of_user(caller.user_id))


class ReportCommands:
    """Complaints to staff."""

    def __init__(self, reports: Reports, limits: Limits) -> None:
        self._reports = reports
        self._limits = limits

    async def create(self, caller: Caller, request: ReportCreate) -> ReportReply:
        """Report what the caller can see, and is not the caller's own."""
        check_text("text", request.text, self._limits.content_chars)
        if request.subject_id == caller.user_id:
            raise RequestError.invalid("subject_id", "nobody can report oneself")
        return ReportReply(await self._reports.create(caller.user_id, request))


class TemplateCommands:
    """Each command answers with all the caller's templates of that kind."""

    def __init__(self, templates: Templates, limits: Limits) -> None:
        self._templates = templates
        self._limits = limits

    async def create(self, caller: Caller, request: TemplateCreate) -> TemplatesReply:
        """Keep a text for reuse."""
        check_line("title", request.title, self._limits.title_chars)
        check_text("content", request.content, self._limits.content_chars)
        await self._templates.create(caller.user_id, request.kind, request.title, request.content)
        return await self._reply(caller, request.kind)

    async def delete(self, caller: Caller, request: TemplateDelete) -> TemplatesReply:
        """Forget a text."""
        kind = await self._templates.delete(caller.user_id, request.template_id)
        return await self._reply(caller, kind)

    async def list(self, caller: Caller, request: TemplateList) -> TemplatesReply:
        """The texts that the caller keeps."""
        return await self._reply(caller, request.kind)

    async def _reply(self, caller: Caller, kind: TemplateKind) -> TemplatesReply:
        return TemplatesReply(await self._templates.of_user(caller.user_id, kind))
