"""Whom a user of the terminal chat means by a name."""

from types import SimpleNamespace
from typing import cast

import msgspec
import pytest

from client.chat.people import NobodyNamed, People, names_in
from client.errors import CommandError, ErrorReply
from client.session import Session
from protocol.errors import ErrorCode

KNOWN = {"id-me": "Anna", "id-ben": "Ben Bär", "id-benno": "Benno", "id-cem": "Cem"}
STRANGERS = {"id-dana": "Dana", "id-ann": "Annika", "id-cem2": "cem"}
AN_ID = "01A228F3-61e0-7b7a-8be6-91a0e6e7fac4"


class Held:
    """A session that holds one conversation, and a server that finds the strangers."""

    def __init__(self, *, is_old=False):
        self.asked = []
        self.is_old = is_old
        people = {
            user: SimpleNamespace(user_id=user, display_name=name) for user, name in KNOWN.items()
        }
        self.state = SimpleNamespace(
            me="id-me", conversations={"c": SimpleNamespace(participants=people)}
        )

    async def request(self, op, d, shape):
        assert op == "people.find"
        self.asked.append(d["query"])
        if self.is_old:
            raise CommandError(op, ErrorReply(ErrorCode.UNKNOWN_OP, "no such op"))
        found = [
            {"user_id": user, "display_name": name, "kind": "both", "avatar": None}
            for user, name in STRANGERS.items()
            if d["query"].casefold() in name.casefold()
        ]
        return msgspec.convert({"people": found}, shape)


def people_of(held):
    return People(cast("Session", held))


@pytest.mark.parametrize(
    ("who", "meant"),
    [
        ("Ben Bär", "id-ben"),
        (" ben BÄR ", "id-ben"),
        ("Cem", "id-cem"),  # who is known goes before a stranger of the same name
        ("dana", "id-dana"),
        ("bär", "id-ben"),
        ("Anna", None),  # oneself is not meant, and Annika is not named so
        (AN_ID, AN_ID.lower()),
    ],
)
async def test_a_name_or_an_id(who, meant):
    people = people_of(Held())
    if meant is None:
        with pytest.raises(NobodyNamed, match="nobody named Anna"):
            await people.meant(who)
    else:
        assert await people.meant(who) == meant


async def test_several_are_listed_with_their_ids():
    with pytest.raises(NobodyNamed) as several:
        await people_of(Held()).meant("ben")
    assert str(several.value).endswith("Ben Bär id-ben, Benno id-benno")


async def test_a_server_without_the_command_knows_those_of_the_conversations():
    held = Held(is_old=True)
    assert await people_of(held).meant("benno") == "id-benno"
    assert held.asked == []
    with pytest.raises(NobodyNamed):
        await people_of(held).meant("dana")
    assert held.asked == ["dana"]


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ('"Two of you" ben  cem ', ["Two of you", "ben", "cem"]),
        ("'Two of you' O'Brien D'Arcy", ["Two of you", "O'Brien", "D'Arcy"]),
        ('"O\'Brien" 剪辑', ["O'Brien", "剪辑"]),
        ("", []),
    ],
)
def test_names_stand_in_quotes_or_are_one_word(line, names):
    assert names_in(line) == names


@pytest.mark.parametrize("line", ['"Two of you', 'a "b', '"a"b'])
def test_a_quote_that_is_left_open_is_told(line):
    with pytest.raises(ValueError, match="left open"):
        names_in(line)
