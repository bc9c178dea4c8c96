-- Brings back what 0009 dropped, as 0001, 0002 and 0005 left it; message_search was empty.
CREATE FUNCTION send_messages(
    p_conversations uuid[],
    p_senders uuid[],
    p_clients uuid[],
    p_hashes bytea[],
    p_types text[],
    p_contents text[],
    p_parents uuid[],
    p_mentions text[],
    p_attachments text[],
    p_owner uuid,
    p_published bigint[],
    p_wait boolean,
    p_lock_timeout_ms integer
) RETURNS TABLE (
    ord integer,
    verdict text,
    id uuid,
    seq bigint,
    rev bigint,
    created_at timestamptz,
    mentions uuid[],
    recipients uuid[],
    fanout text,
    outbox_id bigint
)
LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
    v_locked uuid[];
    v_now timestamptz;
BEGIN
    IF p_published IS NOT NULL THEN
        DELETE FROM outbox o WHERE o.id = ANY (p_published);
    END IF;

    IF p_wait THEN
        PERFORM set_config('lock_timeout', p_lock_timeout_ms::text, true);
        SELECT coalesce(array_agg(l.id), '{}') INTO v_locked FROM (
            SELECT c.id FROM conversations c WHERE c.id = ANY (p_conversations)
            ORDER BY c.id FOR NO KEY UPDATE
        ) l;
    ELSE
        SELECT coalesce(array_agg(l.id), '{}') INTO v_locked FROM (
            SELECT c.id FROM conversations c WHERE c.id = ANY (p_conversations)
            ORDER BY c.id FOR NO KEY UPDATE SKIP LOCKED
        ) l;
    END IF;
    v_now := date_trunc('milliseconds', clock_timestamp());

    RETURN QUERY
    WITH target AS MATERIALIZED (
        SELECT c.id, c.status, c.last_seq, c.rev, c.last_message_at, c.fanout, g.members, g.observers,
               cardinality(g.members) = 2 AND (
                   EXISTS (SELECT 1 FROM user_blocks b
                           WHERE b.blocker_id = g.members[1] AND b.blocked_id = g.members[2])
                   OR EXISTS (SELECT 1 FROM user_blocks b
                              WHERE b.blocker_id = g.members[2] AND b.blocked_id = g.members[1])
               ) AS is_blocked
        FROM conversations c
        CROSS JOIN LATERAL (
            SELECT array_agg(p.user_id) AS members,
                   array_agg(p.user_id) FILTER (WHERE p.role = 'observer') AS observers
            FROM conversation_participants p
            WHERE p.conversation_id = c.id AND p.left_at IS NULL
        ) g
        WHERE c.id = ANY (v_locked)
    ), known AS MATERIALIZED (
        -- Weekly partitions: the bounds leave two or three of them to ask.
        SELECT mk.conversation_id, mk.sender_id, mk.client_id, mk.seq, mk.request_hash, mk.created_at
        FROM message_keys mk
        WHERE mk.client_id = ANY (p_clients)
          AND mk.created_at >= v_now - interval '8 days' AND mk.created_at < v_now + interval '1 day'
    ), judged AS MATERIALIZED (
        -- Repeats first: what was stored is the sender's to know, whatever has happened since.
        SELECT i.*, c.last_seq, c.rev AS base_rev, c.last_message_at AS base_at, c.members, c.fanout,
               k.seq AS key_seq, k.created_at AS key_at,
               CASE
                   WHEN c.id IS NULL THEN CASE
                       WHEN EXISTS (SELECT 1 FROM conversations t WHERE t.id = i.conversation_id)
                       THEN 'busy' ELSE 'not_found' END
                   WHEN k.request_hash = i.request_hash THEN 'repeat'
                   WHEN k.request_hash IS NOT NULL THEN 'mismatch'
                   WHEN c.members IS NULL OR i.sender_id <> ALL (c.members) THEN 'not_found'
                   WHEN i.sender_id = ANY (c.observers) THEN 'forbidden'
                   WHEN c.status = 'closed' THEN 'closed'
                   WHEN c.is_blocked THEN 'blocked'
                   WHEN i.parent_id IS NOT NULL AND NOT EXISTS (
                       SELECT 1 FROM messages m
                       WHERE m.conversation_id = c.id AND m.seq = uuid7_seq(i.parent_id)
                         AND m.created_at = uuid7_time(i.parent_id) AND m.id = i.parent_id
                         AND NOT m.is_deleted
                   ) THEN 'invalid_parent'
                   WHEN i.attachments IS NOT NULL AND cardinality(i.attachments::uuid[]) <> (
                       SELECT count(*) FROM files f
                       WHERE f.id = ANY (i.attachments::uuid[]) AND f.owner_id = i.sender_id
                         AND f.state = 'ready'
                   ) THEN 'invalid_attachment'
                   ELSE 'ok'
               END AS verdict
        FROM unnest(p_conversations, p_senders, p_clients, p_hashes, p_types, p_contents, p_parents,
                    p_mentions, p_attachments)
             WITH ORDINALITY AS i(conversation_id, sender_id, client_id, request_hash, type, content,
                                  parent_id, mentions, attachments, ord)
        LEFT JOIN target c ON c.id = i.conversation_id
        LEFT JOIN known k ON k.client_id = i.client_id AND k.conversation_id = c.id
                         AND k.sender_id = i.sender_id
    ), fresh AS MATERIALIZED (
        SELECT f.*, f.last_seq + f.n AS seq, f.base_rev + f.n AS rev,
               greatest(v_now, f.base_at) AS created_at,
               uuid7_at(greatest(v_now, f.base_at), f.last_seq + f.n) AS id,
               f.attachments::uuid[] AS file_ids,
               CASE WHEN f.mentions IS NOT NULL THEN (
                   SELECT array_agg(DISTINCT u) FROM unnest(f.mentions::uuid[]) u
                   WHERE u = ANY (f.members)
               ) END AS mentioned,
               f.base_at IS NULL
                   OR date_trunc('month', f.base_at, 'UTC')
                      < date_trunc('month', greatest(v_now, f.base_at), 'UTC')
                   AS opens_month
        FROM (
            SELECT o.*, row_number() OVER (PARTITION BY o.conversation_id ORDER BY o.ord) AS n
            FROM judged o WHERE o.verdict = 'ok'
        ) f
    ), stored AS (
        INSERT INTO messages (conversation_id, seq, rev, id, sender_id, client_id, type, content,
                              parent_id, mentions, attachment_count, created_at)
        SELECT a.conversation_id, a.seq, a.rev, a.id, a.sender_id, a.client_id, a.type, a.content,
               a.parent_id, a.mentioned, coalesce(cardinality(a.file_ids), 0), a.created_at
        FROM fresh a
    ), keyed AS (
        INSERT INTO message_keys (conversation_id, sender_id, client_id, seq, request_hash, created_at)
        SELECT a.conversation_id, a.sender_id, a.client_id, a.seq, a.request_hash, a.created_at
        FROM fresh a
    ), moved AS (
        UPDATE conversations c
        SET last_seq = g.seq, rev = g.rev, last_message_at = g.created_at
        FROM (
            SELECT a.conversation_id, max(a.seq) AS seq, max(a.rev) AS rev,
                   max(a.created_at) AS created_at
            FROM fresh a GROUP BY a.conversation_id
        ) g
        WHERE c.id = g.conversation_id
    ), read AS (
        -- Sending is reading. In the order that every statement locks participants in.
        UPDATE conversation_participants p
        SET last_read_seq = s.seq, last_delivered_seq = s.seq, has_written = true
        FROM (
            SELECT a.conversation_id, a.sender_id, max(a.seq) AS seq
            FROM fresh a GROUP BY a.conversation_id, a.sender_id
            ORDER BY a.conversation_id, a.sender_id
        ) s
        WHERE p.conversation_id = s.conversation_id AND p.user_id = s.sender_id
    ), months_begun AS (
        INSERT INTO conversation_months (conversation_id, month, first_seq)
        SELECT a.conversation_id, date_trunc('month', a.created_at, 'UTC'), a.seq
        FROM fresh a WHERE a.opens_month AND a.n = 1
    ), attached AS (
        INSERT INTO message_attachments (conversation_id, seq, position, file_id)
        SELECT a.conversation_id, a.seq, f.position, f.file_id
        FROM fresh a, unnest(a.file_ids) WITH ORDINALITY AS f(file_id, position)
        WHERE a.file_ids IS NOT NULL
    ), answered AS MATERIALIZED (
        -- A reply moves its parent to the reply's rev, so that "rows with rev > R" holds the count.
        SELECT a.conversation_id, a.parent_id, uuid7_seq(a.parent_id) AS seq,
               uuid7_time(a.parent_id) AS created_at, count(*) AS replies, max(a.rev) AS rev,
               max(a.created_at) AS last_reply_at
        FROM fresh a WHERE a.parent_id IS NOT NULL
        GROUP BY a.conversation_id, a.parent_id
    ), parents AS (
        UPDATE messages m
        SET reply_count = m.reply_count + r.replies, last_reply_at = r.last_reply_at, rev = r.rev,
            is_changed = true
        FROM answered r
        WHERE m.conversation_id = r.conversation_id AND m.seq = r.seq AND m.created_at = r.created_at
    ), months_moved AS (
        -- The first message of a conversation's month completes the row of the one before; a reply
        -- moves the row of its parent's month. Both may be one row, which is then updated once.
        UPDATE conversation_months m SET max_rev = greatest(m.max_rev, g.rev)
        FROM (
            SELECT u.conversation_id, u.month, max(u.rev) AS rev, bool_or(u.ends_month) AS ends_month
            FROM (
                SELECT a.conversation_id, date_trunc('month', a.base_at, 'UTC') AS month,
                       a.base_rev AS rev, true AS ends_month
                FROM fresh a WHERE a.opens_month AND a.n = 1
                UNION ALL
                SELECT r.conversation_id, date_trunc('month', r.created_at, 'UTC'), r.rev, false
                FROM answered r
            ) u
            GROUP BY u.conversation_id, u.month
        ) g
        WHERE m.conversation_id = g.conversation_id AND m.month = g.month
          AND (m.max_rev IS NOT NULL OR g.ends_month)
    ), noted AS (
        INSERT INTO outbox (consumer, kind, owner, available_at, conversation_ids, seqs, revs)
        SELECT o.consumer, 'message.created', p_owner, v_now + o.delay, array_agg(a.conversation_id),
               array_agg(a.seq), array_agg(a.rev)
        FROM fresh a
        JOIN (VALUES
            -- The writer publishes its own group; this row is claimed only if it did not.
            ('realtime', interval '1.5 seconds'),
            ('search', interval '0'),
            ('notifications', interval '0')
        ) o(consumer, delay)
          ON o.consumer <> 'notifications' OR a.parent_id IS NOT NULL OR a.mentioned IS NOT NULL
        GROUP BY o.consumer, o.delay
        RETURNING id, consumer
    )
    SELECT j.ord::integer, j.verdict, a.id, coalesce(a.seq, j.key_seq), a.rev,
           coalesce(a.created_at, j.key_at), a.mentioned,
           CASE WHEN a.n = 1 THEN a.members END,
           CASE WHEN a.n = 1 THEN a.fanout END,
           (SELECT n.id FROM noted n WHERE n.consumer = 'realtime')
    FROM judged j
    LEFT JOIN fresh a ON a.ord = j.ord
    ORDER BY j.ord;
END $$;

CREATE FUNCTION mark_receipts(
    p_conversations uuid[],
    p_users uuid[],
    p_read bigint[],
    p_delivered bigint[],
    p_owner uuid,
    p_published bigint[]
) RETURNS TABLE (
    ord integer,
    verdict text,
    read_seq bigint,
    delivered_seq bigint,
    read_moved boolean,
    delivered_moved boolean,
    unread bigint,
    recipients uuid[],
    outbox_id bigint
)
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    IF p_published IS NOT NULL THEN
        DELETE FROM outbox o WHERE o.id = ANY (p_published);
    END IF;

    -- In the order that every statement locks participants in.
    PERFORM 1 FROM (
        SELECT p.user_id
        FROM unnest(p_conversations, p_users) AS i(conversation_id, user_id)
        JOIN conversation_participants p
          ON p.conversation_id = i.conversation_id AND p.user_id = i.user_id
        ORDER BY p.conversation_id, p.user_id
        FOR NO KEY UPDATE OF p
    ) l;

    RETURN QUERY
    WITH asked AS MATERIALIZED (
        SELECT i.ord::integer AS ord, i.conversation_id, i.user_id,
               p.user_id IS NOT NULL AS is_member, c.last_seq, c.participant_count,
               p.last_read_seq AS old_read, p.last_delivered_seq AS old_delivered,
               greatest(p.last_read_seq, least(i.read, c.last_seq)) AS new_read,
               greatest(p.last_delivered_seq, least(greatest(i.read, i.delivered), c.last_seq)) AS new_delivered
        FROM unnest(p_conversations, p_users, p_read, p_delivered)
             WITH ORDINALITY AS i(conversation_id, user_id, read, delivered, ord)
        LEFT JOIN conversation_participants p
               ON p.conversation_id = i.conversation_id AND p.user_id = i.user_id AND p.left_at IS NULL
        LEFT JOIN conversations c ON c.id = p.conversation_id
    ), moved AS (
        UPDATE conversation_participants p
        SET last_read_seq = a.new_read, last_delivered_seq = a.new_delivered
        FROM asked a
        WHERE p.conversation_id = a.conversation_id AND p.user_id = a.user_id
          AND (a.new_read > a.old_read OR a.new_delivered > a.old_delivered)
    ), noted AS (
        -- One row; the kind is read where a seq of reading is given, else delivered.
        INSERT INTO outbox (consumer, kind, owner, available_at, conversation_ids, user_ids, seqs, data)
        SELECT 'realtime', 'receipt', p_owner, clock_timestamp() + interval '1.5 seconds',
               array_agg(a.conversation_id), array_agg(a.user_id), array_agg(a.new_delivered),
               jsonb_build_object('read', jsonb_agg(CASE WHEN a.new_read > a.old_read THEN a.new_read END))
        FROM asked a
        WHERE a.new_read > a.old_read OR a.new_delivered > a.old_delivered
        HAVING count(*) > 0
        RETURNING id
    )
    SELECT a.ord,
           CASE
               WHEN NOT a.is_member THEN 'not_found'
               WHEN a.new_read > a.old_read OR a.new_delivered > a.old_delivered THEN 'ok'
               ELSE 'unchanged'
           END,
           a.new_read, a.new_delivered, a.new_read > a.old_read, a.new_delivered > a.old_delivered,
           CASE WHEN a.is_member THEN a.last_seq - a.new_read - (
               SELECT count(*) FROM message_tombstones t
               WHERE t.conversation_id = a.conversation_id AND t.seq > a.new_read
           ) END,
           CASE WHEN a.participant_count <= 32
                 AND (a.new_read > a.old_read OR a.new_delivered > a.old_delivered) THEN (
               SELECT array_agg(p.user_id) FROM conversation_participants p
               WHERE p.conversation_id = a.conversation_id AND p.left_at IS NULL
           ) END,
           (SELECT n.id FROM noted n)
    FROM asked a;
END $$;

CREATE FUNCTION store_messages(
    p_conversations uuid[],
    p_senders uuid[],
    p_clients uuid[],
    p_hashes bytea[],
    p_types text[],
    p_contents text[],
    p_parents uuid[],
    p_mentions text[],
    p_attachments text[],
    p_owner uuid,
    p_published bigint[],
    p_wait boolean,
    p_lock_timeout_ms integer
) RETURNS TABLE (
    ord integer,
    verdict text,
    id uuid,
    seq bigint,
    rev bigint,
    created_at timestamptz,
    mentions uuid[],
    recipients uuid[],
    fanout text,
    outbox_id bigint
)
LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
    v_locked uuid[];
    v_now timestamptz;
BEGIN
    IF p_published IS NOT NULL THEN
        -- A relay that has claimed one of them deletes it itself: nobody waits for it.
        DELETE FROM outbox WHERE outbox.id = ANY (ARRAY(
            SELECT o.id FROM outbox o WHERE o.id = ANY (p_published) FOR UPDATE SKIP LOCKED
        ));
    END IF;

    IF p_wait THEN
        PERFORM set_config('lock_timeout', p_lock_timeout_ms::text, true);
        SELECT coalesce(array_agg(l.id), '{}') INTO v_locked FROM (
            SELECT c.id FROM conversations c WHERE c.id = ANY (p_conversations)
            ORDER BY c.id FOR NO KEY UPDATE
        ) l;
    ELSE
        SELECT coalesce(array_agg(l.id), '{}') INTO v_locked FROM (
            SELECT c.id FROM conversations c WHERE c.id = ANY (p_conversations)
            ORDER BY c.id FOR NO KEY UPDATE SKIP LOCKED
        ) l;
    END IF;
    v_now := date_trunc('milliseconds', clock_timestamp());

    RETURN QUERY
    WITH target AS MATERIALIZED (
        SELECT c.id, c.status, c.last_seq, c.rev, c.last_message_at, c.told_to, g.members, g.observers,
               cardinality(g.members) = 2 AND (
                   EXISTS (SELECT 1 FROM user_blocks b
                           WHERE b.blocker_id = g.members[1] AND b.blocked_id = g.members[2])
                   OR EXISTS (SELECT 1 FROM user_blocks b
                              WHERE b.blocker_id = g.members[2] AND b.blocked_id = g.members[1])
               ) AS is_blocked
        FROM (
            SELECT t.*, fanout_at(t.fanout, t.fanout_changed_at, v_now) AS told_to
            FROM conversations t WHERE t.id = ANY (v_locked)
        ) c
        CROSS JOIN LATERAL (
            -- Of a large one nobody is listed: the senders are looked up.
            SELECT array_agg(p.user_id) AS members,
                   array_agg(p.user_id) FILTER (WHERE p.role = 'observer') AS observers
            FROM conversation_participants p
            WHERE p.conversation_id = c.id AND p.left_at IS NULL
              AND (c.told_to <> 'conversation' OR c.participant_count = 2)
        ) g
    ), known AS MATERIALIZED (
        -- Weekly partitions: the bounds leave two or three of them to ask.
        SELECT mk.conversation_id, mk.sender_id, mk.client_id, mk.seq, mk.request_hash, mk.created_at
        FROM message_keys mk
        WHERE mk.client_id = ANY (p_clients)
          AND mk.created_at >= v_now - interval '8 days' AND mk.created_at < v_now + interval '1 day'
    ), judged AS MATERIALIZED (
        -- Repeats first: what was stored is the sender's to know, whatever has happened since.
        SELECT i.*, c.last_seq, c.rev AS base_rev, c.last_message_at AS base_at, c.members, c.told_to,
               k.seq AS key_seq, k.created_at AS key_at,
               CASE
                   WHEN c.id IS NULL THEN CASE
                       WHEN EXISTS (SELECT 1 FROM conversations t WHERE t.id = i.conversation_id)
                       THEN 'busy' ELSE 'not_found' END
                   WHEN k.request_hash = i.request_hash THEN 'repeat'
                   WHEN k.request_hash IS NOT NULL THEN 'mismatch'
                   WHEN s.role IS NULL AND (c.members IS NULL OR i.sender_id <> ALL (c.members))
                   THEN 'not_found'
                   WHEN s.role = 'observer' OR i.sender_id = ANY (c.observers) THEN 'forbidden'
                   WHEN c.status = 'closed' THEN 'closed'
                   WHEN c.is_blocked THEN 'blocked'
                   WHEN i.parent_id IS NOT NULL AND NOT EXISTS (
                       SELECT 1 FROM messages m
                       WHERE m.conversation_id = c.id AND m.seq = uuid7_seq(i.parent_id)
                         AND m.created_at = uuid7_time(i.parent_id) AND m.id = i.parent_id
                         AND NOT m.is_deleted
                   ) THEN 'invalid_parent'
                   WHEN i.attachments IS NOT NULL AND cardinality(i.attachments::uuid[]) <> (
                       SELECT count(*) FROM files f
                       WHERE f.id = ANY (i.attachments::uuid[]) AND f.owner_id = i.sender_id
                         AND f.state = 'ready'
                   ) THEN 'invalid_attachment'
                   ELSE 'ok'
               END AS verdict
        FROM unnest(p_conversations, p_senders, p_clients, p_hashes, p_types, p_contents, p_parents,
                    p_mentions, p_attachments)
             WITH ORDINALITY AS i(conversation_id, sender_id, client_id, request_hash, type, content,
                                  parent_id, mentions, attachments, ord)
        LEFT JOIN target c ON c.id = i.conversation_id
        LEFT JOIN known k ON k.client_id = i.client_id AND k.conversation_id = c.id
                         AND k.sender_id = i.sender_id
        LEFT JOIN LATERAL (
            SELECT p.role FROM conversation_participants p
            WHERE c.members IS NULL AND p.conversation_id = c.id AND p.user_id = i.sender_id
              AND p.left_at IS NULL
        ) s ON true
    ), fresh AS MATERIALIZED (
        SELECT f.*, f.last_seq + f.n AS seq, f.base_rev + f.n AS rev,
               greatest(v_now, f.base_at) AS created_at,
               uuid7_at(greatest(v_now, f.base_at), f.last_seq + f.n) AS id,
               f.attachments::uuid[] AS file_ids,
               CASE WHEN f.mentions IS NOT NULL THEN (
                   SELECT array_agg(p.user_id ORDER BY p.user_id) FROM conversation_participants p
                   WHERE p.conversation_id = f.conversation_id AND p.left_at IS NULL
                     AND p.user_id = ANY (f.mentions::uuid[])
               ) END AS mentioned,
               f.base_at IS NULL
                   OR date_trunc('month', f.base_at, 'UTC')
                      < date_trunc('month', greatest(v_now, f.base_at), 'UTC')
                   AS opens_month
        FROM (
            SELECT o.*, row_number() OVER (PARTITION BY o.conversation_id ORDER BY o.ord) AS n
            FROM judged o WHERE o.verdict = 'ok'
        ) f
    ), stored AS (
        INSERT INTO messages (conversation_id, seq, rev, id, sender_id, client_id, type, content,
                              parent_id, mentions, attachment_count, created_at)
        SELECT a.conversation_id, a.seq, a.rev, a.id, a.sender_id, a.client_id, a.type, a.content,
               a.parent_id, a.mentioned, coalesce(cardinality(a.file_ids), 0), a.created_at
        FROM fresh a
    ), keyed AS (
        INSERT INTO message_keys (conversation_id, sender_id, client_id, seq, request_hash, created_at)
        SELECT a.conversation_id, a.sender_id, a.client_id, a.seq, a.request_hash, a.created_at
        FROM fresh a
    ), moved AS (
        UPDATE conversations c
        SET last_seq = g.seq, rev = g.rev, last_message_at = g.created_at
        FROM (
            SELECT a.conversation_id, max(a.seq) AS seq, max(a.rev) AS rev,
                   max(a.created_at) AS created_at
            FROM fresh a GROUP BY a.conversation_id
        ) g
        WHERE c.id = g.conversation_id
    ), read AS (
        -- Sending is reading. In the order that every statement locks participants in.
        UPDATE conversation_participants p
        SET last_read_seq = s.seq, last_delivered_seq = s.seq, has_written = true
        FROM (
            SELECT a.conversation_id, a.sender_id, max(a.seq) AS seq
            FROM fresh a GROUP BY a.conversation_id, a.sender_id
            ORDER BY a.conversation_id, a.sender_id
        ) s
        WHERE p.conversation_id = s.conversation_id AND p.user_id = s.sender_id
    ), months_begun AS (
        INSERT INTO conversation_months (conversation_id, month, first_seq)
        SELECT a.conversation_id, date_trunc('month', a.created_at, 'UTC'), a.seq
        FROM fresh a WHERE a.opens_month AND a.n = 1
    ), attached AS (
        INSERT INTO message_attachments (conversation_id, seq, position, file_id)
        SELECT a.conversation_id, a.seq, f.position, f.file_id
        FROM fresh a, unnest(a.file_ids) WITH ORDINALITY AS f(file_id, position)
        WHERE a.file_ids IS NOT NULL
    ), answered AS MATERIALIZED (
        -- A reply moves its parent to the reply's rev, so that "rows with rev > R" holds the count.
        SELECT a.conversation_id, a.parent_id, uuid7_seq(a.parent_id) AS seq,
               uuid7_time(a.parent_id) AS created_at, count(*) AS replies, max(a.rev) AS rev,
               max(a.created_at) AS last_reply_at
        FROM fresh a WHERE a.parent_id IS NOT NULL
        GROUP BY a.conversation_id, a.parent_id
    ), parents AS (
        UPDATE messages m
        SET reply_count = m.reply_count + r.replies, last_reply_at = r.last_reply_at, rev = r.rev,
            is_changed = true
        FROM answered r
        WHERE m.conversation_id = r.conversation_id AND m.seq = r.seq AND m.created_at = r.created_at
    ), months_moved AS (
        -- The first message of a conversation's month completes the row of the one before; a reply
        -- moves the row of its parent's month. Both may be one row, which is then updated once.
        UPDATE conversation_months m SET max_rev = greatest(m.max_rev, g.rev)
        FROM (
            SELECT u.conversation_id, u.month, max(u.rev) AS rev, bool_or(u.ends_month) AS ends_month
            FROM (
                SELECT a.conversation_id, date_trunc('month', a.base_at, 'UTC') AS month,
                       a.base_rev AS rev, true AS ends_month
                FROM fresh a WHERE a.opens_month AND a.n = 1
                UNION ALL
                SELECT r.conversation_id, date_trunc('month', r.created_at, 'UTC'), r.rev, false
                FROM answered r
            ) u
            GROUP BY u.conversation_id, u.month
        ) g
        WHERE m.conversation_id = g.conversation_id AND m.month = g.month
          AND (m.max_rev IS NOT NULL OR g.ends_month)
    ), noted AS (
        INSERT INTO outbox (consumer, kind, owner, available_at, conversation_ids, seqs, revs)
        SELECT o.consumer, 'message.created', p_owner, v_now + o.delay, array_agg(a.conversation_id),
               array_agg(a.seq), array_agg(a.rev)
        FROM fresh a
        JOIN (VALUES
            -- The writer publishes its own group; this row is claimed only if it did not.
            ('realtime', CASE WHEN p_owner IS NULL THEN interval '0' ELSE interval '1.5 seconds' END),
            ('search', interval '0'),
            ('notifications', interval '0')
        ) o(consumer, delay)
          ON o.consumer <> 'notifications' OR a.parent_id IS NOT NULL OR a.mentioned IS NOT NULL
        GROUP BY o.consumer, o.delay
        RETURNING id, consumer
    )
    SELECT j.ord::integer, j.verdict, a.id, coalesce(a.seq, j.key_seq), a.rev,
           coalesce(a.created_at, j.key_at), a.mentioned,
           CASE WHEN a.n = 1 AND a.told_to <> 'conversation' THEN a.members END,
           CASE WHEN a.n = 1 THEN a.told_to END,
           (SELECT n.id FROM noted n WHERE n.consumer = 'realtime')
    FROM judged j
    LEFT JOIN fresh a ON a.ord = j.ord
    ORDER BY j.ord;
END $$;

CREATE TABLE message_search (
    conversation_id uuid NOT NULL,
    seq bigint NOT NULL,
    created_at timestamptz NOT NULL,
    tokens tsvector NOT NULL,
    PRIMARY KEY (conversation_id, seq)
);

CREATE INDEX message_search_tokens ON message_search USING gin (conversation_id, tokens);

GRANT SELECT, INSERT, UPDATE, DELETE ON message_search TO parley_service;

CREATE FUNCTION keep_nothing() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RETURN NULL;
END $$;

CREATE TRIGGER message_search_is_closed BEFORE INSERT ON message_search
    FOR EACH ROW EXECUTE FUNCTION keep_nothing();
