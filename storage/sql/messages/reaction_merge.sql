-- Reactions that were stored in several spellings become one: how far that is, and its batches.

-- name: lease
-- Takes the work up for so many seconds; a row only where it is unfinished and nobody else has it.
UPDATE backfills SET owner = $1, leased_until = clock_timestamp() + $2 * interval '1 second'
WHERE name = 'reactions' AND done_at IS NULL
  AND (owner = $1 OR leased_until IS NULL OR leased_until < clock_timestamp())
RETURNING conversation_id, seq

-- name: batch
-- The next messages with reactions after a conversation and seq, and their spellings.
SELECT r.conversation_id, r.seq, array_agg(DISTINCT r.emoji) AS spellings FROM message_reactions r
WHERE (r.conversation_id, r.seq) > ($1, $2)
GROUP BY r.conversation_id, r.seq
ORDER BY r.conversation_id, r.seq
LIMIT $3

-- name: merge
-- The reactions of one message, in these spellings.
SELECT verdict, seq, rev FROM merge_reactions($1, $2, $3, $4, $5)

-- name: keep
-- What is done, by who has the lease.
UPDATE backfills
SET conversation_id = $2, seq = $3, done_at = CASE WHEN $4 THEN clock_timestamp() END,
    leased_until = CASE WHEN NOT $4 THEN leased_until END
WHERE name = 'reactions' AND owner = $1

-- name: is_finished
-- Whether nothing is left to merge.
SELECT done_at IS NOT NULL FROM backfills WHERE name = 'reactions'

-- name: restart
-- All of it once more, from the beginning; who is at it loses the lease, and keeps no position.
UPDATE backfills
SET conversation_id = DEFAULT, seq = DEFAULT, done_at = NULL, owner = NULL, leased_until = NULL
WHERE name = 'reactions'
