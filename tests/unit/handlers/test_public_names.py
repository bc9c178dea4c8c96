"""Names that look like the platform's, and names that only have something of one."""

import pytest

from handlers.public_names import PublicNames
from server.config import Settings

NAMES = PublicNames(Settings.model_fields["reserved_names"].default)

SPOOFS = [
    "Parley",
    "PARLEY",
    "parley",
    "P a r l e y",
    "Par-ley",
    "~ Parley ~",
    "Parley.",
    "parley_support",
    "ParleySupport",
    "Support (Parley)",
    "Parley Support 24/7",
    "Parley 🛡\ufe0f",
    "Par1ey",
    "Par|ey",
    "PARIEY",
    "Раrlеу",
    "ΡΑRLΕΥ",
    "Pàrlëy",
    "ＰＡＲＬＥＹ",
    "𝓟𝓪𝓻𝓵𝓮𝔂",
    "Ⓟⓐⓡⓛⓔⓨ",
    "Par\u200bley",
    "admin",
    "Adrnin",
    "AdMlN",
    "ADMİN",
    "adm\u0131n",
    "Adm\u0456n",
    "supp0rt",
    "Customer Service",
    "customerservice",
    "管理员",
    "Parley 客服",
    "Official Team",
]
PEOPLE = [
    "Ada Lovelace",
    "Parley Pratt",
    "Barley",
    "Adele Minn",
    "Supporters of the arts",
    "Team Ada",
    "Studio 24",
    "24",
    "...",
    "李雷",
    "Иван Петров",
    "محمد",
    "Demo Client",
    "Customer Research Ltd",
]


@pytest.mark.parametrize("name", SPOOFS)
def test_what_looks_like_the_platform_is_refused(name):
    assert NAMES.is_reserved(name)


@pytest.mark.parametrize("name", PEOPLE)
def test_what_only_has_something_of_it_passes(name):
    assert not NAMES.is_reserved(name)


def test_the_words_are_the_operators():
    ours = PublicNames(["Acme GmbH"])
    assert ours.is_reserved("acme-gmbh")
    assert ours.is_reserved("ΑCΜΕ gmbh")
    assert not ours.is_reserved("Acme")
    assert not ours.is_reserved("Parley")
    assert not PublicNames([]).is_reserved("Parley")
    assert not PublicNames(["-", ""]).is_reserved("-")


def test_a_long_name_is_decided_on_at_once():
    """Words that are parts of each other give many ways to take a name apart."""
    ours = PublicNames(["a", "aa", "aaa"])
    assert ours.is_reserved("a" * 200)
    assert not ours.is_reserved("a" * 200 + "b")
