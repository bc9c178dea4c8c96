"""Texts that a user keeps for reuse."""

from uuid import UUID

from protocol.objects import Template
from protocol.requests import TemplateKind
from protocol.text import format_time
from storage.database.change_call import ChangeCalls
from storage.database.queries import load_queries
from storage.database.verdicts import raise_for

_SQL = load_queries("people/templates")


class Templates:
    """A user's templates, of messages and of reviews."""

    def __init__(self, calls: ChangeCalls, *, max_templates: int) -> None:
        self._calls = calls
        self._max_templates = max_templates

    async def create(self, user_id: UUID, kind: TemplateKind, title: str, content: str) -> None:
        """Keep a text; `conflict` at the limit, which is for each kind."""
        (row,) = await self._calls.rows(
            _SQL["create"], user_id, kind, title, content, self._max_templates
        )
        raise_for(row["verdict"], limit=self._max_templates)

    async def delete(self, user_id: UUID, template_id: UUID) -> TemplateKind:
        """Forget a text and tell its kind; `not_found` (template) when the user has no such one."""
        rows = await self._calls.rows(_SQL["delete"], user_id, template_id)
        if not rows:
            raise_for("template_not_found")
        kind: TemplateKind = rows[0]["kind"]
        return kind

    async def of_user(self, user_id: UUID, kind: TemplateKind) -> list[Template]:
        """All templates of a user and kind, oldest first."""
        return [
            Template(
                str(row["id"]), row["title"], row["content"], format_time(row["created_at"]), kind
            )
            for row in await self._calls.rows(_SQL["list"], user_id, kind)
        ]
