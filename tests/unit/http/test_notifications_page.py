"""`docs/notifications.md` is what the table of kinds says."""

from pathlib import Path

from protocol.notifications.kinds import KINDS
from protocol.objects import Notification
from server.http.documents.notifications import DATA, page

PAGE = Path(__file__).parents[3] / "docs" / "notifications.md"


def test_the_page_is_what_the_code_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), (
        "run: python -m server.http.documents.notifications > docs/notifications.md"
    )


def test_every_kind_is_on_it() -> None:
    text = page()
    assert all(f"| `{kind}` |" in text for kind in KINDS)


def test_it_names_no_members_that_a_notification_has_not() -> None:
    text, members = page(), Notification.__struct_fields__
    assert "subject_type" not in text and "subject_id" not in text
    assert {"data", "action_url"} <= set(members)
    assert DATA.keys() == {type_ for type_, kind in KINDS.items() if not kind.event}
