"""Many people at once, in tables whose statistics PostgreSQL has: plans for few prove little."""

from uuid import uuid4


async def test_mails_and_pushes_are_judged_in_tables_with_statistics(ground):
    people = [await ground.person(str(number), devices=1) for number in range(30)]
    for person in people:
        await ground.notify(person)
    await ground.passes(130)
    await ground.analyse()
    facts = await ground.judging.facts(await ground.queue.claim(uuid4(), 200))
    assert {one.email for one in facts if one.channel == "email"} == {
        f"{person}@example.org" for person in people
    }
    assert len([one for one in facts if one.device is not None]) == 30
