-- Rows of the outbox that fail in themselves are counted, set aside, and their kind is paused when too
-- many of it fail. One relay at a time works on a backlog, by a lease in a row.

-- How often the row has failed in itself.
ALTER TABLE outbox ADD COLUMN tries smallint NOT NULL DEFAULT 0;

CREATE TABLE outbox_aside (
    id bigint PRIMARY KEY,
    consumer text NOT NULL,
    kind text NOT NULL,
    conversation_ids uuid[],
    seqs bigint[],
    revs bigint[],
    user_ids uuid[],
    data jsonb,
    created_at timestamptz NOT NULL,
    tries smallint NOT NULL,
    error text NOT NULL,
    set_aside_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX outbox_aside_of_kind ON outbox_aside (consumer, kind, set_aside_at);

-- A kind that is left unclaimed, but for one row at `try_at`.
CREATE TABLE outbox_paused (
    consumer text NOT NULL,
    kind text NOT NULL,
    try_at timestamptz NOT NULL,
    PRIMARY KEY (consumer, kind)
);

-- Whose turn it is to work on what waits for a consumer, and until when.
CREATE TABLE outbox_turns (
    consumer text PRIMARY KEY,
    owner uuid NOT NULL,
    until timestamptz NOT NULL
);

GRANT SELECT, INSERT, UPDATE, DELETE ON outbox_aside, outbox_paused, outbox_turns TO parley_service;

-- As keep_message_words(integer), of rows that the caller has claimed and deletes.
CREATE FUNCTION keep_message_words(p_ids bigint[]) RETURNS void
LANGUAGE sql AS $$
    WITH named AS (
        SELECT DISTINCT n.conversation_id, page_of(n.seq) AS page
        FROM outbox c, unnest(c.conversation_ids, c.seqs) AS n(conversation_id, seq)
        WHERE c.id = ANY (p_ids)
          AND (c.kind <> 'message.created' OR n.seq = last_seq_of(page_of(n.seq)))
    )
    INSERT INTO message_words AS w (conversation_id, page, first_at, last_at, tokens)
    SELECT n.conversation_id, n.page, said.first_at, said.last_at,
           -- As many letters as search_plain takes.
           CASE WHEN said.letters <= 50000 THEN search_tokens(said.text) END
    FROM named n
    JOIN conversations c ON c.id = n.conversation_id AND c.last_seq >= last_seq_of(n.page)
    CROSS JOIN LATERAL (
        SELECT cm.month FROM conversation_months cm
        WHERE cm.conversation_id = n.conversation_id AND cm.first_seq <= first_seq_of(n.page)
        ORDER BY cm.month DESC
        LIMIT 1
    ) since
    CROSS JOIN LATERAL (
        SELECT min(m.created_at) AS first_at, max(m.created_at) AS last_at,
               coalesce(sum(char_length(m.content) + 1), 0) AS letters,
               coalesce(string_agg(m.content, E'\n'), '') AS text
        FROM messages m
        WHERE m.conversation_id = n.conversation_id
          AND m.seq BETWEEN first_seq_of(n.page) AND last_seq_of(n.page)
          AND m.created_at >= since.month
    ) said
    ON CONFLICT (conversation_id, page) DO UPDATE SET tokens = excluded.tokens
$$;
