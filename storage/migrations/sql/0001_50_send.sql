-- A group of messages in one call: locked, checked, numbered and stored in one transaction.

CREATE TYPE send_decision AS (
    ord integer,
    verdict text,
    conversation_id uuid,
    sender_id uuid,
    client_id uuid,
    request_hash bytea,
    type text,
    content text,
    parent_id uuid,
    mentions uuid[],
    attachments uuid[],
    id uuid,
    seq bigint,
    rev bigint,
    created_at timestamptz,
    -- The conversation's last message before the group.
    base_at timestamptz,
    -- On the first accepted row of a conversation: its members.
    recipients uuid[],
    fanout text
);

-- Arrays hold one element a message; mentions and attachments are uuid[] literals or NULL.
-- p_wait: wait for locks up to p_lock_timeout_ms (raises lock_not_available); else rows of a taken
-- conversation answer `busy`. p_published: outbox rows of earlier groups that are now published.
--
-- The statement that locks decides nothing: with checks in it, two writers stored one client_id
-- twice, and a member removed meanwhile could post. Each later statement has a fresh snapshot.
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
DECLARE
    v_locked uuid[];
    v_rows send_decision[];
    v_now timestamptz;
    v_outbox bigint;
BEGIN
    IF p_published IS NOT NULL THEN
        DELETE FROM outbox o WHERE o.id = ANY (p_published);
    END IF;

    IF p_wait THEN
        PERFORM set_config('lock_timeout', p_lock_timeout_ms::text, true);
        SELECT array_agg(l.id) INTO v_locked FROM (
            SELECT c.id FROM conversations c WHERE c.id = ANY (p_conversations)
            ORDER BY c.id FOR NO KEY UPDATE
        ) l;
    ELSE
        SELECT array_agg(l.id) INTO v_locked FROM (
            SELECT c.id FROM conversations c WHERE c.id = ANY (p_conversations)
            ORDER BY c.id FOR NO KEY UPDATE SKIP LOCKED
        ) l;
    END IF;
    v_now := date_trunc('milliseconds', clock_timestamp());

    v_rows := decide_messages(
        p_conversations, p_senders, p_clients, p_hashes, p_types, p_contents, p_parents,
        p_mentions, p_attachments, coalesce(v_locked, '{}'), v_now);

    v_outbox := store_messages(v_rows, p_owner);

    RETURN QUERY
    SELECT r.ord, r.verdict, r.id, r.seq, r.rev, r.created_at, r.mentions, r.recipients, r.fanout, v_outbox
    FROM unnest(v_rows) r;
END $$;

-- The verdict on each row, with its numbers; only for conversations whose locks are held.
CREATE FUNCTION decide_messages(
    p_conversations uuid[],
    p_senders uuid[],
    p_clients uuid[],
    p_hashes bytea[],
    p_types text[],
    p_contents text[],
    p_parents uuid[],
    p_mentions text[],
    p_attachments text[],
    p_locked uuid[],
    p_now timestamptz
) RETURNS send_decision[]
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_rows send_decision[];
BEGIN
    WITH target AS MATERIALIZED (
        SELECT c.id, c.status, c.last_seq, c.rev, c.last_message_at, c.fanout, g.members,
               cardinality(g.members) = 2 AND (
                   EXISTS (SELECT 1 FROM user_blocks b
                           WHERE b.blocker_id = g.members[1] AND b.blocked_id = g.members[2])
                   OR EXISTS (SELECT 1 FROM user_blocks b
                              WHERE b.blocker_id = g.members[2] AND b.blocked_id = g.members[1])
               ) AS is_blocked
        FROM conversations c
        CROSS JOIN LATERAL (
            SELECT array_agg(p.user_id) AS members FROM conversation_participants p
            WHERE p.conversation_id = c.id AND p.left_at IS NULL
        ) g
        WHERE c.id = ANY (p_locked)
    ), input AS (
        SELECT i.ord::integer AS ord, i.conversation_id, i.sender_id, i.client_id, i.request_hash,
               i.type, i.content, i.parent_id,
               i.mentions::uuid[] AS mentions, i.attachments::uuid[] AS attachments
        FROM unnest(p_conversations, p_senders, p_clients, p_hashes, p_types, p_contents, p_parents,
                    p_mentions, p_attachments)
             WITH ORDINALITY AS i(conversation_id, sender_id, client_id, request_hash, type, content,
                                  parent_id, mentions, attachments, ord)
    ), judged AS MATERIALIZED (
        SELECT i.*, c.last_seq, c.rev AS base_rev, c.last_message_at AS base_at, c.members, c.fanout,
               k.seq AS key_seq, k.message_at AS key_at,
               CASE
                   WHEN c.id IS NULL THEN CASE
                       WHEN EXISTS (SELECT 1 FROM conversations t WHERE t.id = i.conversation_id)
                       THEN 'busy' ELSE 'not_found' END
                   WHEN k.request_hash = i.request_hash THEN 'repeat'
                   WHEN k.request_hash IS NOT NULL THEN 'mismatch'
                   WHEN p.user_id IS NULL THEN 'not_found'
                   WHEN p.role = 'observer' THEN 'forbidden'
                   WHEN c.status = 'closed' THEN 'closed'
                   WHEN c.is_blocked THEN 'blocked'
                   WHEN i.parent_id IS NOT NULL AND NOT EXISTS (
                       SELECT 1 FROM messages m
                       WHERE m.conversation_id = c.id AND m.seq = uuid7_seq(i.parent_id)
                         AND m.created_at = uuid7_time(i.parent_id) AND m.id = i.parent_id
                         AND NOT m.is_deleted
                   ) THEN 'invalid_parent'
                   WHEN i.attachments IS NOT NULL AND cardinality(i.attachments) <> (
                       SELECT count(*) FROM files f
                       WHERE f.id = ANY (i.attachments) AND f.owner_id = i.sender_id AND f.state = 'ready'
                   ) THEN 'invalid_attachment'
                   ELSE 'ok'
               END AS verdict
        FROM input i
        LEFT JOIN target c ON c.id = i.conversation_id
        LEFT JOIN conversation_participants p
               ON p.conversation_id = c.id AND p.user_id = i.sender_id AND p.left_at IS NULL
        LEFT JOIN LATERAL (
            -- Weekly partitions: the bounds leave two or three of them to ask.
            SELECT mk.seq, mk.request_hash, mk.created_at AS message_at FROM message_keys mk
            WHERE mk.conversation_id = c.id AND mk.sender_id = i.sender_id AND mk.client_id = i.client_id
              AND mk.created_at >= p_now - interval '8 days' AND mk.created_at < p_now + interval '1 day'
            LIMIT 1
        ) k ON true
    ), firsts AS (
        SELECT j.*,
               first_value(j.ord) OVER same AS first_ord,
               first_value(j.request_hash) OVER same AS first_hash
        FROM judged j
        WINDOW same AS (PARTITION BY j.conversation_id, j.sender_id, j.client_id, j.verdict = 'ok'
                        ORDER BY j.ord)
    ), accepted AS (
        SELECT f.ord,
               row_number() OVER numbered AS n,
               f.last_seq + row_number() OVER numbered AS seq,
               f.base_rev + row_number() OVER numbered AS rev,
               greatest(p_now, f.base_at) AS created_at
        FROM firsts f
        WHERE f.verdict = 'ok' AND f.first_ord = f.ord
        WINDOW numbered AS (PARTITION BY f.conversation_id ORDER BY f.ord)
    )
    SELECT array_agg(ROW(
               f.ord,
               CASE
                   WHEN f.verdict = 'ok' AND f.first_ord < f.ord
                   THEN CASE WHEN f.first_hash = f.request_hash THEN 'repeat' ELSE 'mismatch' END
                   ELSE f.verdict
               END,
               f.conversation_id, f.sender_id, f.client_id, f.request_hash, f.type, f.content,
               f.parent_id,
               CASE WHEN f.mentions IS NOT NULL THEN (
                   SELECT array_agg(DISTINCT u) FROM unnest(f.mentions) u WHERE u = ANY (f.members)
               ) END,
               f.attachments,
               CASE WHEN a.ord = f.ord THEN uuid7_at(a.created_at, a.seq) END,
               coalesce(a.seq, f.key_seq), a.rev, coalesce(a.created_at, f.key_at),
               f.base_at,
               CASE WHEN a.ord = f.ord AND a.n = 1 THEN f.members END,
               CASE WHEN a.ord = f.ord AND a.n = 1 THEN f.fanout END
           )::send_decision ORDER BY f.ord)
    INTO v_rows
    FROM firsts f
    LEFT JOIN accepted a ON a.ord = f.first_ord AND f.verdict = 'ok';
    RETURN v_rows;
END $$;

-- Stores the accepted rows of a group and returns the id of its outbox row (NULL when none is accepted).
CREATE FUNCTION store_messages(p_rows send_decision[], p_owner uuid) RETURNS bigint
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_ok send_decision[];
    v_outbox bigint;
    v_conversations uuid[];
    v_seqs bigint[];
    v_revs bigint[];
    v_opens_month boolean;
    v_has_more boolean;
BEGIN
    SELECT array_agg(r), array_agg(r.conversation_id), array_agg(r.seq), array_agg(r.rev),
           bool_or(r.base_at IS NULL
                   OR date_trunc('month', r.base_at, 'UTC') <> date_trunc('month', r.created_at, 'UTC')),
           bool_or(r.attachments IS NOT NULL OR r.parent_id IS NOT NULL OR r.mentions IS NOT NULL)
    INTO v_ok, v_conversations, v_seqs, v_revs, v_opens_month, v_has_more
    FROM unnest(p_rows) r WHERE r.verdict = 'ok';
    IF v_ok IS NULL THEN
        RETURN NULL;
    END IF;

    WITH stored AS (
        INSERT INTO messages (conversation_id, seq, rev, id, sender_id, client_id, type, content,
                              parent_id, mentions, attachment_count, created_at)
        SELECT r.conversation_id, r.seq, r.rev, r.id, r.sender_id, r.client_id, r.type, r.content,
               r.parent_id, r.mentions, coalesce(cardinality(r.attachments), 0), r.created_at
        FROM unnest(v_ok) r
    ), keyed AS (
        INSERT INTO message_keys (conversation_id, sender_id, client_id, seq, request_hash, created_at)
        SELECT r.conversation_id, r.sender_id, r.client_id, r.seq, r.request_hash, r.created_at
        FROM unnest(v_ok) r
    ), moved AS (
        UPDATE conversations c
        SET last_seq = g.seq, rev = g.rev, last_message_at = g.created_at
        FROM (
            SELECT r.conversation_id, max(r.seq) AS seq, max(r.rev) AS rev, max(r.created_at) AS created_at
            FROM unnest(v_ok) r GROUP BY r.conversation_id
        ) g
        WHERE c.id = g.conversation_id
    )
    -- Sending is reading. In the order that every statement locks participants in.
    UPDATE conversation_participants p
    SET last_read_seq = s.seq, last_delivered_seq = s.seq, has_written = true
    FROM (
        SELECT r.conversation_id, r.sender_id, max(r.seq) AS seq
        FROM unnest(v_ok) r GROUP BY r.conversation_id, r.sender_id
        ORDER BY r.conversation_id, r.sender_id
    ) s
    WHERE p.conversation_id = s.conversation_id AND p.user_id = s.sender_id;

    WITH noted AS (
        INSERT INTO outbox (consumer, kind, owner, available_at, conversation_ids, seqs, revs)
        VALUES
            -- The writer publishes its own group; this row is claimed only if it did not.
            ('realtime', 'message.created', p_owner, clock_timestamp() + interval '1.5 seconds',
             v_conversations, v_seqs, v_revs),
            ('search', 'message.created', p_owner, clock_timestamp(), v_conversations, v_seqs, v_revs)
        RETURNING id, consumer
    )
    SELECT n.id INTO v_outbox FROM noted n WHERE n.consumer = 'realtime';

    IF v_opens_month THEN
        PERFORM begin_months(v_ok);
    END IF;
    IF v_has_more THEN
        PERFORM attach_to_messages(v_ok);
    END IF;
    RETURN v_outbox;
END $$;

-- The first message of a conversation's month opens the month's row and completes the one before.
CREATE FUNCTION begin_months(p_rows send_decision[]) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    UPDATE conversation_months m SET max_rev = g.rev
    FROM (
        SELECT r.conversation_id, min(r.rev) - 1 AS rev
        FROM unnest(p_rows) r
        WHERE date_trunc('month', r.base_at, 'UTC') <> date_trunc('month', r.created_at, 'UTC')
        GROUP BY r.conversation_id
    ) g
    WHERE m.conversation_id = g.conversation_id AND m.max_rev IS NULL;
    INSERT INTO conversation_months (conversation_id, month, first_seq)
    SELECT r.conversation_id, date_trunc('month', r.created_at, 'UTC'), min(r.seq)
    FROM unnest(p_rows) r
    WHERE r.base_at IS NULL OR date_trunc('month', r.base_at, 'UTC') <> date_trunc('month', r.created_at, 'UTC')
    GROUP BY 1, 2;
END $$;

-- What only some messages have: attachments, a parent whose replies are counted, people to notify.
CREATE FUNCTION attach_to_messages(p_rows send_decision[]) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    INSERT INTO message_attachments (conversation_id, seq, position, file_id)
    SELECT r.conversation_id, r.seq, a.position, a.file_id
    FROM unnest(p_rows) r, unnest(r.attachments) WITH ORDINALITY AS a(file_id, position);

    -- A reply moves its parent to the reply's rev, so that "rows with rev > R" holds the new count.
    UPDATE messages m
    SET reply_count = m.reply_count + g.replies, last_reply_at = g.created_at, rev = g.rev, is_changed = true
    FROM (
        SELECT r.conversation_id, r.parent_id, count(*) AS replies, max(r.rev) AS rev,
               max(r.created_at) AS created_at
        FROM unnest(p_rows) r WHERE r.parent_id IS NOT NULL
        GROUP BY r.conversation_id, r.parent_id
    ) g
    WHERE m.conversation_id = g.conversation_id AND m.seq = uuid7_seq(g.parent_id)
      AND m.created_at = uuid7_time(g.parent_id);
    UPDATE conversation_months cm SET max_rev = greatest(cm.max_rev, g.rev)
    FROM (
        SELECT r.conversation_id, date_trunc('month', uuid7_time(r.parent_id), 'UTC') AS month,
               max(r.rev) AS rev
        FROM unnest(p_rows) r WHERE r.parent_id IS NOT NULL GROUP BY 1, 2
    ) g
    WHERE cm.conversation_id = g.conversation_id AND cm.month = g.month AND cm.max_rev IS NOT NULL;

    INSERT INTO outbox (consumer, kind, conversation_ids, seqs, revs)
    SELECT 'notifications', 'message.created', array_agg(r.conversation_id), array_agg(r.seq),
           array_agg(r.rev)
    FROM unnest(p_rows) r
    WHERE r.parent_id IS NOT NULL OR r.mentions IS NOT NULL
    HAVING count(*) > 0;
END $$;
