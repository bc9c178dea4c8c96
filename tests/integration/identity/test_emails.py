"""One address is one account, however it is spelled; and what becomes of accounts of before."""

import asyncio

import msgspec
import pytest

from protocol.errors import ErrorCode, RequestError
from tests.integration.identity.house import ANNA, HOME, PASSWORD, refusal

BOOKS = "anna@bücher.example"
SPELLINGS = [
    BOOKS,
    "ANNA@BÜCHER.example",
    "anna@BU\u0308CHER.example",
    "Anna@XN--bcher-KVA.example",
]


def register_of(email):
    return msgspec.structs.replace(ANNA, email=email)


async def of_before(house, email, verified=False):
    """An account with a row of the version before; who has it."""
    signed_in = await house.identity.register(HOME, register_of("x@example.org"))
    await house.pool.execute(
        """
        update user_private set email = $1, email_canonical = null,
            email_verified_at = case when $2 then now() end
        where email = 'x@example.org'
        """,
        email,
        verified,
    )
    return signed_in.user.id


@pytest.mark.parametrize("first", SPELLINGS)
async def test_one_account_an_address_in_any_spelling(house, first):
    signed_in = await house.identity.register(HOME, register_of(first))
    assert (signed_in.user.email, signed_in.user.must_change_email) == (first, False)
    for spelling in SPELLINGS:
        error = await refusal(house.identity.register(HOME, register_of(spelling)))
        assert (error.code, error.details) == (ErrorCode.CONFLICT, {"path": "email"})
        assert (await house.login(spelling)).user.id == signed_in.user.id


async def test_registrations_in_several_spellings_at_once_make_one_account(house):
    answers = await asyncio.gather(
        *(house.identity.register(HOME, register_of(spelling)) for spelling in SPELLINGS),
        return_exceptions=True,
    )
    refused = [answer for answer in answers if isinstance(answer, RequestError)]
    assert [error.code for error in refused] == [ErrorCode.CONFLICT] * 3


async def test_what_is_no_address_names_the_field_and_the_reason(house):
    error = await refusal(house.identity.register(HOME, register_of("a..b@example.org")))
    assert error.code is ErrorCode.VALIDATION_FAILED
    assert error.details["path"] == "email"
    assert "single dots" in error.message


async def test_an_account_of_before_is_found_and_gets_its_spelling_with_the_login(house):
    person = await of_before(house, BOOKS)
    error = await refusal(house.identity.register(HOME, register_of(BOOKS.upper())))
    assert error.code is ErrorCode.CONFLICT
    signed_in = await house.login("ANNA@bücher.example")
    assert (signed_in.user.id, signed_in.user.must_change_email) == (person, False)
    assert (await house.login(SPELLINGS[-1])).user.id == person


async def test_an_account_whose_address_is_taken_logs_in_as_it_was_and_is_asked_to_change_it(house):
    other = await of_before(house, "anna@xn--bcher-kva.example")
    person = await of_before(house, BOOKS, verified=True)
    await house.accounts.fill_emails()
    for spelling in SPELLINGS[:3:2]:
        signed_in = await house.login(spelling)
        assert (signed_in.user.id, signed_in.user.must_change_email) == (person, False)
    for spelling in ("anna@xn--bcher-kva.example", "ANNA@XN--BCHER-kva.example"):
        signed_in = await house.login(spelling)
        assert (signed_in.user.id, signed_in.user.must_change_email) == (other, True)
    account = await house.identity.me(await house.caller(signed_in))
    assert account.must_change_email
    error = await refusal(house.identity.register(HOME, register_of(SPELLINGS[-1])))
    assert error.code is ErrorCode.CONFLICT


@pytest.mark.parametrize(
    "email", ["a..b@example.org", "<a@example.org>", "a" * 65 + "@example.org"]
)
async def test_an_account_of_before_with_no_address_logs_in_as_it_was(house, email):
    person = await of_before(house, email)
    await house.accounts.fill_emails()
    signed_in = await house.login(email.upper())
    assert (signed_in.user.id, signed_in.user.must_change_email) == (person, True)
    assert (await refusal(house.login(f"{email}.org"))).code is ErrorCode.UNAUTHENTICATED


@pytest.mark.parametrize("email", ["nobody@bücher.example", "a..b@example.org", "", "@" * 5_000])
async def test_an_unknown_address_of_any_kind_is_as_much_work(house, email):
    error = await refusal(house.login(email, PASSWORD))
    assert error.code is ErrorCode.UNAUTHENTICATED
    assert len(house.passwords.verified) == 1
