"""The terminal chat without the terminal: lines in, lines out."""

from collections.abc import Awaitable, Callable

from client.chat.links import Links
from client.chat.names import Names
from client.chat.people import People, names_in
from client.chat.text import body, day, inbox_line, message_line, safe, title
from client.errors import ClientError, CommandError, LaggedBehind
from client.session import Session
from client.state.changes import Change
from client.state.conversation import ConversationState
from client.subscription import Subscription
from protocol.events import MemberEvent, MessageEvent, ReceiptEvent, TypingEvent
from protocol.objects import Message
from protocol.replies import SearchPage
from protocol.text import Id

PAGE = 20
HELP = """\
/list                  your conversations
/open N                open one, by its number or id
/new NAME              open a direct conversation with somebody, by name or id
/group TITLE NAME…     begin a group; several words of one name in quotes
/history [COUNT]       older messages
/reply N TEXT          answer message N
/edit N TEXT           change your message N
/delete N              delete message N
/react N EMOJI         react to message N; again with /unreact
/search WORDS          find messages; /open N opens the conversation of one
/link N                the whole address of file N
/who                   who is here, and how far each has read
/me                    your own id, for others to write to you
/quit                  leave
Anything else is sent to the open conversation; begin with // for a text that begins with /."""


class WrongUse(ClientError):
    """A line that cannot be carried out; the message says why."""


class Room:
    """One user at one terminal; at most one conversation is open."""

    def __init__(self, session: Session, links: Links, emit: Callable[[str], None]) -> None:
        self._session = session
        self._names = Names(session.state)
        self._people = People(session)
        self._links = links
        self._emit = emit
        self._listed: list[Id] = []
        self._oldest: dict[Id, int] = {}
        self.place: Id | None = None
        """The open conversation."""
        self._commands: dict[str, Callable[[str], Awaitable[None]]] = {
            "list": self._list,
            "open": self._open,
            "new": self._new,
            "group": self._group,
            "history": self._history,
            "reply": self._reply,
            "edit": self._edit,
            "delete": self._delete,
            "react": self._react,
            "unreact": self._unreact,
            "search": self._search,
            "link": self._link,
            "who": self._who,
            "me": self._me,
            "help": self._help,
        }

    async def enter(self, line: str) -> bool:
        """Carries out one line; returns whether to go on. Refusals are shown, not raised."""
        text = line.strip()
        try:
            if text in {"/quit", "/exit"}:
                return False
            if text.startswith("//"):
                await self._send(text[1:])
            elif text.startswith("/"):
                verb, _, rest = text[1:].partition(" ")
                await self._command(verb)(rest.strip())
            elif text:
                await self._send(text)
        except CommandError as error:
            self._emit(f"! {safe(error.message)} ({error.code})")
        except ClientError as error:
            self._emit(f"! {safe(str(error))}")
        return True

    def where(self) -> str:
        """The open conversation's title; empty when none is."""
        held = self._held()
        return "" if held is None else title(held.view(), self._session.state.me, self._names)

    # Commands.

    def _command(self, verb: str) -> Callable[[str], Awaitable[None]]:
        try:
            return self._commands[verb]
        except KeyError:
            raise WrongUse(f"no command /{verb}; /help lists them") from None

    async def _help(self, _: str) -> None:
        self._emit(HELP)

    async def _me(self, _: str) -> None:
        self._emit(f"you are {self._session.state.me}")

    async def _list(self, _: str) -> None:
        page = await self._session.conversations()
        self._listed = [conversation.id for conversation in page.conversations]
        me = self._session.state.me
        for number, conversation in enumerate(page.conversations, 1):
            shown = (me, self._names, self._links.number)
            self._emit(inbox_line(number, conversation, shown))
        if not page.conversations:
            self._emit("no conversations yet; /new NAME begins one")

    async def _open(self, which: str) -> None:
        key = which.lower()
        if which.isdigit():
            if not 0 < int(which) <= len(self._listed):
                raise WrongUse(f"no conversation {which}; /list numbers them")
            key = self._listed[int(which) - 1]
        conversation = await self._session.get(key)
        self.place = conversation.id
        self._oldest.pop(conversation.id, None)
        self._emit(f"— {self.where()} —")
        await self._history("")
        await self._read()

    async def _new(self, who: str) -> None:
        if not who:
            raise WrongUse("/new NAME, or the id that /me shows the other one")
        # Quotes are for /group; who takes them for this too means what is in them.
        if len(who) > 2 and who[0] in "\"'" and who[-1] == who[0]:
            who = who[1:-1]
        conversation = await self._session.create_direct(await self._people.meant(who))
        await self._open(conversation.id)

    async def _group(self, rest: str) -> None:
        try:
            name, *people = names_in(rest)
        except ValueError:
            usage = "/group TITLE NAME…, a title or name of several words in quotes"
            raise WrongUse(usage) from None
        members = [await self._people.meant(person) for person in people]
        conversation = await self._session.create(members, title=name)
        await self._open(conversation.id)

    async def _history(self, count: str) -> None:
        held = self._here()
        limit = int(count) if count.isdigit() and int(count) else PAGE
        key = held.shown.id
        position = {"before_seq": self._oldest[key]} if key in self._oldest else {}
        page = await self._session.history(key, limit=limit, **position)
        if page.messages:
            self._oldest[key] = page.messages[0].seq
        for message in page.messages:
            self._show(message)
        if not page.messages:
            self._emit("nothing older" if position else "nothing said yet")

    async def _send(self, text: str, parent: Message | None = None) -> None:
        held = self._here()
        fields = {} if parent is None else {"parent_id": parent.id}
        await self._session.send(held.shown.id, text, **fields)

    async def _reply(self, rest: str) -> None:
        message, text = self._message_and(rest, "/reply N TEXT")
        await self._send(text, message)

    async def _edit(self, rest: str) -> None:
        message, text = self._message_and(rest, "/edit N TEXT")
        await self._session.edit(message, text)

    async def _delete(self, rest: str) -> None:
        await self._session.delete(self._message(rest))

    async def _react(self, rest: str) -> None:
        message, emoji = self._message_and(rest, "/react N EMOJI")
        await self._session.react(message, emoji)

    async def _unreact(self, rest: str) -> None:
        message, emoji = self._message_and(rest, "/unreact N EMOJI")
        await self._session.react(message, emoji, remove=True)

    async def _search(self, words: str) -> None:
        page = await self._session.request("message.search", {"query": words}, SearchPage)
        if not page.messages:
            self._emit("nothing found")
            return
        hits: dict[Id, list[Message]] = {}
        for message in page.messages:
            hits.setdefault(message.conversation_id, []).append(message)
        self._listed = list(hits)
        for number, (key, messages) in enumerate(hits.items(), 1):
            self._emit(f"{number:>3}  {await self._title_of(key)}")
            for message in messages:
                line = message_line(message, self._names, self._links.number)
                self._emit(f"     {day(message.created_at)} {line}")

    async def _title_of(self, key: Id) -> str:
        """A conversation's title; it may be older than what is held."""
        held = self._session.state.conversations.get(key)
        shown = await self._session.get(key) if held is None else held.view()
        return title(shown, self._session.state.me, self._names)

    async def _link(self, number: str) -> None:
        if not number.isdecimal():
            raise WrongUse("/link N, the number that is shown with a file")
        self._emit(safe(await self._links.address(int(number))))

    async def _who(self, _: str) -> None:
        for member in self._here().participants.values():
            name = self._names(member.user_id)
            self._emit(f"{name} ({member.user_id}), {member.role}: read to {member.last_read_seq}")

    # What comes in.

    async def listen(self, changes: Subscription) -> None:
        """Shows changes until the session ends, and marks what is shown as read.

        Raises `LaggedBehind` when the terminal is far too slow.
        """
        async for change in changes:
            try:
                await self._show_change(change)
            except LaggedBehind:
                raise
            except ClientError as error:
                self._emit(f"! {safe(str(error))}")

    async def _show_change(self, change: Change) -> None:
        match change.d:
            case MessageEvent(message=message):
                await self._show_message(message, is_new=change.name == "message.created")
            case ReceiptEvent() as d if change.name == "receipt.read" and self._concerns(d):
                self._emit(f"· {self._names(d.user_id)} has read to [{d.seq}]")
            case TypingEvent() as d if change.name == "typing.started" and self._concerns(d):
                self._emit(f"· {self._names(d.user_id)} is typing…")
            case MemberEvent() as d if d.conversation_id == self.place:
                verb = "joined" if change.name == "member.joined" else "left"
                self._emit(f"· {self._names(d.user_id)} {verb}")
                if change.name == "member.left" and d.user_id == self._session.state.me:
                    self._put_out()
            case _:
                self._show_rest(change)

    def _show_rest(self, change: Change) -> None:
        if change.name == "session.lost":
            self._emit("· connection lost, trying again…")
        elif change.name == "conversation.gone" and change.conversation_id == self.place:
            self._put_out()

    def _put_out(self) -> None:
        self.place = None
        self._emit("· you are no longer in this conversation")

    async def _show_message(self, message: Message, *, is_new: bool) -> None:
        mine = message.sender_id == self._session.state.me
        if message.conversation_id == self.place:
            if is_new:
                self._show(message)
            else:
                self._emit(f"· now {message_line(message, self._names, self._links.number)}")
            if is_new and not mine:
                await self._read()
            return
        if is_new and not mine:
            held = self._session.state.conversations[message.conversation_id]
            where = title(held.view(), self._session.state.me, self._names)
            said = body(message, self._links.number)
            self._emit(f"· {where}: {self._names(message.sender_id)}: {said}")
            await self._session.delivered(message.conversation_id, message.seq)

    # Small things.

    def _concerns(self, d: ReceiptEvent | TypingEvent) -> bool:
        return d.conversation_id == self.place and d.user_id != self._session.state.me

    def _held(self) -> ConversationState | None:
        return self._session.state.conversations.get(self.place or "")

    def _here(self) -> ConversationState:
        held = self._held()
        if held is None:
            raise WrongUse("open a conversation first: /list and /open N, or /new NAME")
        return held

    def _message(self, number: str) -> Message:
        held = self._here()
        if not number.isdigit() or int(number) not in held.loaded:
            raise WrongUse(f"no message {safe(number)!r} is shown here; /history shows older ones")
        return held.messages[held.by_seq[int(number)]]

    def _message_and(self, rest: str, usage: str) -> tuple[Message, str]:
        number, _, text = rest.partition(" ")
        if not text.strip():
            raise WrongUse(usage)
        return self._message(number), text.strip()

    def _show(self, message: Message) -> None:
        held = self._session.state.conversations.get(message.conversation_id)
        parent = held.messages.get(message.parent_id or "") if held is not None else None
        self._emit(message_line(message, self._names, self._links.number, parent))

    async def _read(self) -> None:
        held = self._here()
        if held.read_seq < held.last_seq:
            await self._session.read(held.shown.id, held.last_seq)
