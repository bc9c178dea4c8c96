-- name: try_turn
-- Whether it is this connection's turn to prepare migrations, until it is closed.
SELECT pg_try_advisory_lock(7237533916302117)

-- name: is_table
-- Whether a table is there.
SELECT to_regclass($1) IS NOT NULL

-- name: is_unfinished
-- Whether an index is there that somebody has begun and not finished.
SELECT EXISTS (
    SELECT FROM pg_index i WHERE i.indexrelid = to_regclass($1) AND NOT i.indisvalid
)

-- name: is_index
-- Whether an index is there and finished.
SELECT EXISTS (
    SELECT FROM pg_index i WHERE i.indexrelid = to_regclass($1) AND i.indisvalid
)

-- name: is_column
-- Whether a table has a column.
SELECT EXISTS (
    SELECT FROM pg_attribute a
    WHERE a.attrelid = to_regclass($1) AND a.attname = $2 AND NOT a.attisdropped
)

-- name: is_constraint
-- Whether a table ($1) has a constraint ($2).
SELECT EXISTS (SELECT FROM pg_constraint c WHERE c.conrelid = to_regclass($1::text) AND c.conname = $2)
