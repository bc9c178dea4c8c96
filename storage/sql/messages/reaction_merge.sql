-- Reactions that were stored in several spellings become one: how far that is, and its batches.

-- name: lease
-- Takes the work up for so many seconds; a row only where it is unfinished and nobody else has it.
UPDATE data_migrations SET owner = $1, leased_until = clock_timestamp() + $2 * interval '1 second'
WHERE name = 'merge_reactions' AND finished_at IS NULL
  AND (owner = $1 OR leased_until IS NULL OR leased_until < clock_timestamp())
RETURNING position::text AS position

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
UPDATE data_migrations
SET position = $2::text::jsonb, finished_at = CASE WHEN $3 THEN clock_timestamp() END,
    leased_until = CASE WHEN NOT $3 THEN leased_until END
WHERE name = 'merge_reactions' AND owner = $1

-- name: is_finished
-- Whether nothing is left to merge.
SELECT finished_at IS NOT NULL FROM data_migrations WHERE name = 'merge_reactions'

-- name: restart
-- All of it once more, from the beginning; who is at it loses the lease, and keeps no position.
UPDATE data_migrations SET position = NULL, finished_at = NULL, owner = NULL, leased_until = NULL
WHERE name = 'merge_reactions'
