-- name: for_user
-- Conversations as one member sees them; what the user may not see is absent.
SELECT * FROM own_conversations WHERE own_user_id = $1 AND c_id = ANY ($2::uuid[])

-- name: shared
-- Conversations without any viewer's fields.
SELECT * FROM shown_conversations WHERE c_id = ANY ($1::uuid[])

-- name: audience
-- Where what was committed to conversations at these times, from these revs on, is told, and whom: of each
-- the revs that it is told of. Where its own channel tells those who are in it, only those of them are
-- listed who came in since: they may have been in it before.
-- alone_rev: the last change that the relay tells of, unless that followed another one closely.
SELECT c.id, f.fanout, CASE WHEN c.relayed_follows THEN 0 ELSE c.relayed_rev END AS alone_rev,
       coalesce(p.user_ids, '{}') AS user_ids, coalesce(p.joined_revs, '{}') AS joined_revs,
       coalesce(p.left_revs, '{}') AS left_revs
FROM unnest($1::uuid[], $2::timestamptz[], $3::bigint[]) AS r(conversation_id, committed_at, rev)
JOIN conversations c ON c.id = r.conversation_id
CROSS JOIN LATERAL (SELECT fanout_at(c.fanout, c.fanout_changed_at, r.committed_at)) f(fanout)
CROSS JOIN LATERAL (
    SELECT array_agg(a.user_id ORDER BY a.user_id) AS user_ids,
           array_agg(a.joined_rev ORDER BY a.user_id) AS joined_revs,
           array_agg(a.left_rev ORDER BY a.user_id) AS left_revs
    FROM (
        SELECT m.user_id, m.joined_rev, 9223372036854775807 AS left_rev
        FROM conversation_participants m
        WHERE m.conversation_id = c.id AND m.left_rev IS NULL
          AND (f.fanout <> 'conversation' OR m.joined_rev > r.rev)
        UNION ALL
        SELECT m.user_id, m.joined_rev, m.left_rev
        FROM conversation_participants m
        WHERE m.conversation_id = c.id AND m.left_rev >= r.rev
    ) a
) p

-- name: own_fields
-- What members of a conversation see each for themselves, for a view of it that ends at a last seq ($3);
-- who came in after a rev ($4) is left out.
SELECT me.user_id, me.last_read_seq, me.is_muted, me.is_pinned,
       is_archived_at(me.archived_seq, me.is_archived, me.is_muted, $3) AS is_archived,
       greatest($3 - me.last_read_seq, 0) - (
           SELECT count(*) FROM message_tombstones t
           WHERE t.conversation_id = $1 AND t.seq > me.last_read_seq AND t.seq <= $3
       ) AS unread
FROM conversation_participants me
WHERE me.conversation_id = $1 AND me.user_id = ANY ($2::uuid[]) AND me.left_at IS NULL
  AND me.joined_rev <= $4

-- name: visible_last_seq
-- The last seq of a conversation that the user is in; no row for any other.
SELECT c.last_seq
FROM conversation_participants me
JOIN conversations c ON c.id = me.conversation_id
WHERE me.conversation_id = $2 AND me.user_id = $1 AND me.left_at IS NULL

-- name: inbox
-- The first page of a user's conversations, newest activity first, and when it was read. The page is chosen
-- before its objects are made.
WITH page AS MATERIALIZED (
    SELECT c.id, coalesce(c.last_message_at, c.created_at) AS active_at
    FROM conversation_participants me
    JOIN conversations c ON c.id = me.conversation_id
    WHERE me.user_id = $1 AND me.left_at IS NULL
      -- What was never archived, or not since, is known before its conversation is looked up.
      AND (me.is_archived OR NOT $2)
      AND is_archived_at(me.archived_seq, me.is_archived, me.is_muted, c.last_seq) = $2
      AND ($3::text IS NULL OR c.type = $3)
    ORDER BY active_at DESC, c.id DESC
    LIMIT $4
)
SELECT page.active_at, false AS has_moved, statement_timestamp() AS read_at,
       pg_current_snapshot()::text AS snapshot, v.*
FROM page
JOIN own_conversations v ON v.c_id = page.id AND v.own_user_id = $1
ORDER BY page.active_at DESC, page.id DESC

-- name: inbox_after
-- A page of a user's conversations below a position, and after the last of them those that have moved up since
-- the first page was read, at the time $7 and with the snapshot $8: what committed later, even if its time is
-- before. With $9 and $10 these are what is paged, and the same comes after them.
WITH page AS MATERIALIZED (
    SELECT c.id, a.active_at, m.has_moved
    FROM conversation_participants me
    JOIN conversations c ON c.id = me.conversation_id
    CROSS JOIN LATERAL (SELECT coalesce(c.last_message_at, c.created_at)) a(active_at)
    CROSS JOIN LATERAL (
        SELECT a.active_at > $7::timestamptz - interval '1 minute'
               AND is_changed_since(c.xmin, $8::text::pg_snapshot)
    ) m(has_moved)
    WHERE me.user_id = $1 AND me.left_at IS NULL
      -- What was never archived, or not since, is known before its conversation is looked up.
      AND (me.is_archived OR NOT $2)
      AND is_archived_at(me.archived_seq, me.is_archived, me.is_muted, c.last_seq) = $2
      AND ($3::text IS NULL OR c.type = $3)
      AND (m.has_moved
           OR (a.active_at, c.id) < ($4::timestamptz, $5::uuid)
              AND ($9::timestamptz IS NULL
                   OR a.active_at > $9::timestamptz - interval '1 minute'
                      AND is_changed_since(c.xmin, $10::text::pg_snapshot)))
    ORDER BY m.has_moved, a.active_at DESC, c.id DESC
    LIMIT $6
)
SELECT page.active_at, page.has_moved, statement_timestamp() AS read_at,
       pg_current_snapshot()::text AS snapshot, v.*
FROM page
JOIN own_conversations v ON v.c_id = page.id AND v.own_user_id = $1
ORDER BY page.has_moved, page.active_at DESC, page.id DESC

-- name: unread_totals
-- Unread messages of users in all their conversations but the muted and the archived.
SELECT me.user_id, sum(c.last_seq - me.last_read_seq - (
           SELECT count(*) FROM message_tombstones t
           WHERE t.conversation_id = c.id AND t.seq > me.last_read_seq
       ))::bigint AS unread
FROM conversation_participants me
JOIN conversations c ON c.id = me.conversation_id
WHERE me.user_id = ANY ($1::uuid[]) AND me.left_at IS NULL
  AND NOT me.is_muted
  AND NOT is_archived_at(me.archived_seq, me.is_archived, me.is_muted, c.last_seq)
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
-- The role and name of people in conversations, also of those who have left, and the revs of both.
SELECT p.conversation_id, p.user_id, p.role, u.display_name, p.joined_rev, p.left_rev
FROM unnest($1::uuid[], $2::uuid[]) AS r(conversation_id, user_id)
JOIN conversation_participants p
  ON p.conversation_id = r.conversation_id AND p.user_id = r.user_id
JOIN users u ON u.id = p.user_id
