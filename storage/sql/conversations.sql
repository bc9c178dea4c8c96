-- name: for_user
-- Conversations as one member sees them; what the user may not see is absent.
SELECT * FROM own_conversations WHERE own_user_id = $1 AND c_id = ANY ($2::uuid[])

-- name: shared
-- Conversations without any viewer's fields.
SELECT * FROM shown_conversations WHERE c_id = ANY ($1::uuid[])

-- name: audience
-- Where what was committed to conversations at these times is told, and who is in them now; nobody is
-- listed where the conversation's own channel tells it.
SELECT c.id, f.fanout,
       CASE WHEN f.fanout <> 'conversation' THEN (
           SELECT array_agg(p.user_id ORDER BY p.user_id) FROM conversation_participants p
           WHERE p.conversation_id = c.id AND p.left_at IS NULL
       ) END AS user_ids
FROM unnest($1::uuid[], $2::timestamptz[]) AS r(conversation_id, committed_at)
JOIN conversations c ON c.id = r.conversation_id
CROSS JOIN LATERAL (SELECT fanout_at(c.fanout, c.fanout_changed_at, r.committed_at)) f(fanout)

-- name: own_fields
-- What members of a conversation see each for themselves, for a view of it that ends at a last seq.
SELECT me.user_id, me.last_read_seq, me.is_muted, me.is_archived, me.is_pinned,
       greatest($3 - me.last_read_seq, 0) - (
           SELECT count(*) FROM message_tombstones t
           WHERE t.conversation_id = $1 AND t.seq > me.last_read_seq AND t.seq <= $3
       ) AS unread
FROM conversation_participants me
WHERE me.conversation_id = $1 AND me.user_id = ANY ($2::uuid[]) AND me.left_at IS NULL

-- name: visible_last_seq
-- The last seq of a conversation that the user is in; no row for any other.
SELECT c.last_seq
FROM conversation_participants me
JOIN conversations c ON c.id = me.conversation_id
WHERE me.conversation_id = $2 AND me.user_id = $1 AND me.left_at IS NULL

-- name: inbox
-- A page of a user's conversations below a position, newest activity first. The page is chosen
-- before its objects are made.
WITH page AS MATERIALIZED (
    SELECT c.id, coalesce(c.last_message_at, c.created_at) AS active_at
    FROM conversation_participants me
    JOIN conversations c ON c.id = me.conversation_id
    WHERE me.user_id = $1 AND me.left_at IS NULL AND me.is_archived = $2
      AND ($3::text IS NULL OR c.type = $3)
      AND ($4::timestamptz IS NULL
           OR (coalesce(c.last_message_at, c.created_at), c.id) < ($4, $5::uuid))
    ORDER BY active_at DESC, c.id DESC
    LIMIT $6
)
SELECT page.active_at, v.*
FROM page
JOIN own_conversations v ON v.c_id = page.id AND v.own_user_id = $1
ORDER BY page.active_at DESC, page.id DESC

-- name: unread_totals
-- Unread messages of users in all their conversations but the muted and the archived.
SELECT me.user_id, sum(c.last_seq - me.last_read_seq - (
           SELECT count(*) FROM message_tombstones t
           WHERE t.conversation_id = c.id AND t.seq > me.last_read_seq
       ))::bigint AS unread
FROM conversation_participants me
JOIN conversations c ON c.id = me.conversation_id
WHERE me.user_id = ANY ($1::uuid[]) AND me.left_at IS NULL
  AND NOT me.is_muted AND NOT me.is_archived
GROUP BY me.user_id

-- name: unread_of
-- Unread messages of users in a conversation each.
SELECT me.user_id, me.conversation_id, c.last_seq - me.last_read_seq - (
           SELECT count(*) FROM message_tombstones t
           WHERE t.conversation_id = c.id AND t.seq > me.last_read_seq
       ) AS unread
FROM unnest($1::uuid[], $2::uuid[]) AS asked(user_id, conversation_id)
JOIN conversation_participants me
  ON me.conversation_id = asked.conversation_id AND me.user_id = asked.user_id
JOIN conversations c ON c.id = me.conversation_id
WHERE me.left_at IS NULL

-- name: members
-- The role and name of people in conversations, also of those who have left.
SELECT p.conversation_id, p.user_id, p.role, u.display_name
FROM unnest($1::uuid[], $2::uuid[]) AS r(conversation_id, user_id)
JOIN conversation_participants p
  ON p.conversation_id = r.conversation_id AND p.user_id = r.user_id
JOIN users u ON u.id = p.user_id
