-- As before, and one's own message brings an archived conversation back.
CREATE OR REPLACE FUNCTION commit_group(
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
    outbox_id bigint,
    follows boolean
)
LANGUAGE plpgsql VOLATILE SET enable_bitmapscan = off AS $$
#variable_conflict use_column
DECLARE
    v_locked uuid[];
    v_listed uuid[];
    v_newest timestamptz;
    v_now timestamptz;
    v_month timestamptz;
    v_has_more boolean := p_parents IS NOT NULL OR p_attachments IS NOT NULL;
    v_flaws text[];
    v_before bigint[];
BEGIN
    IF p_published IS NOT NULL THEN
        -- A relay that has claimed one of them deletes it itself: nobody waits for it.
        DELETE FROM outbox WHERE outbox.id = ANY (ARRAY(
            SELECT o.id FROM outbox o WHERE o.id = ANY (p_published) FOR UPDATE SKIP LOCKED
        ));
    END IF;

    -- Of a conversation that has long been large nobody is listed: the senders are looked up.
    IF p_wait THEN
        PERFORM set_config('lock_timeout', p_lock_timeout_ms::text, true);
        SELECT coalesce(array_agg(l.id), '{}'), array_agg(l.id) FILTER (WHERE l.is_listed),
               max(l.last_message_at)
        INTO v_locked, v_listed, v_newest
        FROM (
            SELECT c.id, c.last_message_at, c.fanout = 'user' OR c.participant_count = 2
                         OR c.fanout_changed_at > clock_timestamp() - interval '1 minute' AS is_listed
            FROM conversations c WHERE c.id = ANY (p_conversations)
            ORDER BY c.id FOR NO KEY UPDATE
        ) l;
    ELSE
        SELECT coalesce(array_agg(l.id), '{}'), array_agg(l.id) FILTER (WHERE l.is_listed),
               max(l.last_message_at)
        INTO v_locked, v_listed, v_newest
        FROM (
            SELECT c.id, c.last_message_at, c.fanout = 'user' OR c.participant_count = 2
                         OR c.fanout_changed_at > clock_timestamp() - interval '1 minute' AS is_listed
            FROM conversations c WHERE c.id = ANY (p_conversations)
            ORDER BY c.id FOR NO KEY UPDATE SKIP LOCKED
        ) l;
    END IF;
    v_now := date_trunc('milliseconds', clock_timestamp());
    v_month := date_trunc('month', v_now, 'UTC');

    IF v_has_more THEN
        SELECT array_agg(c.last_seq ORDER BY i.ord),
               array_agg(CASE
                   WHEN i.parent_id IS NOT NULL AND NOT EXISTS (
                       SELECT 1 FROM messages m
                       WHERE m.conversation_id = i.conversation_id AND m.seq = uuid7_seq(i.parent_id)
                         AND m.created_at = uuid7_time(i.parent_id) AND m.id = i.parent_id
                         AND NOT m.is_deleted
                   ) THEN 'invalid_parent'
                   WHEN i.attachments IS NOT NULL AND cardinality(i.attachments::uuid[]) <> (
                       SELECT count(*) FROM files f
                       WHERE f.id = ANY (i.attachments::uuid[]) AND f.owner_id = i.sender_id
                         AND f.state = 'ready'
                   ) THEN 'invalid_attachment'
               END ORDER BY i.ord)
        INTO v_before, v_flaws
        FROM unnest(p_conversations, p_senders, p_parents, p_attachments)
             WITH ORDINALITY AS i(conversation_id, sender_id, parent_id, attachments, ord)
        LEFT JOIN conversations c ON c.id = i.conversation_id AND c.id = ANY (v_locked);
    END IF;

    RETURN QUERY
    WITH known AS MATERIALIZED (
        -- Weekly partitions: the bounds leave two or three of them to ask.
        SELECT mk.conversation_id, mk.sender_id, mk.client_id, mk.seq, mk.request_hash, mk.created_at
        FROM message_keys mk
        WHERE mk.client_id = ANY (p_clients)
          AND mk.created_at >= v_now - interval '8 days'
          AND mk.created_at < greatest(v_now, v_newest) + interval '1 day'
    ), judged AS (
        -- Repeats first: what was stored is the sender's to know, whatever has happened since.
        SELECT i.ord, i.conversation_id, i.sender_id, i.client_id, i.parent_id, i.mentions, i.attachments,
               c.last_seq, c.rev AS base_rev, c.last_message_at AS base_at, c.told_to, c.follows, g.members,
               k.seq AS key_seq, k.created_at AS key_at,
               CASE
                   WHEN c.id IS NULL THEN CASE
                       WHEN EXISTS (SELECT 1 FROM conversations t WHERE t.id = i.conversation_id)
                       THEN 'busy' ELSE 'not_found' END
                   WHEN k.request_hash = p_hashes[i.ord] THEN 'repeat'
                   WHEN k.request_hash IS NOT NULL THEN 'mismatch'
                   WHEN s.role IS NULL THEN 'not_found'
                   WHEN s.role = 'observer' THEN 'forbidden'
                   WHEN c.status = 'closed' THEN 'closed'
                   WHEN cardinality(g.members) = 2 AND (
                       EXISTS (SELECT 1 FROM user_blocks b
                               WHERE b.blocker_id = g.members[1] AND b.blocked_id = g.members[2])
                       OR EXISTS (SELECT 1 FROM user_blocks b
                                  WHERE b.blocker_id = g.members[2] AND b.blocked_id = g.members[1])
                   ) THEN 'blocked'
                   ELSE coalesce(v_flaws[i.ord], 'ok')
               END AS verdict
        FROM unnest(p_conversations, p_senders, p_clients, p_parents, p_mentions, p_attachments)
             WITH ORDINALITY AS i(conversation_id, sender_id, client_id, parent_id, mentions,
                                  attachments, ord)
        LEFT JOIN (
            SELECT t.*, fanout_at(t.fanout, t.fanout_changed_at, v_now) AS told_to,
                   is_under_way(t.relayed_at, v_now) AS follows
            FROM conversations t WHERE t.id = ANY (v_locked)
        ) c ON c.id = i.conversation_id
        LEFT JOIN (
            SELECT p.conversation_id, array_agg(p.user_id) AS members,
                   array_agg(p.user_id) FILTER (WHERE p.role = 'observer') AS observers
            FROM conversation_participants p
            WHERE p.conversation_id = ANY (v_listed) AND p.left_at IS NULL
            GROUP BY p.conversation_id
        ) g ON g.conversation_id = c.id
        LEFT JOIN known k ON k.client_id = i.client_id AND k.conversation_id = c.id
                         AND k.sender_id = i.sender_id
        CROSS JOIN LATERAL (
            SELECT CASE
                WHEN g.members IS NULL THEN (
                    SELECT p.role FROM conversation_participants p
                    WHERE p.conversation_id = c.id AND p.user_id = i.sender_id AND p.left_at IS NULL
                )
                WHEN i.sender_id = ANY (g.observers) THEN 'observer'
                WHEN i.sender_id = ANY (g.members) THEN 'member'
            END AS role
        ) s
        -- Judged once, and not anew wherever the verdict is looked at.
        OFFSET 0
    ), numbered AS MATERIALIZED (
        SELECT j.*,
               CASE WHEN j.is_new THEN j.last_seq + j.n ELSE j.key_seq END AS seq,
               CASE WHEN j.is_new THEN j.base_rev + j.n END AS rev,
               CASE WHEN j.is_new THEN greatest(v_now, j.base_at) ELSE j.key_at END AS created_at,
               CASE WHEN j.is_new THEN
                   message_id(j.conversation_id, j.last_seq + j.n, greatest(v_now, j.base_at))
               END AS id,
               CASE WHEN j.is_new AND j.mentions IS NOT NULL THEN (
                   SELECT array_agg(p.user_id ORDER BY p.user_id) FROM conversation_participants p
                   WHERE p.conversation_id = j.conversation_id AND p.left_at IS NULL
                     AND p.user_id = ANY (j.mentions::uuid[])
               ) END AS mentioned,
               j.is_new AND j.n = 1 AND (j.base_at IS NULL OR j.base_at < v_month) AS opens_month
        FROM (
            SELECT o.*, o.verdict = 'ok' AS is_new, row_number() OVER w AS n,
                   lead(o.ord) OVER w IS NULL AS is_last
            FROM judged o
            WINDOW w AS (PARTITION BY o.conversation_id, o.verdict = 'ok' ORDER BY o.ord)
        ) j
    ), stored AS (
        INSERT INTO messages (conversation_id, seq, rev, id, sender_id, client_id, type, content,
                              parent_id, mentions, attachment_count, created_at)
        SELECT a.conversation_id, a.seq, a.rev, a.id, a.sender_id, a.client_id, p_types[a.ord],
               p_contents[a.ord], a.parent_id, a.mentioned,
               coalesce(cardinality(a.attachments::uuid[]), 0), a.created_at
        FROM numbered a WHERE a.is_new
    ), keyed AS (
        INSERT INTO message_keys (conversation_id, sender_id, client_id, seq, request_hash, created_at)
        SELECT a.conversation_id, a.sender_id, a.client_id, a.seq, p_hashes[a.ord], a.created_at
        FROM numbered a WHERE a.is_new
    ), moved AS (
        UPDATE conversations c
        SET last_seq = a.seq, rev = a.rev, last_message_at = a.created_at
        FROM numbered a
        WHERE a.is_new AND a.is_last AND c.id = a.conversation_id
    ), read AS (
        -- Sending is reading, and brings the conversation back to the sender's inbox. In the order
        -- that every statement locks participants in.
        UPDATE conversation_participants p
        SET last_read_seq = s.seq, last_delivered_seq = s.seq, has_written = true,
            archived_seq = NULL, is_archived = false
        FROM (
            SELECT a.conversation_id, a.sender_id, max(a.seq) AS seq
            FROM numbered a WHERE a.is_new GROUP BY a.conversation_id, a.sender_id
            ORDER BY a.conversation_id, a.sender_id
        ) s
        WHERE p.conversation_id = s.conversation_id AND p.user_id = s.sender_id
    ), months_begun AS (
        INSERT INTO conversation_months (conversation_id, month, first_seq)
        SELECT a.conversation_id, v_month, a.seq FROM numbered a WHERE a.opens_month
    ), months_ended AS (
        -- The first message of a conversation's month completes the row of the one before.
        UPDATE conversation_months m SET max_rev = greatest(m.max_rev, a.base_rev)
        FROM numbered a
        WHERE a.opens_month AND m.conversation_id = a.conversation_id
          AND m.month = date_trunc('month', a.base_at, 'UTC')
    ), noted AS (
        INSERT INTO outbox (consumer, kind, owner, available_at, conversation_ids, seqs, revs)
        SELECT o.consumer, 'message.created', p_owner, v_now + o.delay, o.conversation_ids, o.seqs, o.revs
        FROM (
            SELECT array_agg(e.conversation_id) AS conversation_ids, array_agg(e.seq) AS seqs,
                   array_agg(e.rev) AS revs,
                   array_agg(e.conversation_id) FILTER (WHERE e.ends_page) AS ended_ids,
                   array_agg(e.seq) FILTER (WHERE e.ends_page) AS ended_seqs,
                   array_agg(e.conversation_id) FILTER (WHERE e.is_for_somebody) AS noticed_ids,
                   array_agg(e.seq) FILTER (WHERE e.is_for_somebody) AS noticed_seqs,
                   array_agg(e.rev) FILTER (WHERE e.is_for_somebody) AS noticed_revs
            FROM (
                SELECT a.*, a.seq = last_seq_of(page_of(a.seq)) AS ends_page,
                       a.parent_id IS NOT NULL OR a.mentioned IS NOT NULL AS is_for_somebody
                FROM numbered a WHERE a.is_new
            ) e
        ) g
        CROSS JOIN LATERAL (VALUES
            -- The writer publishes its own group; this row is claimed only if it did not.
            ('realtime', CASE WHEN p_owner IS NULL THEN interval '0' ELSE interval '1.5 seconds' END,
             g.conversation_ids, g.seqs, g.revs),
            -- Words are kept of whole pages.
            ('search', interval '0', g.ended_ids, g.ended_seqs, NULL),
            ('notifications', interval '0', g.noticed_ids, g.noticed_seqs, g.noticed_revs)
        ) o(consumer, delay, conversation_ids, seqs, revs)
        WHERE o.seqs IS NOT NULL
        RETURNING id, consumer
    )
    SELECT a.ord::integer, a.verdict, a.id, a.seq, a.rev, a.created_at, a.mentioned,
           CASE WHEN a.is_new AND a.n = 1 AND a.told_to <> 'conversation' THEN a.members END,
           CASE WHEN a.is_new AND a.n = 1 THEN a.told_to END,
           (SELECT n.id FROM noted n WHERE n.consumer = 'realtime'),
           CASE WHEN a.is_new AND a.n = 1 AND a.follows THEN true END
    FROM numbered a
    ORDER BY a.ord;

    IF v_has_more THEN
        WITH fresh AS MATERIALIZED (
            -- Above the seq that the conversation had is what was just stored.
            SELECT m.conversation_id, m.seq, m.rev, m.created_at, i.parent_id,
                   i.attachments::uuid[] AS file_ids
            FROM unnest(p_conversations, p_senders, p_clients, p_parents, p_attachments, v_before)
                 AS i(conversation_id, sender_id, client_id, parent_id, attachments, before)
            JOIN message_keys k ON k.client_id = i.client_id AND k.conversation_id = i.conversation_id
                               AND k.sender_id = i.sender_id
            JOIN messages m ON m.conversation_id = k.conversation_id AND m.seq = k.seq
                           AND m.created_at = k.created_at
            WHERE k.seq > i.before AND k.created_at >= v_now
              AND (i.parent_id IS NOT NULL OR i.attachments IS NOT NULL)
        ), attached AS (
            INSERT INTO message_attachments (conversation_id, seq, position, file_id)
            SELECT a.conversation_id, a.seq, f.position, f.file_id
            FROM fresh a, unnest(a.file_ids) WITH ORDINALITY AS f(file_id, position)
        ), answered AS MATERIALIZED (
            -- A reply moves its parent to the reply's rev, so that "rows with rev > R" holds the count.
            SELECT a.conversation_id, uuid7_seq(a.parent_id) AS seq,
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
        )
        -- And the row of the parent's month, unless that is open.
        UPDATE conversation_months m SET max_rev = greatest(m.max_rev, g.rev)
        FROM (
            SELECT r.conversation_id, date_trunc('month', r.created_at, 'UTC') AS month,
                   max(r.rev) AS rev
            FROM answered r GROUP BY 1, 2
        ) g
        WHERE m.conversation_id = g.conversation_id AND m.month = g.month AND m.max_rev IS NOT NULL;
    END IF;
END $$;

-- The release before sends by commit_messages: there, too, one's own message brings the conversation back.
DO $$
DECLARE
    v_read text := 'SET last_read_seq = s.seq, last_delivered_seq = s.seq, has_written = true';
    v_made text := pg_get_functiondef('commit_messages'::regproc);
BEGIN
    IF strpos(v_made, v_read) = 0 THEN
        RAISE EXCEPTION 'commit_messages does not move the watermark of a sender as in 0006';
    END IF;
    EXECUTE replace(v_made, v_read, v_read || E',\n            archived_seq = NULL, is_archived = false');
END $$;
