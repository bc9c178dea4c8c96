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
    "job_not_found": ErrorCode.NOT_FOUND,
    "contract_not_found": ErrorCode.NOT_FOUND,
    "support_is_with_staff": ErrorCode.VALIDATION_FAILED,
    "without_the_owner_of_the_job": ErrorCode.VALIDATION_FAILED,
    "not_a_party": ErrorCode.VALIDATION_FAILED,
    "forbidden": ErrorCode.FORBIDDEN,
    "closed": ErrorCode.CONVERSATION_CLOSED,
    "blocked": ErrorCode.BLOCKED,
    "mismatch": ErrorCode.DUPLICATE_MISMATCH,
    "invalid_parent": ErrorCode.VALIDATION_FAILED,
    "invalid_attachment": ErrorCode.VALIDATION_FAILED,
    "deleted": ErrorCode.CONFLICT,
    "too_many_emojis": ErrorCode.CONFLICT,
    "too_many_own_emojis": ErrorCode.CONFLICT,
    "too_many_pins": ErrorCode.CONFLICT,
    "too_many_participants": ErrorCode.CONFLICT,
    "too_many_blocks": ErrorCode.CONFLICT,
    "too_many_templates": ErrorCode.CONFLICT,
    "busy": ErrorCode.UNAVAILABLE,
}
ELSEWHERE = {"rate_limited", "too_many_strangers"}
"""Need a delay or a limit, which their repository knows."""


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
    changing = ("50_send", "60_changes", "70_members", "80_people")
    files = (*(f"0001_{name}" for name in changing), "0010_40_strangers", "0013_10_reactions")
    for file in files:
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
