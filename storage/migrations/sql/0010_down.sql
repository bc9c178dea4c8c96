-- Takes back step 0010: the functions as they were, and what it added.

-- What the release before reads is what this one would have answered.
UPDATE conversation_participants p
SET is_archived = is_archived_at(p.archived_seq, p.is_archived, p.is_muted, c.last_seq)
FROM conversations c
WHERE c.id = p.conversation_id AND p.archived_seq IS NOT NULL;

CREATE OR REPLACE VIEW own_conversations AS
SELECT me.user_id AS own_user_id, me.last_read_seq AS own_last_read_seq,
       v.c_last_seq - me.last_read_seq - (
           SELECT count(*) FROM message_tombstones t
           WHERE t.conversation_id = me.conversation_id AND t.seq > me.last_read_seq
       ) AS own_unread,
       me.is_muted AS own_is_muted, me.is_archived AS own_is_archived,
       me.is_pinned AS own_is_pinned, v.*
FROM conversation_participants me
JOIN shown_conversations v ON v.c_id = me.conversation_id
WHERE me.left_at IS NULL;

CREATE OR REPLACE FUNCTION set_conversation_settings(
    p_conversation uuid,
    p_user uuid,
    p_is_muted boolean,
    p_is_archived boolean,
    p_is_pinned boolean,
    p_lock_timeout_ms integer
) RETURNS change_result
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_before conversation_participants;
    v_after conversation_participants;
BEGIN
    PERFORM set_config('lock_timeout', p_lock_timeout_ms::text, true);
    SELECT p.* INTO v_before FROM conversation_participants p
    WHERE p.conversation_id = p_conversation AND p.user_id = p_user AND p.left_at IS NULL
    FOR NO KEY UPDATE;
    IF v_before.user_id IS NULL THEN
        RETURN ROW('not_found', NULL, NULL)::change_result;
    END IF;
    v_after := v_before;
    v_after.is_muted := coalesce(p_is_muted, v_before.is_muted);
    v_after.is_archived := coalesce(p_is_archived, v_before.is_archived);
    v_after.is_pinned := coalesce(p_is_pinned, v_before.is_pinned);
    IF v_after = v_before THEN
        RETURN ROW('unchanged', NULL, NULL)::change_result;
    END IF;
    UPDATE conversation_participants p
    SET is_muted = v_after.is_muted, is_archived = v_after.is_archived, is_pinned = v_after.is_pinned
    WHERE p.conversation_id = p_conversation AND p.user_id = p_user;
    PERFORM put_in_outbox(
        'realtime', 'conversation.settings', p_conversation, NULL, NULL, ARRAY[p_user]);
    IF v_after.is_muted <> v_before.is_muted OR v_after.is_archived <> v_before.is_archived THEN
        -- Totals leave out muted and archived conversations.
        PERFORM put_in_outbox('realtime', 'unread.changed', p_conversation, NULL, NULL, ARRAY[p_user]);
    END IF;
    RETURN ROW('ok', NULL, NULL)::change_result;
END $$;

DO $$ BEGIN
    EXECUTE replace(pg_get_functiondef('commit_messages'::regproc),
                    E',\n            archived_seq = NULL, is_archived = false', '');
END $$;

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
        -- Sending is reading. In the order that every statement locks participants in.
        UPDATE conversation_participants p
        SET last_read_seq = s.seq, last_delivered_seq = s.seq, has_written = true
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

CREATE OR REPLACE FUNCTION delete_message(
    p_conversation uuid,
    p_user uuid,
    p_message uuid,
    p_lock_timeout_ms integer
) RETURNS change_result
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_verdict text;
    v_message messages;
    v_may_delete_any boolean;
    v_rev bigint;
BEGIN
    IF NOT lock_conversation(p_conversation, p_user, p_lock_timeout_ms) THEN
        RETURN ROW('not_found', NULL, NULL)::change_result;
    END IF;
    v_verdict := judge_member(p_conversation, p_user);
    IF v_verdict IN ('not_found', 'forbidden') THEN
        RETURN ROW(v_verdict, NULL, NULL)::change_result;
    END IF;
    v_message := find_message(p_conversation, p_message);
    SELECT p.role = 'owner' AND c.type <> 'direct' INTO v_may_delete_any
    FROM conversations c
    JOIN conversation_participants p ON p.conversation_id = c.id AND p.user_id = p_user
    WHERE c.id = p_conversation;
    v_verdict := CASE
        WHEN v_message.id IS NULL THEN 'message_not_found'
        WHEN v_message.sender_id <> p_user AND NOT v_may_delete_any THEN 'forbidden'
        WHEN v_message.is_deleted THEN 'unchanged'
        ELSE 'ok'
    END;
    IF v_verdict <> 'ok' THEN
        RETURN ROW(v_verdict, v_message.seq, v_message.rev)::change_result;
    END IF;

    v_rev := next_rev(p_conversation);
    UPDATE messages m
    SET content = NULL, mentions = NULL, attachment_count = 0, reaction_count = 0,
        is_pinned = false, is_deleted = true, rev = v_rev, is_changed = true
    WHERE m.conversation_id = p_conversation AND m.seq = v_message.seq
      AND m.created_at = v_message.created_at;
    DELETE FROM message_attachments a
    WHERE a.conversation_id = p_conversation AND a.seq = v_message.seq;
    DELETE FROM message_reactions r
    WHERE r.conversation_id = p_conversation AND r.seq = v_message.seq;
    DELETE FROM message_pins pin
    WHERE pin.conversation_id = p_conversation AND pin.seq = v_message.seq;
    INSERT INTO message_tombstones (conversation_id, seq) VALUES (p_conversation, v_message.seq);
    PERFORM message_changed(p_conversation, v_message.seq, v_message.created_at, v_rev, true);
    PERFORM put_in_outbox('realtime', 'unread.changed', p_conversation, NULL, NULL, ARRAY(
        SELECT p.user_id FROM conversation_participants p
        WHERE p.conversation_id = p_conversation AND p.left_at IS NULL
          AND p.last_read_seq < v_message.seq
    ));
    RETURN ROW('ok', v_message.seq, v_rev)::change_result;
END $$;

CREATE OR REPLACE FUNCTION judge_creation(
    p_type text,
    p_creator uuid,
    p_others uuid[],
    p_max_participants integer,
    p_max_direct_a_day integer
) RETURNS creation_result
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_opened bigint;
    v_retry_after_s double precision;
BEGIN
    IF cardinality(p_others) + 1 > p_max_participants THEN
        RETURN ROW('too_many_participants', NULL, NULL)::creation_result;
    END IF;
    IF cardinality(p_others) <> (
        SELECT count(*) FROM users u WHERE u.id = ANY (p_others) AND u.status = 'active'
    ) THEN
        RETURN ROW('user_not_found', NULL, NULL)::creation_result;
    END IF;
    IF EXISTS (
        SELECT 1 FROM user_blocks b
        WHERE (b.blocker_id = p_creator AND b.blocked_id = ANY (p_others))
           OR (b.blocked_id = p_creator AND b.blocker_id = ANY (p_others))
    ) THEN
        RETURN ROW('blocked', NULL, NULL)::creation_result;
    END IF;
    IF p_type = 'direct' THEN
        -- The one whose day ends next among the newest p_max_direct_a_day.
        SELECT count(*), extract(epoch FROM min(d.created_at) + interval '1 day' - clock_timestamp())
        INTO v_opened, v_retry_after_s
        FROM (
            SELECT c.created_at FROM conversations c
            WHERE c.created_by = p_creator AND c.type = 'direct'
              AND c.created_at > clock_timestamp() - interval '1 day'
            ORDER BY c.created_at DESC
            LIMIT p_max_direct_a_day
        ) d;
        IF v_opened >= p_max_direct_a_day THEN
            RETURN ROW('rate_limited', NULL, greatest(v_retry_after_s, 0))::creation_result;
        END IF;
    END IF;
    RETURN ROW('ok', NULL, NULL)::creation_result;
END $$;

CREATE OR REPLACE FUNCTION create_conversation(
    p_type text,
    p_creator uuid,
    p_others uuid[],
    p_title text,
    p_job uuid,
    p_contract uuid,
    p_client uuid,
    p_hash bytea,
    p_max_participants integer,
    p_max_direct_a_day integer,
    p_max_user_fanout integer,
    p_lock_timeout_ms integer
) RETURNS creation_result
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_direct_key text := CASE WHEN p_type = 'direct' THEN
        least(p_creator, p_others[1]) || ':' || greatest(p_creator, p_others[1]) END;
    v_result creation_result;
BEGIN
    PERFORM set_config('lock_timeout', p_lock_timeout_ms::text, true);
    -- One creation at a time of each creator, for the client_id and for the count of a day.
    PERFORM pg_advisory_xact_lock(hashtextextended('parley.create:' || p_creator, 0));

    SELECT CASE WHEN c.request_hash = p_hash THEN 'repeat' ELSE 'mismatch' END, c.id, NULL
    INTO v_result
    FROM conversations c WHERE c.created_by = p_creator AND c.client_id = p_client;
    IF v_result.verdict IS NULL THEN
        SELECT 'unchanged', c.id, NULL INTO v_result
        FROM conversations c WHERE c.direct_key = v_direct_key;
    END IF;
    IF v_result.verdict IS NULL THEN
        v_result := judge_creation(
            p_type, p_creator, p_others, p_max_participants, p_max_direct_a_day);
    END IF;
    IF v_result.verdict <> 'ok' THEN
        RETURN v_result;
    END IF;

    INSERT INTO conversations (type, title, job_id, contract_id, created_by, direct_key, client_id,
                               request_hash, participant_count, fanout,
                               relayed_rev, relayed_at)
    SELECT p_type, p_title, p_job, p_contract, p_creator, v_direct_key, p_client,
           CASE WHEN p_client IS NOT NULL THEN p_hash END, n.people,
           CASE WHEN n.people > p_max_user_fanout THEN 'conversation' ELSE 'user' END,
           1, clock_timestamp()
    FROM (SELECT cardinality(p_others) + 1 AS people) n
    ON CONFLICT (direct_key) DO NOTHING
    RETURNING id INTO v_result.conversation_id;
    IF v_result.conversation_id IS NULL THEN
        -- The other one of the pair was faster; the next statement sees what was made.
        SELECT 'unchanged', c.id, NULL INTO v_result
        FROM conversations c WHERE c.direct_key = v_direct_key;
        RETURN v_result;
    END IF;

    INSERT INTO conversation_participants (conversation_id, user_id, role, joined_rev)
    SELECT v_result.conversation_id, u, CASE WHEN u = p_creator THEN 'owner' ELSE 'member' END, 1
    FROM unnest(p_others || p_creator) u
    ORDER BY u;
    PERFORM put_in_outbox('realtime', 'conversation.created', v_result.conversation_id, NULL, 1,
                          p_others || p_creator);
    IF p_type <> 'direct' THEN
        PERFORM put_in_outbox('notifications', 'conversation.created', v_result.conversation_id,
                              NULL, 1, p_others);
    END IF;
    RETURN v_result;
END $$;

CREATE OR REPLACE FUNCTION judge_joining(
    p_conversation uuid,
    p_owner uuid,
    p_user uuid,
    p_max_participants integer
) RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_conversation conversations;
BEGIN
    SELECT c.* INTO v_conversation FROM conversations c WHERE c.id = p_conversation;
    RETURN CASE
        WHEN v_conversation.type = 'direct' THEN 'forbidden'
        WHEN EXISTS (
            SELECT 1 FROM conversation_participants p
            WHERE p.conversation_id = p_conversation AND p.user_id = p_user AND p.left_at IS NULL
        ) THEN 'unchanged'
        WHEN v_conversation.status = 'closed' THEN 'closed'
        WHEN NOT EXISTS (
            SELECT 1 FROM users u WHERE u.id = p_user AND u.status = 'active'
        ) THEN 'user_not_found'
        WHEN EXISTS (
            SELECT 1 FROM user_blocks b
            WHERE (b.blocker_id = p_owner AND b.blocked_id = p_user)
               OR (b.blocker_id = p_user AND b.blocked_id = p_owner)
        ) THEN 'blocked'
        WHEN v_conversation.participant_count >= p_max_participants THEN 'too_many_participants'
        ELSE 'ok'
    END;
END $$;

CREATE OR REPLACE FUNCTION add_member(
    p_conversation uuid,
    p_owner uuid,
    p_user uuid,
    p_max_participants integer,
    p_max_user_fanout integer,
    p_lock_timeout_ms integer
) RETURNS change_result
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_verdict text;
    v_rev bigint;
BEGIN
    IF NOT lock_conversation(p_conversation, p_owner, p_lock_timeout_ms) THEN
        RETURN ROW('not_found', NULL, NULL)::change_result;
    END IF;
    v_verdict := judge_owner(p_conversation, p_owner);
    IF v_verdict = 'ok' THEN
        v_verdict := judge_joining(p_conversation, p_owner, p_user, p_max_participants);
    END IF;
    IF v_verdict <> 'ok' THEN
        RETURN ROW(v_verdict, NULL, NULL)::change_result;
    END IF;

    v_rev := next_rev(p_conversation);
    UPDATE conversations c
    SET participant_count = c.participant_count + 1,
        fanout = CASE WHEN c.participant_count >= p_max_user_fanout THEN 'conversation' ELSE c.fanout END,
        fanout_changed_at = CASE
            WHEN c.participant_count >= p_max_user_fanout AND c.fanout = 'user' THEN clock_timestamp()
            ELSE c.fanout_changed_at
        END
    WHERE c.id = p_conversation;
    INSERT INTO conversation_participants AS p (
        conversation_id, user_id, role, last_read_seq, last_delivered_seq, joined_rev
    )
    SELECT c.id, p_user, 'member', c.last_seq, c.last_seq, v_rev
    FROM conversations c WHERE c.id = p_conversation
    ON CONFLICT (conversation_id, user_id) DO UPDATE
    SET left_at = NULL, left_rev = NULL, role = 'member',
        joined_at = EXCLUDED.joined_at, joined_rev = EXCLUDED.joined_rev,
        last_read_seq = greatest(p.last_read_seq, EXCLUDED.last_read_seq),
        last_delivered_seq = greatest(p.last_delivered_seq, EXCLUDED.last_delivered_seq);

    -- One rev, and to the person the conversation first: what is known by then is not asked for.
    PERFORM put_in_outbox(
        'realtime', 'conversation.created', p_conversation, NULL, v_rev, ARRAY[p_user]);
    PERFORM put_in_outbox(
        'realtime', 'member.joined', p_conversation, NULL, v_rev, ARRAY[p_user]);
    PERFORM put_in_outbox(
        'notifications', 'conversation.created', p_conversation, NULL, v_rev, ARRAY[p_user]);
    RETURN ROW('ok', NULL, v_rev)::change_result;
END $$;

DROP FUNCTION is_changed_since(xid, pg_snapshot);

DROP FUNCTION verdict_of_before(text);
DROP FUNCTION add_member(uuid, uuid, uuid, integer, integer, integer, integer);
DROP FUNCTION start_conversation(
    text, uuid, uuid[], text, uuid, uuid, uuid, bytea, integer, integer, integer, integer);
DROP FUNCTION judge_purpose(text, uuid, uuid[], uuid, uuid);
DROP FUNCTION sees_job(uuid, uuid);
DROP FUNCTION note_reached(uuid, uuid[], text);
DROP FUNCTION judge_reaching(uuid, uuid[], text, integer);
DROP FUNCTION strangers_among(uuid, uuid[], text);
DROP FUNCTION acquaintances(uuid, uuid[]);
DROP FUNCTION lock_reaching(uuid);
CREATE INDEX conversations_direct_opened ON conversations (created_by, created_at)
WHERE type = 'direct';
DROP TABLE strangers_reached;
-- Triggers that are derived from the declarations may name the column. They are made again without it.
DO $$
DECLARE
    v_names text[];
    v_made text[];
BEGIN
    SELECT array_agg(t.tgname), array_agg(pg_get_triggerdef(t.oid)) INTO v_names, v_made
    FROM pg_trigger t
    JOIN pg_attribute a ON a.attrelid = t.tgrelid AND a.attnum = ANY (t.tgattr)
    WHERE t.tgrelid = 'users'::regclass AND a.attname = 'messages_from';
    FOR i IN 1 .. coalesce(cardinality(v_names), 0) LOOP
        EXECUTE format('DROP TRIGGER %I ON users', v_names[i]);
    END LOOP;
    ALTER TABLE users DROP COLUMN messages_from;
    FOR i IN 1 .. coalesce(cardinality(v_made), 0) LOOP
        EXECUTE replace(replace(v_made[i], ', messages_from', ''), 'messages_from, ', '');
    END LOOP;
END $$;

DROP FUNCTION backfill_replies(integer);
DROP FUNCTION reply_deleted(messages);
DROP FUNCTION newest_reply_at(messages);
ALTER TABLE messages DROP COLUMN last_deleted_reply_at;

DROP FUNCTION backfill_archived(integer);
DROP FUNCTION is_archived_at(bigint, boolean, boolean, bigint);
ALTER TABLE conversation_participants DROP COLUMN archived_seq;
DROP TABLE backfills;
