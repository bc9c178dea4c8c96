-- name: send_messages
-- A group of messages, stored in one transaction: conversations, senders, client ids, hashes, types,
-- contents, parents, mentions and attachments (uuid[] literals), owner (NULL when the relay shall publish
-- it), published outbox ids, whether to wait for locks, and how long (ms).
SELECT ord, verdict, id, seq, rev, created_at, mentions, recipients, fanout, outbox_id, follows
FROM commit_group($1::uuid[], $2::uuid[], $3::uuid[], $4::bytea[], $5::text[], $6::text[], $7::uuid[],
                  $8::text[], $9::text[], $10::uuid, $11::bigint[], $12::boolean, $13::integer)

-- name: mark_receipts
-- A group of watermarks: conversations, users, read and delivered seqs (0 for none), owner, published
-- outbox ids.
SELECT ord, verdict, read_seq, delivered_seq, read_moved, delivered_moved, unread, recipients, outbox_id
FROM move_watermarks($1::uuid[], $2::uuid[], $3::bigint[], $4::bigint[], $5::uuid, $6::bigint[])
