-- As mark_receipts, with which the processes of the version before go on, for less: tombstones are counted
-- only where something is unread, and members are found by their key however small the tables were.
--
-- Never back, clamped to last_seq; read implies delivered. p_read and p_delivered hold the seq asked
-- for, 0 for none. Verdicts: ok (something moved), unchanged, not_found.
CREATE FUNCTION move_watermarks(
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
LANGUAGE plpgsql VOLATILE SET enable_bitmapscan = off AS $$
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
        SELECT w.*, w.new_read > w.old_read AS read_moved,
               w.new_delivered > w.old_delivered AS delivered_moved,
               w.new_read > w.old_read OR w.new_delivered > w.old_delivered AS has_moved
        FROM (
            SELECT i.ord::integer AS ord, i.conversation_id, i.user_id,
                   p.user_id IS NOT NULL AS is_member, p.last_seq, p.participant_count,
                   p.last_read_seq AS old_read, p.last_delivered_seq AS old_delivered,
                   greatest(p.last_read_seq, least(i.read, p.last_seq)) AS new_read,
                   greatest(p.last_delivered_seq, least(greatest(i.read, i.delivered), p.last_seq))
                       AS new_delivered
            FROM unnest(p_conversations, p_users, p_read, p_delivered)
                 WITH ORDINALITY AS i(conversation_id, user_id, read, delivered, ord)
            LEFT JOIN LATERAL (
                SELECT m.user_id, m.last_read_seq, m.last_delivered_seq, c.last_seq, c.participant_count
                FROM conversation_participants m
                JOIN conversations c ON c.id = m.conversation_id
                WHERE m.conversation_id = i.conversation_id AND m.user_id = i.user_id
                  AND m.left_at IS NULL
                -- By the key, one by one: while the tables were small, all members were read.
                LIMIT 1
            ) p ON true
        ) w
    ), moved AS (
        UPDATE conversation_participants p
        SET last_read_seq = a.new_read, last_delivered_seq = a.new_delivered
        FROM asked a
        WHERE p.conversation_id = a.conversation_id AND p.user_id = a.user_id AND a.has_moved
    ), noted AS (
        -- One row; the kind is read where a seq of reading is given, else delivered.
        INSERT INTO outbox (consumer, kind, owner, available_at, conversation_ids, user_ids, seqs, data)
        SELECT 'realtime', 'receipt', p_owner, clock_timestamp() + interval '1.5 seconds',
               array_agg(a.conversation_id), array_agg(a.user_id), array_agg(a.new_delivered),
               jsonb_build_object('read', jsonb_agg(CASE WHEN a.read_moved THEN a.new_read END))
        FROM asked a WHERE a.has_moved
        HAVING count(*) > 0
        RETURNING id
    )
    SELECT a.ord,
           CASE
               WHEN NOT a.is_member THEN 'not_found'
               WHEN a.has_moved THEN 'ok'
               ELSE 'unchanged'
           END,
           a.new_read, a.new_delivered, a.read_moved, a.delivered_moved,
           CASE
               WHEN NOT a.is_member OR a.new_read >= a.last_seq THEN a.last_seq - a.new_read
               ELSE a.last_seq - a.new_read - (
                   SELECT count(*) FROM message_tombstones t
                   WHERE t.conversation_id = a.conversation_id AND t.seq > a.new_read
               )
           END,
           CASE WHEN a.has_moved AND a.participant_count <= 32 THEN ARRAY(
               SELECT p.user_id FROM conversation_participants p
               WHERE p.conversation_id = a.conversation_id AND p.left_at IS NULL
           ) END,
           (SELECT n.id FROM noted n)
    FROM asked a;
END $$;
