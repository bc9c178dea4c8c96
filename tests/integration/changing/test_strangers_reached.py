"""Who may write first: strangers a day, what people choose, and what a conversation is about."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest

from protocol.errors import ErrorCode, RequestError
from protocol.objects import Conversation
from protocol.requests import ConversationCreate, ConversationLeave, MemberChange
from tests.integration.changing.conftest import Ground, of, refusal


async def create(ground: Ground, user: UUID, *others: UUID, **asked: Any) -> Conversation:
    request = ConversationCreate(**{"type": "group", "participant_ids": list(others)} | asked)
    return (await ground.conversations.create(of(user), request)).conversation


async def direct(ground: Ground, user: UUID, other: UUID) -> Conversation:
    return await create(ground, user, other, type="direct")


async def add(ground: Ground, owner: UUID, conversation_id: UUID, user: UUID) -> None:
    await ground.members.add(of(owner), MemberChange(conversation_id, user))


async def chooses(ground: Ground, user: UUID, messages_from: str) -> None:
    await ground.connection.execute(
        "update users set messages_from = $2 where id = $1", user, messages_from
    )


async def staff(ground: Ground) -> UUID:
    (one,) = await ground.people(1)
    await ground.connection.execute("update users set staff_role = 'support' where id = $1", one)
    return one


async def answers(ground: Ground, user: UUID, conversation_id: str) -> None:
    await ground.connection.execute(
        "update conversation_participants set has_written = true "
        "where conversation_id = $1 and user_id = $2",
        UUID(conversation_id),
        user,
    )


async def grows_large(ground: Ground, conversation_id: UUID) -> None:
    await ground.connection.execute(
        "update conversations set fanout = 'conversation' where id = $1", conversation_id
    )


async def passes_a_day(ground: Ground, rows: int) -> None:
    await ground.connection.execute(
        "update strangers_reached set reached_at = reached_at - interval '1 day' "
        "where ctid in (select ctid from strangers_reached order by reached_at limit $1)",
        rows,
    )


async def test_strangers_are_counted_however_they_are_reached(ground):
    ground.reaching(4)
    one, *others = await ground.people(8)
    here = await create(ground, one, others[0], others[1])
    await direct(ground, one, others[2])
    await add(ground, one, UUID(here.id), others[3])
    for kind in ("group", "job_inquiry", "contract_discussion", "direct"):
        with pytest.raises(RequestError) as refused:
            await create(ground, one, others[4], type=kind)
        assert refused.value.code == ErrorCode.RATE_LIMITED
        assert 86_300 < refused.value.details["retry_after_s"] <= 86_400
    assert await refusal(add(ground, one, UUID(here.id), others[4])) == ErrorCode.RATE_LIMITED
    await passes_a_day(ground, 1)
    assert await refusal(create(ground, one, others[4], others[5])) == ErrorCode.RATE_LIMITED
    await create(ground, one, others[4])
    assert await ground.connection.fetchval("select count(*) from strangers_reached") == 4


async def test_one_inbox_is_not_filled_by_groups(ground):
    ground.reaching(3)
    one, two = await ground.people(2)
    for _ in range(3):
        await create(ground, one, two)
    assert await refusal(create(ground, one, two)) == ErrorCode.RATE_LIMITED
    # There is but one direct conversation.
    held = await direct(ground, one, two)
    await answers(ground, two, held.id)
    for _ in range(5):
        await create(ground, one, two)


async def test_commands_at_once_count_one_after_the_other(ground):
    ground.reaching(3)
    one, *others = await ground.people(8)
    here = await create(ground, one, others.pop())
    await ground.warm_up()
    tried = await asyncio.gather(
        *(direct(ground, one, other) for other in others[:3]),
        *(add(ground, one, UUID(here.id), other) for other in others[3:]),
        return_exceptions=True,
    )
    refused = [one for one in tried if isinstance(one, RequestError)]
    assert [error.code for error in refused] == [ErrorCode.RATE_LIMITED] * 4


async def test_leaving_and_beginning_again_counts_again(ground):
    ground.reaching(3)
    one, two = await ground.people(2)
    for _ in range(2):
        here = await create(ground, one, two)
        await answers(ground, two, here.id)
        await ground.members.leave(of(two), ConversationLeave(UUID(here.id)))
    await add(ground, one, UUID(here.id), two)
    await ground.members.leave(of(two), ConversationLeave(UUID(here.id)))
    assert await refusal(add(ground, one, UUID(here.id), two)) == ErrorCode.RATE_LIMITED


async def test_whom_one_has_a_conversation_with_is_no_stranger(ground):
    ground.reaching(0)
    one, two, three, four = await ground.people(4)
    small = await ground.seeder.conversation(three, one, two)
    await create(ground, one, two, three)
    # In a large one only those who have written.
    large = await ground.seeder.conversation(two, one, four)
    await grows_large(ground, large.id)
    assert await refusal(create(ground, one, four)) == ErrorCode.VALIDATION_FAILED
    await answers(ground, four, str(large.id))
    await create(ground, one, four)
    for place in (small, large):
        await ground.seeder.change_member(place, one, "left_at = now()")
    assert await refusal(create(ground, one, three)) == ErrorCode.VALIDATION_FAILED


async def test_parties_of_a_contract_are_no_strangers(ground):
    ground.reaching(0)
    client, freelancer = await ground.people(2)
    contract = await make_contract(ground, client, freelancer, "pending_acceptance")
    await chooses(ground, freelancer, "connected")
    assert await refusal(create(ground, client, freelancer)) == ErrorCode.BLOCKED
    await ground.connection.execute("set session_replication_role = replica")
    await ground.connection.execute("update contracts set status = 'active'")
    await ground.connection.execute("set session_replication_role = origin")
    await create(ground, client, freelancer)
    about = {"type": "contract_discussion", "contract_id": contract}
    assert (await create(ground, client, freelancer, **about)).contract_id == str(contract)


@pytest.mark.parametrize(("choice", "known"), [("connected", "ok"), ("nobody", "blocked")])
async def test_people_choose_who_may_write_first(ground, choice, known):
    one, two, three = await ground.people(3)
    held = await direct(ground, one, two)
    here = await create(ground, one, three)
    await chooses(ground, two, choice)
    assert await refusal(create(ground, three, two)) == ErrorCode.BLOCKED
    assert await refusal(create(ground, three, one, two)) == ErrorCode.BLOCKED
    assert await refusal(direct(ground, three, two)) == ErrorCode.BLOCKED
    if known == "ok":
        await create(ground, one, two)
        await add(ground, one, UUID(here.id), two)
    else:
        assert await refusal(create(ground, one, two)) == ErrorCode.BLOCKED
        assert await refusal(add(ground, one, UUID(here.id), two)) == ErrorCode.BLOCKED
    # What is there already stays, and who chose so may write to others.
    assert await direct(ground, one, two) == held
    await create(ground, two, three)


async def test_support_is_with_staff(ground):
    one, two = await ground.people(2)
    helper, other = await staff(ground), await staff(ground)
    await chooses(ground, helper, "nobody")
    await chooses(ground, two, "nobody")
    for others in ([two], [two, helper]):
        code = await refusal(create(ground, one, *others, type="support"))
        assert code == ErrorCode.VALIDATION_FAILED
    mine = await create(ground, one, helper, type="support")
    await add(ground, one, UUID(mine.id), other)
    assert await refusal(add(ground, one, UUID(mine.id), two)) == ErrorCode.VALIDATION_FAILED
    # Staff write to whom they have to, however many.
    ground.reaching(0)
    await create(ground, helper, two, one, type="support")


async def make_job(ground: Ground, client: UUID, status: str) -> UUID:
    await ground.connection.execute("set session_replication_role = replica")
    job: UUID = await ground.connection.fetchval(
        "with c as (insert into categories (slug, name)"
        " values ('c-' || gen_random_uuid(), 'C') returning id)"
        " insert into jobs (client_id, title, description, status, category_id)"
        " select $1, 'Cut', 'Film', $2, c.id from c returning id",
        client,
        status,
    )
    await ground.connection.execute("set session_replication_role = origin")
    return job


async def make_contract(ground: Ground, client: UUID, freelancer: UUID, status: str) -> UUID:
    await ground.connection.execute("set session_replication_role = replica")
    contract: UUID = await ground.connection.fetchval(
        "insert into contracts (gig_id, client_id, freelancer_id, title, total_amount, status) "
        "values (gen_random_uuid(), $1, $2, 'Cutting', 10, $3) returning id",
        client,
        freelancer,
        status,
    )
    await ground.connection.execute("set session_replication_role = origin")
    return contract


async def test_a_job_is_one_that_the_caller_sees_and_its_owner_takes_part(ground):
    client, freelancer, other = await ground.people(3)
    shown, draft = await make_job(ground, client, "open"), await make_job(ground, client, "draft")
    about = {"type": "job_inquiry", "job_id": shown}
    assert (await create(ground, freelancer, client, **about)).job_id == str(shown)
    assert (await create(ground, client, freelancer, **about)).job_id == str(shown)
    assert await refusal(create(ground, freelancer, other, **about)) == "validation_failed"
    for job in (draft, uuid4()):
        code = await refusal(create(ground, freelancer, client, type="group", job_id=job))
        assert code == ErrorCode.NOT_FOUND
    await create(ground, client, freelancer, type="group", job_id=draft)


async def test_a_contract_is_its_parties_and_staff(ground):
    client, freelancer, stranger = await ground.people(3)
    helper = await staff(ground)
    contract = await make_contract(ground, client, freelancer, "active")
    about = {"type": "contract_discussion", "contract_id": contract}
    made = await create(ground, client, freelancer, helper, **about)
    for wrong in ({"contract_id": uuid4()}, {}):
        code = await refusal(create(ground, stranger, client, **about | wrong))
        assert code == ErrorCode.NOT_FOUND
    code = await refusal(create(ground, client, freelancer, stranger, **about))
    assert code == ErrorCode.VALIDATION_FAILED
    code = await refusal(add(ground, client, UUID(made.id), stranger))
    assert code == ErrorCode.VALIDATION_FAILED
