"""Every verdict that a function of the schema can give has its error."""

import re
from pathlib import Path

import pytest

from protocol.errors import ErrorCode, RequestError
from storage.database import verdicts

SQL = Path(verdicts.__file__).parents[1] / "migrations" / "sql"
CASES = {
    "not_found": ErrorCode.NOT_FOUND,
    "message_not_found": ErrorCode.NOT_FOUND,
    "user_not_found": ErrorCode.NOT_FOUND,
    "subject_not_found": ErrorCode.NOT_FOUND,
    "template_not_found": ErrorCode.NOT_FOUND,
    "forbidden": ErrorCode.FORBIDDEN,
    "closed": ErrorCode.CONVERSATION_CLOSED,
    "blocked": ErrorCode.BLOCKED,
    "mismatch": ErrorCode.DUPLICATE_MISMATCH,
    "invalid_parent": ErrorCode.VALIDATION_FAILED,
    "invalid_attachment": ErrorCode.VALIDATION_FAILED,
    "deleted": ErrorCode.CONFLICT,
    "too_many_emojis": ErrorCode.CONFLICT,
    "too_many_pins": ErrorCode.CONFLICT,
    "too_many_participants": ErrorCode.CONFLICT,
    "too_many_blocks": ErrorCode.CONFLICT,
    "too_many_templates": ErrorCode.CONFLICT,
    "busy": ErrorCode.UNAVAILABLE,
}
ELSEWHERE = {"rate_limited"}
"""Needs a delay, which its repository knows."""


def refused(verdict: str, limit: int | None = None) -> RequestError:
    with pytest.raises(RequestError) as caught:
        verdicts.raise_for(verdict, limit=limit)
    return caught.value


@pytest.mark.parametrize(("verdict", "code"), CASES.items())
def test_each_verdict_has_its_code(verdict, code):
    assert refused(verdict).code == code
    details = refused(verdict, limit=7).details
    assert ("limit" in details) is verdict.startswith("too_many_")


def test_the_functions_give_no_other_verdicts():
    given: set[str] = set()
    for file in ("0001_50_send", "0001_60_changes", "0001_70_members", "0001_80_people"):
        text = (SQL / f"{file}.sql").read_text()
        given |= set(re.findall(r"(?:THEN|ELSE|RETURN|ROW\()\s*'([a-z_]+)'", text))
    given -= {"conversation", "user", "owner", "member"}
    assert {"closed", "too_many_pins", "unchanged", "busy"} < given
    assert given <= set(CASES) | verdicts.ACCEPTED | ELSEWHERE


def test_what_accepts_is_no_error_and_what_is_unknown_a_bug():
    for verdict in verdicts.ACCEPTED:
        verdicts.raise_for(verdict)
    with pytest.raises(LookupError):
        verdicts.raise_for("fine")
    with pytest.raises(RequestError, match="no such message"):
        verdicts.raise_for("not_found", "message")
