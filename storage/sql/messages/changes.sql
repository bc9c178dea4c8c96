-- name: edit
-- New content for one's own message.
SELECT verdict, seq, rev FROM edit_message($1, $2, $3, $4, $5)

-- name: delete
-- A message becomes a tombstone.
SELECT verdict, seq, rev FROM delete_message($1, $2, $3, $4)

-- name: pin
-- A message is pinned for everyone.
SELECT verdict, seq, rev FROM pin_message($1, $2, $3, true, $4, $5)

-- name: unpin
-- A message is pinned no longer.
SELECT verdict, seq, rev FROM pin_message($1, $2, $3, false, 0, $4)

-- name: react
-- One's reaction to a message.
SELECT verdict, seq, rev FROM add_reaction($1, $2, $3, $4, $5, $6, $7)

-- name: unreact
-- One's reaction goes.
SELECT verdict, seq, rev FROM remove_reaction($1, $2, $3, $4, $5)
