-- name: by_refs
-- Messages by (conversation, seq), wherever in time: the month is looked up, so that each asks one partition.
SELECT m.*
FROM unnest($1::uuid[], $2::bigint[]) AS r(conversation_id, seq)
CROSS JOIN LATERAL (
    SELECT cm.month FROM conversation_months cm
    WHERE cm.conversation_id = r.conversation_id AND cm.first_seq <= r.seq
    ORDER BY cm.month DESC
    LIMIT 1
) b
CROSS JOIN LATERAL (
    SELECT s.* FROM shown_messages s
    WHERE s.conversation_id = r.conversation_id AND s.seq = r.seq
      AND s.created_at >= b.month AND s.created_at < next_month(b.month)
    LIMIT 1
) m

-- name: by_id
-- One message; its seq and time are read from the id, so that this asks one partition.
SELECT * FROM shown_messages
WHERE conversation_id = $1 AND seq = $2 AND created_at = $3 AND id = $4

-- name: range
-- The messages of a range of seq, ascending. The bounds on created_at are computed once, before the
-- partitions are begun, and leave out all but those that the range touches.
SELECT * FROM shown_messages
WHERE conversation_id = $1 AND seq BETWEEN $2 AND $3
  AND created_at >= (
      SELECT max(cm.month) FROM conversation_months cm
      WHERE cm.conversation_id = $1 AND cm.first_seq <= $2
  )
  AND created_at < (
      SELECT next_month(max(cm.month)) FROM conversation_months cm
      WHERE cm.conversation_id = $1 AND cm.first_seq <= $3
  )
ORDER BY seq

-- name: thread
-- Replies to one message below a seq, newest first, deleted ones too: from the parent's month to its
-- last reply's, or to the month of the seq.
SELECT * FROM shown_messages
WHERE conversation_id = $1 AND parent_id = $2 AND seq < $4
  AND created_at >= $3
  AND created_at <= (
      SELECT greatest(p.last_reply_at, p.last_deleted_reply_at) FROM messages p
      WHERE p.conversation_id = $1 AND p.seq = $5 AND p.created_at = $3 AND p.id = $2
  )
  AND created_at < (
      SELECT next_month(max(cm.month)) FROM conversation_months cm
      WHERE cm.conversation_id = $1 AND cm.first_seq < $4
  )
ORDER BY seq DESC
LIMIT $6
