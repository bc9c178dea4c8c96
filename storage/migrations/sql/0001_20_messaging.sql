-- Conversations and their logs. The writer's statements touch conversations, conversation_participants,
-- messages, message_keys and outbox for every message: these have no index on a column that a message
-- changes, and no foreign key from messages.

CREATE TABLE conversations (
    id uuid PRIMARY KEY DEFAULT uuid7(),
    type text NOT NULL
        CONSTRAINT conversations_type_known
        CHECK (type IN ('direct', 'group', 'job_inquiry', 'contract_discussion', 'support')),
    status text NOT NULL DEFAULT 'open'
        CONSTRAINT conversations_status_known CHECK (status IN ('open', 'closed')),
    title text,
    job_id uuid,
    contract_id uuid,
    created_by uuid NOT NULL REFERENCES users (id),
    -- The pair of a direct conversation, lower id first: it exists once.
    direct_key text CONSTRAINT conversations_direct_once UNIQUE,
    client_id uuid,
    request_hash bytea,
    fanout text NOT NULL DEFAULT 'user'
        CONSTRAINT conversations_fanout_known CHECK (fanout IN ('user', 'conversation')),
    fanout_changed_at timestamptz,
    participant_count integer NOT NULL DEFAULT 0,
    last_seq bigint NOT NULL DEFAULT 0,
    rev bigint NOT NULL DEFAULT 1,
    last_message_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT date_trunc('milliseconds', clock_timestamp()),
    CONSTRAINT conversations_direct_has_key CHECK ((type = 'direct') = (direct_key IS NOT NULL)),
    CONSTRAINT conversations_client_once UNIQUE (created_by, client_id)
) WITH (
    fillfactor = 50,
    autovacuum_vacuum_scale_factor = 0.02,
    autovacuum_vacuum_cost_delay = 0,
    autovacuum_analyze_scale_factor = 0.05
);

CREATE INDEX conversations_job ON conversations (job_id) WHERE job_id IS NOT NULL;
CREATE INDEX conversations_contract ON conversations (contract_id) WHERE contract_id IS NOT NULL;

CREATE TABLE conversation_participants (
    conversation_id uuid NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    user_id uuid NOT NULL REFERENCES users (id),
    role text NOT NULL DEFAULT 'member'
        CONSTRAINT participants_role_known CHECK (role IN ('owner', 'member', 'observer')),
    last_read_seq bigint NOT NULL DEFAULT 0,
    last_delivered_seq bigint NOT NULL DEFAULT 0,
    -- Presence and typing are shown between people who both wrote.
    has_written boolean NOT NULL DEFAULT false,
    is_muted boolean NOT NULL DEFAULT false,
    is_archived boolean NOT NULL DEFAULT false,
    is_pinned boolean NOT NULL DEFAULT false,
    joined_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    left_at timestamptz,
    PRIMARY KEY (conversation_id, user_id),
    CONSTRAINT participants_read_is_delivered CHECK (last_read_seq <= last_delivered_seq)
) WITH (
    fillfactor = 50,
    autovacuum_vacuum_scale_factor = 0.02,
    autovacuum_vacuum_cost_delay = 0,
    autovacuum_analyze_scale_factor = 0.05
);

CREATE INDEX participants_of_user ON conversation_participants (user_id, conversation_id);

CREATE TABLE messages (
    conversation_id uuid NOT NULL,
    seq bigint NOT NULL,
    -- The conversation's rev at this message's last change; is_changed says whether it was ever changed.
    rev bigint NOT NULL,
    id uuid NOT NULL,
    sender_id uuid NOT NULL,
    client_id uuid NOT NULL,
    type text NOT NULL,
    content text,
    parent_id uuid,
    mentions uuid[],
    attachment_count smallint NOT NULL DEFAULT 0,
    reaction_count integer NOT NULL DEFAULT 0,
    reply_count integer NOT NULL DEFAULT 0,
    last_reply_at timestamptz,
    is_pinned boolean NOT NULL DEFAULT false,
    is_deleted boolean NOT NULL DEFAULT false,
    is_changed boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL,
    edited_at timestamptz,
    PRIMARY KEY (conversation_id, seq, created_at),
    CONSTRAINT messages_type_known
        CHECK (type IN ('text', 'image', 'file', 'video', 'audio', 'system'))
) PARTITION BY RANGE (created_at);

-- Partial, so that a plain message pays for neither.
CREATE INDEX messages_changed ON messages (conversation_id, rev) WHERE is_changed;
CREATE INDEX messages_replies ON messages (conversation_id, parent_id, seq) WHERE parent_id IS NOT NULL;

-- Turns a seq or a rev into the months to ask. The row of a conversation's newest month has max_rev
-- NULL: it may hold any rev, and is completed when the next month begins.
CREATE TABLE conversation_months (
    conversation_id uuid NOT NULL,
    month timestamptz NOT NULL,
    first_seq bigint NOT NULL,
    max_rev bigint,
    PRIMARY KEY (conversation_id, month)
);

CREATE TABLE message_keys (
    conversation_id uuid NOT NULL,
    sender_id uuid NOT NULL,
    client_id uuid NOT NULL,
    seq bigint NOT NULL,
    request_hash bytea NOT NULL,
    created_at timestamptz NOT NULL
) PARTITION BY RANGE (created_at);

-- One a (conversation, sender, client id), by the conversation's lock; the index holds the client id
-- alone, which is as selective, and costs half as much to keep.
CREATE INDEX message_keys_of_client ON message_keys (client_id);

-- Unread is arithmetic over watermarks, less the tombstones above them.
CREATE TABLE message_tombstones (
    conversation_id uuid NOT NULL,
    seq bigint NOT NULL,
    PRIMARY KEY (conversation_id, seq)
);

CREATE TABLE files (
    id uuid PRIMARY KEY DEFAULT uuid7(),
    owner_id uuid NOT NULL REFERENCES users (id),
    name text NOT NULL,
    mime text NOT NULL,
    bytes bigint NOT NULL,
    checksum bytea NOT NULL,
    width integer,
    height integer,
    state text NOT NULL DEFAULT 'ready'
        CONSTRAINT files_state_known CHECK (state IN ('ready', 'deleted')),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE INDEX files_of_owner ON files (owner_id, id);

CREATE TABLE message_attachments (
    conversation_id uuid NOT NULL,
    seq bigint NOT NULL,
    position smallint NOT NULL,
    file_id uuid NOT NULL REFERENCES files (id),
    PRIMARY KEY (conversation_id, seq, position)
);

CREATE INDEX message_attachments_of_file ON message_attachments (file_id, conversation_id);

CREATE TABLE message_reactions (
    conversation_id uuid NOT NULL,
    seq bigint NOT NULL,
    emoji text NOT NULL,
    user_id uuid NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (conversation_id, seq, emoji, user_id)
);

CREATE TABLE message_pins (
    conversation_id uuid NOT NULL,
    seq bigint NOT NULL,
    pinned_by uuid NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (conversation_id, seq)
);

CREATE TABLE message_search (
    conversation_id uuid NOT NULL,
    seq bigint NOT NULL,
    created_at timestamptz NOT NULL,
    tokens tsvector NOT NULL,
    PRIMARY KEY (conversation_id, seq)
);

CREATE INDEX message_search_tokens ON message_search USING gin (conversation_id, tokens);

CREATE TABLE user_blocks (
    blocker_id uuid NOT NULL REFERENCES users (id),
    blocked_id uuid NOT NULL REFERENCES users (id),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (blocker_id, blocked_id),
    CONSTRAINT blocks_not_oneself CHECK (blocker_id <> blocked_id)
);

CREATE INDEX user_blocks_blocked ON user_blocks (blocked_id, blocker_id);

-- One row a consumer and transaction: the arrays hold references, element i of each belongs together.
-- Consumers claim with SKIP LOCKED and delete; nobody keeps a cursor, because ids commit out of order.
CREATE TABLE outbox (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    consumer text NOT NULL
        CONSTRAINT outbox_consumer_known CHECK (consumer IN ('realtime', 'search', 'notifications')),
    kind text NOT NULL,
    owner uuid,
    available_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    conversation_ids uuid[],
    seqs bigint[],
    revs bigint[],
    user_ids uuid[],
    data jsonb,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
) WITH (
    fillfactor = 50,
    autovacuum_vacuum_scale_factor = 0.01,
    autovacuum_vacuum_cost_delay = 0
);

-- A consumer that is behind does not make the others read its backlog.
CREATE INDEX outbox_of_consumer ON outbox (consumer, id);
