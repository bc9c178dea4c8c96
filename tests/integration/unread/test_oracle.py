"""Unread, watermarks, seq and rev on a real PostgreSQL against the oracle, step by step.

Four people, random commands through the repositories that the handlers use, several at once where
clients are: groups of sends, receipts of several devices, changes of the same conversation. After
every step all that anybody sees is compared.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
import uvloop
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from protocol.objects import Message
from protocol.replies import ReceiptReply
from protocol.requests import MessageSend, ReceiptMark
from storage.conversations.members import NewConversation, NewSettings
from storage.messages.changes import Target
from tests.integration.marketplace import make_users
from tests.integration.unread.compare import compare_history, compare_view
from tests.integration.unread.draws import (
    PEOPLE,
    TALKS,
    Change,
    Receipt,
    Repeat,
    Send,
    changes,
    plain_sends,
    receipts,
    repeats,
    sends,
    where,
    who,
)
from tests.integration.unread.ground import Ground, code_of, ground_on, verdict_of
from tests.integration.unread.oracle import Body, Refusal, Said, Talk, World

Asked = tuple[UUID, MessageSend]
"""Who asked to send what."""


class Unread(RuleBasedStateMachine):
    """The database and the oracle side by side. People are new in every run."""

    def __init__(self, runner: asyncio.Runner, ground: Ground) -> None:
        super().__init__()
        self._run = runner.run
        self.ground = ground
        self.world = World([])
        self.told: dict[UUID, set[int]] = {}

    # Drawing.

    def person(self, number: int, likely: Sequence[UUID] = ()) -> UUID:
        people = likely if number < 12 and likely else self.world.people
        return people[number % len(people)]

    def talk(self, number: int) -> Talk:
        return self.world.talks[number % len(self.world.talks)]

    # Commands.

    @initialize()
    def begin(self) -> None:
        self._run(self.ground.revs_told())
        self.world = World(self._run(make_users(self.ground.pool, PEOPLE)))
        self.create("group", 0, [1, 2])
        self.create("group", 1, [0, 2, 3])
        self.create("direct", 0, [1])

    @rule(kind=st.sampled_from(["group", "direct"]), creator=who, others=st.lists(who, min_size=1))
    def create(self, kind: str, creator: int, others: list[int]) -> None:
        owner = self.person(creator)
        invited = sorted({self.person(other) for other in others} - {owner})[: PEOPLE - 1]
        if kind == "direct":
            invited = invited[:1]
        if not invited or len(self.world.talks) >= TALKS:
            return
        expected = self.world.judge_creation(kind, owner, invited)
        new = NewConversation(owner, kind, invited, None, None, None, None, b"")
        made = self._run(verdict_of(self.ground.members.create(new)))
        if isinstance(expected, Talk):
            assert made.conversation_id == expected.id
        elif expected is not None:
            assert made == expected
        else:
            self.world.create(made.conversation_id, kind, owner, invited)

    @rule(group=st.lists(sends, min_size=1, max_size=10), again=repeats)
    def send_a_group(self, group: list[Send], again: list[Repeat]) -> None:
        requests = [self.request(send) for send in group]
        requests += [self.repetition(repeat, requests) for repeat in again]
        answers = self._run(self._send(requests))
        expected = [self.send_to_oracle(person, request) for person, request in requests]
        for one, answer in zip(expected, answers, strict=True):
            if not isinstance(one, Said):
                assert answer == one
                continue
            assert isinstance(answer, Message)
            assert answer.seq == one.seq
            one.id = UUID(answer.id)
            if one.rev == answer.rev:
                assert answer.content == one.content

    def request(self, send: Send) -> Asked:
        talk = self.talk(send.where)
        parent_id = None
        if send.parent is not None and talk.messages:
            parent_id = talk.messages[send.parent % len(talk.messages)].id
        sender = self.person(send.who, talk.present())
        return sender, MessageSend(talk.id, uuid4(), send.text, parent_id=parent_id)

    def repetition(self, repeat: Repeat, group: list[Asked]) -> Asked:
        """Also of those who have left since, and of what was edited or deleted."""
        old = [(talk, said) for talk in self.world.talks for said in talk.messages]
        gone = [(talk, said) for talk, said in old if not talk.member(said.sender)]
        if repeat.is_old and old:
            likely = gone if gone and repeat.which % 2 else old
            talk, said = likely[-1 - repeat.which % len(likely)]
            body = said.body
            first = MessageSend(talk.id, said.client_id, body.content, parent_id=body.parent_id)
            sender = said.sender
        else:
            sender, first = group[repeat.which % len(group)]
        other = msgspec.structs.replace(first, content="another text")
        return sender, first if repeat.is_same else other

    async def _send(self, requests: Iterable[Asked]) -> list[Any]:
        futures = [self.ground.writer.put(request, person, "") for person, request in requests]
        answers = [await verdict_of(future) for future in futures]
        return [getattr(answer, "message", answer) for answer in answers]

    def send_to_oracle(self, person: UUID, request: MessageSend) -> Refusal | Said:
        talk = next(talk for talk in self.world.talks if talk.id == request.conversation_id)
        body = Body(request.content or "", request.parent_id)
        return self.world.send(talk, person, request.client_id, body)

    @rule(change=changes)
    def change(self, change: Change) -> None:
        talk = self.talk(change.where)
        if not talk.messages:
            return
        said = talk.messages[change.which % len(talk.messages)]
        person = self.changer(change, talk, said)
        code = self._run(code_of(self._change(talk, person, said, change)))
        assert code == self.world.change(talk, person, said, change.verb, change.text)

    def changer(self, change: Change, talk: Talk, said: Said) -> UUID:
        return self.person(change.who, [said.sender, *talk.present()])

    async def _change(self, talk: Talk, person: UUID, said: Said, change: Change) -> None:
        target = Target(person, talk.id, said.id)
        to = self.ground.changes
        verbs: dict[str, Callable[[], Awaitable[int]]] = {
            "edit": lambda: to.edit(target, change.text),
            "delete": lambda: to.delete(target),
            "pin": lambda: to.pin(target, 50),
            "unpin": lambda: to.unpin(target),
            "react": lambda: to.react(target, change.text, max_emojis=20, max_own=20),
            "unreact": lambda: to.unreact(target, change.text),
        }
        assert await verbs[change.verb]() == said.seq

    @rule(group=st.lists(receipts, min_size=1, max_size=8))
    def report_a_group(self, group: list[Receipt]) -> None:
        """Several devices at once: the furthest of each person wins, and all are told the same."""
        before = {
            (talk.id, p): m.read for talk in self.world.talks for p, m in talk.members.items()
        }
        self.ground.moved.clear()
        answers = self._run(self._report(group))
        for receipt in group:
            self.report_to_oracle(receipt)
        for receipt, answer in zip(group, answers, strict=True):
            talk, person = self.reporter(receipt)
            member = talk.member(person)
            if member is None:
                assert answer == "not_found"
                continue
            seq = member.read if receipt.is_read else member.delivered
            assert answer == ReceiptReply(str(talk.id), seq, talk.unread(person))
        assert sorted(self.ground.moved) == sorted(
            (person, talk.id)
            for talk in self.world.talks
            for person, member in talk.members.items()
            if member.read > before[talk.id, person]
        )

    def reporter(self, receipt: Receipt) -> tuple[Talk, UUID]:
        talk = self.talk(receipt.where)
        return talk, self.person(receipt.who, talk.present())

    async def _report(self, group: list[Receipt]) -> list[Any]:
        marks = [
            self.ground.receipts.put(
                ReceiptMark(talk.id, receipt.seq),
                person,
                f"device {number % 3}",
                is_read=receipt.is_read,
            )
            for number, receipt in enumerate(group)
            for talk, person in [self.reporter(receipt)]
        ]
        return await asyncio.gather(*(verdict_of(mark) for mark in marks))

    def report_to_oracle(self, receipt: Receipt) -> None:
        read, delivered = (receipt.seq, 0) if receipt.is_read else (0, receipt.seq)
        talk, person = self.reporter(receipt)
        self.world.mark(talk, person, read=read, delivered=delivered)

    @rule(
        group=st.lists(plain_sends, min_size=1, max_size=6),
        reports=st.lists(receipts, min_size=1, max_size=6),
        edits=st.lists(changes, min_size=1, max_size=4, unique_by=lambda c: (c.where, c.which)),
    )
    def all_at_once(self, group: list[Send], reports: list[Receipt], edits: list[Change]) -> None:
        """Sends, receipts and changes of one moment: whoever is first, the end is the same."""
        reports = [
            report._replace(seq=min(report.seq, len(self.talk(report.where).messages)))
            for report in reports
        ]
        chosen = {
            (talk.id, said.seq): (talk, said, change)
            for change in edits
            if (talk := self.talk(change.where)).messages
            for said in [talk.messages[change.which % len(talk.messages)]]
        }
        requests = [self.request(send) for send in group]
        answers, codes = self._run(self._all_at_once(requests, reports, list(chosen.values())))
        for (person, request), answer in zip(requests, answers, strict=True):
            expected = self.send_to_oracle(person, request)
            if isinstance(expected, Said):
                assert answer.seq == expected.seq
                expected.id = UUID(answer.id)
            else:
                assert answer == expected
        for report in reports:
            self.report_to_oracle(report)
        for (talk, said, change), code in zip(chosen.values(), codes, strict=True):
            person = self.changer(change, talk, said)
            assert code == self.world.change(talk, person, said, change.verb, change.text)
        for talk in {talk.id: talk for talk in self.world.talks}.values():
            self.learn_revs(talk)

    async def _all_at_once(
        self,
        requests: list[Asked],
        reports: list[Receipt],
        chosen: list[tuple[Talk, Said, Change]],
    ) -> tuple[list[Any], list[Refusal]]:
        reporting = asyncio.ensure_future(self._report(reports))
        sending = asyncio.ensure_future(self._send(requests))
        codes = await asyncio.gather(
            *(
                code_of(self._change(talk, self.changer(change, talk, said), said, change))
                for talk, said, change in chosen
            )
        )
        await reporting
        return await sending, codes

    def learn_revs(self, talk: Talk) -> None:
        """Which of what was done at once came first is the server's to say; nothing else is."""
        history = self._run(self.ground.history(talk.id))
        assert sorted(said.rev for said in talk.messages) == sorted(m.rev for m in history)
        for said, message in zip(talk.messages, history, strict=True):
            said.rev = message.rev

    @rule(
        verb=st.sampled_from(["add", "add", "remove", "leave", "close", "open", "open"]),
        owner=who,
        number=where,
        other=who,
    )
    def change_members(self, verb: str, owner: int, number: int, other: int) -> None:
        talk = self.talk(number)
        owners = [user for user in talk.present() if talk.members[user].role == "owner"]
        user = self.person(owner, talk.present() if verb == "leave" else owners)
        absent = [person for person in self.world.people if not talk.member(person)]
        person = self.person(other, absent if verb == "add" else talk.present())
        members = self.ground.members
        match verb:
            case "add":
                command = members.add_member(talk.id, user, person)
                expected = self.world.add(talk, user, person)
            case "remove":
                if user == person:
                    return  # that is leaving, and refused before it comes here
                command = members.remove_member(talk.id, user, person)
                expected = self.world.remove(talk, user, person)
            case "leave":
                command = members.leave(talk.id, user)
                expected = self.world.leave(talk, user)
            case _:
                command = members.update(
                    talk.id, user, None, "open" if verb == "open" else "closed"
                )
                expected = self.world.close(talk, user, is_open=verb == "open")
        assert self._run(code_of(command)) == expected

    @rule(blocker=who, blocked=who, adds=st.booleans())
    def block(self, blocker: int, blocked: int, adds: bool) -> None:
        one, other = self.person(blocker), self.person(blocked)
        if one == other:
            return
        blocks = self.ground.blocks
        self._run(code_of(blocks.add(one, other) if adds else blocks.remove(one, other)))
        (self.world.blocks.add if adds else self.world.blocks.discard)((one, other))

    @rule(
        number=where,
        user=who,
        is_muted=st.none() | st.booleans(),
        is_archived=st.none() | st.booleans(),
    )
    def configure(
        self, number: int, user: int, is_muted: bool | None, is_archived: bool | None
    ) -> None:
        talk = self.talk(number)
        person = self.person(user, talk.present())
        wanted = NewSettings(is_muted, is_archived, None)
        code = self._run(code_of(self.ground.members.set_settings(talk.id, person, wanted)))
        assert code == self.world.set(talk, person, is_muted=is_muted, is_archived=is_archived)

    # What everybody sees.

    @invariant()
    def everything_agrees(self) -> None:
        self._run(self._compare())

    async def _compare(self) -> None:
        told = await self.ground.revs_told()
        for talk in self.world.talks:
            self.told.setdefault(talk.id, set()).update(told.get(talk.id, ()))
            assert self.told[talk.id] == set(range(1, talk.rev + 1)), "revs have gaps or come twice"
            compare_history(talk, await self.ground.history(talk.id))
        for revs in self.ground.published().values():
            assert revs == sorted(set(revs))
        for person in self.world.people:
            await compare_view(self.ground, self.world, person)
        totals = await self.ground.conversations.unread_totals(self.world.people)
        assert totals == {person: self.world.total(person) for person in self.world.people}


@pytest.mark.timeout(300)
def test_unread_is_what_the_oracle_counts(database_url: str) -> None:
    walks = settings(
        max_examples=120,
        stateful_step_count=30,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    walk(database_url, walks)


def walk(database_url: str, walks: settings) -> None:
    """Random walks on one database. Raises what differs first."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        stack = contextlib.AsyncExitStack()
        ground = runner.run(stack.enter_async_context(ground_on(database_url)))
        try:
            run_state_machine_as_test(
                lambda: Unread(runner, ground),  # type: ignore[arg-type]  # it calls it, that is all
                settings=walks,
            )
        finally:
            runner.run(stack.aclose())
