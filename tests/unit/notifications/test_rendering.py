"""Every kind is told in every language, whatever is known of it, and no name breaks a sentence."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from protocol.notifications.kinds import KINDS
from protocol.notifications.lines import one_line
from protocol.notifications.rendering import (
    LANGUAGES,
    NAME,
    TEXT,
    TITLE,
    Facts,
    Person,
    language,
    render,
)

ID = "0192f0c1-0000-7000-8000-000000000001"
SAMPLE = Facts(
    subject_type="contracts",
    subject_id=ID,
    actor=Person("Ada"),
    people=[Person("Ada"), Person("Ben")],
    title="Website",
    context="Shop",
    amount=Decimal(1250),
    currency="USD",
    due=datetime(2027, 3, 12, 22, 5, tzinfo=UTC),
    text="Hello",
    conversation="Design",
    headline="We are back",
    body="All works.",
    link="/news",
)
CHINESE = range(0x4E00, 0xA000)


def test_languages_say_the_same_of_the_same_kinds() -> None:
    english, chinese = LANGUAGES["en"], LANGUAGES["zh"]
    assert english.words.keys() == chinese.words.keys() == KINDS.keys()
    assert english.nouns.keys() == chinese.nouns.keys()
    for kind, words in english.words.items():
        assert words.facts() == chinese.words[kind].facts(), kind


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("locale", ["en", "zh"])
@pytest.mark.parametrize("count", [1, 3])
def test_every_kind_is_told_of_whole_and_of_no_facts(kind: str, locale: str, count: int) -> None:
    for facts in (SAMPLE, Facts()):
        told = render(kind, count, facts, locale)
        assert told.title
        assert "{" not in told.title + told.content
        assert "None" not in told.title + told.content
        if kind != "announcement" or facts is not SAMPLE:
            is_chinese = any(ord(character) in CHINESE for character in told.title)
            assert is_chinese is (locale == "zh")


@pytest.mark.parametrize("kind", KINDS)
def test_every_sentence_is_told_when_all_is_known(kind: str) -> None:
    for told in LANGUAGES.values():
        content = render(kind, 1, SAMPLE, "zh" if told is LANGUAGES["zh"] else "en").content
        for sentence in told.words[kind].content:
            assert sentence.split("{")[0] in content


def test_what_is_known_is_said() -> None:
    told = render("contract.offered", 1, SAMPLE, "en-GB", "Asia/Shanghai")
    assert told.title == "Ada offers you the contract “Website”"
    assert told.content == "It is worth 1,250.00 USD. Answer by 13 March 2027, 06:05 (CST)."
    assert told.action_url == f"/contracts/{ID}"


def test_it_is_said_in_chinese() -> None:
    told = render("contract.offered", 1, SAMPLE, "zh-Hans-CN", "Asia/Shanghai")
    assert told.title == "Ada 向你发出合同“Website”"
    assert told.content == "金额为 1,250.00 USD。请在 2027年3月13日 06:05（CST） 前答复。"


@pytest.mark.parametrize(
    ("count", "people", "english", "chinese"),
    [
        (1, ["Ada"], "New message from Ada", "Ada 发来新消息"),
        (1, ["Ada", "Ben"], "New message from Ada", "Ada 发来新消息"),
        (1, ["小明", "Ben"], "New message from 小明", "小明发来新消息"),
        (2, ["小明", "Ben"], "2 new messages from 小明 and Ben", "小明和 Ben 发来 2 条新消息"),
        (3, ["Ada"], "3 new messages from Ada", "Ada 发来 3 条新消息"),
        (3, ["Ada", "Ben"], "3 new messages from Ada and Ben", "Ada 和 Ben 发来 3 条新消息"),
        (2, ["Ada", "Ben", "Cem"], "2 new messages from Ada and Ben", "Ada 和 Ben 发来 2 条新消息"),
        (
            5,
            ["Ada", "Ben", "Cem"],
            "5 new messages from Ada and 2 others",
            "Ada 和另外 2 人发来 5 条新消息",
        ),
    ],
)
def test_messages_are_counted_with_those_who_wrote(
    count: int, people: list[str], english: str, chinese: str
) -> None:
    facts = Facts(people=[Person(name) for name in people])
    assert render("message.run", count, facts, "en").title == english
    assert render("message.run", count, facts, "zh").title == chinese


def test_what_is_not_known_has_a_word_or_is_left_out() -> None:
    told = render("contract.offered", 1, Facts(subject_type="contracts"), "en")
    assert told == ("Somebody offers you the contract [deleted]", "", None)
    assert render("payment.received", 1, Facts(), "zh").title == "你获得了 一笔款项"
    invited = render("conversation.invited", 1, Facts(subject_type="conversations"), "en")
    assert invited.title == "You were added to a conversation"
    erased = Facts(actor=Person("Ada", is_erased=True), title="X")
    assert render("review.answered", 1, erased, "en").title.startswith("Deleted user answered")
    assert render("review.answered", 1, erased, "zh").title.startswith("已注销用户")


def test_a_kind_that_is_not_known_has_a_general_title() -> None:
    assert render("of.tomorrow", 1, SAMPLE, "en").title == "You have a new notification"


def test_an_amount_has_the_decimals_of_its_currency() -> None:
    for amount, currency, shown in (
        ("1234.5", "USD", "1,234.50 USD"),
        ("1500", "JPY", "1,500 JPY"),
    ):
        facts = Facts(amount=Decimal(amount), currency=currency)
        assert render("payment.received", 1, facts, "en").title == f"You earned {shown}"


@pytest.mark.parametrize(
    "name", ["Ada\r\nBcc: x@y.z", "Ada\u2028Ben", "\u202eadA", "A\u0000b", "\n"]
)
def test_a_name_stays_on_its_line(name: str) -> None:
    title = render("message.mention", 1, Facts(actor=Person(name)), "en").title
    assert title.isprintable()
    assert title.endswith(" mentioned you")
    assert not title.startswith(" ")


def test_braces_in_names_are_text() -> None:
    facts = Facts(actor=Person("{count.__class__}"), title="{0}")
    title = render("review.answered", 1, facts, "en").title
    assert title == "{count.__class__} answered your review of “{0}”"


def test_lengths_are_bounded_and_no_character_is_cut_in_two() -> None:
    family = "\N{MAN}\N{ZERO WIDTH JOINER}\N{WOMAN}"
    shown = one_line(family * 100, NAME)
    assert shown.endswith(family + "…")
    assert len(one_line("a" * 1_000_000, TITLE)) == TITLE
    assert len(one_line("e" + "\N{COMBINING ACUTE ACCENT}" * 100_000, TITLE)) <= TITLE * 4 + 1
    facts = Facts(actor=Person("n" * 5000), text="t" * 5000, conversation="c" * 5000)
    told = render("message.mention", 1, facts, "en")
    assert len(told.title) <= NAME + 20
    assert len(told.content) <= TITLE + TEXT + 2


def test_an_unknown_zone_is_utc() -> None:
    told = render("review.invited", 1, SAMPLE, "en", "Mars/Olympus")
    assert told.content == "Write your review by 12 March 2027, 22:05 (UTC)."


@pytest.mark.parametrize(
    ("locale", "expected"),
    [(None, "en"), ("", "en"), ("zh", "zh"), ("zh-TW", "zh"), ("ZH_cn", "zh"), ("zha", "en"),
     ("de-AT", "en")],
)  # fmt: skip
def test_a_locale_is_told_in_its_language(locale: str | None, expected: str) -> None:
    assert language(locale) == expected
