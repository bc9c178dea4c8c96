"""Archived up to a message: what brings a conversation back, and what does not."""

from uuid import UUID

from protocol.requests import ConversationSettings
from tests.integration.changing.conftest import Ground, of


async def settings(ground: Ground, user: UUID, conversation_id: UUID, **asked: bool) -> bool:
    """Whether it is archived afterwards."""
    request = ConversationSettings(conversation_id, **asked)
    view = (await ground.conversations.settings(of(user), request)).conversation
    assert await is_archived(ground, user, conversation_id) is view.is_archived
    return view.is_archived is True


async def is_archived(ground: Ground, user: UUID, conversation_id: UUID) -> bool:
    """What the conversation says, and likewise the lists and the total."""
    view = (await ground.reader.for_user(user, [conversation_id]))[conversation_id]
    listed: dict[str, bool] = {}
    for wanted in (True, False):
        page, _ = await ground.reader.inbox(user, None, 10, is_archived=wanted)
        listed |= {found.id: wanted for found in page}
    assert listed == {str(conversation_id): view.is_archived}
    totals = await ground.reader.unread_totals([user])
    assert totals[user] == (0 if view.is_archived or view.is_muted else view.unread)
    return view.is_archived is True


async def test_a_message_of_another_brings_a_conversation_back(ground):
    one, two = await ground.people(2)
    here = await ground.seeder.conversation(one, two)
    assert await settings(ground, two, here.id, is_archived=True)
    await ground.seeder.message(here)
    assert not await is_archived(ground, two, here.id)
    assert await settings(ground, two, here.id, is_archived=True)


async def test_a_muted_one_stays_archived(ground):
    one, two = await ground.people(2)
    here = await ground.seeder.conversation(one, two)
    assert await settings(ground, two, here.id, is_archived=True, is_muted=True)
    await ground.seeder.message(here)
    assert await is_archived(ground, two, here.id)
    # What has come since brings it back once it is not muted any more, and for good.
    assert not await settings(ground, two, here.id, is_muted=False)
    assert not await settings(ground, two, here.id, is_muted=True)


async def test_what_a_message_has_brought_back_is_not_archived_by_muting_it(ground):
    one, two = await ground.people(2)
    here = await ground.seeder.conversation(one, two)
    await settings(ground, two, here.id, is_archived=True)
    await ground.seeder.message(here)
    assert not await settings(ground, two, here.id, is_muted=True)


async def test_archiving_twice_changes_nothing(ground):
    one, two = await ground.people(2)
    here = await ground.seeder.conversation(one, two)
    await settings(ground, two, here.id, is_archived=True, is_muted=True)
    await ground.seeder.message(here)
    await ground.told()
    assert await settings(ground, two, here.id, is_archived=True)
    assert await ground.told() == []


async def test_own_fields_are_of_the_view_that_is_told(ground):
    """A person who is told of a conversation gets fields that fit the `last_seq` told with them."""
    one, two = await ground.people(2)
    here = await ground.seeder.conversation(one, two)
    await settings(ground, two, here.id, is_archived=True)
    await ground.seeder.message(here)
    for last_seq, expected in ((0, True), (1, False)):
        own = await ground.reader.own_fields(here.id, [two], last_seq, here.rev)
        assert own[two].is_archived is expected
