"""The limits of one instance, each with its reason. Every one can be set: `PARLEY_LIMIT_<NAME>`."""

import msgspec


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What one frame, person, address or page may ask for; sizes in bytes, text in code points."""

    frame_bytes: int = 65_536
    """The largest frame: 4,000 code points in any script with room for the rest. Over it: 1009."""

    content_chars: int = 4_000
    """The longest text of a message: some two pages; longer belongs into a file."""

    attachments: int = 10
    """Files a message: what a reader takes in, and what keeps a page of history small."""

    mentions: int = 50
    """People named in a message: each costs a notification."""

    emojis_per_message: int = 20
    """Different reactions a message: they are sent whole with every change of it."""

    emojis_per_person: int = 5
    """Different reactions of one person to a message: more say nothing, and use up the others'."""

    emoji_users_shown: int = 20
    """People listed an emoji; the count goes on. Keeps a popular message's frame small."""

    emoji_chars: int = 32
    """Code points of one reaction: the longest emoji sequences are about 15."""

    title_chars: int = 200
    """The longest title of a conversation: it is sent with every conversation object."""

    participants: int = 1_000
    """People a conversation: the whole list is part of the conversation object."""

    pins: int = 50
    """Pinned messages a conversation: past some dozens a pin says nothing."""

    commands_per_s: int = 20
    """A person's steady rate over both doors: ten times the fastest typist."""

    commands_burst: int = 60
    """Commands at once before the steady rate counts: a client that comes back and catches up."""

    ignored_refusals: int = 100
    """Refusals by rate in a row, on one connection, until it is closed with 4008."""

    refused_send_s: int = 5
    """How long later messages wait for one that was refused: a client that sends again has done so,
    and one that has given it up is not held up for long."""

    bad_frames: int = 10
    """Undecodable frames in a row until the connection is closed with 4002."""

    frames_per_s: int = 300
    """Frames of any kind in a second of one connection, fragments and pings included: all commands
    of a burst in four fragments each. Over it: 4008. Never below what the commands are granted."""

    frame_bytes_per_s: int = 5_242_880
    """Bytes in a second of one connection: every command of a burst in the largest frame."""

    user_frame_bytes_per_s: int = 5_242_880
    """Bytes in a second of all connections of a person and process together: commands are granted
    by person, so many devices need no more than one. Beyond it they are read later."""

    frames_per_s_before_hello: int = 50
    """Frames in a second of a connection that has not said hello: hello itself, and pings. Over it:
    4002. The small ones cost the most, some 20 µs each."""

    frame_bytes_per_s_before_hello: int = 262_144
    """Bytes in a second of such a connection, from the request on: the largest hello four times."""

    in_flight: int = 64
    """Commands of one connection that await their reply: bounds what a peer keeps in memory."""

    connections_per_user: int = 20
    """Open sockets a person: every device, with tabs to spare. Over it: 4006."""

    connections_per_address: int = 200
    """Open sockets an address: an office behind one router. Over it: 4006."""

    unauthenticated_per_address: int = 10
    """Sockets an address that have not said hello: they cost memory and have shown nothing."""

    http_per_address: int = 100
    """HTTP connections an address and process: a browser opens six. Beyond it the one that is idle
    for longest is closed."""

    unauthenticated: int = 10_000
    """Sockets of a process without a login, however many descriptors it has: each takes 10 KB."""

    unauthenticated_requests_per_s: int = 50
    """HTTP requests without a valid token, an address and process: an office whose browsers begin
    together. Each costs a millisecond of the event loop. Over it: 429."""

    unauthenticated_requests_burst: int = 600
    """As many at once: a page of dozens of files and pictures, for some people at one time."""

    unauthenticated_bytes_per_s: int = 4_194_304
    """Bytes answered to them, files by their links left out."""

    unauthenticated_bytes_burst: int = 67_108_864
    """As many at once: the longest document sixty times."""

    requests_per_s: int = 100
    """HTTP requests of a person and process, those too that cost no command: five times the
    commands. Over it: 429."""

    requests_burst: int = 600
    """As many at once."""

    body_bytes_per_s: int = 100
    """The least rate of a request's body after its first 30 s: below it nobody is sending."""

    bad_tokens_per_minute: int = 60
    """Tokens that nobody has, an address and process: outdated ones of an office. Each costs a look
    into the database, which guesses do not get for nothing."""

    logins_per_minute: int = 10
    """Attempts a minute at an account from one network (an IPv4 /24, an IPv6 /64), and thirty times
    that from an address: guessing is slow."""

    account_logins_per_minute: int = 100
    """Attempts a minute at an account from everywhere. Those beyond it are delayed and not refused:
    whoever guesses must not lock the owner out."""

    login_delay_s: int = 5
    """How long an attempt beyond that waits: a guess costs it, and a person endures it."""

    login_network_days: int = 30
    """From a network where an account logged in within so many days, nobody's guesses delay it."""

    registrations_per_hour: int = 20
    """New accounts an hour and address: an office signs up, a robot does not."""

    new_direct_per_day: int = 30
    """People without a conversation with one that one may reach a day: work, not advertising."""

    queue_bytes: int = 1_048_576
    """Unsent bytes of one connection before it is closed as too slow (4004)."""

    page_default: int = 50
    """Items of a page that names no `limit`: two screens."""

    page_max: int = 200
    """The most items of a page: bounds one query's work and one frame's size."""

    search_counted: int = 10_000
    """Rows of a search that are counted when a total or facets are asked for: past it a number says
    no more than "many", and counting costs a look at each."""

    sync_conversations: int = 500
    """Conversations that one `sync` may name: the rest comes in further batches."""

    sync_messages: int = 200
    """Changed messages a conversation and sync page; older ones are `truncated`."""

    search_chars: int = 200
    """The longest search: longer ones find nothing and cost the most."""

    watches: int = 200
    """People whose presence one connection watches: an inbox and a page of search."""

    presence_chars: int = 140
    """The longest text of a presence: a line below a name."""

    blocks: int = 1_000
    """People that one person may block: the list is answered whole."""

    push_devices: int = 20
    """Devices a person that are pushed to: as many as may have sockets."""

    quiet_hours: int = 28
    """Quiet hours a person: four a day. They are looked through at every notification."""

    templates: int = 200
    """Saved texts a person: the list is answered whole."""

    file_bytes: int = 26_214_400
    """The largest file, 25 MiB: what e-mail takes; larger work goes through the contract."""

    file_quota_bytes: int = 2_000_000_000
    """All files of one person together, 2 GB: eighty of the largest. Over it: 413."""

    image_pixels: int = 64_000_000
    """Width times height of an image: what makes a thumbnail of it keeps 4 bytes a pixel."""

    thumbnail_side: int = 512
    """The longer side of a thumbnail: as wide as a chat shows pictures, on fine screens too."""
