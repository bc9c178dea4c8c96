"""Complaints that staff will look at."""

from uuid import UUID

import asyncpg

from protocol.errors import RequestError
from protocol.objects import Report
from protocol.requests import ReportCreate
from protocol.text import format_time
from storage.database.change_call import ChangeCalls
from storage.database.queries import load_queries
from storage.database.verdicts import raise_for

_SQL = load_queries("people/reports")
_OWN = "reports_subject_of_others"


class Reports:
    """Reports as people make them."""

    def __init__(self, calls: ChangeCalls) -> None:
        self._calls = calls

    async def create(self, reporter_id: UUID, report: ReportCreate) -> Report:
        """Store a report; a repetition while it is open replaces its reason and text.

        Raises `not_found` (subject) for what the reporter may not see, `validation_failed` for
        what is the reporter's own.
        """
        try:
            rows = await self._calls.rows(
                _SQL["create"],
                reporter_id,
                report.subject_type,
                report.subject_id,
                report.reason,
                report.text,
            )
        except asyncpg.CheckViolationError as error:
            if error.constraint_name != _OWN:
                raise
            reason = "nobody can report what is one's own"
            raise RequestError.invalid("subject_id", reason) from error
        if not rows:
            raise_for("subject_not_found")
        (row,) = rows
        return Report(
            id=str(row["id"]),
            subject_type=row["subject_type"],
            subject_id=str(row["subject_id"]),
            reason=row["reason"],
            text=row["text"],
            status=row["status"],
            created_at=format_time(row["created_at"]),
        )
