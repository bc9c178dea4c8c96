-- name: heads
-- Where conversations stand; those that the user may not see are absent.
SELECT c.id, c.rev, c.last_seq
FROM conversation_participants me
JOIN conversations c ON c.id = me.conversation_id
WHERE me.user_id = $1 AND me.conversation_id = ANY ($2::uuid[]) AND me.left_at IS NULL

-- name: changes
-- Messages of conversations changed since the rev held of each, at most $4 of the newest by seq: those
-- above a seq by their key (all that can be new are there), those below it by the index of changed
-- ones, in the months that hold so high a rev. Every LIMIT also keeps the planner from joining where
-- one partition at a time is to be asked; `+ 0` keeps it from looking for changed ones in order of seq,
-- which reads all that did not change.
SELECT m.*
FROM unnest($1::uuid[], $2::bigint[], $3::bigint[]) AS h(conversation_id, held, above)
CROSS JOIN LATERAL (
    SELECT found.* FROM (
        SELECT s.*
        FROM (
            SELECT max(cm.month) FILTER (WHERE cm.first_seq <= h.above + 1) AS month,
                   max(cm.month) AS newest
            FROM conversation_months cm
            WHERE cm.conversation_id = h.conversation_id
        ) b
        CROSS JOIN LATERAL (
            SELECT n.* FROM shown_messages n
            WHERE n.conversation_id = h.conversation_id AND n.seq > h.above
              AND n.created_at >= b.month AND n.created_at < next_month(b.newest)
              AND n.rev > h.held
            ORDER BY n.seq DESC
            LIMIT $4
        ) s
        UNION ALL
        SELECT s.*
        FROM conversation_months cm
        CROSS JOIN LATERAL (
            SELECT c.* FROM shown_messages c
            WHERE c.conversation_id = h.conversation_id AND c.seq <= h.above AND c.is_changed
              AND c.created_at >= cm.month AND c.created_at < next_month(cm.month)
              AND c.rev > h.held
            ORDER BY c.seq + 0 DESC
            LIMIT $4
        ) s
        WHERE cm.conversation_id = h.conversation_id
          AND (cm.max_rev IS NULL OR cm.max_rev > h.held)
    ) found
    ORDER BY found.seq DESC
    LIMIT $4
) m

-- name: unnamed
-- The user's other conversations, in the order of their ids.
SELECT me.conversation_id
FROM conversation_participants me
WHERE me.user_id = $1 AND me.left_at IS NULL
  AND me.conversation_id > $2 AND me.conversation_id <> ALL ($3::uuid[])
ORDER BY me.conversation_id
LIMIT $4
